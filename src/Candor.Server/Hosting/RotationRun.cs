namespace Candor.Server.Hosting;

/// <summary>One rotation of the key-encryption key at a time, in the background. Stopped with the server, it goes on when it is started again.</summary>
internal sealed partial class RotationRun(CandorHost host, IHostApplicationLifetime lifetime, ILogger<RotationRun> logger)
{
    private readonly Lock gate = new();
    private Task? running;

    public bool IsRunning
    {
        get
        {
            lock (gate)
            {
                return running is { IsCompleted: false };
            }
        }
    }

    /// <summary>Starts one, unless one runs.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (running is null or { IsCompleted: true })
            {
                running = Task.Run(RunAsync);
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await host.KeyCare.RotateAsync(lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // What was rewrapped stays so; the page says how much is left.
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The rotation of the key-encryption key stopped; what was done stays, and starting it again goes on.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
