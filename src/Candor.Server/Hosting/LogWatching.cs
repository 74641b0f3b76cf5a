using Candor.Audit;

namespace Candor.Server.Hosting;

/// <summary>Scheduled work around the log: witnesses, the check of its hashes, what a search goes by, anomalies, and mail about all of it. Each goes on where it stopped, on whichever node.</summary>
internal sealed class LogWatching(CandorHost host, ILogger<LogWatching> logger) : ScheduledWork(logger)
{
    private static readonly TimeSpan OftenEnough = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly LogRuns runs = new(host.Database, host.Log);
    private readonly LogSelfCheck check = new(host.Database, host.Log, host.Checkpoints.Key);
    private readonly ActBook acts = new(host.Database, host.Log, host.Settings.Anomalies);
    private bool hasBegun;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(OftenEnough, () => runs.MakeAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(OftenEnough, () => WatchAsync(stoppingToken), stoppingToken),
        RepeatAsync(Minute, async () => { await check.StepAsync(stoppingToken); return await host.LogPost.MailAlarmsAsync(stoppingToken); }, stoppingToken),
        RepeatAsync(OftenEnough, async () => { await host.Witnesses.AskAsync(stoppingToken); return 0; }, stoppingToken),
        RepeatAsync(Minute, () => host.LogPost.MailCheckpointAsync(stoppingToken), stoppingToken));

    private async Task<int> WatchAsync(CancellationToken ct)
    {
        if (!hasBegun)
        {
            await acts.BeginAsync(ct);
            hasBegun = true;
        }

        var taken = await acts.StepAsync(Batch, ct);
        await host.LogPost.MailFindingsAsync(ct);
        return taken;
    }
}
