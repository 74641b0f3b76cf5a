using System.Data.Common;
using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>One thing that is wrong with a log.</summary>
/// <param name="What">A fixed word, such as <c>entry-changed</c>.</param>
/// <param name="Index">Leaf index of the entry, or first entry of the tile; null where the whole log is meant.</param>
/// <param name="Sentence">For people.</param>
public sealed record LogFinding(string What, long? Index, string Sentence);

/// <summary>What a verification found. <paramref name="SignedSize"/> is the size of the stored checkpoint, 0 when none was signed.</summary>
public sealed record LogReport(long Size, byte[] Root, long SignedSize, IReadOnlyList<LogFinding> Findings)
{
    public bool IsSound => Findings.Count == 0;
}

/// <summary>Reads a whole log back, recomputes every hash, and compares it with all that is stored about it. Needs no running server.</summary>
/// <remarks>What it cannot see: a log that was written anew as a whole by somebody who has the signing key. A checkpoint kept outside shows that.</remarks>
public sealed class LogVerifier(Database database, NoteKey? key)
{
    /// <summary>Findings after which a report stops; a broken log breaks everywhere.</summary>
    private const int MostFindings = 1_000;
    private const long ProgressStep = 10_000;

    private sealed record HeadRow(long Size, byte[] Root, long SignedSize, byte[]? SignedRoot, string? SignedNote);

    /// <summary>What one verification has gathered so far.</summary>
    private sealed class Walk(params long[] milestones)
    {
        public TreeHead Tree { get; } = new();

        public ConsentReplay Replay { get; } = new();

        public Dictionary<(long Level, long Index), byte[]> Tiles { get; } = [];

        public Dictionary<long, byte[]> Roots { get; } = new() { [0] = Merkle.EmptyRoot };

        public List<LogFinding> Findings { get; } = [];

        private readonly List<TreeHead.Tile> finished = [];

        public void Append(ReadOnlySpan<byte> entry)
        {
            Tree.Append(Merkle.LeafHash(entry), finished);
            foreach (var tile in finished)
            {
                Tiles[(tile.Level, tile.Index)] = Digest(tile.Hashes, tile.Root);
            }

            finished.Clear();
            if (Array.IndexOf(milestones, Tree.Size) >= 0)
            {
                Roots[Tree.Size] = Tree.Root();
            }
        }

        public void Find(string what, long? index, string sentence)
        {
            if (Findings.Count < MostFindings)
            {
                Findings.Add(new LogFinding(what, index, sentence));
            }
        }
    }

