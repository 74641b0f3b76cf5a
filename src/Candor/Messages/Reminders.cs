using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Reminds customers of their choices and rights. Each customer has one instant at which to look at them again, so nobody else is looked at.</summary>
public sealed class Reminders(Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, Outbox outbox)
{
    private const string Job = "reminders";

    /// <summary>Customers to one transaction, so that nobody waits long for their locks.</summary>
    private const int Batch = 100;

    private sealed record Row(long? DueAtUs, long? SentAtUs, long? RefusalsAskedAtUs, long? ExpiryAskedAtUs);

    private sealed record WalkRow(long CatalogVersion, string? AfterCustomer);

    /// <summary>Works out anew when a customer is due; part of changing a choice.</summary>
    internal async ValueTask PlanAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, CancellationToken ct)
    {
        var state = await StateAsync(tx, customer, ct);
        await SaveAsync(tx, customer, ReminderPlan.Next(catalog, await ledger.StateAsync(tx, customer, ct), customer, state, tx.Now), state, ct);
    }

    /// <summary>Queues the mails that are due.</summary>
    /// <returns>How many customers were looked at; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> RunDueAsync(int most, CancellationToken ct)
    {
        var done = 0;
        for (var last = Batch; last == Batch && done < most; done += last)
        {
            last = await database.WriteAsync(tx => RunBatchAsync(tx, Math.Min(Batch, most - done), ct), ct);
        }

        return done;
    }

    /// <summary>Looks at all customers once for each catalog, in steps that go on where the last one stopped, also after a restart: a new catalog has other intervals.</summary>
    /// <returns>How many; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> WalkAsync(int most, CancellationToken ct)
    {
        var done = 0;
        for (var last = Batch; last == Batch && done < most; done += last)
        {
            last = await database.WriteAsync(tx => WalkBatchAsync(tx, Math.Min(Batch, most - done), ct), ct);
        }

        return done;
    }

    private async ValueTask<int> RunBatchAsync(Transaction tx, int most, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var due = await tx.QueryAsync<string>("SELECT customer_id FROM reminder WHERE due_at_us <= @NowUs ORDER BY due_at_us LIMIT @most", new { tx.NowUs, most = (long)most }, ct);
        // One order of locks for all who take several.
        foreach (var customer in due.Order(StringComparer.Ordinal).Select(CustomerId.Parse))
        {
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            await RunAsync(tx, customer, catalog, ct);
        }

        return due.Count;
    }

    private async ValueTask RunAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, CancellationToken ct)
    {
        if (await vault.FindCustomerAsync(tx, customer, ct) is not { } key)
        {
            await tx.RunAsync("DELETE FROM reminder WHERE customer_id = @Value", new { customer.Value }, ct);
            return;
        }

        var (state, choices) = (await StateAsync(tx, customer, ct), await ledger.StateAsync(tx, customer, ct));
        if (ReminderPlan.At(catalog, choices, customer, state, tx.Now) is { } mail)
        {
            // Who has no address, or has all uses held still, is passed over until the next time.
            if (await ledger.RestrictedSinceAsync(tx, customer, ct) is null && await Addresses.HasAsync(tx, vault, key, catalog, ct))
            {
                var values = new Dictionary<string, string> { ["expiring"] = string.Join(' ', mail.Expiring), ["ask"] = string.Join(' ', mail.Ask) };
                await outbox.QueueAsync(tx, key, new OutgoingMessage(mail.Template, null, values), ct);
            }

            state = state.After(mail, tx.Now);
        }

        await SaveAsync(tx, customer, ReminderPlan.Next(catalog, choices, customer, state, tx.Now), state, ct);
    }

    private async ValueTask<int> WalkBatchAsync(Transaction tx, int most, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var walk = await tx.FindAsync<WalkRow>("SELECT catalog_version AS CatalogVersion, after_customer AS AfterCustomer FROM reminder_walk WHERE id = 1", null, ct);
        if (walk is { AfterCustomer: null } && walk.CatalogVersion == catalog.Version)
        {
            return 0;
        }

        var customers = await vault.IdsAsync(tx, walk?.CatalogVersion == catalog.Version ? walk.AfterCustomer! : "", most, ct);
        foreach (var customer in customers)
        {
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            await PlanAsync(tx, customer, catalog, ct);
        }

        await tx.RunAsync(
            """
            INSERT INTO reminder_walk (id, catalog_version, after_customer) VALUES (1, @Version, @After)
            ON CONFLICT (id) DO UPDATE SET catalog_version = excluded.catalog_version, after_customer = excluded.after_customer
            """, new { catalog.Version, After = customers.Count == most ? customers[^1].Value : null }, ct);
        return customers.Count;
    }

    private static async ValueTask<ReminderState> StateAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.FindAsync<Row>(
            "SELECT due_at_us AS DueAtUs, sent_at_us AS SentAtUs, refusals_asked_at_us AS RefusalsAskedAtUs, expiry_asked_at_us AS ExpiryAskedAtUs FROM reminder WHERE customer_id = @Value",
            new { customer.Value }, ct) is { } row
            ? new ReminderState(Micros.ToInstant(row.SentAtUs), Micros.ToInstant(row.RefusalsAskedAtUs), Micros.ToInstant(row.ExpiryAskedAtUs))
            : new ReminderState();

    private static async ValueTask SaveAsync(Transaction tx, CustomerId customer, DateTimeOffset? due, ReminderState state, CancellationToken ct)
    {
        var row = new { Customer = customer.Value, Due = Micros.From(due), Sent = Micros.From(state.SentAt), Refusals = Micros.From(state.RefusalsAskedAt), Expiry = Micros.From(state.ExpiryAskedAt) };
        var isNothing = due is null && state == new ReminderState();
        await tx.RunAsync(isNothing ? "DELETE FROM reminder WHERE customer_id = @Customer" :
            """
            INSERT INTO reminder (customer_id, due_at_us, sent_at_us, refusals_asked_at_us, expiry_asked_at_us) VALUES (@Customer, @Due, @Sent, @Refusals, @Expiry)
            ON CONFLICT (customer_id) DO UPDATE SET due_at_us = excluded.due_at_us, sent_at_us = excluded.sent_at_us,
                refusals_asked_at_us = excluded.refusals_asked_at_us, expiry_asked_at_us = excluded.expiry_asked_at_us
            """, row, ct);
    }
}
