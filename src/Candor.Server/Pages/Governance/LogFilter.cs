using System.Globalization;
using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;

namespace Candor.Server.Pages.Governance;

/// <summary>What somebody chose in the search form, as it stands in the address of the page.</summary>
public sealed record LogFilter
{
    private const string DayFormat = "yyyy-MM-dd";
    private const int MaxText = 200;
    private static readonly string[] Outcomes = ["allowed", "denied"];

    private LogFilter(IReadOnlyDictionary<string, string> chosen, LogQuery query) => (Chosen, Query) = (chosen, query);

    /// <summary>Names and values that are not empty.</summary>
    public IReadOnlyDictionary<string, string> Chosen { get; }

    public LogQuery Query { get; }

    /// <summary>Reads a filter from a query string or a form.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-filter</c>.</exception>
    internal static LogFilter Read(Func<string, string?> field)
    {
        var chosen = new Dictionary<string, string>();
        foreach (var name in (string[])["actor", "purpose", "point", "kind", "outcome", "from", "to"])
        {
            if (field(name) is { Length: > 0 } value)
            {
                chosen[name] = value.Length <= MaxText ? value : throw Bad(name, value);
            }
        }

        return new LogFilter(chosen, new LogQuery
        {
            Actor = chosen.GetValueOrDefault("actor"),
            Purpose = chosen.GetValueOrDefault("purpose"),
            DataPoint = chosen.GetValueOrDefault("point"),
            Kind = chosen.TryGetValue("kind", out var kind) ? Enum.GetValues<AuditKind>().Cast<AuditKind?>().FirstOrDefault(k => NameOf(k!.Value) == kind) ?? throw Bad("kind", kind) : null,
            IsDenied = chosen.TryGetValue("outcome", out var outcome) ? Outcomes.Contains(outcome) ? outcome == "denied" : throw Bad("outcome", outcome) : null,
            From = Day(chosen, "from"),
            To = Day(chosen, "to")?.AddDays(1),
        });
    }

    public static string NameOf(AuditKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The address of a page with this filter.</summary>
    public string Path(string path, long? before = null) =>
        path + string.Concat(Chosen.Append(new("before", before?.ToString(CultureInfo.InvariantCulture) ?? "")).Where(c => c.Value.Length > 0)
            .Select((c, i) => $"{(i == 0 ? '?' : '&')}{c.Key}={Uri.EscapeDataString(c.Value)}"));

    /// <summary>What is chosen, as somebody reads it: the name of each list and the label of the choice.</summary>
    internal IReadOnlyList<FilterChoice> InWords(IReadOnlyList<FilterList> lists, LogWords words) => [.. Chosen.Select(c => lists.FirstOrDefault(l => l.Name == c.Key) is { } list
        ? new FilterChoice(list.Label, list.Choices.FirstOrDefault(o => o.Value == c.Value)?.Label ?? c.Value)
        : new FilterChoice(words.T("filter." + c.Key), c.Value))];

    private static DateTimeOffset? Day(Dictionary<string, string> chosen, string name) => !chosen.TryGetValue(name, out var text) ? null
        : DateTime.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1970 and < 9999
            ? new DateTimeOffset(day, TimeSpan.Zero) : throw Bad(name, text);

    private static Fault Bad(string name, string value) => new(FaultKind.Invalid, "governance/bad-filter", $"`{Name.Shown(value)}` is nothing that `{name}` can be; choose from the form.");
}

/// <summary>One line of a list to choose from.</summary>
public sealed record FilterChoice(string Value, string Label);

/// <summary>A list to choose from in the search form.</summary>
public sealed record FilterList(string Name, string Label, string Any, IReadOnlyList<FilterChoice> Choices)
{
    internal static IReadOnlyList<FilterList> All(LogWords words, Catalog.PurposeCatalog catalog, LogNames names) =>
    [
        new("actor", words.T("filter.actor"), words.T("filter.anybody"),
        [
            .. names.People.Select(p => new FilterChoice(p.Actor, p.Name)), .. names.Programs.Select(p => new FilterChoice(p.Actor, words.T("who.program", ("service", p.Name), ("key", p.Actor["key:".Length..])))),
            new("customer:", words.T("who.customer")), new("system:", words.T("who.candor")),
        ]),
        new("purpose", words.T("filter.purpose"), words.T("filter.any"), [.. catalog.Purposes.Values.Select(p => new FilterChoice(p.Id.Value, words.Purpose(p.Id.Value))).OrderBy(c => c.Label, StringComparer.CurrentCulture)]),
        new("point", words.T("filter.point"), words.T("filter.any"), [.. catalog.DataPoints.Values.Select(d => new FilterChoice(d.Id.Value, words.DataPoint(d.Id.Value))).OrderBy(c => c.Label, StringComparer.CurrentCulture)]),
        new("kind", words.T("filter.kind"), words.T("filter.any"), [.. Enum.GetValues<AuditKind>().Select(k => new FilterChoice(LogFilter.NameOf(k), words.Kind(k)))]),
        new("outcome", words.T("filter.outcome"), words.T("filter.any"), [new("allowed", words.T("filter.allowed")), new("denied", words.T("filter.denied"))]),
    ];
}
