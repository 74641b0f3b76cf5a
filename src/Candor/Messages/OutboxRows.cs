using Candor.Kernel;
using Candor.Storage;

namespace Candor.Messages;

/// <summary>A message that one node has taken in order to send it.</summary>
/// <param name="Attempts">This one included.</param>
/// <param name="LeaseUntilUs">Until when it is this node's; also the mark by which its claim is known.</param>
/// <param name="NotAfterUs">From when on it is dropped; null: never.</param>
/// <param name="About">The first consent record that it tells of; null where it tells of none.</param>
internal sealed record ClaimedMessage(
    string CustomerId, string MessageId, string Template, string? Purpose, byte[] Sealed, long Attempts, long LeaseUntilUs, long? About, long? NotAfterUs)
{
    public CustomerId Customer => Kernel.CustomerId.Parse(CustomerId);

    public PurposeId? ForPurpose => Purpose is null ? null : PurposeId.Parse(Purpose);
}

/// <summary>The statements of the outbox.</summary>
internal static class OutboxRows
{
    /// <summary>Takes messages that are due. The claim moves the due time to the lease's end, so a node that dies gives them back by itself.</summary>
    public static async ValueTask<IReadOnlyList<ClaimedMessage>> ClaimAsync(Transaction tx, int most, CancellationToken ct)
    {
        var command = tx.Prepared(
            "WITH due (c, m) AS (SELECT customer_id, message_id FROM outbox WHERE state = 'queued' AND not_before_us <= @now ORDER BY not_before_us LIMIT @most" + tx.ForClaim + ") " +
            """
            UPDATE outbox SET lease_until_us = @lease, not_before_us = @lease, attempts = attempts + 1, changed_at_us = @now
            FROM due WHERE customer_id = due.c AND message_id = due.m
            RETURNING customer_id, message_id, template, purpose, sealed, attempts, about, not_after_us
            """);
        var lease = Micros.From(tx.Now + Retry.Lease);
        var claimed = new List<ClaimedMessage>();
        await using var row = await command.Set("@now", tx.NowUs).Set("@most", (long)most).Set("@lease", lease).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            claimed.Add(new ClaimedMessage(row.GetString(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), (byte[])row.GetValue(4),
                row.GetInt64(5), lease, row.IsDBNull(6) ? null : row.GetInt64(6), row.IsDBNull(7) ? null : row.GetInt64(7)));
        }

        return claimed;
    }

    /// <summary>Ends a message as <c>sent</c>, <c>dropped</c> or <c>dead</c>; its values are not needed any more and go.</summary>
    public static async ValueTask EndAsync(Transaction tx, ClaimedMessage message, string state, string? outcome, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET state = @state, outcome = @outcome, sealed = @Nothing, lease_until_us = NULL, changed_at_us = @NowUs
        WHERE customer_id = @CustomerId AND message_id = @MessageId AND state = 'queued' AND lease_until_us = @LeaseUntilUs
        """, new { state, outcome, Nothing = Array.Empty<byte>(), tx.NowUs, message.CustomerId, message.MessageId, message.LeaseUntilUs }, ct);

    /// <summary>True while the claim holds: what was dropped since, or taken by another node after the lease, is not sent here.</summary>
    public static async ValueTask<bool> IsClaimedAsync(Transaction tx, ClaimedMessage message, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(*) FROM outbox WHERE customer_id = @CustomerId AND message_id = @MessageId AND state = 'queued' AND lease_until_us = @LeaseUntilUs",
        new { message.CustomerId, message.MessageId, message.LeaseUntilUs }, ct) > 0;

    /// <summary>Puts a message back, to be tried again later.</summary>
    public static async ValueTask PutBackAsync(Transaction tx, ClaimedMessage message, string outcome, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET outcome = @outcome, lease_until_us = NULL, not_before_us = @Next, changed_at_us = @NowUs
        WHERE customer_id = @CustomerId AND message_id = @MessageId AND state = 'queued' AND lease_until_us = @LeaseUntilUs
        """, new { outcome, Next = Micros.From(tx.Now + Retry.After(message.Attempts)), tx.NowUs, message.CustomerId, message.MessageId, message.LeaseUntilUs }, ct);

    /// <summary>True while a message of a template waits for this customer and nobody is sending it.</summary>
    public static async ValueTask<bool> WaitsAsync(Transaction tx, CustomerId customer, string template, CancellationToken ct) => await tx.FindAsync<long>(
        """
        SELECT count(*) FROM outbox WHERE customer_id = @Customer AND template = @template AND state = 'queued' AND (lease_until_us IS NULL OR lease_until_us <= @NowUs)
        """, new { Customer = customer.Value, template, tx.NowUs }, ct) > 0;

    /// <summary>Drops the other waiting messages of the same template: the one that is being written says it all.</summary>
    public static async ValueTask MergeAsync(Transaction tx, ClaimedMessage into, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET state = 'dropped', outcome = 'merged', sealed = @Nothing, changed_at_us = @NowUs
        WHERE customer_id = @CustomerId AND template = @Template AND state = 'queued' AND message_id <> @MessageId
        """, new { Nothing = Array.Empty<byte>(), tx.NowUs, into.CustomerId, into.Template, into.MessageId }, ct);

    /// <summary>Removes messages that ended before an instant.</summary>
    public static ValueTask<int> PurgeAsync(Transaction tx, string state, DateTimeOffset before, int most, CancellationToken ct) => new(tx.RunAsync(
        """
        DELETE FROM outbox WHERE (customer_id, message_id) IN
            (SELECT customer_id, message_id FROM outbox WHERE state = @state AND changed_at_us < @Before LIMIT @most)
        """, new { state, Before = Micros.From(before), most = (long)most }, ct));

    /// <summary>Messages that were given up, without anything about the receiver.</summary>
    public static async ValueTask<IReadOnlyList<DeadMessage>> DeadAsync(Transaction tx, int most, CancellationToken ct) => await tx.QueryAsync<DeadMessage>(
        "SELECT message_id, template, outcome, attempts, changed_at_us FROM outbox WHERE state = 'dead' ORDER BY changed_at_us DESC LIMIT @Most", new { Most = (long)most }, ct);

    /// <summary>When the message that has waited longest was due; null when none is due.</summary>
    public static async ValueTask<DateTimeOffset?> OldestDueAsync(Transaction tx, CancellationToken ct) => Micros.ToInstant(
        await tx.FindAsync<long?>("SELECT min(not_before_us) FROM outbox WHERE state = 'queued' AND not_before_us <= @NowUs", new { tx.NowUs }, ct));

    /// <summary>How many messages stand how, for people who look after it.</summary>
    public static async ValueTask<IReadOnlyList<OutboxCount>> CountsAsync(Transaction tx, CancellationToken ct)
    {
        var counts = new List<OutboxCount>();
        await using var row = await tx.Prepared("SELECT state, count(*) FROM outbox GROUP BY state").ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            counts.Add(new OutboxCount(row.GetString(0), row.GetInt64(1)));
        }

        return counts;
    }
}

/// <summary>Messages in one state.</summary>
/// <param name="State"><c>queued</c>, <c>sent</c>, <c>dropped</c> or <c>dead</c>.</param>
public sealed record OutboxCount(string State, long Messages);

/// <summary>A message that was given up.</summary>
/// <param name="Outcome">Short word for why the last try failed.</param>
public sealed record DeadMessage(string MessageId, string Template, string? Outcome, long Attempts, long ChangedAtUs);
