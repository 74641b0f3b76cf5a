using System.Security.Cryptography;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>A member of staff's own sessions: where they are signed in, and how to end that.</summary>
public sealed class StaffSessions(Database database, StaffSignIn signIn, AuditLog log)
{
    /// <summary>One session as its owner sees it.</summary>
    /// <param name="Ref">Names it; opens nothing.</param>
    /// <param name="Method">How they signed in, such as <c>passkey</c>; null when it is not known.</param>
    /// <param name="SeenAt">When it was last used, to the minute.</param>
    /// <param name="EndsAt">When it ends if it is not used again.</param>
    /// <param name="IsThis">It is the session that asks.</param>
    /// <param name="IsThisBrowser">It was opened by a browser of the same kind in the same network.</param>
    public sealed record Item(string Ref, string? Method, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, DateTimeOffset EndsAt, bool IsThis, bool IsThisBrowser);

    /// <summary>The live sessions, this one first; empty when the token is no live session.</summary>
    /// <param name="browser">Keyed digest of the browser that asks.</param>
    public Task<IReadOnlyList<Item>> ListAsync(CallerToken token, byte[] browser, CancellationToken ct) => database.ReadAsync<IReadOnlyList<Item>>(async tx =>
        await signIn.FindLiveAsync(tx, token, ct) is { } actor
            ? [.. (await SessionRegister.LiveAsync(tx, "staff", actor.Ref, ct)).Select(r => new Item(
                r.SessionRef, r.Method, Micros.ToInstant(r.CreatedAtUs), Micros.ToInstant(r.LastSeenUs ?? r.CreatedAtUs), Micros.ToInstant(r.EndUs), r.SessionRef == actor.Session,
                r.ClientHash is { } hash && CryptographicOperations.FixedTimeEquals(hash, browser))).OrderByDescending(i => i.IsThis)]
            : [], ct);

    /// <summary>Ends one session of the same person, or all but the one that asks.</summary>
    /// <param name="only">Null: all others.</param>
    /// <returns>How many ended.</returns>
    public Task<int> EndAsync(CallerToken token, string? only, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (await signIn.FindLiveAsync(tx, token, ct) is not { } actor || only is { Length: 0 })
        {
            return 0;
        }

        var ended = await SessionRegister.EndAsync(tx, "staff", actor.Ref, only, only is null ? actor.Session : null, ct);
        if (ended > 0)
        {
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Login, Actor = actor.LogName, Session = actor.Session, Subject = only is null ? "others-signed-out" : "signed-out:" + Name.Shown(only),
            }, ct);
        }

        return ended;
    }, ct);
}
