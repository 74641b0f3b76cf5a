using Candor.Kernel;
using Candor.Storage;

namespace Candor.Collection;

/// <summary>Remembers the answers to repeated writes, so that a retry after a lost answer does nothing twice.</summary>
/// <remarks>The key is claimed before the write and answered after it. A crash in between leaves a claim without answer: the retry runs again, which
/// is safe because every write here is idempotent by itself (values are set, events have ids, a withdrawal is final); the key adds that the answer is the same.</remarks>
public sealed class IdempotencyStore(Database database)
{
    public const int MaxKeyLength = 128;

    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>A claim without an answer is in work for this long; after that its process is taken for dead.</summary>
    private static readonly TimeSpan InWork = TimeSpan.FromSeconds(30);

    /// <summary>SQLite has one process: a claim older than it is of a dead one.</summary>
    private readonly long aliveSinceUs = database.IsClustered ? 0 : Micros.From(database.Clock.GetUtcNow());

    /// <summary>An answer that was given before.</summary>
    public sealed record Answer(int Status, byte[] Body);

    private sealed record Row(byte[] RequestDigest, long? Status, byte[]? Body, long CreatedAtUs);

    /// <summary>Claims a key; the earlier answer when there is one.</summary>
    /// <param name="subject">Look-up digest of the customer whom the request names; null when it names none.</param>
    /// <exception cref="Fault">Invalid when the key was used for another request; Conflict while the first is still in work.</exception>
    public Task<Answer?> ClaimAsync(string caller, string key, byte[] digest, byte[]? subject, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (key.Length is 0 or > MaxKeyLength)
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-idempotency-key", $"An `Idempotency-Key` has 1 to {MaxKeyLength} characters; got `{key.Length}`.");
        }

        await tx.LockJobAsync("idempotency:" + caller + key, ct);
        await tx.RunAsync("DELETE FROM idempotency WHERE created_at_us < @Old", new { Old = Micros.From(tx.Now - Kept) }, ct);
        var row = await tx.FindAsync<Row>("SELECT request_digest, status, body, created_at_us FROM idempotency WHERE caller = @caller AND idem_key = @key", new { caller, key }, ct);
        switch (row)
        {
            case not null when !row.RequestDigest.AsSpan().SequenceEqual(digest):
                throw new Fault(FaultKind.Invalid, "collection/idempotency-key-reused", "This `Idempotency-Key` was used for another request; make a new one for each.");
            case { Status: { } status }:
                return new Answer((int)status, row.Body ?? []);
            case not null when row.CreatedAtUs > Math.Max(aliveSinceUs, Micros.From(tx.Now - InWork)):
                throw new Fault(FaultKind.Conflict, "collection/in-work", "The first request with this `Idempotency-Key` is still in work; ask again in a moment.");
        }

        await tx.RunAsync(
            """
            INSERT INTO idempotency (caller, idem_key, request_digest, subject, created_at_us) VALUES (@caller, @key, @digest, @subject, @NowUs)
            ON CONFLICT (caller, idem_key) DO UPDATE SET created_at_us = excluded.created_at_us
            """, new { caller, key, digest, subject, tx.NowUs }, ct);
        return null;
    }, ct);

    /// <summary>Keeps the answer of a claimed key.</summary>
    public Task AnswerAsync(string caller, string key, int status, byte[] body, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.RunAsync("UPDATE idempotency SET status = @Status, body = @body WHERE caller = @caller AND idem_key = @key", new { caller, key, Status = (long)status, body }, ct);
    }, ct);

    /// <summary>Gives a key free whose request was not answered, so that it can be tried again.</summary>
    public Task ReleaseAsync(string caller, string key, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.RunAsync("DELETE FROM idempotency WHERE caller = @caller AND idem_key = @key AND status IS NULL", new { caller, key }, ct);
    }, ct);

    /// <summary>Forgets the answers to requests that named a customer; part of erasure.</summary>
    public static async ValueTask EraseAsync(Transaction tx, byte[] subject, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM idempotency WHERE subject = @subject", new { subject }, ct);
}
