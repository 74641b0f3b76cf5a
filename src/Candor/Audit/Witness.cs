using System.Globalization;
using System.Text;
using Candor.Kernel;

namespace Candor.Audit;

/// <summary>What a witness answers.</summary>
/// <param name="Status">HTTP status code of C2SP tlog-witness: 200, 400, 403, 404, 409 or 422.</param>
/// <param name="Text">Signature lines with 200; the size it knows, with 409; a sentence with the others.</param>
public sealed record WitnessAnswer(int Status, string Text);

/// <summary>A witness (C2SP tlog-witness): remembers the newest checkpoint of each log that it was told of, and signs a newer one only when the log has done nothing but grow.</summary>
/// <remarks>All it has is one file: its key, the keys of the logs, and what it has seen. The file is replaced as a whole, and on disk, before an answer leaves:
/// a witness that forgets could be shown another history.</remarks>
public sealed class Witness
{
    /// <summary>Of C2SP tlog-witness; a tree of 2^63 entries needs no more.</summary>
    public const int MaxProofLines = 63;

    private const string Header = "candor-witness v1";
    private readonly string file;
    private readonly TimeProvider clock;
    private readonly Cosigner signer;
    private readonly Dictionary<string, NoteKey> logs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Checkpoint> seen = new(StringComparer.Ordinal);
    private readonly Lock turn = new();

    private Witness(string file, TimeProvider clock, Cosigner signer) => (this.file, this.clock, this.signer) = (file, clock, signer);

    public NoteKey Key => signer.Key;

    /// <summary>Names of the logs that it watches, with the size it has last seen.</summary>
    public IReadOnlyList<(string Origin, long Size)> Logs => [.. logs.Keys.Order(StringComparer.Ordinal).Select(o => (o, seen.GetValueOrDefault(o)?.Size ?? 0))];

    /// <summary>Makes the file of a new witness, readable by its owner alone.</summary>
    /// <param name="logKeys">Keys of the logs that it will watch.</param>
    /// <exception cref="Fault">Conflict <c>audit/witness-exists</c>: a key is never written over.</exception>
    public static Witness Create(string file, string name, IReadOnlyList<string> logKeys, TimeProvider clock)
    {
        if (File.Exists(file))
        {
            throw new Fault(FaultKind.Conflict, "audit/witness-exists", $"There is a witness in `{file}` already, and its key is not written over.");
        }

        var witness = new Witness(file, clock, Cosigner.New(name));
        foreach (var text in logKeys)
        {
            witness.Add(NoteKey.Parse(text));
        }

        witness.Save();
        return witness;
    }

    /// <summary>Opens the file of a witness.</summary>
    /// <exception cref="Fault">NotFound <c>audit/no-witness</c>; Invalid <c>audit/bad-witness-file</c> with the line.</exception>
    public static Witness Open(string file, TimeProvider clock)
    {
        if (!File.Exists(file))
        {
            throw new Fault(FaultKind.NotFound, "audit/no-witness", $"There is no witness in `{file}`; `candor witness init` makes one.");
        }

        var lines = File.ReadAllLines(file);
        if (lines is not [Header, var key, ..] || !key.StartsWith("key ", StringComparison.Ordinal))
        {
            throw Bad(file, 1);
        }

        var witness = new Witness(file, clock, Cosigner.Parse(key[4..]));
        for (var i = 2; i < lines.Length; i++)
        {
            witness.Take(lines[i], i + 1);
        }

        return witness;
    }

