using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary>The ten questions of <c>candor init</c>, on a terminal or from a pipe. Enter takes what stands in brackets; <c>&lt;</c> goes back.</summary>
internal sealed class InitQuestions(TextReader answersIn, TextWriter outTo)
{
    private const string Back = "<";
    private const string Nothing = "none";

    /// <param name="Usual">What Enter means, given the answers so far.</param>
    /// <param name="Take">The answers with this one; a fault says what is allowed.</param>
    private sealed record Question(string Title, string Help, Func<StartAnswers, string> Usual, Func<StartAnswers, string, StartAnswers> Take);

    private static readonly Question[] All =
    [
        new("What do you do?", "shop: a web shop. services: by appointment, such as a salon or repairs. minimal: the least that works.", a => a.Ready, (a, t) =>
            Among(t, ReadyCatalogs.Names) == a.Ready ? a : StartAnswers.From(t) with { Name = a.Name, Contact = a.Contact, Country = a.Country, Address = a.Address }),
        new("What is the name of your business?", "As customers know it; it stands in every notice.", a => a.Name, (a, t) => a with { Name = Line(t, 200) }),
        new("To which address do people write about privacy?", "An e-mail address that somebody reads.", a => a.Contact, (a, t) => a with { Contact = Email(t) }),
        new("In which country are you?", "Two capital letters, such as GB, DE or US.", a => a.Country, (a, t) => a with { Country = GuidedStart.Country(t) }),
        new("In which languages do you speak to customers?", $"One or more of {string.Join(", ", Wording.Languages)}, with commas between; the first is the usual one. What the ready catalog has in English alone you translate later.",
            a => string.Join(", ", a.Languages), (a, t) => a with { Languages = List(t, Wording.Languages) }),
        new("What is your postal address?", $"In one line; the law asks for it. `{Nothing}` to add it later.", a => a.Address ?? Nothing, (a, t) => a with { Address = t == Nothing ? null : Line(t, 300) }),
        new("What do you do with customers' data from the first day?", "Names with commas between; what you leave out becomes a draft that nobody can read for.", a => string.Join(", ", a.Purposes),
            (a, t) => a with { Purposes = List(t, [.. PurposeCatalog.Read(ReadyCatalogs.Text(a.Ready), a.Ready).Purposes.Keys.Select(p => p.Value).Order(StringComparer.Ordinal)]) }),
        new("Who sends mail for you?", $"Name and country, such as `Mailwell, DE`; outside your area also what makes it lawful, such as `Mailwell, US, standard-contractual-clauses`. `{Nothing}`: you do it yourself.",
            a => Shown(a.Mail), (a, t) => a with { Mail = t == Nothing ? null : StartProcessor.Parse(t) }),
        new("Who takes payments for you?", $"The same way, such as `Payfair, IE`. `{Nothing}`: nobody.", a => Shown(a.Payment), (a, t) => a with { Payment = t == Nothing ? null : StartProcessor.Parse(t) }),
        new("How long do you keep orders, visits and questions?", "A period such as P1Y, P18M or P2Y. What the law makes you keep longer is kept besides.", a => a.Retention, (a, t) => a with { Retention = Kept(t) }),
    ];

    /// <summary>Asks until all is answered and confirmed.</summary>
    /// <returns>Null: the answer to the summary was no.</returns>
    /// <exception cref="Fault">Invalid <c>server/answers-ended</c>: the input ended before the last question.</exception>
    public StartAnswers? Ask()
    {
        outTo.WriteLine($"{All.Length} questions. Enter takes what stands in [brackets], `{Back}` goes back to the question before.");
        var answers = StartAnswers.From("shop");
        for (var at = 0; ;)
        {
            if (at < All.Length)
            {
                (answers, at) = AskOne(answers, at);
                continue;
            }

            Summarise(answers);
            outTo.Write($"\nWrite this? [yes] ");
            switch (Read(at))
            {
                case "" or "yes":
                    return answers;
                case "no":
                    return null;
                case Back:
                    at--;
                    break;
                case var other:
                    outTo.WriteLine($"Answer `yes`, `no` or `{Back}`; found `{Name.Shown(other)}`.");
                    break;
            }
        }
    }

    private (StartAnswers Answers, int Next) AskOne(StartAnswers answers, int at)
    {
        var question = All[at];
        var usual = question.Usual(answers);
        outTo.Write($"\n{at + 1} of {All.Length}. {question.Title}\n   {question.Help}\n   [{usual}] ");
        var said = Read(at);
        if (said == Back)
        {
            return (answers, Math.Max(0, at - 1));
        }

        try
        {
            return (question.Take(answers, said.Length == 0 ? usual : said), at + 1);
        }
        catch (Fault fault)
        {
            outTo.WriteLine("   " + fault.Message);
            return (answers, at);
        }
    }

    private void Summarise(StartAnswers answers)
    {
        outTo.WriteLine("\nThis is what you said:\n");
        foreach (var question in All)
        {
            outTo.WriteLine($"  {question.Title} {question.Usual(answers)}");
        }
    }

    private string Read(int at) => answersIn.ReadLine()?.Trim()
        ?? throw new Fault(FaultKind.Invalid, "server/answers-ended", $"The answers ended at question `{Math.Min(at + 1, All.Length)}` of `{All.Length}`; nothing was written.");

    private static string Shown(StartProcessor? by) => by is null ? Nothing : string.Join(", ", new[] { by.Name, by.Country, by.Safeguard }.OfType<string>());

    private static string Among(string text, IReadOnlyList<string> allowed) =>
        allowed.Contains(text) ? text : throw Bad($"Allowed are {string.Join(", ", allowed.Select(a => $"`{a}`"))}; found `{Name.Shown(text)}`.");

    private static List<string> List(string text, IReadOnlyList<string> allowed) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => Among(t, allowed)).Distinct().ToList() is { Count: > 0 } list ? list : throw Bad("Name at least one.");

    private static string Line(string text, int most) =>
        text.Length <= most && !text.Any(char.IsControl) ? text : throw Bad($"At most `{most}` characters in one line; found `{text.Length}`.");

    private static string Email(string text) => text.Length <= 254 && text.Count(c => c == '@') == 1 && !text.StartsWith('@') && !text.EndsWith('@') && !text.Any(char.IsWhiteSpace)
        ? text : throw Bad($"An e-mail address such as `privacy@business.example`; found `{Name.Shown(text)}`.");

    private static string Kept(string text) =>
        Period.TryParse(text, null, out var period) ? period.Text : throw Bad($"A period such as `P1Y`, `P18M` or `P2Y`; found `{Name.Shown(text)}`.");

    private static Fault Bad(string sentence) => new(FaultKind.Invalid, "catalog/bad-answer", sentence);
}
