using System.Threading.Channels;

namespace Candor.Server.Hosting;

/// <summary>Serves those who asked for a link by e-mail: at once when kicked, and now and then for what another node or an earlier run left behind.</summary>
internal sealed partial class LinkSender(CandorHost host, ILogger<LinkSender> logger) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(20);
    private readonly Channel<bool> kicks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Somebody waits.</summary>
    public void Kick() => kicks.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = new Timer(_ => Kick(), null, TimeSpan.Zero, LookEvery);
        try
        {
            await foreach (var _ in kicks.Reader.ReadAllAsync(stoppingToken))
            {
                await ServeAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; who still waits is served at the next start.
        }
    }

    private async Task ServeAsync(CancellationToken stop)
    {
        try
        {
            while (await host.Links.SendDueAsync(Batch, stop) == Batch)
            {
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Links to sign in could not be sent and will be tried again.")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
