using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>The plain words a customer agrees to, made from the catalog. The same catalog gives the same text, byte by byte.</summary>
/// <remarks>Plain text in NFC with LF: `# ` and `## ` begin headings, `- ` an item of a list. It names the version by its hash, so nothing in it may depend on time or machine.</remarks>
public sealed record NoticeText
{
    private NoticeText(string language, string text, ImmutableArray<PurposeId> purposes)
    {
        (Language, Purposes) = (language, purposes);
        Text = text.ReplaceLineEndings("\n").Normalize(NormalizationForm.FormC);
        Hash = HashOf(Text);
    }

    public string Language { get; }

    public string Text { get; }

    /// <summary>SHA-256 of the UTF-8 text, 64 characters <c>0-9 a-f</c>: the version of the notice.</summary>
    public string Hash { get; }

    /// <summary>The purposes it speaks of, in its order: what asks for consent first.</summary>
    public ImmutableArray<PurposeId> Purposes { get; }

    public NoticeRef Ref => new(Hash, Language);

    /// <summary>The whole notice of a catalog: who, each active purpose, rights, contact.</summary>
    public static NoticeText Generate(PurposeCatalog catalog, string language)
    {
        var wording = Wording.In(language);
        var organisation = catalog.Organisation;
        var purposes = Ordered(catalog);
        var text = new StringBuilder();
        text.Append("# ").AppendLine(wording.Text("notice.title", ("organisation", organisation.Name)));
        text.AppendLine().AppendLine(wording.Text("notice.intro")).AppendLine();
        text.Append("## ").AppendLine(wording.Text("notice.who.title"));
        text.AppendLine().Append(wording.Text("notice.who", ("organisation", organisation.Name), ("contact", organisation.Contact)));
        text.AppendLine(organisation.Address is { Length: > 0 } address ? " " + wording.Text("notice.who.address", ("address", address)) : "").AppendLine();
        foreach (var purpose in purposes)
        {
            AppendSection(text, catalog, purpose, wording);
            text.AppendLine();
        }

        text.Append("## ").AppendLine(wording.Text("notice.rights.title")).AppendLine();
        foreach (var right in Rights)
        {
            text.Append("- ").AppendLine(wording.Text("notice.rights." + right));
        }

        text.AppendLine().Append("## ").AppendLine(wording.Text("notice.contact.title"));
        text.AppendLine().AppendLine(wording.Text("notice.contact", ("contact", organisation.Contact)));
        return new NoticeText(language, text.ToString(), [.. purposes.Select(p => p.Id)]);
    }

    /// <summary>What the notice says of one purpose; a notice of its own, for asking at the moment it matters.</summary>
    /// <exception cref="Fault">NotFound <c>consent/no-such-purpose</c>: the catalog has no active purpose of this name.</exception>
    public static NoticeText Section(PurposeCatalog catalog, PurposeId purpose, string language)
    {
        if (!catalog.Purposes.TryGetValue(purpose, out var found) || !found.Active)
        {
            throw new Fault(FaultKind.NotFound, "consent/no-such-purpose", $"The catalog has no active purpose `{purpose}`.");
        }

        var text = new StringBuilder();
        AppendSection(text, catalog, found, Wording.In(language));
        return new NoticeText(language, text.ToString(), [purpose]);
    }

    /// <summary>How hard the notices of a catalog are to read: for each language the whole one, then the reason of each active purpose, which the plain rest of the notice would hide.</summary>
    public static IReadOnlyList<ReadabilityReport> ReadabilityOf(PurposeCatalog catalog) =>
        [.. catalog.Organisation.Languages.SelectMany(language => Ordered(catalog)
            .Select(p => Readability.Grade(p.Why.OnOneLine(language), language) with { Purpose = p.Id })
            .Prepend(Readability.Grade(Generate(catalog, language).Text, language)))];

    /// <summary>The version of a notice: SHA-256 of its text in UTF-8, NFC, with LF.</summary>
    public static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n").Normalize(NormalizationForm.FormC))));

    internal static readonly ImmutableArray<string> Rights = ["see", "copy", "correct", "erase", "restrict", "object", "person", "complain"];

    internal static Purpose[] Ordered(PurposeCatalog catalog) =>
        [.. catalog.Purposes.Values.Where(p => p.Active)
            .OrderBy(p => p.Basis switch { LegalBasis.Consent => 0, LegalBasis.LegitimateInterest => 1, _ => 2 })
            .ThenBy(p => p.Id.Value, StringComparer.Ordinal)];

    internal static void AppendSection(StringBuilder text, PurposeCatalog catalog, Purpose purpose, Wording wording)
    {
        text.Append("## ").AppendLine(purpose.Label.OnOneLine(wording.Language)).AppendLine();
        text.AppendLine(wording.Text("section.why", ("why", purpose.Why.OnOneLine(wording.Language)))).AppendLine();
        text.AppendLine(wording.Text("section.basis." + purpose.Basis switch
        {
            LegalBasis.Consent => "consent",
            LegalBasis.Contract => "contract",
            LegalBasis.LegalObligation => "legal-obligation",
            _ => "legitimate-interest",
        })).AppendLine();
        text.AppendLine(wording.Text("section.data")).AppendLine();
        foreach (var (id, _) in purpose.Uses.OrderBy(u => u.Value).ThenBy(u => u.Key.Value, StringComparer.Ordinal))
        {
            text.Append("- ").AppendLine(Item(catalog.DataPoints[id], wording));
        }

        text.AppendLine();
        AppendLasting(text, purpose, wording);
        text.AppendLine(purpose.BiasAudit ? wording.Text("section.counted") : Recipients(purpose, wording)).AppendLine();
        if (purpose.AutomatedDecision)
        {
            text.AppendLine(wording.Text("section.automated")).AppendLine();
        }

        if (purpose.Emergency)
        {
            text.AppendLine(wording.Text("section.emergency")).AppendLine();
        }

        text.AppendLine(wording.Text(purpose.Basis switch
        {
            LegalBasis.Consent => "section.mind.consent",
            LegalBasis.LegitimateInterest => "section.mind.object",
            _ => "section.mind.fixed",
        }, ("page", wording.Text("page.me"))));
    }

    private static void AppendLasting(StringBuilder text, Purpose purpose, Wording wording)
    {
        if (purpose.Basis != LegalBasis.Consent)
        {
            return;
        }

        text.Append(purpose.ConsentLasts is { } lasts
            ? wording.Text("section.lasts", ("period", wording.Period(lasts)))
            : wording.Text("section.lasts.open"));
        if (purpose.RemindEvery is { } every)
        {
            text.Append(' ').Append(wording.Text("section.remind", ("period", wording.Period(every))));
        }

        text.AppendLine().AppendLine();
    }

    private static string Item(DataPoint point, Wording wording)
    {
        var label = point.Label.OnOneLine(wording.Language);
        var item = point.Retention.Period is { } period
            ? wording.Text("section.data.item", ("label", label), ("period", wording.Period(period)))
            : wording.Text("section.data.item.customer", ("label", label));
        return point.LegalHold is { } hold
            ? item + " " + wording.Text("section.data.item.hold", ("period", wording.Period(hold.For)), ("reason", hold.Reason.OnOneLine(wording.Language)))
            : item;
    }

    private static string Recipients(Purpose purpose, Wording wording) => purpose.Recipients.Count == 0
        ? wording.Text("section.recipients.none")
        : wording.Text("section.recipients", ("recipients", wording.List([.. purpose.Recipients.Order(StringComparer.Ordinal)])));
}
