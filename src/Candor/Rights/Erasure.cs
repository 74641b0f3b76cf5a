using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What else goes in the same step as a customer: what a module keeps of them in tables of its own, and what models learned from them.</summary>
/// <remarks>Runs in the transaction of the erasure, with the customer's lock held and the key still there; if it fails, nothing is erased.</remarks>
public delegate ValueTask ErasureStep(Transaction tx, CustomerKey customer, CancellationToken ct);

/// <summary>Tells somebody else that a customer is erased, such as the business's other systems. Runs in the transaction of the erasure, after it.</summary>
public delegate ValueTask ErasureNotice(Transaction tx, ErasureContact contact, Erased erased, CancellationToken ct);

/// <summary>Counts something of a customer that erasure will take, for the preview.</summary>
public delegate ValueTask<long> ErasureCount(Transaction tx, CustomerId customer, CancellationToken ct);

/// <summary>What an erasure did.</summary>
/// <param name="Entry">Id of the log entry.</param>
/// <param name="BackupsUntil">By then the last backup that may hold the customer's sealed data is gone.</param>
/// <param name="Held">What the law makes the business keep; empty when nothing.</param>
/// <param name="Scan">What was found when every table of customers was looked through afterwards.</param>
public sealed record Erased(string Entry, DateTimeOffset At, DateTimeOffset BackupsUntil, IReadOnlyList<HeldCount> Held, ErasureScan Scan);

