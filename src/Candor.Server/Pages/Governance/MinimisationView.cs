using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Me;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>One purpose of a data point in words.</summary>
/// <param name="Reads">How many, and of how many.</param>
/// <param name="Gain">What it adds to suggestions, with its interval; a dash where that was not measured.</param>
public sealed record PointUseView(string Purpose, string Need, string Reads, string Gain);

/// <summary>A data point in words.</summary>
/// <param name="Oldest">Null when nothing of it is stored.</param>
/// <param name="SameInstant">Null when there are none.</param>
public sealed record PointView(string Id, string Label, string Kept, string Records, string Customers, string? Oldest, string? SameInstant, IReadOnlyList<PointUseView> Uses);

/// <summary>What could be less, in words.</summary>
/// <param name="Change">What to write in the catalog.</param>
/// <param name="Others">Who else would feel it; null when nobody.</param>
/// <param name="Apply">Where the change is prepared; null where the reader may not change the catalog.</param>
/// <param name="Propose">Where it becomes an initiative.</param>
public sealed record AdviceView(string Sentence, string Change, string? Others, string? Apply, string Propose);

/// <summary>The audit of minimisation as a page shows it.</summary>
public sealed class MinimisationView(StaffView view, MinimisationWords words, MinimisationAudit audit, FoundView found)
{
    public StaffView View { get; } = view;

    public MinimisationWords Words { get; } = words;

    public MinimisationAudit Audit { get; } = audit;

    public FoundView Found { get; } = found;

    public bool MayCount => View.Visit.HasRole("privacy-officer") || View.Visit.HasRole("administrator");

    public bool MayChange => MayCount;

    /// <summary>What the figures rest on.</summary>
    public string About => string.Join(' ',
        Words.T("about.reads", ("days", Words.Number(Audit.WatchedDays))),
        Audit.CountedAt is { } counted ? Words.T("about.stock", ("time", Words.Time(counted))) : Words.T("about.no-stock"),
        Audit.MeasuredAt is { } measured ? Words.T("about.gain", ("time", Words.Time(measured))) : Words.T("about.no-gain"));

    public IReadOnlyList<AdviceView> Advice => [.. Audit.Advice.Select(a => new AdviceView(
        Words.Advice(a, Audit), a.Change, Words.Others(a), MayChange ? "/governance/minimisation/apply" + Query(a) : null, "/governance/minimisation/propose" + Query(a)))];

    public IReadOnlyList<PointView> Points => [.. Audit.Catalog.Catalog.DataPoints.Values.OrderBy(d => d.Id.Value, StringComparer.Ordinal).Select(Of)];

    private static string Query(MinimisationAdvice a) => $"?kind={a.Kind}&purpose={a.Purpose}&point={a.DataPoint}";

    private PointView Of(DataPoint point)
    {
        var stock = Audit.Stock.GetValueOrDefault(point.Id);
        return new PointView(
            point.Id.Value, Words.DataPoint(point.Id), Words.Kept(point), Words.Number(stock?.Records ?? 0), Words.Number(stock?.Customers ?? 0), stock is null ? null : Words.Day(stock.Oldest),
            stock is { SameInstant: > 0 } ? Words.Number(stock.SameInstant) : null,
            [.. Audit.Rows.Where(r => r.DataPoint.Id == point.Id).Select(r => new PointUseView(Words.Purpose(r.Purpose.Id), Words.T("need." + r.Necessity), Words.Reads(r), Words.Gain(r.Gain)))]);
    }
}

/// <summary>The words of the page about minimisation.</summary>
public sealed class MinimisationWords(PurposeCatalog catalog, string language)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(language);
    private readonly MeWords me = new(catalog, language);

    public Wording Texts { get; } = PageText.In("minimisation", language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    public string Number(long number) => number.ToString("N0", culture);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);

    public string Day(DateTimeOffset at) => me.Day(at);

    public string Kept(DataPoint point) => me.Kept(point);

    /// <summary>Whether the active catalog has it.</summary>
    public bool Knows(DataPointId point) => catalog.DataPoints.ContainsKey(point);

    public string Purpose(PurposeId purpose) => catalog.Purposes[purpose].Label.In(language);

    public string DataPoint(DataPointId point) => catalog.DataPoints[point].Label.In(language);

    public string Reads(MinimisationRow row) => row.PurposeReads == 0 ? T("reads.none")
        : T("reads.of", ("reads", Number(row.Reads)), ("all", Number(row.PurposeReads)), ("share", ((double)row.Reads / row.PurposeReads).ToString("P0", culture)));

    /// <summary>What could be less, in a sentence with its figures.</summary>
    public string Advice(MinimisationAdvice a, MinimisationAudit audit) => T(
        "advice." + a.Kind, ("purpose", a.Purpose is { } p ? Purpose(p) : ""), ("point", a.DataPoint is { } d ? DataPoint(d) : ""),
        ("reads", audit.Rows.FirstOrDefault(r => r.Purpose.Id == a.Purpose && r.DataPoint.Id == a.DataPoint) is { } row ? Reads(row) : ""));

    /// <summary>Who else would feel it; null when nobody.</summary>
    public string? Others(MinimisationAdvice a) => a.Others.Count == 0 ? null : T("advice.others", ("others", string.Join(", ", a.Others.Select(Purpose))));

    public string Gain(MeasuredGain? gain) => gain is null ? T("gain.none")
        : T("gain.of", ("share", Percent(gain.Share)), ("low", Percent(gain.Low)), ("high", Percent(gain.High)));

    private string Percent(double share) => share.ToString("P1", culture);
}