    /// <summary>Verifies the log of this database.</summary>
    /// <param name="outside">A checkpoint that was kept elsewhere, already opened with the log's key; the log must begin with it.</param>
    /// <param name="progress">Told how many entries were read, every 10,000.</param>
    public Task<LogReport> VerifyAsync(Checkpoint? outside, IProgress<long>? progress, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        var head = await tx.FindAsync<HeadRow>("SELECT size, root, signed_size, signed_root, signed_note FROM audit_head WHERE log = @Log", new { AuditLog.Log }, ct)
            ?? throw new Fault(FaultKind.NotFound, "audit/no-log", "This database has no log yet.");
        var walk = new Walk(head.Size, head.SignedSize, outside?.Size ?? 0);
        await ReadEntriesAsync(tx, walk, progress, ct);
        await CompareTilesAsync(tx, walk, ct);
        CompareHead(walk, head);
        CompareSigned(walk, head);
        if (outside is not null && !Matches(walk, outside.Size, outside.Root))
        {
            walk.Find("not-the-outside-log", null, outside.Size > walk.Tree.Size
                ? $"The checkpoint kept outside has `{outside.Size}` entries and the log has `{walk.Tree.Size}`: it was cut or put back to an earlier state."
                : $"The first `{outside.Size}` entries are not those of the checkpoint kept outside: the log was rewritten.");
        }

        return new LogReport(walk.Tree.Size, walk.Tree.Root(), head.SignedSize, walk.Findings);
    }, ct);

    private static async ValueTask ReadEntriesAsync(Transaction tx, Walk walk, IProgress<long>? progress, CancellationToken ct)
    {
        var command = tx.Prepared("SELECT idx, entry_id, customer_ref, time_us, entry FROM audit_entry WHERE log = @log ORDER BY idx").Set("@log", AuditLog.Log);
        command.CommandTimeout = 0;
        await using var rows = await command.ExecuteReaderAsync(ct);
        for (var expected = 0L; await rows.ReadAsync(ct); expected++)
        {
            var index = rows.GetInt64(0);
            if (index != expected)
            {
                walk.Find("entry-missing", expected, $"Entries `{expected}` to `{index - 1}` are missing.");
                expected = index;
            }

            var bytes = rows.GetFieldValue<byte[]>(4);
            walk.Append(bytes);
            CompareColumns(walk, index, rows, bytes);
            if (walk.Tree.Size % ProgressStep == 0)
            {
                progress?.Report(walk.Tree.Size);
            }
        }

        progress?.Report(walk.Tree.Size);
    }

    private static void CompareColumns(Walk walk, long index, DbDataReader row, byte[] bytes)
    {
        var all = CompareColumns(index, row.GetString(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2), row.GetInt64(3), bytes, out var entry);
        foreach (var wrong in all)
        {
            walk.Find(wrong.What, wrong.Index, wrong.Sentence);
        }

        if (entry is not null && walk.Replay.Follow(entry.Event, index) is { } breach)
        {
            walk.Find(breach.What, index, breach.Sentence);
        }
    }

    /// <summary>The columns beside an entry are copies for look-ups; they must say what the entry says.</summary>
    /// <param name="entry">Null when the bytes are none.</param>
    internal static IReadOnlyList<LogFinding> CompareColumns(long index, string id, byte[]? customerRef, long timeUs, byte[] bytes, out AuditEntry? entry)
    {
        try
        {
            entry = AuditEntry.Decode(bytes);
        }
        catch (Fault)
        {
            entry = null;
            return [new("entry-unreadable", index, $"Entry `{index}` is not in the log's format.")];
        }

        var wrong = new List<LogFinding>();
        if (id != entry.Id)
        {
            wrong.Add(new("id-column", index, $"The id beside entry `{index}` is not the one inside it."));
        }

        if (!customerRef.AsSpan().SequenceEqual(entry.Event.CustomerRef))
        {
            wrong.Add(new("customer-column", index, $"The customer reference beside entry `{index}` is not the one inside it, so the customer would not see it."));
        }

        if (timeUs != Micros.From(entry.At))
        {
            wrong.Add(new("time-column", index, $"The time beside entry `{index}` is not the one inside it."));
        }

        return wrong;
    }

    private static async ValueTask CompareTilesAsync(Transaction tx, Walk walk, CancellationToken ct)
    {
        var wrong = new List<(long Level, long Index)>();
        var command = tx.Prepared("SELECT level, idx, hashes, root FROM audit_tile WHERE log = @log ORDER BY level, idx").Set("@log", AuditLog.Log);
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                var place = (rows.GetInt64(0), rows.GetInt64(1));
                if (!walk.Tiles.Remove(place, out var digest) || !Digest(rows.GetFieldValue<byte[]>(2), rows.GetFieldValue<byte[]>(3)).AsSpan().SequenceEqual(digest))
                {
                    wrong.Add(place);
                }
            }
        }

        foreach (var (level, index) in walk.Tiles.Keys.Order())
        {
            walk.Find("tile-missing", index << (int)(8 * (level + 1)), $"Tile `{index}` of level `{level}` is missing.");
        }

        foreach (var (level, index) in wrong)
        {
            await ExplainTileAsync(tx, walk, level, index, ct);
        }
    }

    /// <summary>A tile and its entries disagree: names the entries, or the tile when it does not even fit its own root.</summary>
    private static async ValueTask ExplainTileAsync(Transaction tx, Walk walk, long level, long index, CancellationToken ct)
    {
        var first = level < 7 ? index << (int)(8 * (level + 1)) : 0;
        var stored = await tx.FindAsync<TileRow>("SELECT hashes, root FROM audit_tile WHERE log = @Log AND level = @level AND idx = @index", new { AuditLog.Log, level, index }, ct);
        if (level > 0 || stored!.Hashes.Length != TreeHead.TileWidth * Merkle.HashBytes || !RootOf(stored.Hashes).AsSpan().SequenceEqual(stored.Root))
        {
            walk.Find("tile-changed", first, $"Tile `{index}` of level `{level}` is not what the entries from `{first}` on lead to.");
            return;
        }

        var hashes = await LogTree.HashesAsync(tx, 0, first, first + TreeHead.TileWidth, ct);
        var before = walk.Findings.Count;
        for (var i = 0; i < hashes.Count; i++)
        {
            if (!stored.Hashes.AsSpan(i * Merkle.HashBytes, Merkle.HashBytes).SequenceEqual(hashes[i]))
            {
                walk.Find("entry-changed", first + i, $"Entry `{first + i}` is not the one that was logged.");
            }
        }

        if (walk.Findings.Count == before)
        {
            walk.Find("tile-changed", first, $"Tile `{index}` of level `{level}` stands at another place than its entries.");
        }
    }

    private sealed record TileRow(byte[] Hashes, byte[] Root);

    private static void CompareHead(Walk walk, HeadRow head)
    {
        if (head.Size > walk.Tree.Size)
        {
            walk.Find("entries-cut", walk.Tree.Size, $"The head counts `{head.Size}` entries and `{walk.Tree.Size}` are there.");
        }
        else if (head.Size < walk.Tree.Size)
        {
            walk.Find("entries-after-head", head.Size, $"The head counts `{head.Size}` entries and `{walk.Tree.Size}` are there.");
        }

        if (head.Size <= walk.Tree.Size && !Matches(walk, head.Size, head.Root))
        {
            walk.Find("head-changed", null, $"The `{head.Size}` entries do not lead to the stored head.");
        }
    }

    private void CompareSigned(Walk walk, HeadRow head)
    {
        if (head.SignedNote is null)
        {
            return;
        }

        Checkpoint signed;
        try
        {
            signed = key is null ? Checkpoint.Parse(head.SignedNote[..(head.SignedNote.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)]) : Checkpoint.Parse(SignedNote.Open(head.SignedNote, key));
        }
        catch (Fault fault)
        {
            walk.Find("checkpoint-changed", null, $"The stored checkpoint does not hold: {fault.Message}");
            return;
        }

        if (signed.Size != head.SignedSize || !signed.Root.AsSpan().SequenceEqual(head.SignedRoot) || (key is not null && signed.Origin != key.Name))
        {
            walk.Find("checkpoint-changed", null, "The size or root beside the stored checkpoint is not the one inside it, or it is another log's.");
        }

        if (!Matches(walk, signed.Size, signed.Root))
        {
            walk.Find("not-the-signed-log", null, signed.Size > walk.Tree.Size
                ? $"A checkpoint of `{signed.Size}` entries was signed and `{walk.Tree.Size}` are there: the log was cut or put back to an earlier state."
                : $"The first `{signed.Size}` entries do not lead to the checkpoint that was signed.");
        }
    }

    private static bool Matches(Walk walk, long size, byte[] root) => walk.Roots.TryGetValue(size, out var found) && root.AsSpan().SequenceEqual(found);

    private static byte[] RootOf(byte[] hashes)
    {
        var range = new CompactRange();
        for (var at = 0; at < hashes.Length; at += Merkle.HashBytes)
        {
            range.Append(hashes[at..(at + Merkle.HashBytes)]);
        }

        return range.Root();
    }

    private static byte[] Digest(byte[] hashes, byte[] root) => SHA256.HashData([.. root, .. hashes]);
}
