using Candor.Catalog;

namespace Candor.Messages;

/// <summary>Hands letters to the relay or the folder. One at a time.</summary>
internal sealed class MailPost(MailSettings settings, Uri site, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Claimed in one transaction.</summary>
    private const int Batch = 20;

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

    /// <summary>Sends what is due, a few at a time, and then lets the route rest. One that fails does not hold up the others; that it failed is told at the end.</summary>
    /// <param name="claim">Takes at most so many that are due; fewer means that there are no more.</param>
    /// <param name="send">Sends one and keeps what came of it; the exception where something went wrong that nobody expected.</param>
    /// <returns>How many were looked at.</returns>
    public async Task<int> SendAllAsync<T>(int most, Func<int, Task<IReadOnlyList<T>>> claim, Func<T, Task<Exception?>> send)
    {
        var (done, failures) = (0, new List<Exception>());
        try
        {
            for (var last = Batch; last == Batch && done < most; done += last)
            {
                var claimed = await claim(Math.Min(Batch, most - done));
                foreach (var row in claimed)
                {
                    if (await send(row) is { } failure)
                    {
                        failures.Add(failure);
                    }
                }

                last = claimed.Count;
            }
        }
        finally
        {
            await RestAsync();
        }

        return failures.Count == 0 ? done : throw new AggregateException(failures);
    }

    /// <summary>Nothing more is to be sent for now.</summary>
    private async Task RestAsync()
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
