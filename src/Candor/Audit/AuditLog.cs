using System.Data.Common;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>An entry with its leaf index and its canonical bytes, which a proof is about.</summary>
public sealed record PlacedEntry(long Index, byte[] Bytes, AuditEntry Entry);

/// <summary>What else happens in the same step as an entry: it is counted.</summary>
/// <remarks>Runs in the entry's transaction, just before the entry is written; if it fails, there is no entry either. Of reads by others it does nothing: theirs is the hot path.</remarks>
public delegate ValueTask EntryStep(Transaction tx, AuditEvent e, CancellationToken ct);

/// <summary>The log of who did what: appended in the transaction of the deed itself, and a Merkle tree that outsiders can check.</summary>
/// <remarks>SQLite: the entry gets its leaf index at once, and the head is written once for each group of works, in the same commit.
/// PostgreSQL: the entry is durable in <c>audit_pending</c>, and <see cref="SequenceAsync"/> gives indices, one node at a time.</remarks>
public sealed class AuditLog
{
    /// <summary>The log's partition; one until a database is split.</summary>
    public const long Log = 0;

    /// <summary>Entries to a run of the index by customer: few enough that its pages stay in memory, many enough that a look through all runs is short.</summary>
    internal const long BucketEntries = 2048;

    private const int FirstRuns = 32;
    private const int MostRuns = 16_384;

    /// <summary>The join order is said, not left to the engine: one look into the index for each run.</summary>
    private const string OfRuns =
        """
        WITH RECURSIVE run(bucket) AS (SELECT CAST(@newest AS BIGINT) UNION ALL SELECT bucket - 1 FROM run WHERE bucket > @oldest)
        SELECT e.entry FROM run CROSS JOIN audit_entry e
        WHERE e.bucket = run.bucket AND e.customer_ref = @customer AND e.time_us < @before ORDER BY e.idx DESC
        """;

    private readonly Database database;
    private readonly List<byte[]> waiting = [];
    private readonly List<EntryStep> steps = [];
    private TreeHead? head;

    private AuditLog(Database database, string origin) => (this.database, Origin) = (database, origin);

    /// <summary>Name of the log in checkpoints: host and path, without scheme.</summary>
    public string Origin { get; }

    private sealed record PendingRow(string EntryId, byte[]? CustomerRef, long TimeUs, byte[] Entry);

    private sealed record HeadRow(long Size, byte[] Root);

    /// <summary>The name that the log of a database was made with, which it keeps; null when it has none yet.</summary>
    public static async ValueTask<string?> FindOriginAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<string>("SELECT origin FROM audit_head WHERE log = @Log", new { Log }, ct);

    /// <summary>Entries that have a place in the tree, as rows.</summary>
    public static async ValueTask<long> CountAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM audit_entry WHERE log = @Log", new { Log }, ct);

    /// <summary>When the newest entry that has a place was made; null while there is none.</summary>
    public static async ValueTask<DateTimeOffset?> NewestAtAsync(Transaction tx, CancellationToken ct) =>
        Micros.ToInstant(await tx.FindAsync<long?>("SELECT time_us FROM audit_entry WHERE log = @Log ORDER BY idx DESC LIMIT 1", new { Log }, ct));

    /// <summary>When the first entry was made; null while there is none.</summary>
    public static async ValueTask<DateTimeOffset?> BeganAtAsync(Transaction tx, CancellationToken ct) =>
        Micros.ToInstant(await tx.FindAsync<long?>("SELECT time_us FROM audit_entry WHERE log = @Log ORDER BY idx LIMIT 1", new { Log }, ct));

    /// <summary>Opens the log of a database and checks that its right edge fits its head.</summary>
    /// <param name="origin">Name of the log when it is new; an existing one keeps its own.</param>
    public static async Task<AuditLog> OpenAsync(Database database, string origin, CancellationToken ct)
    {
        var log = await database.WriteAsync(async tx =>
        {
            await tx.RunAsync("INSERT INTO audit_head (log, origin, size, root, signed_size) VALUES (@Log, @origin, 0, @root, 0) ON CONFLICT (log) DO NOTHING",
                new { Log, origin, root = Merkle.EmptyRoot }, ct);
            var opened = new AuditLog(database, await FindOriginAsync(tx, ct) ?? origin);
            await opened.LoadHeadAsync(tx, ct);
            return opened;
        }, ct);
        database.BeforeGroupCommit(log.WriteHeadAsync);
        return log;
    }

    /// <summary>Adds a step that every entry takes from now on. At start only.</summary>
    public void AlsoDo(EntryStep step) => steps.Add(step);

