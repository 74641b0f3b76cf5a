using Candor.Catalog;

namespace Candor.Messages;

/// <summary>Hands letters to the relay or the folder. One at a time.</summary>
internal sealed class MailPost(MailSettings settings, Uri site, TimeProvider clock) : IAsyncDisposable
{
    private readonly MailRoute route = MailRoute.Of(settings);
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <returns>Null when it left; else why not.</returns>
    public async Task<MailFailure?> SendAsync(Letter letter, Organisation organisation, CancellationToken ct)
    {
        using var mail = letter.ToMail(organisation, settings.From ?? organisation.Contact, site.Host, clock.GetUtcNow());
        await turn.WaitAsync(ct);
        try
        {
            await route.SendAsync(mail, ct);
            return null;
        }
        catch (MailFailure failure)
        {
            return failure;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Nothing more is to be sent for now.</summary>
    public async Task RestAsync()
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            await route.RestAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await route.DisposeAsync();
        turn.Dispose();
    }
}
