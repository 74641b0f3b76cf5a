using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>What somebody looks for in the log. What is null does not matter.</summary>
public sealed record LogQuery
{
    /// <summary>An actor as the log names it, such as <c>staff:1f…</c>; or a kind of actor with the colon alone, such as <c>key:</c>.</summary>
    public string? Actor { get; init; }

    public string? Purpose { get; init; }

    public AuditKind? Kind { get; init; }

    public string? DataPoint { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>True: what was refused. False: all else.</summary>
    public bool? IsDenied { get; init; }

    internal bool Matches(AuditEntry entry) => entry.Event is var e
        && (Actor is null || (Actor.EndsWith(':') ? e.Actor.StartsWith(Actor, StringComparison.Ordinal) || e.Actor + ":" == Actor : e.Actor == Actor))
        && (Purpose is null || e.Purpose == Purpose) && (Kind is null || e.Kind == Kind) && (DataPoint is null || e.DataPoints.Contains(DataPoint))
        && (IsDenied is null || e.Kind == AuditKind.Deny == IsDenied) && (From is null || entry.At >= From) && (To is null || entry.At < To);

    /// <summary>Words that a run must have for an entry in it to match.</summary>
    internal IReadOnlyList<string> Words()
    {
        string?[] words =
        [
            Actor is null ? null : Actor.EndsWith(':') ? LogRuns.Words.ActorKind(Actor) : LogRuns.Words.Actor(Actor),
            Purpose is null ? null : LogRuns.Words.Purpose(Purpose),
            (Kind ?? (IsDenied == true ? AuditKind.Deny : null)) is { } kind ? LogRuns.Words.Kind(kind) : null,
            DataPoint is null ? null : LogRuns.Words.DataPoint(DataPoint),
        ];
        return [.. words.OfType<string>().Select(w => "\n" + w + "\n")];
    }
}

/// <summary>A page of what was found, newest first.</summary>
/// <param name="Before">The index to go on before; null when all was looked at. It may be set with nothing found: then the search rests, and goes on from there.</param>
public sealed record LogPage(IReadOnlyList<PlacedEntry> Entries, long? Before);

/// <summary>Looks for entries by what they say. Whom they are about is not one of the questions: <see cref="AuditLog.OfCustomerAsync"/> answers that to those who may ask.</summary>
public sealed class LogSearch(AuditLog log)
{
    /// <summary>Entries read for one page at most: about half a second. After that the page says where to go on.</summary>
    private const long MostRead = 200_000;

    /// <summary>Runs whose words are read at once.</summary>
    private const long Chunk = 64;

    private sealed record RunRow(long Bucket, long FirstUs, long LastUs, string Words);

    /// <param name="before">Exclusive index; null: from the newest on.</param>
    public async ValueTask<LogPage> FindAsync(Transaction tx, LogQuery query, long? before, int count, CancellationToken ct)
    {
        var size = (await log.HeadAsync(tx, ct)).Size;
        var at = Math.Clamp(before ?? size, 0, size);
        var (found, read, words) = (new List<PlacedEntry>(), 0L, query.Words());
        var runs = new Dictionary<long, RunRow>();
        var known = long.MaxValue;
        while (at > 0 && read < MostRead)
        {
            var bucket = (at - 1) / AuditLog.BucketEntries;
            if (bucket < known)
            {
                known = Math.Max(0, bucket - Chunk + 1);
                runs = (await tx.QueryAsync<RunRow>("SELECT bucket, first_us, last_us, words FROM audit_run WHERE log = @Log AND bucket >= @known AND bucket <= @bucket",
                    new { AuditLog.Log, known, bucket }, ct)).ToDictionary(r => r.Bucket);
            }

            var low = bucket * AuditLog.BucketEntries;
            if (!runs.TryGetValue(bucket, out var run) || MayHold(run, query, words))
            {
                read += at - low;
                await ReadAsync(tx, query, low, at, count, found, ct);
                if (found.Count >= count)
                {
                    return new LogPage(found, found[^1].Index > 0 ? found[^1].Index : null);
                }
            }

            at = low;
        }

        return new LogPage(found, at > 0 ? at : null);
    }

    private static bool MayHold(RunRow run, LogQuery query, IReadOnlyList<string> words) =>
        (query.From is not { } from || run.LastUs >= Micros.From(from)) && (query.To is not { } to || run.FirstUs < Micros.From(to)) && words.All(w => run.Words.Contains(w, StringComparison.Ordinal));

    private static async ValueTask ReadAsync(Transaction tx, LogQuery query, long low, long high, int count, List<PlacedEntry> found, CancellationToken ct)
    {
        await using var row = await tx.Prepared("SELECT idx, entry FROM audit_entry WHERE log = @log AND idx >= @low AND idx < @high ORDER BY idx DESC")
            .Set("@log", AuditLog.Log).Set("@low", low).Set("@high", high).ExecuteReaderAsync(ct);
        while (found.Count < count && await row.ReadAsync(ct))
        {
            var bytes = row.GetFieldValue<byte[]>(1);
            if (AuditEntry.Find(bytes) is { } entry && query.Matches(entry))
            {
                found.Add(new PlacedEntry(row.GetInt64(0), bytes, entry));
            }
        }
    }
}