    /// <summary>Appends an entry in the caller's transaction. If that is not kept, neither is the entry.</summary>
    /// <returns>The entry's id, 32 hex characters.</returns>
    public async ValueTask<string> AppendAsync(Transaction tx, AuditEvent e, CancellationToken ct)
    {
        foreach (var step in steps)
        {
            await step(tx, e, ct);
        }

        var (id, bytes) = AuditEntry.Encode(e, tx.Now);
        Measures.Appended.Add(1);
        if (database.IsClustered)
        {
            await tx.Prepared("INSERT INTO audit_pending (log, arrived_us, entry_id, customer_ref, time_us, entry) VALUES (@log, " + tx.ServerMicros + ", @id, @customer, @time, @entry)")
                .Set("@log", Log).Set("@id", id).Set("@customer", e.CustomerRef).Set("@time", tx.NowUs).Set("@entry", bytes).ExecuteNonQueryAsync(ct);
            return id;
        }

        head ??= await LoadHeadAsync(tx, ct);
        await InsertAsync(tx, head.Size + waiting.Count, new PendingRow(id, e.CustomerRef, tx.NowUs, bytes), ct);
        waiting.Add(Merkle.LeafHash(bytes));
        tx.OnRollback(ForgetLast);
        return id;
    }

    /// <summary>Entries about a customer, newest first, those without a place in the tree included. Entries of one instant are not torn apart, so that
    /// "before the last one" finds all others; there may be a few more than <paramref name="count"/> for that reason.</summary>
    /// <param name="beforeUs">Exclusive; null: the newest.</param>
    /// <param name="where">Which entries count; null: all.</param>
    public async ValueTask<IReadOnlyList<AuditEntry>> OfCustomerAsync(
        Transaction tx, byte[] customerRef, long? beforeUs, int count, CancellationToken ct, Func<AuditEvent, bool>? where = null)
    {
        var found = new List<AuditEntry>();
        if (database.IsClustered)
        {
            await using var row = await tx.Prepared("SELECT entry FROM audit_pending WHERE customer_ref = @customer AND time_us < @before ORDER BY arrived_us DESC")
                .Set("@customer", customerRef).Set("@before", beforeUs ?? long.MaxValue).ExecuteReaderAsync(ct);
            await TakeAsync(row, found, count, where, ct);
        }

        // The newest runs first, then longer and longer stretches: who has many entries is done soon, and who has few costs one look into each run's index,
        // all in a few statements.
        var command = tx.Prepared(OfRuns).Set("@customer", customerRef).Set("@before", beforeUs ?? long.MaxValue);
        var runs = FirstRuns;
        var isDone = false;
        for (var newest = (await HeadAsync(tx, ct)).Size / BucketEntries; newest >= 0 && !isDone; newest -= runs, runs = Math.Min(runs * 8, MostRuns))
        {
            await using var row = await command.Set("@newest", newest).Set("@oldest", Math.Max(0, newest - runs + 1)).ExecuteReaderAsync(ct);
            isDone = await TakeAsync(row, found, count, where, ct);
        }

        return found;
    }

    /// <returns>True when there are enough, and what follows is older than all of them.</returns>
    private static async ValueTask<bool> TakeAsync(DbDataReader row, List<AuditEntry> found, int count, Func<AuditEvent, bool>? where, CancellationToken ct)
    {
        while (await row.ReadAsync(ct))
        {
            var entry = AuditEntry.Decode((byte[])row.GetValue(0));
            if (found.Count >= count && entry.At != found[^1].At)
            {
                return true;
            }

            if (where is null || where(entry.Event))
            {
                found.Add(entry);
            }
        }

        return false;
    }

    /// <summary>Entries about a customer as they stand in the tree, newest first; those that wait for their place are left out.</summary>
    public async ValueTask<IReadOnlyList<PlacedEntry>> PlacedOfCustomerAsync(Transaction tx, byte[] customerRef, int count, CancellationToken ct)
    {
        var rows = new List<PlacedEntry>();
        var command = tx.Prepared("SELECT idx, entry FROM audit_entry WHERE bucket = @bucket AND customer_ref = @customer ORDER BY idx DESC").Set("@customer", customerRef);
        for (var bucket = (await HeadAsync(tx, ct)).Size / BucketEntries; bucket >= 0 && rows.Count < count; bucket--)
        {
            await using var row = await command.Set("@bucket", bucket).ExecuteReaderAsync(ct);
            while (rows.Count < count && await row.ReadAsync(ct))
            {
                var bytes = (byte[])row.GetValue(1);
                rows.Add(new PlacedEntry(row.GetInt64(0), bytes, AuditEntry.Decode(bytes)));
            }
        }

        return rows;
    }

