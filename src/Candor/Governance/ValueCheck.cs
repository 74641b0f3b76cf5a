using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>How far a look into values is.</summary>
/// <param name="Customers">Seen so far.</param>
public sealed record ValueCheckProgress(long Customers, long All, long Looked);

/// <summary>What looks into values found, and what became of it.</summary>
/// <param name="Last">Null before the first.</param>
/// <param name="Waiting">Customers who could not be looked at.</param>
/// <param name="Cleanings">The newest first.</param>
public sealed record ValueFindings(ValueCheckState? Last, IReadOnlyList<FoundCount> Found, long Waiting, IReadOnlyList<CleaningState> Cleanings)
{
    private const int MostCleanings = 20;

    public static async ValueTask<ValueFindings> LoadAsync(Transaction tx, CancellationToken ct) =>
        new(await ValueWalk.FindAsync(tx, ct) is { Rules.Length: > 0 } last ? last : null, await ValueMarks.CountAsync(tx, ct), await ValueMarks.WaitingAsync(tx, ct), await ValueCleaning.NewestAsync(tx, MostCleanings, ct));
}

/// <summary>Looks into values once a week for what should not be in them: nothing at all, numbers of cards, people and accounts, words about health. What is kept of it is where and what kind.</summary>
/// <remarks>Off the path of any read, some customers at a time. Who has nothing new since the last look, and nothing was found of, is passed over: no value is opened and no entry written.
/// May be interrupted: it goes on behind the last customers that are done.</remarks>
public sealed class ValueCheck(Database database, CatalogRegister catalogs, PersonalVault vault, InspectionRead inspection)
{
    public const string Job = "value-check";

    /// <summary>A look begins so long after the one before began.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromDays(7);

    /// <summary>What is stored while a look begins is looked at by the next as well: a write may take so long.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>Customers to one transaction that opens their values.</summary>
    private const int PerWrite = 20;

    /// <summary>Customers who are looked for in one reading.</summary>
    internal int PerPage { get; init; } = 500;

    private sealed record Page(int Customers, string Last, IReadOnlyList<CustomerId> Due, PurposeCatalog Catalog);

    /// <summary>Runs when a week has gone by since the last one began, or one was interrupted. On a new installation, or the first with this version, it waits a day.</summary>
    /// <returns>The look; null when none was due.</returns>
    public async Task<ValueCheckState?> RunDueAsync(CancellationToken ct)
    {
        if (await database.ReadAsync(tx => ValueWalk.FindAsync(tx, ct), ct) is not { } last)
        {
            await database.WriteAsync(async tx => { await ValueWalk.BeginAsync(tx, tx.Now + TimeSpan.FromDays(1) - Every, ct); return 0; }, ct);
            return null;
        }

        return last.FinishedAt is not null && last.StartedAt + Every > database.Clock.GetUtcNow() ? null : await RunAsync(false, null, ct);
    }

    /// <summary>Goes through all customers.</summary>
    /// <param name="all">Also through those who have nothing new.</param>
    public async Task<ValueCheckState> RunAsync(bool all, IProgress<ValueCheckProgress>? progress, CancellationToken ct)
    {
        var run = await database.WriteAsync(async tx =>
        {
            var (last, rules) = (await ValueWalk.FindAsync(tx, ct), RulesOf((await catalogs.GetActiveAsync(tx, ct)).Catalog));
            return await ValueWalk.StartAsync(tx, all || last is not { FinishedAt: not null } || last.Rules != rules ? DateTimeOffset.UnixEpoch : last.StartedAt - Margin, rules, ct);
        }, ct);
        var (seen, looked, after) = (run.Seen, run.Looked, run.After);
        var number = await database.ReadAsync(tx => vault.CountAsync(tx, ct), ct);
        while (await PageAsync(run, after, ct) is { Customers: > 0 } page)
        {
            foreach (var some in page.Due.Chunk(PerWrite))
            {
                ct.ThrowIfCancellationRequested();
                await LookAsync(some, page.Catalog, ct);
                progress?.Report(new ValueCheckProgress(seen, number, looked));
            }

            await database.WriteAsync(async tx => { await ValueWalk.AdvanceAsync(tx, run, page.Last, page.Customers, page.Due.Count, ct); return 0; }, ct);
            (after, seen, looked) = (page.Last, seen + page.Customers, looked + page.Due.Count);
            progress?.Report(new ValueCheckProgress(seen, number, looked));
        }

        return await database.WriteAsync(async tx =>
        {
            await ValueWalk.FinishAsync(tx, run, ct);
            return (await ValueWalk.FindAsync(tx, ct))!;
        }, ct);
    }

    /// <summary>Data points that are looked into.</summary>
    internal static IReadOnlyList<DataPoint> PointsOf(PurposeCatalog catalog) =>
        [.. catalog.DataPoints.Values.Where(d => !catalog.AggregateOnly.Contains(d.Id) && ValueContent.KindsFor(d).Count > 0).OrderBy(d => d.Id.Value, StringComparer.Ordinal)];

    /// <summary>Names what is looked for, and where: when it changes, everybody is looked at anew.</summary>
    private static string RulesOf(PurposeCatalog catalog) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        ValueContent.Version + "\n" + string.Join('\n', PointsOf(catalog).Select(d => $"{d.Id} {string.Join(' ', ValueContent.KindsFor(d))}")))));

    /// <summary>The next customers, and who of them is to be looked at; nobody when that was all.</summary>
    private Task<Page> PageAsync(ValueCheckState run, string after, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        var ids = await vault.IdsAsync(tx, after, PerPage, ct);
        if (ids.Count == 0)
        {
            return new Page(0, after, [], catalog);
        }

        var marked = await ValueMarks.MarkedAsync(tx, after, ids[^1].Value, ct);
        var stored = await VaultStock.LastStoredAsync(tx, after, ids[^1].Value, ct);
        return new Page(ids.Count, ids[^1].Value, [.. ids.Where(i => marked.Contains(i) || (stored.TryGetValue(i, out var at) && at >= run.Since))], catalog);
    }, ct);

    private async Task LookAsync(IReadOnlyList<CustomerId> customers, PurposeCatalog catalog, CancellationToken ct)
    {
        var points = PointsOf(catalog);
        var seen = points.Count == 0 ? [] : await inspection.LookAsync(Job, customers, [.. points.Select(p => p.Id)], ct);
        // What was opened is forgotten here.
        var found = seen.Select(s => (s.Key.Id, IsDone: s is { Values: not null, Failed: false }, Marks: MarksOf(s, catalog))).ToList();
        await database.WriteAsync(async tx =>
        {
            foreach (var (customer, isDone, marks) in found)
            {
                await tx.LockCustomerAsync(customer, exclusive: true, ct);
                if (await vault.FindCustomerAsync(tx, customer, ct) is null)
                {
                    continue;
                }

                await (isDone ? ValueMarks.PutAsync(tx, customer, marks, ct) : ValueMarks.WaitAsync(tx, customer, ct));
            }

            return 0;
        }, ct);
    }

    private static List<ValueMark> MarksOf(InspectionRead.Seen seen, PurposeCatalog catalog) =>
    [
        .. from pair in seen.Values ?? []
           from kind in ValueContent.Find(catalog.DataPoints[pair.Opened.DataPoint], pair.Opened.Json.Span)
           select new ValueMark(seen.Key.Id.Value, pair.Opened.DataPoint.Value, pair.Opened.RecordId, kind, pair.Sealed.TimeUs),
    ];
}
