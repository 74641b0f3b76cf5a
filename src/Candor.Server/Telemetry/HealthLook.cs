using Candor.Audit;
using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;

namespace Candor.Server.Telemetry;

/// <summary>Whether this server can answer, and why not. A look is kept for a short while, so that who asks often does not load the database.</summary>
internal sealed class HealthLook(CandorHost host) : IDisposable
{
    /// <summary>The code of a database that does not answer, or does not take a write.</summary>
    public const string Database = "database";

    /// <summary>The code of a log whose end is not what was signed.</summary>
    public const string Log = "log";

    /// <summary>The code of a clock that stands before the newest entry of the log.</summary>
    public const string Clock = "clock";

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    /// <summary>Nodes differ by at most 5 seconds from their database; more than this is a clock that was put back.</summary>
    private static readonly TimeSpan ClockOff = TimeSpan.FromMinutes(1);

    /// <summary>Mails are sent each second.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim one = new(1, 1);
    private (DateTimeOffset At, IReadOnlyList<DoctorCheck> Checks)? last;

    public void Dispose() => one.Dispose();

    /// <summary>Codes of what keeps this server from answering; none when it is ready. Looks at what each request needs, and never at what is kept.</summary>
    public async Task<IReadOnlyList<string>> WhyNotAsync(CancellationToken ct)
    {
        try
        {
            // Writes (nothing) in the way of a read's log entry, so that a full disk shows here first.
            var newest = await host.Database.WriteAsync(async tx =>
            {
                await host.Log.HeadAsync(tx, ct);
                await host.Checkpoints.SignAsync(tx, ct);
                return await AuditLog.NewestAtAsync(tx, ct);
            }, ct);
            return IsOff(newest) ? [Clock] : [];
        }
        catch (Fault fault) when (fault.What.StartsWith("audit/", StringComparison.Ordinal))
        {
            return [Log];
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            return [Database];
        }
    }

    /// <summary>All checks with their findings, at most 5 seconds old: for who looks after the server.</summary>
    public async Task<IReadOnlyList<DoctorCheck>> DetailsAsync(CancellationToken ct)
    {
        await one.WaitAsync(ct);
        try
        {
            var now = host.Database.Clock.GetUtcNow();
            if (last is not { } kept || now - kept.At >= Kept || now < kept.At)
            {
                last = (now, [.. await Doctor.LookAsync(host, ct), await ClockAsync(ct), await OutboxAsync(ct)]);
            }

            return last!.Value.Checks;
        }
        finally
        {
            one.Release();
        }
    }

    private async Task<DoctorCheck> ClockAsync(CancellationToken ct) => IsOff(await host.Database.ReadAsync(tx => AuditLog.NewestAtAsync(tx, ct), ct))
        ? new DoctorCheck(Clock, DoctorState.Fail, "it stands before the newest entry of the log.", "Set it right: consents and sessions end by it.")
        : new DoctorCheck(Clock, DoctorState.Ok, "it goes on from the newest entry of the log");

    private async Task<DoctorCheck> OutboxAsync(CancellationToken ct)
    {
        var due = await host.Database.ReadAsync(tx => MailRoom.OldestDueAsync(tx, ct), ct);
        return due is { } since && host.Database.Clock.GetUtcNow() - since > Stuck
            ? new DoctorCheck("outbox", DoctorState.Warn, $"a mail has been due for more than {Stuck.TotalMinutes:0} minutes.", "Look at the mail relay, and at the server's log.")
            : new DoctorCheck("outbox", DoctorState.Ok, "no mail is stuck");
    }

    private bool IsOff(DateTimeOffset? newest) => newest is { } at && at - host.Database.Clock.GetUtcNow() > ClockOff;
}
