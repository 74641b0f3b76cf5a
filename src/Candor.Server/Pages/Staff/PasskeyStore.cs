using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Staff;
using Microsoft.AspNetCore.Identity;

namespace Candor.Server.Pages.Staff;

/// <summary>What the framework's passkey code needs to know of accounts and their keys. It reads; what is to be written, <see cref="StaffSignIn"/> and <see cref="OwnFactors"/> write.</summary>
internal sealed class PasskeyStore(CandorHost host) : IUserPasskeyStore<StaffAccount>
{
    public Task<string> GetUserIdAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult(user.StaffId);

    public Task<string?> GetUserNameAsync(StaffAccount user, CancellationToken cancellationToken) => Task.FromResult(user.Email);

    public Task<StaffAccount?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        host.Database.ReadAsync(tx => host.StaffFactors.FindAsync(tx, userId, cancellationToken), cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(StaffAccount user, CancellationToken cancellationToken) =>
        [.. (await host.Database.ReadAsync(tx => host.StaffFactors.PasskeysAsync(tx, user.StaffId, cancellationToken), cancellationToken)).Select(InfoOf)];

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(StaffAccount user, byte[] credentialId, CancellationToken cancellationToken) =>
        await host.Database.ReadAsync(tx => host.StaffFactors.FindPasskeyAsync(tx, credentialId, cancellationToken), cancellationToken) is { } key && key.StaffId == user.StaffId ? InfoOf(key) : null;

    public async Task<StaffAccount?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) => await host.Database.ReadAsync(async tx =>
        await host.StaffFactors.FindPasskeyAsync(tx, credentialId, cancellationToken) is { } key ? await host.StaffFactors.FindAsync(tx, key.StaffId, cancellationToken) : null, cancellationToken);

    public void Dispose()
    {
    }

    private static UserPasskeyInfo InfoOf(StaffPasskey key) => new(
        key.CredentialId, key.PublicKey, Micros.ToInstant(key.CreatedAtUs), checked((uint)key.SignCount), key.Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        isUserVerified: true, key.IsBackupEligible != 0, key.IsBackedUp != 0, [], []);

    // The framework's interface has more than its passkey code calls.
    Task IUserPasskeyStore<StaffAccount>.AddOrUpdatePasskeyAsync(StaffAccount user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IUserPasskeyStore<StaffAccount>.RemovePasskeyAsync(StaffAccount user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<StaffAccount?> IUserStore<StaffAccount>.FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<string?> IUserStore<StaffAccount>.GetNormalizedUserNameAsync(StaffAccount user, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IUserStore<StaffAccount>.SetNormalizedUserNameAsync(StaffAccount user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IUserStore<StaffAccount>.SetUserNameAsync(StaffAccount user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IdentityResult> IUserStore<StaffAccount>.CreateAsync(StaffAccount user, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IdentityResult> IUserStore<StaffAccount>.UpdateAsync(StaffAccount user, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IdentityResult> IUserStore<StaffAccount>.DeleteAsync(StaffAccount user, CancellationToken cancellationToken) => throw new NotSupportedException();
}
