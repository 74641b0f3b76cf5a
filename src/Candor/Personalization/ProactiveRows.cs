using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>A customer whom a node has taken in order to look at them for a rule.</summary>
/// <param name="Mark">Changes with everything that happens to the row, so that nothing is done on what is no longer so.</param>
/// <param name="IsTold">The customer was written to, and the row waits for nothing but its end.</param>
internal sealed record ClaimedDue(CustomerId Customer, string Rule, string Mark, bool IsTold);

/// <summary>The statements of proactive messages.</summary>
internal static class ProactiveRows
{
    /// <summary>How long a node has for a customer it took; after that another one takes them.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private const int MarkLength = 16;

    private sealed record WalkRow(long CatalogVersion, string? AfterCustomer);

    /// <summary>Sets when a customer is looked at next.</summary>
    /// <param name="isMoved">False: an earlier instant stays.</param>
    public static async ValueTask SetAsync(Transaction tx, CustomerId customer, string rule, DateTimeOffset due, bool isMoved, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO proactive_due (customer_id, rule, due_at_us, mark, is_told) VALUES (@Customer, @rule, @Due, @Mark, 0)
        ON CONFLICT (customer_id, rule) DO UPDATE SET mark = excluded.mark, is_told = 0,
            due_at_us = CASE WHEN @IsMoved = 0 AND proactive_due.due_at_us < excluded.due_at_us THEN proactive_due.due_at_us ELSE excluded.due_at_us END
        """, new { Customer = customer.Value, rule, Due = Micros.From(due), Mark = NewMark(), IsMoved = isMoved ? 1L : 0L }, ct);

    /// <summary>Nothing is waited for any more.</summary>
    /// <returns>False when nothing was.</returns>
    public static async ValueTask<bool> RemoveAsync(Transaction tx, CustomerId customer, string rule, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM proactive_due WHERE customer_id = @Customer AND rule = @rule", new { Customer = customer.Value, rule }, ct) > 0;

    public static async ValueTask<bool> ExistsAsync(Transaction tx, CustomerId customer, string rule, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM proactive_due WHERE customer_id = @Customer AND rule = @rule", new { Customer = customer.Value, rule }, ct) > 0;

    /// <summary>Takes customers who are due, whoever has waited longest first.</summary>
    public static async ValueTask<IReadOnlyList<ClaimedDue>> ClaimAsync(Transaction tx, int most, CancellationToken ct)
    {
        var command = tx.Prepared(
            "WITH due (c, r) AS (SELECT customer_id, rule FROM proactive_due WHERE due_at_us <= @now ORDER BY due_at_us LIMIT @most" + tx.ForClaim + ") " +
            """
            UPDATE proactive_due SET due_at_us = @lease FROM due WHERE customer_id = due.c AND rule = due.r
            RETURNING customer_id, rule, mark, is_told
            """);
        var claimed = new List<ClaimedDue>();
        await using var row = await command.Set("@now", tx.NowUs).Set("@most", (long)most).Set("@lease", Micros.From(tx.Now + Lease)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            claimed.Add(new ClaimedDue(CustomerId.Parse(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetInt64(3) != 0));
        }

        return claimed;
    }

    /// <summary>True while nothing has happened to the customer, as far as the rule cares, since they were taken.</summary>
    public static async ValueTask<bool> IsCurrentAsync(Transaction tx, ClaimedDue due, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(*) FROM proactive_due WHERE customer_id = @Customer AND rule = @Rule AND mark = @Mark", new { Customer = due.Customer.Value, due.Rule, due.Mark }, ct) > 0;

    /// <summary>Sets when a customer who was looked at is looked at again; null: not before something happens.</summary>
    public static async ValueTask SettleAsync(Transaction tx, ClaimedDue due, DateTimeOffset? next, bool isTold, CancellationToken ct) => await tx.RunAsync(
        next is null ? "DELETE FROM proactive_due WHERE customer_id = @Customer AND rule = @Rule AND mark = @Mark"
            : "UPDATE proactive_due SET due_at_us = @Next, is_told = @IsTold WHERE customer_id = @Customer AND rule = @Rule AND mark = @Mark",
        new { Customer = due.Customer.Value, due.Rule, due.Mark, Next = Micros.From(next), IsTold = isTold ? 1L : 0L }, ct);

    public static async ValueTask<bool> IsToldAsync(Transaction tx, CustomerId customer, string rule, string about, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(*) FROM proactive_message WHERE customer_id = @Customer AND rule = @rule AND about = @about", new { Customer = customer.Value, rule, about }, ct) > 0;

    public static async ValueTask TellAsync(Transaction tx, CustomerId customer, string rule, string about, string messageId, CancellationToken ct) => await tx.RunAsync(
        "INSERT INTO proactive_message (customer_id, rule, about, message_id, queued_at_us) VALUES (@Customer, @rule, @about, @messageId, @NowUs)",
        new { Customer = customer.Value, rule, about, messageId, tx.NowUs }, ct);

    /// <summary>When messages were queued for a customer after an instant, oldest first.</summary>
    /// <param name="rule">Of one rule; null: of all.</param>
    public static async ValueTask<IReadOnlyList<DateTimeOffset>> QueuedAsync(Transaction tx, CustomerId customer, string? rule, DateTimeOffset after, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<long>(
            """
            SELECT min(queued_at_us) FROM proactive_message WHERE customer_id = @Customer AND (@IsAll = 1 OR rule = @Rule) AND queued_at_us > @After
            GROUP BY message_id ORDER BY 1
            """, new { Customer = customer.Value, IsAll = rule is null ? 1L : 0L, Rule = rule ?? "", After = Micros.From(after) }, ct)).Select(Micros.ToInstant),
    ];

    public static async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM proactive_due WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM proactive_message WHERE customer_id = @Value", new { customer.Value }, ct);
    }

    /// <summary>Removes what a customer was written to about before an instant.</summary>
    public static async ValueTask<int> PurgeAsync(Transaction tx, DateTimeOffset before, int most, CancellationToken ct) => await tx.RunAsync(
        """
        DELETE FROM proactive_message WHERE (customer_id, rule, about) IN (SELECT customer_id, rule, about FROM proactive_message WHERE queued_at_us < @Before LIMIT @most)
        """, new { Before = Micros.From(before), most = (long)most }, ct);

    /// <summary>Where the walk through all customers for a catalog goes on; null: it is done.</summary>
    public static async ValueTask<string?> WalkFromAsync(Transaction tx, long catalogVersion, CancellationToken ct)
    {
        var walk = await tx.FindAsync<WalkRow>("SELECT catalog_version AS CatalogVersion, after_customer AS AfterCustomer FROM proactive_walk WHERE id = 1", null, ct);
        return walk?.CatalogVersion == catalogVersion ? walk.AfterCustomer : "";
    }

    /// <param name="after">Null: it is done.</param>
    public static async ValueTask KeepWalkAsync(Transaction tx, long catalogVersion, string? after, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO proactive_walk (id, catalog_version, after_customer) VALUES (1, @catalogVersion, @after)
        ON CONFLICT (id) DO UPDATE SET catalog_version = excluded.catalog_version, after_customer = excluded.after_customer
        """, new { catalogVersion, after }, ct);

    private static string NewMark() => RandomNumberGenerator.GetHexString(MarkLength, lowercase: true);
}
