using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>How fast requests are answered, as everybody may see it: nothing in it is about fewer than 10 of them.</summary>
/// <param name="Answered">Rounded down to tens, so that one more does not show.</param>
/// <param name="MedianDays">Rounded up to whole days; 1 for less than a day.</param>
/// <param name="PercentInTime">Of those answered and those overdue, how many were answered by their last day, rounded down; 100 for all of them; null when it would tell of fewer than 10.</param>
/// <param name="IsAtLeast">The share is a lower bound, because fewer than 10 were late.</param>
public sealed record PublicRequestFigures(int Answered, int MedianDays, int? PercentInTime, bool IsAtLeast)
{
    /// <summary>What fewer requests are about is not shown.</summary>
    public const int Fewest = 10;

    private const int Half = 50;
    private const int All = 100;

    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>Figures of the requests received in the year before today (UTC), as they stood when today began: within a day nothing in them moves.</summary>
    /// <returns>Null when fewer than <see cref="Fewest"/> were answered.</returns>
    public static async ValueTask<PublicRequestFigures?> LoadAsync(Transaction tx, CancellationToken ct)
    {
        var today = new DateTimeOffset(tx.Now.UtcDateTime.Date, TimeSpan.Zero);
        return Of((await RequestRows.ReceivedAsync(tx, today - Year, today, ct)).Select(r => r.AsRequest()), today);
    }

    /// <summary>The same of given requests. Pure.</summary>
    /// <param name="end">Exclusive; what happened later does not count.</param>
    public static PublicRequestFigures? Of(IEnumerable<RightsRequest> requests, DateTimeOffset end)
    {
        var all = requests.ToList();
        var answered = all.Where(r => r.ClosedAt < end && (r.State == RequestState.Refused || r.Outcome == RightsRequest.Fulfilled)).ToList();
        if (answered.Count < Fewest)
        {
            return null;
        }

        var overdue = all.Count(r => (r.ClosedAt is null || r.ClosedAt >= end) && Deadlines.EndOf(r.Due) <= end);
        var late = overdue + answered.Count(r => r.ClosedAt >= Deadlines.EndOf(r.Due));
        var days = answered.Select(r => (r.ClosedAt!.Value - r.ReceivedAt).TotalDays).Order().ToList();
        var median = (days[(days.Count - 1) / 2] + days[days.Count / 2]) / 2;
        var (percent, isAtLeast) = Share(answered.Count + overdue, late);
        return new PublicRequestFigures(answered.Count / Fewest * Fewest, Math.Max(1, (int)Math.Ceiling(median)), percent, isAtLeast);
    }

    private static (int? Percent, bool IsAtLeast) Share(int whole, int late) => (late, whole - late) switch
    {
        (0, _) => (All, false),
        // As if as many as can hide were late; a bound that says little is not given.
        ( < Fewest, _) => All * (whole - Fewest + 1) / whole is >= Half and var bound ? (bound, true) : (null, false),
        (_, < Fewest) => (null, false),
        var (_, inTime) => (All * inTime / whole, false),
    };
}
