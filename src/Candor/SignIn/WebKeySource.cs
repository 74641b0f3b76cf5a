using Candor.Kernel;

namespace Candor.SignIn;

/// <summary>Where the public keys of a signer come from: an address, a file, or fixed. Kept in memory, and asked for again when they are old or a token
/// names one that is not there.</summary>
public sealed class WebKeySource
{
    /// <summary>Keys are asked for again when they are this old.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>An unknown key id, which anybody can write into a token, asks for them at most this often.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(30);

    /// <summary>When their source does not answer, old ones count this long.</summary>
    public static readonly TimeSpan MaxStale = TimeSpan.FromHours(24);

    private readonly Func<CancellationToken, Task<string>> load;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private Loaded? loaded;
    private Task<Loaded>? loading;
    private DateTimeOffset triedAt = DateTimeOffset.MinValue;

    private sealed record Loaded(IReadOnlyList<WebKey> Keys, DateTimeOffset At);

    /// <param name="load">Gives a key set (RFC 7517).</param>
    public WebKeySource(Func<CancellationToken, Task<string>> load, TimeProvider clock) => (this.load, this.clock) = (load, clock);

    /// <summary>Keys from an <c>https</c> address or a file.</summary>
    public static WebKeySource From(string place, PublicFetch fetch, TimeProvider clock)
    {
        if (Uri.TryCreate(place, UriKind.Absolute, out var address) && !address.IsFile)
        {
            fetch.Check(address);
            return new WebKeySource(ct => fetch.GetTextAsync(address, ct), clock);
        }

        var source = new WebKeySource(ct => File.ReadAllTextAsync(place, ct), clock);
        // A mistake in the file is told at the start, not to the first customer.
        WebKey.ReadSet(File.ReadAllText(place));
        return source;
    }

    /// <summary>The keys that a token may have been signed with: those of its key id, or, when it names none, the only one there is.</summary>
    /// <exception cref="Fault">Unavailable when there are none and their source does not answer.</exception>
    public async Task<IReadOnlyList<WebKey>> FindAsync(SignedToken token, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var current = loaded;
        if (current is null || now - current.At >= MaxAge)
        {
            current = await RefreshAsync(current, ct);
        }

        var found = Fitting(current.Keys, token);
        if (found.Count == 0 && MayTry(now))
        {
            found = Fitting((await RefreshAsync(current, ct)).Keys, token);
        }

        return found;
    }

    private static List<WebKey> Fitting(IReadOnlyList<WebKey> keys, SignedToken token) => token.KeyId is { } id
        ? [.. keys.Where(k => k.Id == id && k.Algorithm == token.Algorithm)]
        : keys.Count == 1 ? [.. keys.Where(k => k.Algorithm == token.Algorithm)] : [];

    private bool MayTry(DateTimeOffset now)
    {
        lock (gate)
        {
            return loading is not null || now - triedAt >= MinInterval;
        }
    }

    /// <summary>Asks again, once for everybody who waits. When that fails, keys that are not too old still count.</summary>
    private async Task<Loaded> RefreshAsync(Loaded? old, CancellationToken ct)
    {
        try
        {
            return await LoadOnceAsync().WaitAsync(ct);
        }
        catch (Exception e) when (e is Fault or IOException or HttpRequestException or UnauthorizedAccessException && !ct.IsCancellationRequested)
        {
            return old is not null && clock.GetUtcNow() - old.At < MaxStale ? old
                : throw new Fault(FaultKind.Unavailable, "sign-in/no-keys", "The keys that signed tokens are checked with cannot be had at the moment; try again later.", e);
        }
    }

    private Task<Loaded> LoadOnceAsync()
    {
        lock (gate)
        {
            if (loading is null && loaded is { } recent && clock.GetUtcNow() - triedAt < MinInterval)
            {
                return Task.FromResult(recent);
            }

            return loading ??= Task.Run(LoadAsync);
        }
    }

    /// <summary>Not cancelled with the request that happened to ask: others wait for it too. The fetch has a time limit of its own.</summary>
    private async Task<Loaded> LoadAsync()
    {
        try
        {
            var fresh = new Loaded(WebKey.ReadSet(await load(CancellationToken.None)), clock.GetUtcNow());
            loaded = fresh;
            return fresh;
        }
        finally
        {
            lock (gate)
            {
                (loading, triedAt) = (null, clock.GetUtcNow());
            }
        }
    }
}