    /// <summary>Answers one request of the body that C2SP tlog-witness describes.</summary>
    public WitnessAnswer AddCheckpoint(string body)
    {
        if (Read(body) is not var (old, proof, note))
        {
            return new WitnessAnswer(400, $"The body is `old SIZE`, at most {MaxProofLines} hashes in base64, an empty line, and a signed checkpoint.\n");
        }

        if (!logs.TryGetValue(note[..note.IndexOf('\n', StringComparison.Ordinal)], out var key))
        {
            return new WitnessAnswer(404, "This witness does not watch that log.\n");
        }

        Checkpoint next;
        string text;
        try
        {
            text = SignedNote.Open(note, key);
            next = Checkpoint.Parse(text);
        }
        catch (Fault fault)
        {
            return new WitnessAnswer(fault.What == "audit/bad-checkpoint" ? 400 : 403, fault.Message + "\n");
        }

        // One at a time: between the look at the file and the new file there is nobody else.
        lock (turn)
        {
            return old > next.Size ? new WitnessAnswer(400, "The old size is larger than the checkpoint's.\n") : Judge(old, proof, next, text);
        }
    }

    private WitnessAnswer Judge(long old, IReadOnlyList<byte[]> proof, Checkpoint next, string text)
    {
        var known = seen.GetValueOrDefault(next.Origin) ?? new Checkpoint(next.Origin, 0, Merkle.EmptyRoot);
        if (old != known.Size || (known.Size == next.Size && !known.Root.AsSpan().SequenceEqual(next.Root)))
        {
            return new WitnessAnswer(409, string.Create(CultureInfo.InvariantCulture, $"{known.Size}\n"));
        }

        if (!Merkle.VerifyConsistency(known.Size, known.Root, next.Size, next.Root, proof))
        {
            return new WitnessAnswer(422, "The proof does not lead from the checkpoint that this witness has seen to the new one.\n");
        }

        seen[next.Origin] = next;
        try
        {
            Save();
        }
        catch
        {
            // Not on disk, so not seen: a later request is judged by what the file says.
            seen[next.Origin] = known;
            throw;
        }

        return new WitnessAnswer(200, signer.Sign(text, clock.GetUtcNow()));
    }

    private static (long Old, IReadOnlyList<byte[]> Proof, string Note)? Read(string body)
    {
        var split = body.IndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || body.Length == split + 2)
        {
            return null;
        }

        var lines = body[..split].Split('\n');
        var proof = lines[1..].Select(SignedNote.FromBase64).ToList();
        var note = body[(split + 2)..];
        return lines[0].StartsWith("old ", StringComparison.Ordinal) && long.TryParse(lines[0].AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var old)
            && old.ToString(CultureInfo.InvariantCulture) == lines[0][4..] && proof.Count <= MaxProofLines && proof.All(h => h is { Length: Merkle.HashBytes }) && note.Contains('\n', StringComparison.Ordinal)
                ? (old, proof!, note)
                : null;
    }

    private void Add(NoteKey log)
    {
        if (log.IsWitness)
        {
            throw new Fault(FaultKind.Invalid, "audit/not-a-log", $"`{log.Name}` is a witness; the key of a log comes from its `/v1/log/key`.");
        }

        logs[log.Name] = log;
    }

    private void Take(string line, int number)
    {
        switch (line.Split(' ', 2))
        {
            case ["log", var key]:
                Add(NoteKey.Parse(key));
                break;
            case ["seen", var rest] when rest.Split(' ') is [.. var origin, var size, var root] && origin.Length > 0
                && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && SignedNote.FromBase64(root) is { Length: Merkle.HashBytes } hash:
                seen[string.Join(' ', origin)] = new Checkpoint(string.Join(' ', origin), count, hash);
                break;
            default:
                throw Bad(file, number);
        }
    }

    /// <summary>Writes the new file beside the old one, on disk, and puts it in its place. A crash leaves one or the other, whole.</summary>
    private void Save()
    {
        var text = new StringBuilder($"{Header}\nkey {signer.ToSecret()}\n");
        foreach (var log in logs.Values.OrderBy(l => l.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"log {log}\n");
        }

        foreach (var point in seen.Values.OrderBy(s => s.Origin, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"seen {point.Origin} {point.Size} {Convert.ToBase64String(point.Root)}\n");
        }

        DurableFile.Replace(file, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static Fault Bad(string file, int line) => new(FaultKind.Invalid, "audit/bad-witness-file", $"{file}({line}): this is not the file of a witness; `candor witness init` makes one.");
}
