using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Personalization;
using Candor.Rights;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Trust;

/// <summary>Closes days, and counts them again from what the counts are of: the ledger, the requests, the log and the times of orders.</summary>
public sealed class TrustDays(Database database, CatalogRegister catalogs, AuditLog log)
{
    /// <summary>A day is closed so long after its end: what was gathered in memory is written by then.</summary>
    public static readonly TimeSpan ClosedAfter = TimeSpan.FromMinutes(10);

    private const int PerPage = 2000;
    private static readonly TrustMeasure[] OfOrders = [TrustMeasure.Buyers, TrustMeasure.RepeatBuyers, TrustMeasure.LastBought];

    /// <summary>What a recount of days puts right. Views leave no trace but their count, so they are not among it.</summary>
    private static readonly TrustMeasure[] Recounted = [.. Enum.GetValues<TrustMeasure>().Except(OfOrders).Except([TrustMeasure.NoticeViews, TrustMeasure.SettingsViews])];

    /// <summary>The last day that is closed; null when none is.</summary>
    public static async ValueTask<DateOnly?> LastAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT day FROM trust_day ORDER BY day DESC LIMIT 1", null, ct) is { } day ? DateOnly.FromDayNumber((int)day) : null;

    /// <summary>The first day that something was counted of; null when nothing was.</summary>
    public static async ValueTask<DateOnly?> FirstAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT day FROM trust_count ORDER BY day LIMIT 1", null, ct) is { } day ? DateOnly.FromDayNumber((int)day) : null;

    /// <summary>Closes every day that is over, the oldest first; a new installation begins with yesterday.</summary>
    /// <returns>How many.</returns>
    public async Task<int> CloseDueAsync(CancellationToken ct)
    {
        var until = TrustCounts.DayOf(database.Clock.GetUtcNow() - ClosedAfter).AddDays(-1);
        var closed = 0;
        for (var day = (await database.ReadAsync(tx => LastAsync(tx, ct), ct))?.AddDays(1) ?? until; day <= until; day = day.AddDays(1))
        {
            closed += await CloseAsync(day, ct) ? 1 : 0;
        }

        return closed;
    }