/// <summary>Erases a customer in one step: key, values, look-ups, choices, sessions, messages, model traces. What is left is what the law demands, and the word that it was done.</summary>
public sealed class Erasure(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, HeldVault held, Outbox outbox, AccessRegister access,
    ReadBudget budget, SystemRead reads)
{
    private readonly List<ErasureStep> steps = [];
    private readonly List<(string What, ErasureCount Count)> counts = [];
    private readonly List<ErasureNotice> notices = [];
    private int waiting;

    /// <summary>Adds a step that every erasure takes from now on. At start only.</summary>
    public void AlsoDo(ErasureStep step) => steps.Add(step);

    /// <summary>Adds somebody who is told of each erasure from now on. At start only.</summary>
    public void AlsoTell(ErasureNotice notice) => notices.Add(notice);

    /// <summary>Adds something that the preview counts. At start only.</summary>
    /// <param name="what">Name of its text: <c>preview.WHAT</c> in <c>Texts/erasure</c>.</param>
    public void AlsoCount(string what, ErasureCount count) => counts.Add((what, count));

    /// <summary>What erasing this customer would do. Nothing is opened, so the records that stay are counted by their age alone.</summary>
    /// <exception cref="Fault">NotFound or Erased when there is no such customer.</exception>
    public async ValueTask<ErasurePreview> PreviewAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        _ = await GetAsync(tx, customer, ct);
        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        var kept = new List<HeldCount>();
        foreach (var rule in Rules(catalog))
        {
            var ends = (await CustomerValues.TimesAsync(tx, customer, rule.DataPoint, ct)).Select(rule.For.After).Where(end => end > tx.Now).ToList();
            if (ends.Count > 0)
            {
                kept.Add(new HeldCount(rule.DataPoint, ends.Count, ends.Max()));
            }
        }

        var also = new List<(string What, long Count)>();
        foreach (var (what, count) in counts)
        {
            also.Add((what, await count(tx, customer, ct)));
        }

        return new ErasurePreview(catalog, await CustomerValues.CountAsync(tx, customer, ct), kept, also, catalog.Organisation.BackupsKept.After(tx.Now));
    }

    /// <summary>Erases in the caller's transaction, without a farewell.</summary>
    public ValueTask<Erased> EraseAsync(Transaction tx, CustomerId customer, string by, CancellationToken ct) => EraseAsync(tx, customer, by, null, ct);

    /// <summary>Erases in the caller's transaction. Call <see cref="FinishAsync"/> once it is committed.</summary>
    /// <param name="by">Who does it, as the log names them.</param>
    /// <param name="contact">Who is told that it is done, read before in a transaction of its own by <see cref="FindContactAsync"/>; null: nobody.</param>
    /// <exception cref="Fault">Erased when it was done before; NotFound when there is no such customer.</exception>
    public async ValueTask<Erased> EraseAsync(Transaction tx, CustomerId customer, string by, ErasureContact? contact, CancellationToken ct)
    {
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        var key = await GetAsync(tx, customer, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var digest = await CustomerValues.FindReferenceDigestAsync(tx, customer, ct);
        var kept = digest is null ? [] : await held.HoldAsync(tx, key, digest, Rules(catalog.Catalog), ct);
        await RemoveAsync(tx, key, digest, ct);
        await database.LeaveWalksAsync(tx, customer, ct);
        var scan = await ErasureScan.RunAsync(tx, database, customer, ct);
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Erase, Actor = by, CatalogVersion = catalog.Version, CustomerRef = key.AuditRef,
            DataPoints = [.. kept.Select(k => k.DataPoint.Value)], Reason = kept.Count > 0 ? "legal-hold" : null, Subject = scan.ToString(),
        }, ct);
        var erased = new Erased(entry, tx.Now, catalog.Catalog.Organisation.BackupsKept.After(tx.Now), kept, scan);
        await ErasureLedger.AddAsync(tx, new ErasedRow(customer.Value, tx.NowUs, Micros.From(erased.BackupsUntil), entry), ct);
        await TellAsync(tx, contact, erased, catalog.Catalog, ct);

        Interlocked.Increment(ref waiting);
        return erased;
    }

    /// <summary>Erases a customer who may not be here any more, without a farewell; null when they are not. For replaying the ledger.</summary>
    internal async ValueTask<Erased?> EraseIfHereAsync(Transaction tx, CustomerId customer, string by, CancellationToken ct) =>
        await vault.FindCustomerAsync(tx, customer, ct) is null ? null : await EraseAsync(tx, customer, by, null, ct);

    /// <summary>Erases in a transaction of its own and tells the customer.</summary>
    public async Task<Erased> RunAsync(CustomerId customer, string by, CancellationToken ct)
    {
        var contact = await FindContactAsync(customer, ct);
        var erased = await database.WriteAsync(tx => EraseAsync(tx, customer, by, contact, ct), ct);
        await FinishAsync(ct);
        return erased;
    }

    /// <summary>Address, name, language and reference for those who are told, read and logged in a transaction of its own; null when there is no such customer.</summary>
    public async Task<ErasureContact?> FindContactAsync(CustomerId customer, CancellationToken ct)
    {
        var points = (await database.ReadAsync(async tx => await catalogs.GetActiveAsync(tx, ct), ct)).Catalog.DataPoints.Values.Where(ErasureContact.Needs).Select(d => d.Id);
        return ErasureContact.Of(await reads.RunAsync(new SystemRead.Question("erasure", "farewell", customer, [.. points]), ct));
    }

    /// <summary>Has what was deleted leave the files too. Not urgent: what is left there is sealed, and its key is destroyed with it. Housekeeping tries again what could not be done.</summary>
    /// <returns>True when nothing is left to do.</returns>
    public async Task<bool> FinishAsync(CancellationToken ct)
    {
        var done = Volatile.Read(ref waiting);
        if (done > 0 && !await database.ForgetDeletedAsync(ct))
        {
            return false;
        }

        Interlocked.Add(ref waiting, -done);
        return true;
    }

    private async ValueTask<CustomerKey> GetAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await vault.FindCustomerAsync(tx, customer, ct) ?? throw (await ErasureLedger.FindAsync(tx, customer, ct) is null
            ? new Fault(FaultKind.NotFound, "rights/no-such-customer", "There is no such customer.")
            : new Fault(FaultKind.Erased, "rights/already-erased", "This customer is erased already."));

    private async ValueTask RemoveAsync(Transaction tx, CustomerKey key, byte[]? digest, CancellationToken ct)
    {
        foreach (var step in steps)
        {
            await step(tx, key, ct);
        }

        await outbox.EraseAsync(tx, key.Id, ct);
        await ledger.EraseAsync(tx, key.Id, ct);
        await access.EraseSessionsAsync(tx, key.Id, ct);
        await budget.EraseAsync(tx, key.Id, ct);
        await OrderIndex.EraseAsync(tx, key.Id, null, ct);
        if (digest is not null)
        {
            await IdempotencyStore.EraseAsync(tx, digest, ct);
        }

        await vault.ShredAsync(tx, key.Id, ct);
    }

    private async ValueTask TellAsync(Transaction tx, ErasureContact? contact, Erased erased, PurposeCatalog catalog, CancellationToken ct)
    {
        if (contact is null)
        {
            return;
        }

        if (contact.Farewell(erased, catalog) is { } farewell)
        {
            await outbox.QueueFarewellAsync(tx, farewell, ct);
        }

        foreach (var notice in notices)
        {
            await notice(tx, contact, erased, ct);
        }
    }

    private static IReadOnlyList<HoldRule> Rules(PurposeCatalog catalog) =>
        [.. catalog.DataPoints.Values.Where(d => d.LegalHold is not null).Select(d => new HoldRule(d.Id, d.LegalHold!.For, [.. d.LegalHold.Keeps]))];
}
