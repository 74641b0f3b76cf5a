using Candor.Kernel;

namespace Candor.Staff;

/// <summary>Hashes passwords, a few at a time: each takes 19 MiB and a core, and a crowd of them would be an attack on this server.</summary>
public sealed class PasswordHashing : IDisposable
{
    public const int AtOnce = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly Lazy<PasswordHash> Nobodys = new(() => PasswordHash.Of("nobody has this password"));

    private readonly SemaphoreSlim gate = new(AtOnce);

    /// <exception cref="Fault">Unavailable when too many wait.</exception>
    public Task<PasswordHash> MakeAsync(string password, CancellationToken ct) => RunAsync(() => PasswordHash.Of(password), ct);

    /// <summary>Compares a password with what is kept.</summary>
    /// <param name="kept">Null when there is none: the work is the same, and the answer is no.</param>
    public Task<bool> CheckAsync(string password, string? kept, CancellationToken ct) => RunAsync(
        () => PasswordHash.TryParse(kept, out var hash) ? hash.IsOf(password) : Nobodys.Value.IsOf(password) && false, ct);

    public void Dispose() => gate.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        if (!await gate.WaitAsync(Patience, ct))
        {
            throw new Fault(FaultKind.Unavailable, "staff/busy", "Too many sign in at this moment; wait a minute and try again.");
        }

        try
        {
            return await Task.Run(work, ct);
        }
        finally
        {
            gate.Release();
        }
    }
}
