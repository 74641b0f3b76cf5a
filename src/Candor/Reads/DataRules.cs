using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Reads;

/// <summary>The training module about the business's own rules, made from the catalog that counts: what a role may read, for what, and what stays closed.</summary>
public static class DataRules
{
    private const string Validity = "P12M";

    /// <summary>Rises when what the module teaches changes beyond the catalog, so that it is taken anew.</summary>
    private const string Edition = "1";

    private static readonly string[] Languages = ["en", "de"];

    private static readonly FrozenSet<string> AllRoles = AccessRegister.KnownRoles.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The rules of all roles, to be made those that count.</summary>
    public static TrainingModule ForAll(PurposeCatalog catalog) => For(catalog, AllRoles);

    /// <summary>The module of somebody with these roles; what is not for them is not in it.</summary>
    public static TrainingModule For(PurposeCatalog catalog, IReadOnlySet<string> roles)
    {
        var known = AccessRegister.KnownRoles.Where(roles.Contains).ToList();
        var read = Languages.Select(l => TrainingLibrary.Parse(new DataRulesText(catalog, known, l).Write(Validity), $"{TrainingLibrary.DataRules}.{l}.md")).ToList();
        return read[0] with { Texts = [.. read.SelectMany(m => m.Texts)], Editions = [.. known.Select(r => new TrainingEdition(r, EditionOf(catalog, r)))] };
    }

    /// <summary>The active purposes that a role reads for, in the order of their names.</summary>
    internal static IReadOnlyList<Purpose> PurposesOf(PurposeCatalog catalog, string role) =>
        [.. catalog.Purposes.Values.Where(p => p.Active && p.Roles.Contains(role)).OrderBy(p => p.Id.Value, StringComparer.Ordinal)];

    /// <summary>Names the rules of one role: 16 hex characters of a digest of the facts, not of their words. A label that is said better asks nobody to learn anew.</summary>
    private static string EditionOf(PurposeCatalog catalog, string role)
    {
        var facts = PurposesOf(catalog, role).Select(p => $"{p.Id} {p.Basis} {p.NeedsCase} {string.Join(',', p.Uses.Keys.Select(u => u.Value).Order(StringComparer.Ordinal))}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Edition}\n{string.Join('\n', facts)}")))[..16];
    }
}

/// <summary>Writes that module in one language.</summary>
/// <param name="roles">In the order in which they are told.</param>
internal sealed class DataRulesText(PurposeCatalog catalog, IReadOnlyList<string> roles, string language)
{
    /// <summary>Purposes that are asked about, of each role.</summary>
    private const int AskedPurposes = 2;

    private const int ShownAnswers = 3;

    /// <summary>The one role that reads without a purpose of the catalog: to answer customers about their rights (<c>Permit.DecideAnswer</c>).</summary>
    private const string Answering = "privacy-officer";

    private readonly Wording words = Wording.Of(typeof(DataRulesText).Assembly, $"reads/rules.{language}", language);
    private readonly Wording common = Wording.In(language);
    private readonly StringBuilder text = new();
    private readonly FrozenSet<DataPointId> open = roles.SelectMany(r => DataRules.PurposesOf(catalog, r)).SelectMany(p => p.Uses.Keys).ToFrozenSet();

    public string Write(string validity)
    {
        text.Append("---\nid: ").Append(TrainingLibrary.DataRules).Append("\ntitle: ").Append(Text("title")).Append("\nvalidity: ").Append(validity).Append("\npassMark: 80\nminutes: 10\n---\n");
        Section("why.title");
        Paragraph(Text("why"));
        Paragraph(Text("why.look"));
        foreach (var role in roles)
        {
            WriteRole(role);
        }

        WriteClosed();
        Section("emergency.title");
        Paragraph(Text("emergency"));
        Section("notes.title");
        Paragraph(Text("notes"));
        Paragraph("**" + Text("notes.never") + "**");
        Section("wrong.title");
        Paragraph(Text("wrong"));
        WriteQuestions();
        return text.ToString();
    }

    private void WriteRole(string role)
    {
        Line("## " + Text("yours.title", role: role));
        var purposes = DataRules.PurposesOf(catalog, role);
        if (role == Answering)
        {
            Paragraph(Text("yours.answer", role: role));
        }
        else if (purposes.Count == 0)
        {
            Paragraph(Text("yours.none", role: role));
        }

        foreach (var purpose in purposes)
        {
            Line("### " + Plain(purpose.Label.In(language)));
            Paragraph(Plain(purpose.Why.In(language)));
            Line("- " + words.Text("yours.data", ("data", Plain(Labels(purpose.Uses.Keys)))));
            Line("- " + Text("basis." + purpose.Basis switch
            {
                LegalBasis.Consent => "consent",
                LegalBasis.Contract => "contract",
                LegalBasis.LegalObligation => "legal-obligation",
                _ => "legitimate-interest",
            }));
            if (purpose.NeedsCase)
            {
                Line("- " + Text("yours.case"));
            }

            Line("");
        }
    }

