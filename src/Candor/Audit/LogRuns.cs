using System.Text;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>What each full run of the log is about, in a few words, so that a search passes over runs that hold nothing it looks for.</summary>
/// <remarks>Made after the fact by scheduled work: an index beside the entries would cost a write, and often a page of its own, on the path of every read.</remarks>
public sealed class LogRuns(Database database, AuditLog log)
{
    private sealed record EntryRow(byte[] Entry);

    /// <summary>A run's words: one a line, each between newlines.</summary>
    internal static class Words
    {
        public static string Actor(string actor) => "a:" + actor;

        /// <summary>The kind of actor: what stands before the colon.</summary>
        public static string ActorKind(string actor) => "k:" + actor.Split(':')[0];

        public static string Purpose(string purpose) => "p:" + purpose;

        public static string DataPoint(string point) => "d:" + point;

        public static string Kind(AuditKind kind) => "e:" + (int)kind;

        public static IEnumerable<string> Of(AuditEvent e)
        {
            yield return Actor(e.Actor);
            yield return ActorKind(e.Actor);
            yield return Kind(e.Kind);
            if (e.Purpose is { } purpose)
            {
                yield return Purpose(purpose);
            }

            foreach (var point in e.DataPoints)
            {
                yield return DataPoint(point);
            }
        }
    }

    /// <summary>Makes the words of full runs that have none yet.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> MakeAsync(int most, CancellationToken ct)
    {
        for (var made = 0; made < most; made++)
        {
            var run = await database.ReadAsync(tx => NextAsync(tx, ct), ct);
            if (run is not var (bucket, first, last, words))
            {
                return made;
            }

            await database.WriteAsync(async tx => await tx.RunAsync(
                "INSERT INTO audit_run (log, bucket, first_us, last_us, words) VALUES (@Log, @bucket, @first, @last, @words) ON CONFLICT (log, bucket) DO NOTHING",
                new { AuditLog.Log, bucket, first, last, words }, ct), ct);
        }

        return most;
    }

    private async ValueTask<(long Bucket, long FirstUs, long LastUs, string Words)?> NextAsync(Transaction tx, CancellationToken ct)
    {
        var bucket = await tx.FindAsync<long>("SELECT coalesce(max(bucket), -1) + 1 FROM audit_run WHERE log = @Log", new { AuditLog.Log }, ct);
        if ((bucket + 1) * AuditLog.BucketEntries > (await log.HeadAsync(tx, ct)).Size)
        {
            return null;
        }

        var rows = await tx.QueryAsync<EntryRow>("SELECT entry FROM audit_entry WHERE log = @Log AND idx >= @low AND idx < @high ORDER BY idx",
            new { AuditLog.Log, low = bucket * AuditLog.BucketEntries, high = (bucket + 1) * AuditLog.BucketEntries }, ct);
        var words = new SortedSet<string>(StringComparer.Ordinal);
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var row in rows)
        {
            if (AuditEntry.Find(row.Entry) is not { } entry)
            {
                continue;
            }

            (first, last) = (Math.Min(first, Micros.From(entry.At)), Math.Max(last, Micros.From(entry.At)));
            words.UnionWith(Words.Of(entry.Event));
        }

        return (bucket, first, last, words.Aggregate(new StringBuilder("\n"), (text, word) => text.Append(word).Append('\n')).ToString());
    }
}
