using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>What is under way between two requests: a passkey's challenge, or a right password that waits for its code. Each counts once, for minutes.</summary>
public static class StaffSteps
{
    /// <summary>A right password waits for its code.</summary>
    public const string Code = "code";

    /// <summary>A passkey is being registered.</summary>
    public const string Register = "register";

    /// <summary>A passkey is asked for.</summary>
    public const string Ask = "ask";

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private const int MostState = 8 * 1024;

    /// <summary>One step.</summary>
    /// <param name="StaffId">Whose it is; null while that is not known.</param>
    public sealed record Row(string Kind, string? StaffId, string State);

    /// <summary>Begins a step.</summary>
    /// <returns>The token that takes it up again; 256 random bits, of which the digest is kept.</returns>
    public static async ValueTask<string> BeginAsync(Transaction tx, string kind, string? staffId, string state, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(state.Length, MostState);
        var token = RandomSecret.New();
        await tx.RunAsync(
            "INSERT INTO staff_step (token_hash, kind, staff_id, state, expires_at_us) VALUES (@hash, @kind, @staffId, @state, @end)",
            new { hash = RandomSecret.HashOf(token), kind, staffId, state, end = Micros.From(tx.Now + Life) }, ct);
        return token;
    }

    /// <summary>Looks at a step without taking it.</summary>
    public static async ValueTask<Row?> FindAsync(Transaction tx, string kind, string? token, CancellationToken ct) => await tx.FindAsync<Row>(
        "SELECT kind, staff_id, state FROM staff_step WHERE token_hash = @hash AND kind = @kind AND expires_at_us > @NowUs", new { hash = RandomSecret.HashOf(token ?? ""), kind, tx.NowUs }, ct);

    /// <summary>Takes a step up; of many at the same moment one succeeds.</summary>
    public static async ValueTask<Row?> TakeAsync(Transaction tx, string kind, string? token, CancellationToken ct) => await tx.FindAsync<Row>(
        "DELETE FROM staff_step WHERE token_hash = @hash AND kind = @kind AND expires_at_us > @NowUs RETURNING kind, staff_id, state", new { hash = RandomSecret.HashOf(token ?? ""), kind, tx.NowUs }, ct);

    /// <summary>Forgets steps that were not taken.</summary>
    public static async ValueTask<int> CleanAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM staff_step WHERE expires_at_us <= @NowUs", new { tx.NowUs }, ct);
}
