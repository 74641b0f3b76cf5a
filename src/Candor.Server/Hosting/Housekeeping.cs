using Candor.Personalization;

namespace Candor.Server.Hosting;

/// <summary>Work that nobody asks for: places in the log's tree (PostgreSQL, at most a second later), and consents whose time is over.</summary>
internal sealed partial class Housekeeping(CandorHost host, ILogger<Housekeeping> logger) : BackgroundService
{
    private const int Batch = 2000;
    private static readonly TimeSpan SequenceEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KeepUpEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        host.Database.IsClustered ? RepeatAsync(SequenceEvery, () => host.Log.SequenceAsync(Batch, stoppingToken), stoppingToken) : Task.CompletedTask,
        RepeatAsync(ExpireEvery, () => host.Choices.ExpireDueAsync(Batch, stoppingToken), stoppingToken),
        RepeatAsync(KeepUpEvery, () => KeepUpAsync(stoppingToken), stoppingToken));

    /// <summary>The models: made at start, then kept up with time, choices and other nodes.</summary>
    private async Task<int> KeepUpAsync(CancellationToken ct)
    {
        if (!host.Suggestions.IsLoaded)
        {
            await host.Suggestions.LoadAsync(new Progress<ModelProgress>(p => LogLoading(logger, p.Customers)), ct);
        }

        await host.Suggestions.KeepUpAsync(ct);
        return 0;
    }

    /// <summary>Runs a job until it has less than a batch to do, then waits. A failure is logged and tried again after the wait.</summary>
    private async Task RepeatAsync(TimeSpan wait, Func<Task<int>> job, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(wait);
        // Disposed, the timer says that there is no next tick.
        await using var end = stop.Register(timer.Dispose);
        do
        {
            try
            {
                while (await job() == Batch)
                {
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Suggestions: {Customers} customers loaded.")]
    private static partial void LogLoading(ILogger logger, int customers);

    [LoggerMessage(Level = LogLevel.Error, Message = "Scheduled work failed and will be tried again.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
