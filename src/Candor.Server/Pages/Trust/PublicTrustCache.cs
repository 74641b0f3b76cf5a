using Candor.Governance;
using Candor.Server.Hosting;

namespace Candor.Server.Pages.Trust;

/// <summary>The facts of the public page, loaded at most once a minute however many ask: a stranger cannot load the database with it.</summary>
internal sealed class PublicTrustCache(CandorHost host) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim one = new(1, 1);
    private volatile Entry? last;

    private sealed record Entry(DateTimeOffset At, PublicFacts Facts);

    public void Dispose() => one.Dispose();

    public async Task<PublicFacts> GetAsync(CancellationToken ct)
    {
        if (Find() is { } known)
        {
            return known;
        }

        await one.WaitAsync(ct);
        try
        {
            if (Find() is { } meanwhile)
            {
                return meanwhile;
            }

            var facts = await PublicFacts.LoadAsync(host.Database, host.Catalogs, host.Checkpoints, host.Witnesses, ct);
            last = new Entry(host.Database.Clock.GetUtcNow(), facts);
            return facts;
        }
        finally
        {
            one.Release();
        }
    }

    private PublicFacts? Find() => last is { } entry && (host.Database.Clock.GetUtcNow() - entry.At).Duration() < Kept ? entry.Facts : null;
}
