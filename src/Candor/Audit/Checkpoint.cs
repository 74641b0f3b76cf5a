using System.Globalization;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>A tree head as text (C2SP tlog-checkpoint): origin, size, root.</summary>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    public override string ToString() => $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n";

    /// <summary>Reads the text of a checkpoint; extension lines are allowed and ignored.</summary>
    public static Checkpoint Parse(string text)
    {
        var lines = text.Split('\n');
        return lines.Length >= 4 && lines[^1].Length == 0 && lines[0].Length > 0
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size.ToString(CultureInfo.InvariantCulture) == lines[1]
            && SignedNote.FromBase64(lines[2]) is { Length: Merkle.HashBytes } root && Array.IndexOf(lines, "", 3) == lines.Length - 1
                ? new Checkpoint(lines[0], size, root)
                : throw new Fault(FaultKind.Invalid, "audit/bad-checkpoint", "A checkpoint has three lines: the log's name, its size, its root in base64.");
    }
}

/// <summary>Signs the log's head, and never two heads that contradict each other.</summary>
public sealed class CheckpointSigner(AuditLog log, NoteSigner signer)
{
    private sealed record SignedRow(long Size, byte[] Root, long SignedSize, byte[]? SignedRoot, string? SignedNote);

    /// <summary>So long an older checkpoint with signatures of witnesses is shown in place of a newer one without.</summary>
    private static readonly TimeSpan CosignedCounts = TimeSpan.FromMinutes(5);

    public NoteKey Key => signer.Key;

    /// <summary>The signed checkpoint of the current head. What was signed is stored in the same transaction.</summary>
    public async ValueTask<string> SignAsync(Transaction tx, CancellationToken ct)
    {
        var row = await tx.FindAsync<SignedRow>(
            "SELECT size, root, signed_size, signed_root, signed_note FROM audit_head WHERE log = @Log", new { AuditLog.Log }, ct);
        if (row!.SignedNote is not null && row.SignedSize == row.Size && row.SignedRoot.AsSpan().SequenceEqual(row.Root))
        {
            return row.SignedNote;
        }

        if (row.SignedSize >= row.Size && row.SignedNote is not null)
        {
            throw new Fault(FaultKind.Unavailable, "audit/rolled-back", $"A checkpoint of size `{row.SignedSize}` was signed and the log now ends at `{row.Size}`; the database was put back to an earlier state.");
        }

        if (row.SignedNote is not null && !(await LogTree.RootAsync(tx, row.SignedSize, ct)).AsSpan().SequenceEqual(row.SignedRoot))
        {
            throw new Fault(FaultKind.Unavailable, "audit/rewritten", $"The log no longer begins with the `{row.SignedSize}` entries that were signed; `candor audit verify` shows where they differ.");
        }

        var note = signer.Sign(new Checkpoint(log.Origin, row.Size, row.Root).ToString());
        await tx.RunAsync("UPDATE audit_head SET signed_size = @Size, signed_root = @Root, signed_note = @note WHERE log = @Log AND size = @Size",
            new { row.Size, row.Root, note, AuditLog.Log }, ct);
        return note;
    }

    /// <summary>The checkpoint for outsiders: the newest that witnesses have signed, if that is the newest there is or a few minutes old at most; else a fresh one.</summary>
    public async ValueTask<string> ServeAsync(Transaction tx, CancellationToken ct) =>
        await CosignedNotes.FindAsync(tx, ct) is { } cosigned && (cosigned.CosignedAt + CosignedCounts > tx.Now || cosigned.Size == (await log.HeadAsync(tx, ct)).Size)
            ? cosigned.Note
            : await SignAsync(tx, ct);

    /// <summary>A proof of one entry that can be checked without this server (C2SP tlog-proof), against the newest checkpoint that witnesses have signed, or a fresh one.</summary>
    public async ValueTask<string> ProveAsync(Transaction tx, string entryOrIndex, CancellationToken ct)
    {
        var index = long.TryParse(entryOrIndex, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && entryOrIndex.Length < 20
            ? number : await log.FindIndexAsync(tx, entryOrIndex, ct);
        var note = await CosignedNotes.FindAsync(tx, ct) is { } cosigned && index < cosigned.Size ? cosigned.Note : await SignAsync(tx, ct);
        var size = Checkpoint.Parse(SignedNote.Open(note, Key)).Size;
        return index < size
            ? new LogProof(index.Value, await LogTree.InclusionAsync(tx, index.Value, size, ct), note).ToString()
            : throw new Fault(FaultKind.NotFound, "audit/no-such-entry", $"The log has no entry `{Name.Shown(entryOrIndex)}`; on PostgreSQL a new one takes up to a second to get its place.");
    }
}

/// <summary>A portable proof (C2SP tlog-proof): index, hashes, checkpoint. File extension <c>.tlog-proof</c>.</summary>
public sealed record LogProof(long Index, IReadOnlyList<byte[]> Hashes, string Checkpoint)
{
    private const string Header = "c2sp.org/tlog-proof@v1";

    public override string ToString() => $"{Header}\nindex {Index}\n{string.Concat(Hashes.Select(h => Convert.ToBase64String(h) + "\n"))}\n{Checkpoint}";

    public static LogProof Parse(string text)
    {
        var split = text.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = split < 0 ? [] : text[..split].Split('\n');
        var at = lines.Length > 1 && lines[1].StartsWith("extra ", StringComparison.Ordinal) ? 2 : 1;
        if (lines.Length <= at || lines[0] != Header || !lines[at].StartsWith("index ", StringComparison.Ordinal)
            || !long.TryParse(lines[at].AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            || lines[(at + 1)..].Select(SignedNote.FromBase64).ToList() is not { } hashes || hashes.Any(h => h is not { Length: Merkle.HashBytes }))
        {
            throw new Fault(FaultKind.Invalid, "audit/bad-proof", $"A proof begins with `{Header}`, then `index N`, hashes in base64, an empty line and a checkpoint.");
        }

        return new LogProof(index, hashes!, text[(split + 2)..]);
    }

    /// <summary>Checks that this entry is in the log of this key, and answers the checkpoint it is in.</summary>
    public Checkpoint Verify(ReadOnlySpan<byte> entry, NoteKey key)
    {
        var head = Audit.Checkpoint.Parse(SignedNote.Open(Checkpoint, key));
        return Merkle.VerifyInclusion(Merkle.LeafHash(entry), Index, head.Size, Hashes, head.Root)
            ? head
            : throw new Fault(FaultKind.Invalid, "audit/not-in-log", "The proof does not lead from this entry to this checkpoint.");
    }
}