    private void WriteClosed()
    {
        Section("closed.title");
        var closed = catalog.DataPoints.Keys.Where(d => !open.Contains(d)).ToList();
        Paragraph(closed.Count == 0 ? Text("closed.none") : words.Text("closed", ("data", Plain(Labels(closed)))));
        Paragraph(Text("closed.why"));
    }

    private void WriteQuestions()
    {
        foreach (var role in roles)
        {
            var purposes = DataRules.PurposesOf(catalog, role);
            foreach (var purpose in purposes.Where(p => p.Uses.Count > 0 && p.Uses.Count < catalog.DataPoints.Count).Take(AskedPurposes))
            {
                AskUses(purpose);
            }

            if (purposes.Count == 0 && role != Answering)
            {
                Ask("q.none", ["right"], ["account", "admin"], role: role);
            }
        }

        var all = roles.SelectMany(r => DataRules.PurposesOf(catalog, r)).DistinctBy(p => p.Id).ToList();
        if (all.Find(p => p.Basis == LegalBasis.Consent) is { } asked)
        {
            Ask("q.off", ["right"], ["warn", "boss"], asked);
        }

        if (all.Find(p => p.NeedsCase) is { } needing)
        {
            Ask("q.case", ["right"], ["none", "any"], needing);
        }

        Ask("q.seen", ["customer", "log"], ["nobody"]);
        Ask("q.note", ["right"], ["half", "full"]);
        Ask("q.emergency", ["right"], ["hurry", "quiet"]);
        Ask("q.wrong", ["right"], ["wait", "quiet"]);
    }

    private void AskUses(Purpose purpose)
    {
        var (used, unused) = (Shown(purpose.Uses.Keys), Shown(catalog.DataPoints.Keys.Where(d => !purpose.Uses.ContainsKey(d))));
        var answers = used.Select(u => (u, true)).Concat(unused.Except(used).Select(u => (u, false))).ToList();
        if (answers.All(a => a.Item2))
        {
            // Everything else that is held has the same name as something used: nothing to tell apart.
            return;
        }

        Question(words.Text("q.uses", ("purpose", OneLine(purpose.Label.In(language)))), answers,
            words.Text("q.uses.explain", ("purpose", OneLine(purpose.Label.In(language))), ("data", Labels(purpose.Uses.Keys))));
    }

    private void Ask(string name, string[] right, string[] wrong, Purpose? purpose = null, string? role = null) => Question(
        Text(name, purpose, role), [.. right.Select(r => (Text($"{name}.{r}"), true)), .. wrong.Select(w => (Text($"{name}.{w}"), false))], Text(name + ".explain", purpose, role));

    private void Question(string question, IReadOnlyList<(string Text, bool IsRight)> answers, string explanation)
    {
        Line("## ? " + Cut(question));
        foreach (var (answer, isRight) in answers)
        {
            Line($"- [{(isRight ? 'x' : ' ')}] {Cut(answer)}");
        }

        Line("> " + Cut(explanation));
        Line("");
    }

    /// <summary>The first few names, in the order of the data points' ids; the same in every language.</summary>
    private List<string> Shown(IEnumerable<DataPointId> ids) =>
        [.. ids.OrderBy(i => i.Value, StringComparer.Ordinal).Take(ShownAnswers).Select(i => OneLine(catalog.DataPoints[i].Label.In(language))).Distinct()];

    private string Labels(IEnumerable<DataPointId> ids) => common.List([.. ids.OrderBy(i => i.Value, StringComparer.Ordinal).Select(i => OneLine(catalog.DataPoints[i].Label.In(language)))]);

    private string Text(string name, Purpose? purpose = null, string? role = null) => words.Text(name,
        ("organisation", Plain(catalog.Organisation.Name)), ("contact", catalog.Organisation.Contact),
        ("purpose", OneLine(purpose?.Label.In(language) ?? "")), ("role", role is null ? "" : words.Text("role." + role)));

    private void Section(string name) => Line("## " + Text(name));

    private void Paragraph(string paragraph) => text.Append(paragraph).Append("\n\n");

    private void Line(string line) => text.Append(line).Append('\n');

    private static string OneLine(string label) => label.ReplaceLineEndings(" ").Trim();

    private static string Cut(string line) => line.Length <= 900 ? line : string.Concat(line.AsSpan(0, 900), "…");

    /// <summary>Text of the catalog inside Markdown: nothing in it is a sign of Markdown's.</summary>
    private static string Plain(string label) => string.Concat(OneLine(label).Select(c => char.IsAscii(c) && char.IsPunctuation(c) || char.IsAscii(c) && char.IsSymbol(c) ? $"\\{c}" : c.ToString()));
}
