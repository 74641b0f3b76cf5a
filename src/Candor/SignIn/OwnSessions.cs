using System.Security.Cryptography;
using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.SignIn;

/// <summary>A customer's own sessions: where they are signed in, and how to end that.</summary>
public sealed class OwnSessions(Database database, AccessRegister access, PersonalVault vault, AuditLog log, CustomerSignIn signIn)
{
    /// <summary>One session as its owner sees it.</summary>
    /// <param name="Ref">Names it; opens nothing.</param>
    /// <param name="Method">How they signed in: <c>link</c>, <c>token</c>, <c>oidc</c>; null when it is not known.</param>
    /// <param name="SeenAt">When it was last used, to the minute.</param>
    /// <param name="EndsAt">When it ends if it is not used again.</param>
    /// <param name="IsThis">It is the session that asks.</param>
    /// <param name="IsThisBrowser">It was opened by a browser of the same kind in the same network.</param>
    public sealed record Item(string Ref, string? Method, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, DateTimeOffset EndsAt, bool IsThis, bool IsThisBrowser);

    /// <summary>The live sessions, this one first; null when the token is no live session of a customer.</summary>
    public Task<IReadOnlyList<Item>?> ListAsync(CallerToken token, SignInClient client, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        if (await FindAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var mark = signIn.ClientOf(client);
        var rows = await SessionRegister.LiveAsync(tx, "customer", actor.Ref, ct);
        return (IReadOnlyList<Item>?)[.. rows.Select(r => new Item(
            r.SessionRef, r.Method, Micros.ToInstant(r.CreatedAtUs), Micros.ToInstant(r.LastSeenUs ?? r.CreatedAtUs), Micros.ToInstant(r.EndUs), r.SessionRef == actor.Session,
            r.ClientHash is { } hash && CryptographicOperations.FixedTimeEquals(hash, mark))).OrderByDescending(i => i.IsThis)];
    }, ct);

    /// <summary>Ends one session of the customer of this session.</summary>
    /// <returns>How many ended: 0 for a reference of somebody else, or of nobody. Null when the token is no live session.</returns>
    public Task<int?> EndAsync(CallerToken token, string sessionRef, CancellationToken ct) => RunAsync(token, _ => (Name.Shown(sessionRef), null), ct);

    /// <summary>Ends every session of the customer but the one that asks.</summary>
    public Task<int?> EndOthersAsync(CallerToken token, CancellationToken ct) => RunAsync(token, actor => (null, actor.Session), ct);

    private Task<int?> RunAsync(CallerToken token, Func<ActorState, (string? Only, string? But)> which, CancellationToken ct) => database.WriteAsync<int?>(async tx =>
    {
        if (await FindAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var (only, but) = which(actor);
        var ended = only is { Length: 0 } ? 0 : await SessionRegister.EndAsync(tx, "customer", actor.Ref, only, but, ct);
        if (ended > 0)
        {
            var customer = await vault.FindCustomerAsync(tx, CustomerId.Parse(actor.Ref), ct);
            await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = actor.LogName, Session = actor.Session, CustomerRef = customer?.AuditRef, Subject = only is null ? "others-signed-out" : "signed-out:" + only }, ct);
        }

        return ended;
    }, ct);

    private async ValueTask<ActorState?> FindAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Customer, IsRevoked: false } actor && actor.ExpiresAt > tx.Now ? actor : null;
}
