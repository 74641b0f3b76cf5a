using System.Collections.Concurrent;

namespace Candor.Server.Hosting;

/// <summary>Long work that somebody started on a page: one of each name at a time, stopped with the server.</summary>
internal sealed partial class BackgroundRuns(IHostApplicationLifetime lifetime, ILogger<BackgroundRuns> logger)
{
    private readonly ConcurrentDictionary<string, Task> running = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public bool IsRunning(string name) => running.TryGetValue(name, out var task) && !task.IsCompleted;

    /// <summary>Starts work, unless work of that name runs.</summary>
    public void Start(string name, Func<CancellationToken, Task> work)
    {
        lock (gate)
        {
            if (!IsRunning(name))
            {
                running[name] = Task.Run(() => RunAsync(name, work));
            }
        }
    }

    private async Task RunAsync(string name, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // What was done stays; the page says what is left.
        }
        catch (Exception e)
        {
            LogFailed(logger, e, name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The {Name} that was started on a page failed; what was done before stays.")]
    private static partial void LogFailed(ILogger logger, Exception e, string name);
}
