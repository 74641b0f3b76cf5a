using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>A session to open.</summary>
/// <param name="Kind"><c>staff</c> or <c>customer</c>.</param>
/// <param name="Subject">Staff id or customer id.</param>
/// <param name="Life">From now to its end, however much it is used.</param>
/// <param name="Idle">How long it may rest before it ends; null: as long as it lives.</param>
public sealed record NewSession(string Kind, string Subject, TimeSpan Life, TimeSpan? Idle)
{
    public DateTimeOffset? MfaAt { get; init; }

    /// <summary>How the person signed in, such as <c>link</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Keyed digest of browser and network; null when unknown.</summary>
    public byte[]? Client { get; init; }
}

/// <summary>Sessions: opened, seen, listed, ended.</summary>
public static class SessionRegister
{
    public static readonly TimeSpan StaffLife = TimeSpan.FromHours(12);
    public static readonly TimeSpan StaffIdle = TimeSpan.FromMinutes(30);
    public static readonly TimeSpan CustomerLife = TimeSpan.FromDays(30);
    public static readonly TimeSpan CustomerIdle = TimeSpan.FromDays(7);

    /// <summary>How long an ended session is still known as one that has ended.</summary>
    public static readonly TimeSpan EndedKept = TimeSpan.FromDays(30);

    /// <summary>A use is written down at most this often, so a session may end this much early.</summary>
    public static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(1);

    /// <summary>One live session.</summary>
    public sealed record Row(string SessionRef, string? Method, byte[]? ClientHash, long CreatedAtUs, long? LastSeenUs, long? IdleUs, long ExpiresAtUs)
    {
        /// <summary>Exclusive end, if it is not used again.</summary>
        internal long EndUs => LastSeenUs is { } seen && IdleUs is { } idle ? Math.Min(ExpiresAtUs, seen + idle) : ExpiresAtUs;
    }

    /// <summary>Opens a session. The token is always new: nothing that a browser brought along becomes valid.</summary>
    /// <returns>The token's text, which is not kept, and the reference under which the log names the session.</returns>
    internal static async ValueTask<(string Text, string SessionRef)> OpenAsync(Transaction tx, (string Text, CallerToken Token) made, NewSession session, CancellationToken ct)
    {
        var reference = RandomNumberGenerator.GetHexString(16, lowercase: true);
        await tx.RunAsync(
            """
            INSERT INTO session (token_hash, session_ref, kind, subject, mfa_at_us, created_at_us, expires_at_us, last_seen_us, idle_us, method, client_hash)
            VALUES (@Hash, @reference, @Kind, @Subject, @mfa, @NowUs, @end, @NowUs, @idle, @Method, @Client)
            """,
            new
            {
                made.Token.Hash, reference, session.Kind, session.Subject, mfa = Micros.From(session.MfaAt), tx.NowUs, end = Micros.From(tx.Now + session.Life),
                idle = (long?)session.Idle?.TotalMicroseconds, session.Method, session.Client,
            }, ct);
        return (made.Text, reference);
    }

    /// <summary>True when the use of this actor's session should be written down.</summary>
    public static bool IsDue(ActorState actor, DateTimeOffset now) => actor.LastSeenAt is { } seen && now - seen >= SeenEvery && !actor.IsRevoked && actor.ExpiresAt > now;

    /// <summary>Writes down that a session is in use. One that has ended stays ended.</summary>
    /// <remarks>In a transaction of its own: the ones that look a session up hold its row, and two of them could not both change it.</remarks>
    public static async ValueTask MarkSeenAsync(Transaction tx, CallerToken token, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE session SET last_seen_us = @NowUs
        WHERE token_hash = @Hash AND revoked_at_us IS NULL AND expires_at_us > @NowUs AND last_seen_us <= @due AND (idle_us IS NULL OR last_seen_us + idle_us > @NowUs)
        """, new { token.Hash, tx.NowUs, due = Micros.From(tx.Now - SeenEvery) }, ct);

    /// <summary>A second factor was shown just now: the session goes on under a new token, and the old one counts no more.</summary>
    /// <returns>The new token's text, which is not kept.</returns>
    internal static async ValueTask<string> RenewAsync(Transaction tx, CallerToken token, CancellationToken ct)
    {
        var (text, renewed) = CallerToken.NewSession();
        var changed = await tx.RunAsync(
            "UPDATE session SET token_hash = @to, mfa_at_us = @NowUs, last_seen_us = @NowUs WHERE token_hash = @from AND revoked_at_us IS NULL AND expires_at_us > @NowUs",
            new { to = renewed.Hash, from = token.Hash, tx.NowUs }, ct);
        return changed == 1 ? text : throw new Fault(FaultKind.Conflict, "staff/session-ended", "This session has ended in the meantime; sign in again.");
    }

    /// <summary>How a session was opened; null when that is not known.</summary>
    internal static async ValueTask<string?> MethodAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await tx.FindAsync<string>("SELECT method FROM session WHERE token_hash = @Hash", new { token.Hash }, ct);

    /// <summary>The live sessions of one person, the newest first.</summary>
    public static async ValueTask<IReadOnlyList<Row>> LiveAsync(Transaction tx, string kind, string subject, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(
            """
            SELECT session_ref, method, client_hash, created_at_us, last_seen_us, idle_us, expires_at_us FROM session
            WHERE subject = @subject AND kind = @kind AND revoked_at_us IS NULL AND expires_at_us > @NowUs ORDER BY created_at_us DESC, session_ref
            """, new { kind, subject, tx.NowUs }, ct)).Where(r => r.EndUs > tx.NowUs)];

    /// <summary>How many sessions are live, by kind. Those that rest too long count until they are over.</summary>
    public static async ValueTask<IReadOnlyList<(string Kind, long Sessions)>> CountsAsync(Transaction tx, CancellationToken ct)
    {
        var counts = new List<(string, long)>();
        await using var row = await tx.Prepared("SELECT kind, count(*) FROM session WHERE revoked_at_us IS NULL AND expires_at_us > @now GROUP BY kind").Set("@now", tx.NowUs).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            counts.Add((row.GetString(0), row.GetInt64(1)));
        }

        return counts;
    }

    /// <summary>Ends one session of a person, or all but one.</summary>
    /// <param name="only">The one to end; null for all.</param>
    /// <param name="but">The one to keep; null for none.</param>
    /// <returns>How many.</returns>
    public static async ValueTask<int> EndAsync(Transaction tx, string kind, string subject, string? only, string? but, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE session SET revoked_at_us = @NowUs
        WHERE subject = @subject AND kind = @kind AND revoked_at_us IS NULL AND session_ref <> @but AND (session_ref = @only OR @only = '')
        """, new { kind, subject, tx.NowUs, only = only ?? "", but = but ?? "" }, ct);

    /// <summary>Forgets sessions that ended a while ago.</summary>
    /// <returns>How many.</returns>
    public static async ValueTask<int> CleanAsync(Transaction tx, DateTimeOffset endedBefore, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM session WHERE expires_at_us < @end", new { end = Micros.From(endedBefore) }, ct);
}
