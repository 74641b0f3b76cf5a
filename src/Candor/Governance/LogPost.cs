using System.Globalization;
using Candor.Audit;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Governance;

/// <summary>Tells those who watch the log: each day's checkpoint, what looks odd in it, and that it cannot be trusted.</summary>
public sealed class LogPost(Database database, CheckpointSigner signer, Witnesses witnesses, StaffMail mail, Uri site)
{
    public const string Officer = "privacy-officer";
    public const string Auditor = "auditor";

    /// <summary>Anomalies are told together, at most this often.</summary>
    public static readonly TimeSpan FindingsEvery = TimeSpan.FromHours(1);

    /// <summary>A witness that does not answer is a matter for people after this.</summary>
    public static readonly TimeSpan SilenceCounts = TimeSpan.FromDays(1);

    private const string ToldWalk = "self-check-told";

    /// <summary>Both are alarmed: whoever could hide something from one of them would have to hide it from the other as well.</summary>
    private static readonly string[] Watchers = [Auditor, Officer];

    /// <summary>Makes today's checkpoint and mails it, once a day (UTC) across all nodes.</summary>
    /// <returns>1 when it was made now.</returns>
    public Task<int> MailCheckpointAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await new DayCheckpoints(signer).MakeAsync(tx, ct) is not var (today, before))
        {
            return 0;
        }

        var point = Checkpoint.Parse(SignedNote.Open(today.Note, signer.Key));
        var facts = new Dictionary<string, string>
        {
            ["origin"] = point.Origin, ["day"] = today.Day, ["size"] = Text(today.Size), ["key"] = signer.Key.ToString(), ["link"] = new Uri(site, "governance/log/proofs").AbsoluteUri,
            ["witnesses"] = string.Join(", ", witnesses.Known.Where(w => SignedNote.LineOf(today.Note, w.Key) is not null).Select(w => w.Key.Name)),
        };
        if (before is not null)
        {
            facts["grown"] = Text(today.Size - before.Size);
        }

        await mail.QueueAsync(tx, StaffReceiver.Role(Watchers), "log-checkpoint", facts, ct, file: new StaffFile("checkpoint.txt", today.Note));
        return 1;
    }, ct);

    /// <summary>Mails the anomalies that nobody was told of, together, to the privacy officers.</summary>
    /// <returns>How many.</returns>
    public Task<int> MailFindingsAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var found = await AnomalyBook.TakeUntoldAsync(tx, FindingsEvery, ct);
        if (found.Count == 0)
        {
            return 0;
        }

        var names = await LogNames.LoadAsync(tx, ct);
        await mail.QueueAsync(tx, StaffReceiver.Role(Officer), "log-findings", new Dictionary<string, string>
        {
            ["findings"] = string.Join('\n', found.Select(f => string.Join('\t', f.Rule, names.Of(f.Actor).Replace('\t', ' '), Text(f.Amount), Text(f.Usual)))),
            ["link"] = new Uri(site, "governance/anomalies").AbsoluteUri,
        }, ct);
        return found.Count;
    }, ct);

    /// <summary>Raises the alarm for what the self-check found and for what witnesses said, once for each.</summary>
    /// <returns>How many alarms.</returns>
    public Task<int> MailAlarmsAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("audit-alarms", ct);
        var alarms = 0;
        if (await LogWalks.FindAsync(tx, LogSelfCheck.Walk, ct) is { Finding: { } finding, FoundAt: { } foundAt }
            && await LogWalks.FindAsync(tx, ToldWalk, ct) is var told && (told?.Finding != finding || told.FoundAt != foundAt))
        {
            await LogWalks.KeepAsync(tx, ToldWalk, new LogWalk(0, tx.Now, null, null, finding, foundAt), ct);
            await AlarmAsync(tx, "tampered", foundAt, ct);
            alarms++;
        }

        foreach (var witness in await witnesses.StateAsync(tx, ct))
        {
            if (witness is { Problem: { } problem, ProblemAt: { } since, AlarmedAt: null } && (problem != Witnesses.Silent || since + SilenceCounts <= tx.Now))
            {
                await Witnesses.MarkAlarmedAsync(tx, witness.Name, ct);
                await AlarmAsync(tx, problem, since, ct);
                alarms++;
            }
        }

        return alarms;
    }, ct);

    private async ValueTask AlarmAsync(Transaction tx, string problem, DateTimeOffset at, CancellationToken ct) => await mail.QueueAsync(tx, StaffReceiver.Role(Watchers), "log-alarm", new Dictionary<string, string>
    {
        ["problem"] = problem, ["at"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), ["link"] = new Uri(site, "governance/log/proofs").AbsoluteUri,
    }, ct);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