    private async Task<bool> CloseAsync(DateOnly day, CancellationToken ct)
    {
        // Before the write: it reads through the whole ledger, and nobody shall wait for that.
        var standing = await database.ReadAsync(async tx => (IReadOnlyList<TrustCell>)[.. await StandingAsync(tx, day, ct), .. await RequestsAsync(tx, day, day, ct)], ct);
        return await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync("trust-days", ct);
            if (await LastAsync(tx, ct) >= day)
            {
                return false;
            }

            foreach (var cell in standing.Concat(await TrustCounts.SeenAsync(tx, day, ct)))
            {
                await TrustCounts.AddAsync(tx, cell, ct);
            }

            await MarkClosedAsync(tx, day, ct);
            await TrustCounts.ForgetAsync(tx, day.AddDays(1), ct);
            return true;
        }, ct);
    }

    /// <summary>Counts closed days again and keeps what comes out; also days before the first that was closed, such as those of a shop that brings its past along.</summary>
    /// <remarks>It knows of the customers who are here: what erased ones said and bought is no longer known, so do not recount days that are right.</remarks>
    /// <param name="to">Inclusive; a day that is over.</param>
    public async Task RecountAsync(DateOnly from, DateOnly to, CancellationToken ct)
    {
        var cells = await database.ReadAsync(tx => CountAsync(tx, from, to, ct), ct);
        var orders = await database.ReadAsync(tx => OrdersAsync(tx, ct), ct);
        await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync("trust-days", ct);
            foreach (var measure in Recounted)
            {
                await TrustCounts.RemoveAsync(tx, measure, from, to, ct);
            }

            foreach (var measure in OfOrders)
            {
                await TrustCounts.RemoveAsync(tx, measure, DateOnly.MinValue, DateOnly.MaxValue, ct);
            }

            foreach (var cell in cells.Concat(orders))
            {
                await TrustCounts.AddAsync(tx, cell, ct);
            }

            var last = await LastAsync(tx, ct) ?? from.AddDays(-1);
            for (var day = last.AddDays(1); day <= to; day = day.AddDays(1))
            {
                await MarkClosedAsync(tx, day, ct);
            }
        }, ct);
    }

    /// <summary>What days come to, counted from the ledger, the requests and the log.</summary>
    internal async ValueTask<IReadOnlyList<TrustCell>> CountAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct)
    {
        // Everybody counts on the first day of the month on which they do something, so the count begins with the month.
        var start = new DateOnly(from.Year, from.Month, 1);
        var seen = new Dictionary<(long Month, TrustMeasure Measure, string About, string Person), DateOnly>();
        foreach (var said in await ConsentDays.SaidAsync(tx, Start(start), Start(to.AddDays(1)), ct))
        {
            if (TrustSteps.MeasureOf(said.Event) is { } measure)
            {
                See(said.At, measure, said.Purpose, said.Customer);
                if (measure is TrustMeasure.Given or TrustMeasure.Refused)
                {
                    See(said.At, TrustMeasure.Decided, "", said.Customer);
                }

                if (measure == TrustMeasure.Given)
                {
                    See(said.At, measure, "", said.Customer);
                }
            }
        }

        var refusals = await WalkAsync(tx, start, to, See, ct);
        var standing = new List<TrustCell>();
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            standing.AddRange(await StandingAsync(tx, day, ct));
        }

        return
        [
            .. seen.GroupBy(s => (Day: s.Value, s.Key.Measure, s.Key.About)).Where(g => g.Key.Day >= from).Select(g => new TrustCell(g.Key.Day, g.Key.Measure, g.Key.About, g.Count())),
            .. refusals.Where(r => r.Day >= from), .. standing, .. await RequestsAsync(tx, from, to, ct),
        ];

        void See(DateTimeOffset at, TrustMeasure measure, string about, string person)
        {
            var day = TrustCounts.DayOf(at);
            var key = (TrustCounts.MonthOf(day), measure, about, person);
            seen[key] = seen.TryGetValue(key, out var first) && first < day ? first : day;
        }
    }

    private async ValueTask<IReadOnlyList<TrustCell>> WalkAsync(Transaction tx, DateOnly from, DateOnly to, Action<DateTimeOffset, TrustMeasure, string, string> see, CancellationToken ct)
    {
        var (search, query, before) = (new LogSearch(log), new LogQuery { From = Start(from), To = Start(to.AddDays(1)) }, (long?)null);
        var refusals = new Dictionary<DateOnly, long>();
        do
        {
            var page = await search.FindAsync(tx, query, before, PerPage, ct);
            foreach (var entry in page.Entries.Select(e => e.Entry))
            {
                foreach (var measure in TrustSteps.MeasuresOf(entry.Event))
                {
                    see(entry.At, measure, "", Convert.ToHexStringLower(entry.Event.CustomerRef!));
                }

                if (entry.Event is { Kind: AuditKind.ConsentOther, Actor: WebVisitor, CustomerRef: null })
                {
                    refusals[TrustCounts.DayOf(entry.At)] = refusals.GetValueOrDefault(TrustCounts.DayOf(entry.At)) + 1;
                }
            }

            before = page.Before;
        }
        while (before is not null);

        return [.. refusals.Select(r => new TrustCell(r.Key, TrustMeasure.VisitorRefusals, "", r.Value))];
    }

    /// <summary>How the log calls a visitor who is nobody.</summary>
    private const string WebVisitor = "visitor";

    /// <summary>Consents that counted when a day ended.</summary>
    private static async ValueTask<IReadOnlyList<TrustCell>> StandingAsync(Transaction tx, DateOnly day, CancellationToken ct) =>
        [.. (await ConsentDays.OnAsync(tx, Start(day.AddDays(1)), ct)).Select(p => new TrustCell(day, TrustMeasure.ConsentsOn, p.Key, p.Value))];

    private static async ValueTask<IReadOnlyList<TrustCell>> RequestsAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var (start, end) = (Start(from), Start(to.AddDays(1)));
        var touched = await RequestFigures.TouchedAsync(tx, start, end, ct);
        var filed = touched.Where(r => r.ReceivedAt >= start && r.ReceivedAt < end).GroupBy(r => (Day: TrustCounts.DayOf(r.ReceivedAt), Kind: r.Type.Code()));
        var answered = touched.Where(r => r.State is RequestState.Done or RequestState.Refused && r.ClosedAt >= start && r.ClosedAt < end).GroupBy(r => (Day: TrustCounts.DayOf(r.ClosedAt!.Value), Kind: r.Type.Code())).ToList();
        return
        [
            .. filed.Select(g => new TrustCell(g.Key.Day, TrustMeasure.RequestsFiled, g.Key.Kind, g.Count())),
            .. answered.Select(g => new TrustCell(g.Key.Day, TrustMeasure.RequestsClosed, g.Key.Kind, g.Count())),
            .. answered.Select(g => new TrustCell(g.Key.Day, TrustMeasure.RequestsInTime, g.Key.Kind, g.Count(r => r.ClosedAt < Deadlines.EndOf(r.Due)))).Where(c => c.Number > 0),
            .. answered.Select(g => new TrustCell(g.Key.Day, TrustMeasure.RequestHours, g.Key.Kind, g.Sum(r => (long)(r.ClosedAt!.Value - r.ReceivedAt).TotalHours))).Where(c => c.Number > 0),
        ];
    }

    internal async ValueTask<IReadOnlyList<TrustCell>> OrdersAsync(Transaction tx, CancellationToken ct)
    {
        var cells = new Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long>();
        if (SuggestionPlan.PurchasesOf((await catalogs.GetActiveAsync(tx, ct)).Catalog) is { } purchases)
        {
            await CustomerValues.EachTimesAsync(tx, purchases.Id, times => OrderFacts.Add(cells, times, 1), ct);
        }

        return [.. cells.Select(c => new TrustCell(c.Key.Day, c.Key.Measure, c.Key.About, c.Value))];
    }

    private static async ValueTask MarkClosedAsync(Transaction tx, DateOnly day, CancellationToken ct) =>
        await tx.RunAsync("INSERT INTO trust_day (day, closed_at_us) VALUES (@Day, @NowUs) ON CONFLICT (day) DO NOTHING", new { Day = (long)day.DayNumber, tx.NowUs }, ct);

    private static DateTimeOffset Start(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}
