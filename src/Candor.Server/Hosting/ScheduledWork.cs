namespace Candor.Server.Hosting;

/// <summary>Jobs that run again and again until the server stops.</summary>
internal abstract partial class ScheduledWork(ILogger logger) : BackgroundService
{
    /// <summary>A job that did so much at once has more to do.</summary>
    protected const int Batch = 2000;

    /// <summary>Runs a job until it has less than a batch to do, then waits. A failure is logged and tried again after the wait.</summary>
    protected async Task RepeatAsync(TimeSpan wait, Func<Task<int>> job, CancellationToken stop)
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Scheduled work failed and will be tried again.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
