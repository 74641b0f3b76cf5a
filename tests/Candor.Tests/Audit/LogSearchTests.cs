using Candor.Audit;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Audit;

public sealed class LogSearchOnSqlite : LogSearchTests<Sqlite>;

public sealed class LogSearchOnPostgres : LogSearchTests<Postgres>;

public abstract class LogSearchTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string[] Actors = ["staff:aa", "staff:bb", "key:cc", "customer", "system:messages"];
    private AuditLog log = null!;
    private readonly List<AuditEvent> made = [];
    private readonly List<DateTimeOffset> times = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        log = await AuditLog.OpenAsync(Db, "test.example/audit", Ct);
    }

    // Whatever is asked, and however much of the log has words: the search finds what a look at every entry finds, page by page.
    [Fact]
    public async Task A_search_finds_what_a_look_at_every_entry_finds()
    {
        await FillAsync(2048 * 2 + 300);
        await new LogRuns(Db, log).MakeAsync(1, Ct);
        await CheckAsync();
        Assert.Equal(1, await new LogRuns(Db, log).MakeAsync(100, Ct));
        Assert.Equal(0, await new LogRuns(Db, log).MakeAsync(100, Ct));
        await CheckAsync();
    }

    [Fact]
    public async Task A_kind_of_actor_is_asked_with_its_colon()
    {
        await FillAsync(50);
        Assert.All((await FindAsync(new LogQuery { Actor = "staff:" })).Select(e => e.Event.Actor), a => Assert.StartsWith("staff:", a, StringComparison.Ordinal));
        Assert.All((await FindAsync(new LogQuery { Actor = "customer:" })).Select(e => e.Event.Actor), a => Assert.Equal("customer", a));
        Assert.Empty(await FindAsync(new LogQuery { Actor = "staff:zz" }));
    }

    private async Task CheckAsync()
    {
        foreach (var query in Gen.Select(Any<string?>(null, null, "staff:aa", "staff:", "key:", "customer:", "staff:zz"), Any<string?>(null, null, "support", "newsletter", "none"),
            Any<string?>(null, null, "email", "phone"), Any<bool?>(null, true, false), Any<AuditKind?>(null, null, AuditKind.Admin), Gen.Int[-10, 4500]).Array[12].Single()
            .Select(q => new LogQuery { Actor = q.Item1, Purpose = q.Item2, DataPoint = q.Item3, IsDenied = q.Item4, Kind = q.Item5, From = q.Item6 < 0 ? null : times[Math.Min(q.Item6, times.Count - 1)], To = q.Item6 is < 0 or > 3000 ? null : times[q.Item6 + 500] }))
        {
            var expected = Enumerable.Range(0, made.Count).Where(i => query.Matches(new AuditEntry("", times[i], made[i]))).Select(i => (long)i).Reverse().ToList();
            Assert.Equal(expected, (await PagesAsync(query)).Select(e => e.Index));
        }
    }

    private async Task<List<PlacedEntry>> PagesAsync(LogQuery query)
    {
        var (all, before) = (new List<PlacedEntry>(), (long?)null);
        do
        {
            var from = before;
            var page = await Db.ReadAsync(tx => new LogSearch(log).FindAsync(tx, query, from, 500, Ct), Ct);
            all.AddRange(page.Entries);
            before = page.Before;
        }
        while (before is not null);

        return all;
    }

    private async Task<IEnumerable<AuditEntry>> FindAsync(LogQuery query) => (await PagesAsync(query)).Select(e => e.Entry);

    private async Task FillAsync(int count)
    {
        foreach (var part in Enumerable.Range(0, count).Chunk(200))
        {
            await Db.WriteAsync(async tx =>
            {
                foreach (var i in part)
                {
                    var e = new AuditEvent
                    {
                        Kind = i % 7 == 0 ? AuditKind.Deny : i % 11 == 0 ? AuditKind.Admin : AuditKind.Read, Actor = i < 2048 && i % 5 == 0 ? "staff:bb" : Actors[i % 5],
                        Purpose = i % 3 == 0 ? null : i % 3 == 1 ? "support" : "newsletter", DataPoints = i % 2 == 0 ? ["email"] : ["phone", "purchases"],
                    };
                    made.Add(e);
                    times.Add(tx.Now);
                    await log.AppendAsync(tx, e, Ct);
                }
            }, Ct);
            while (Db.IsClustered && await log.SequenceAsync(500, Ct) > 0)
            {
            }

            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        if (Db.IsClustered)
        {
            // Entries of one instant are placed in the order of their ids there.
            var placed = await PagesAsync(new LogQuery());
            made.Clear();
            times.Clear();
            foreach (var entry in placed.OrderBy(p => p.Index))
            {
                made.Add(entry.Entry.Event);
                times.Add(entry.Entry.At);
            }
        }
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