    /// <summary>Leaf index of an entry; null when it has none yet or there is no such entry.</summary>
    public async ValueTask<long?> FindIndexAsync(Transaction tx, string entryId, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT idx FROM audit_entry WHERE log = @Log AND entry_id = @entryId", new { Log, entryId }, ct);

    /// <summary>Canonical bytes of an entry; null when there is none of that index.</summary>
    public async ValueTask<byte[]?> FindEntryAsync(Transaction tx, long index, CancellationToken ct) =>
        await tx.FindAsync<byte[]>("SELECT entry FROM audit_entry WHERE log = @Log AND idx = @index", new { Log, index }, ct);

    /// <summary>Size and root of the tree as last committed.</summary>
    public async ValueTask<(long Size, byte[] Root)> HeadAsync(Transaction tx, CancellationToken ct)
    {
        var row = await tx.FindAsync<HeadRow>("SELECT size, root FROM audit_head WHERE log = @Log", new { Log }, ct);
        return (row!.Size, row.Root);
    }

    /// <summary>PostgreSQL: gives waiting entries their places in the tree, in the order in which they arrived. One node at a time does it.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> SequenceAsync(int most, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("audit-sequencer", ct);
        var rows = await tx.QueryAsync<PendingRow>(
            "SELECT entry_id, customer_ref, time_us, entry FROM audit_pending WHERE log = @Log ORDER BY arrived_us, entry_id LIMIT @most", new { Log, most = (long)most }, ct);
        if (rows.Count == 0)
        {
            return 0;
        }

        waiting.Clear();
        var tree = await LoadHeadAsync(tx, ct);
        for (var i = 0; i < rows.Count; i++)
        {
            await InsertAsync(tx, tree.Size + i, rows[i], ct);
            await tx.Prepared("DELETE FROM audit_pending WHERE log = @log AND entry_id = @id").Set("@log", Log).Set("@id", rows[i].EntryId).ExecuteNonQueryAsync(ct);
        }

        await StoreAsync(tx, tree, rows.Select(r => Merkle.LeafHash(r.Entry)), ct);
        return rows.Count;
    }, ct);

    /// <summary>Runs before each group's commit on SQLite.</summary>
    private async ValueTask WriteHeadAsync(Transaction tx)
    {
        if (waiting.Count > 0)
        {
            tx.OnRollback(() =>
            {
                head = null;
                waiting.Clear();
            });
            await StoreAsync(tx, head!, waiting, CancellationToken.None);
            waiting.Clear();
        }
    }

    private static async ValueTask StoreAsync(Transaction tx, TreeHead tree, IEnumerable<byte[]> leaves, CancellationToken ct)
    {
        var finished = new List<TreeHead.Tile>();
        foreach (var leaf in leaves)
        {
            tree.Append(leaf, finished);
        }

        foreach (var tile in finished)
        {
            await tx.RunAsync("INSERT INTO audit_tile (log, level, idx, hashes, root) VALUES (@Log, @Level, @Index, @Hashes, @Root)",
                new { Log, Level = (long)tile.Level, tile.Index, tile.Hashes, tile.Root }, ct);
        }

        await tx.Prepared("UPDATE audit_head SET size = @size, root = @root WHERE log = @log")
            .Set("@size", tree.Size).Set("@root", tree.Root()).Set("@log", Log).ExecuteNonQueryAsync(ct);
    }

    private static async ValueTask InsertAsync(Transaction tx, long index, PendingRow row, CancellationToken ct) =>
        await tx.Prepared("INSERT INTO audit_entry (log, idx, entry_id, customer_ref, bucket, time_us, entry) VALUES (@log, @idx, @id, @customer, @bucket, @time, @entry)")
            .Set("@log", Log).Set("@idx", index).Set("@id", row.EntryId).Set("@customer", row.CustomerRef)
            .Set("@bucket", index / BucketEntries).Set("@time", row.TimeUs).Set("@entry", row.Entry).ExecuteNonQueryAsync(ct);

    /// <summary>A work that appended is not kept: its last entry, and with each call one more, is taken back.</summary>
    private void ForgetLast()
    {
        if (waiting.Count > 0)
        {
            waiting.RemoveAt(waiting.Count - 1);
        }
    }

    /// <summary>Rebuilds the growing part of the tree from full tiles and the entries after them.</summary>
    private async ValueTask<TreeHead> LoadHeadAsync(Transaction tx, CancellationToken ct)
    {
        var (size, root) = await HeadAsync(tx, ct);
        var tree = new TreeHead();
        for (var level = LogTree.Levels(size) - 1; level >= 0; level--)
        {
            var below = size >> (8 * level);
            tree.Restore(level, await LogTree.HashesAsync(tx, level, below / TreeHead.TileWidth * TreeHead.TileWidth, below, ct));
        }

        return tree.Size == size && tree.Root().AsSpan().SequenceEqual(root)
            ? head = tree
            : throw new Fault(FaultKind.Unavailable, "audit/broken-head", "The log's entries do not lead to its stored head; `candor audit verify` shows where they differ. Nothing is read until it is resolved.");
    }
}
