using Candor.Server.Hosting;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>Reports as they are asked for. One is kept for some seconds, so that a page and its pictures are made of one.</summary>
internal sealed class TrustReports(CandorHost host)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(20);
    private readonly Lock changing = new();
    private readonly Dictionary<int, (DateTimeOffset At, TrustReport? Report)> made = [];

    /// <summary>Null while no week is counted.</summary>
    /// <param name="weeks">One of <see cref="TrustSpan.Lengths"/>.</param>
    public async Task<TrustReport?> GetAsync(int weeks, CancellationToken ct)
    {
        var now = host.Database.Clock.GetUtcNow();
        lock (changing)
        {
            if (made.TryGetValue(weeks, out var known) && now >= known.At && now - known.At < Kept)
            {
                return known.Report;
            }
        }

        var report = TrustReport.Of(await host.Database.ReadAsync(tx => TrustNumbers.LoadAsync(tx, host.Catalogs, weeks, ct), ct), weeks);
        lock (changing)
        {
            made[weeks] = (now, report);
        }

        return report;
    }
}
