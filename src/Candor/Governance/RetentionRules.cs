using Candor.Catalog;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>When a value's time is over, by the catalog that counts. Pure.</summary>
public sealed class RetentionRules(PurposeCatalog catalog)
{
    /// <summary>A period of months counted back from a day may end up to three days before the day from which it leads there: 31 March less a month is 28 February.</summary>
    private static readonly TimeSpan Calendar = TimeSpan.FromDays(4);

    private readonly Dictionary<DataPointId, DataPoint> timed = catalog.DataPoints.Values.Where(d => d.Retention.Period is not null).ToDictionary(d => d.Id);

    /// <summary>Data points that are kept for a period; what is kept while the person is a customer goes with the customer.</summary>
    public IReadOnlyCollection<DataPoint> Timed => timed.Values;

    /// <summary>Nothing younger than this is over; not everything older is.</summary>
    /// <returns>Null when nothing is kept for a period.</returns>
    public DateTimeOffset? Earliest(DateTimeOffset now) => timed.Count == 0 ? null : timed.Values.Max(d => d.Retention.Period!.Before(now)) + Calendar;

    /// <summary>True from the instant on that the customer was told: the period after the record was, or after the field was last changed.</summary>
    public bool IsOver(DataPointId dataPoint, DateTimeOffset time, DateTimeOffset now) => timed.TryGetValue(dataPoint, out var d) && d.Retention.Period!.After(time) <= now;

    /// <summary>Kind of the look-up that goes with a field; null for none.</summary>
    public string? LookupOf(DataPointId dataPoint) => BlindIndex.KindOf(timed[dataPoint].Category);

    /// <summary>What the law keeps of some data points.</summary>
    public IReadOnlyList<HoldRule> HoldsOf(IEnumerable<DataPointId> dataPoints) =>
        [.. dataPoints.Select(d => timed[d]).Where(d => d.LegalHold is not null).Select(d => new HoldRule(d.Id, d.LegalHold!.For, [.. d.LegalHold.Keeps]))];
}
