using Candor.Server.Hosting;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>Reports as they are asked for. One is kept while the newest closed day and the catalog stay the same, and some minutes at most: days can be counted again.</summary>
internal sealed class TrustReports(CandorHost host)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private readonly Lock changing = new();
    private readonly Dictionary<int, (DateTimeOffset At, DateOnly? Last, long Catalog, TrustReport? Report)> made = [];

    /// <summary>Null while no week is counted.</summary>
    /// <param name="weeks">One of <see cref="TrustSpan.Lengths"/>.</param>
    public async Task<TrustReport?> GetAsync(int weeks, CancellationToken ct)
    {
        var now = host.Database.Clock.GetUtcNow();
        var (last, catalog) = await host.Database.ReadAsync(async tx => (await TrustDays.LastAsync(tx, ct), (await host.Catalogs.GetActiveAsync(tx, ct)).Version), ct);
        lock (changing)
        {
            if (made.TryGetValue(weeks, out var known) && (known.Last, known.Catalog) == (last, catalog) && now >= known.At && now - known.At < Kept)
            {
                return known.Report;
            }
        }

        var report = TrustReport.Of(await host.Database.ReadAsync(tx => TrustNumbers.LoadAsync(tx, host.Catalogs, weeks, ct), ct), weeks);
        lock (changing)
        {
            made[weeks] = (now, last, catalog, report);
        }

        return report;
    }
}
