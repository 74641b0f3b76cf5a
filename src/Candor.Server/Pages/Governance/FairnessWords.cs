using System.Globalization;
using Candor.Consent;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>Groups of customers, uses and shares in the words of the catalog and of a page.</summary>
/// <param name="area">Whose texts it speaks with.</param>
public sealed class FairnessWords(StaffView view, string area)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(view.Frame.Language);

    public Wording Texts { get; } = PageText.In(area, view.Frame.Language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    public string Use(string purpose) => PurposeId.TryParse(purpose, null, out var id) && view.Catalog.Purposes.TryGetValue(id, out var found) ? found.Label.In(view.Frame.Language) : purpose;

    /// <summary>A data point by its label; one of Candor's own bands by a text <c>band.…</c>.</summary>
    public string Attribute(string attribute) => CustomerBands.IsBand(attribute) ? T("band." + attribute[1..])
        : DataPointId.TryParse(attribute, null, out var id) && view.Catalog.DataPoints.TryGetValue(id, out var found) ? found.Label.In(view.Frame.Language) : attribute;

    /// <param name="group">Null: not given, or too few.</param>
    public string Group(string attribute, string? group) => CustomerBands.IsBand(attribute) ? T(group is null ? "band.rest" : $"band.{attribute[1..]}.{group}") : group is null ? T("group.none")
        : DataPointId.TryParse(attribute, null, out var id) && view.Catalog.DataPoints.GetValueOrDefault(id)?.Values.FirstOrDefault(v => v.Value == group) is { } value ? value.Label.In(view.Frame.Language) : group;

    /// <summary>Place of a group as the catalog has them; those without one, and values that it has no more, come last.</summary>
    public int Place(DataPointId attribute, string? group) =>
        view.Catalog.DataPoints.GetValueOrDefault(attribute)?.Values.Select((v, i) => (v.Value, Index: i)).Where(v => v.Value == group).Select(v => (int?)v.Index).FirstOrDefault() ?? int.MaxValue;

    public string Standing(GroupStanding standing) => PageText.In("alike", view.Frame.Language).Text("standing." + standing.ToString().ToLowerInvariant());

    public static string Tone(GroupStanding? standing) => standing switch { GroupStanding.FarBelow => "no", GroupStanding.Below => "wait", GroupStanding.Alike or GroupStanding.Largest => "yes", _ => "" };

    public string Number(long number) => number.ToString("N0", culture);

    public string Ratio(double ratio) => ratio.ToString("0.00", culture);

    public string Percent(double share) => (share * 100).ToString("0.0", culture) + T("percent");

    /// <summary>A dash where it is not defined.</summary>
    public string Share(Proportion share) => share.Value is { } value ? Percent(value) : "–";

    public string Between(Interval? interval) => interval is { } i ? T("interval", ("low", Percent(i.Low)), ("high", Percent(i.High))) : "–";

    /// <summary>A difference of two shares, in percentage points with its sign.</summary>
    public string Points(double difference) => (difference * 100).ToString("+0.0;−0.0;0.0", culture);

    public string PointsBetween(Interval interval) => T("interval", ("low", Points(interval.Low)), ("high", Points(interval.High)));

    public string Day(DateOnly day) => day.ToString(T("date.day"), culture);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);
}
