using System.Globalization;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>Checks the log bit by bit while the server runs: in about a day every entry is hashed anew, and compared with the tiles, the head and every checkpoint that is kept.</summary>
/// <remarks>A pass goes from the first entry to the last, a stretch at a time, and a new one begins a day after the last began. What it cannot do is what <see cref="LogVerifier"/> does beside:
/// follow each choice through the whole log, and compare with a checkpoint kept outside.</remarks>
public sealed class LogSelfCheck(Database database, AuditLog log, NoteKey key)
{
    public const string Walk = "self-check";

    /// <summary>Runs of 2,048 entries in one step.</summary>
    public const int RunsPerStep = 20;

    private static readonly TimeSpan PassEvery = TimeSpan.FromDays(1);

    private sealed record EntryRow(long Idx, string EntryId, byte[]? CustomerRef, long TimeUs, byte[] Entry);

    private sealed record TileRow(long Level, long Idx, byte[] Hashes, byte[] Root);

    private sealed record PointRow(long Size, byte[] Root, string Note)
    {
        public Point As(string what) => new(what, Size, Root, Note);
    }

    private sealed record NoteRow(long Size, string Note);

    /// <summary>A checkpoint that is kept, and what it means when the log does not lead to it.</summary>
    private sealed record Point(string What, long Size, byte[]? Root, string Note);

    /// <summary>Goes on with the pass, or begins one if it is time.</summary>
    /// <returns>How many runs were looked at.</returns>
    public async Task<int> StepAsync(CancellationToken ct)
    {
        var state = await database.ReadAsync(tx => LogWalks.FindAsync(tx, Walk, ct), ct);
        var now = database.Clock.GetUtcNow();
        if (state is { FinishedAt: not null, Since: { } began, Index: 0 } && began + PassEvery > now)
        {
            return 0;
        }

        var fresh = state is null || state.Index == 0;
        var pass = fresh ? new LogWalk(0, now, now, state?.FinishedAt, state?.Finding, state?.FoundAt) : state!;
        LogFinding? found = null;
        var (done, next, isAtEnd) = (0, pass.Index, false);
        while (done < RunsPerStep && found is null && !isAtEnd)
        {
            var from = next;
            (found, next) = await database.ReadAsync(tx => CheckRunAsync(tx, from, ct), ct);
            isAtEnd = next % AuditLog.BucketEntries != 0 || next == from;
            done++;
        }

        found ??= isAtEnd ? await database.ReadAsync(tx => CheckTreeAsync(tx, ct), ct) : null;
        await KeepAsync(pass, next, found, isAtEnd || found is not null, ct);
        return done;
    }

