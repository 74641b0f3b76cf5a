using System.Text.Json;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Server.Pages.Me;
using Candor.Server.Web;
using Candor.Vault;

namespace Candor.Server.Pages.Desk;

/// <summary>A purpose that an agent may name.</summary>
public sealed record PurposeOption(string Id, string Label, bool NeedsCase);

/// <summary>The words of the desk in one language. Values, days and periods are said as the customer reads them in My Data &amp; Privacy.</summary>
public sealed class DeskWords(PurposeCatalog catalog, string language)
{
    private const int HoursOfDay = 24;

    /// <summary>From here on an age is told in months, and then in years.</summary>
    private const int DaysForMonths = 60;
    private const int DaysForYears = 730;
    private readonly HashSet<string> names = [.. PageText.In("desk", language).Names];

    public Wording Texts { get; } = PageText.In("desk", language);

    public MeWords Values { get; } = new(catalog, language);

    public PurposeCatalog Catalog { get; } = catalog;

    public string Language { get; } = language;

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    /// <summary>The text of that name, or the other one where there is none.</summary>
    public string TOr(string name, string fallback) => T(names.Contains(name) ? name : fallback);

    public string LabelOf(PurposeId purpose) => Catalog.Purposes.TryGetValue(purpose, out var p) ? p.Label.In(Language) : purpose.Value;

    public PurposeOption Option(Purpose p) => new(p.Id.Value, p.Label.In(Language), p.NeedsCase);

    /// <summary>Why something is not given, said to the agent.</summary>
    public string Reason(ReasonCode reason) => TOr("reason." + reason.Code(), "reason.other");

    /// <summary>Where a value came from, and when.</summary>
    public string From(OpenedValue value, DateTimeOffset now) => $"{SourceOf(value.Source)} · {Age(value.Time, now)}";

    /// <summary>How long ago, with the day.</summary>
    public string Age(DateTimeOffset at, DateTimeOffset now)
    {
        var days = (int)(now - at).TotalDays;
        var ago = days switch
        {
            <= 0 => (now - at).TotalHours is var hours and < HoursOfDay and >= 1 ? T("age.hours", ("n", Number((int)hours))) : T("age.now"),
            1 => T("age.day"),
            < DaysForMonths => T("age.days", ("n", Number(days))),
            < DaysForYears => T("age.months", ("n", Number(days / 30))),
            _ => T("age.years", ("n", Number(days / 365))),
        };
        return $"{Values.Day(at)} ({ago})";
    }

    /// <summary>One member of a record as text; null when it has none of that name.</summary>
    public static string? Member(OpenedValue value, string name)
    {
        using var json = JsonDocument.Parse(value.Json);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
    }

    private static string Number(int n) => n.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string SourceOf(string source) => TOr("source." + source, source is "you" or "desk" ? "source.other" : "source.system");
}