    /// <summary>What an earlier pass found stays until a whole pass finds nothing.</summary>
    private Task KeepAsync(LogWalk pass, long next, LogFinding? found, bool isOver, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var text = found is null ? null : string.Create(CultureInfo.InvariantCulture, $"{found.What}{(found.Index is { } at ? $" at {at}" : "")}");
        var keeps = text is null && !isOver ? pass.Finding : text;
        await LogWalks.KeepAsync(tx, Walk, pass with
        {
            Index = isOver ? 0 : next,
            FinishedAt = isOver ? tx.Now : pass.FinishedAt,
            Finding = keeps,
            FoundAt = keeps is null ? null : pass.Finding == keeps ? pass.FoundAt : tx.Now,
        }, ct);
    }, ct);

    /// <summary>Entries from <paramref name="from"/> to the end of their run, and the tiles over them.</summary>
    /// <returns>What is wrong first, and where to go on; the same place at the end of the log.</returns>
    private async ValueTask<(LogFinding? Wrong, long End)> CheckRunAsync(Transaction tx, long from, CancellationToken ct)
    {
        var size = (await log.HeadAsync(tx, ct)).Size;
        var end = Math.Min(from + AuditLog.BucketEntries, size);
        if (end <= from)
        {
            return (null, from);
        }

        var rows = await tx.QueryAsync<EntryRow>("SELECT idx, entry_id, customer_ref, time_us, entry FROM audit_entry WHERE log = @Log AND idx >= @from AND idx < @end ORDER BY idx",
            new { AuditLog.Log, from, end }, ct);
        for (var i = 0; i < end - from; i++)
        {
            if (i >= rows.Count || rows[i].Idx != from + i)
            {
                return (new LogFinding("entry-missing", from + i, ""), end);
            }

            if (LogVerifier.CompareColumns(rows[i].Idx, rows[i].EntryId, rows[i].CustomerRef, rows[i].TimeUs, rows[i].Entry, out _) is [var wrong, ..])
            {
                return (wrong, end);
            }
        }

        var tiles = (await tx.QueryAsync<TileRow>("SELECT level, idx, hashes, root FROM audit_tile WHERE log = @Log AND level = 0 AND idx >= @low AND idx < @high ORDER BY idx",
            new { AuditLog.Log, low = from / TreeHead.TileWidth, high = end / TreeHead.TileWidth }, ct)).ToDictionary(t => t.Idx);
        for (var tile = from / TreeHead.TileWidth; tile < end / TreeHead.TileWidth; tile++)
        {
            var first = (int)(tile * TreeHead.TileWidth - from);
            var hashes = rows.Skip(first).Take(TreeHead.TileWidth).Select(r => Merkle.LeafHash(r.Entry)).ToList();
            if (!tiles.TryGetValue(tile, out var stored) || !Merkle.Root(hashes).AsSpan().SequenceEqual(stored.Root) || !hashes.SelectMany(h => h).SequenceEqual(stored.Hashes))
            {
                var changed = stored is null ? -1 : Enumerable.Range(0, hashes.Count).Append(-1).First(n => n < 0 || !stored.Hashes.AsSpan(n * Merkle.HashBytes, Merkle.HashBytes).SequenceEqual(hashes[n]));
                return (changed < 0 ? new LogFinding("tile-changed", from + first, "") : new LogFinding("entry-changed", from + first + changed, ""), end);
            }
        }

        return (null, end);
    }

    /// <summary>The higher tiles, the head, and every checkpoint that is kept: each must be what the tiles below lead to.</summary>
    private async ValueTask<LogFinding?> CheckTreeAsync(Transaction tx, CancellationToken ct)
    {
        var tiles = await tx.QueryAsync<TileRow>("SELECT level, idx, hashes, root FROM audit_tile WHERE log = @Log AND level > 0 ORDER BY level, idx", new { AuditLog.Log }, ct);
        foreach (var tile in tiles)
        {
            var low = tile.Idx * TreeHead.TileWidth;
            var below = await LogTree.HashesAsync(tx, (int)tile.Level, low, low + TreeHead.TileWidth, ct);
            if (!below.SelectMany(h => h).SequenceEqual(tile.Hashes) || !Merkle.Root(below).AsSpan().SequenceEqual(tile.Root))
            {
                return new LogFinding("tile-changed", low << (int)(8 * tile.Level), "");
            }
        }

        var (size, root) = await log.HeadAsync(tx, ct);
        if (!(await LogTree.RootAsync(tx, size, ct)).AsSpan().SequenceEqual(root))
        {
            return new LogFinding("head-changed", null, "");
        }

        foreach (var point in await PointsAsync(tx, ct))
        {
            if (!await HoldsAsync(tx, point, size, ct))
            {
                return new LogFinding(point.What, null, "");
            }
        }

        return null;
    }

    private static async ValueTask<IReadOnlyList<Point>> PointsAsync(Transaction tx, CancellationToken ct)
    {
        var log = new { AuditLog.Log };
        return
        [
            .. (await tx.QueryAsync<PointRow>("SELECT signed_size AS size, signed_root AS root, signed_note AS note FROM audit_head WHERE log = @Log AND signed_note IS NOT NULL", log, ct)).Select(r => r.As("not-the-signed-log")),
            .. (await tx.QueryAsync<PointRow>("SELECT size, root, note FROM audit_checkpoint WHERE log = @Log", log, ct)).Select(r => r.As("not-the-mailed-log")),
            .. (await tx.QueryAsync<NoteRow>("SELECT size, note FROM audit_cosigned WHERE log = @Log", log, ct)).Select(r => new Point("not-the-cosigned-log", r.Size, null, r.Note)),
        ];
    }

    private async ValueTask<bool> HoldsAsync(Transaction tx, Point point, long size, CancellationToken ct)
    {
        try
        {
            var signed = Checkpoint.Parse(SignedNote.Open(point.Note, key));
            return signed.Size == point.Size && signed.Size <= size && (point.Root is null || point.Root.AsSpan().SequenceEqual(signed.Root))
                && (await LogTree.RootAsync(tx, signed.Size, ct)).AsSpan().SequenceEqual(signed.Root);
        }
        catch (Fault)
        {
            // A note that is not signed by this log is what the check is for.
            return false;
        }
    }
}
