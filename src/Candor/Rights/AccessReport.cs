using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>A day that a report tells of a customer, known to a module that comes after this one, such as when they were last asked something; null for none.</summary>
public delegate ValueTask<DateOnly?> ReportDay(Transaction tx, CustomerId customer, CancellationToken ct);

/// <summary>Everything about one customer, for them to keep: the data, where it came from, what it is for, their choices with receipts, and who looked with proofs
/// (GDPR articles 15 and 20). Read, decided and logged like any other read; opened once that is durable.</summary>
public sealed class AccessReport(
    Database database, CatalogRegister catalogs, NoticeRegister notices, ConsentLedger ledger, AuditLog log, CheckpointSigner checkpoints, ReceiptWriter receipts,
    PersonalVault vault, AccessRegister access)
{
    /// <summary>Newest log entries listed.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Newest log entries that come with a proof.</summary>
    public const int MaxProofs = 200;

    /// <summary>Newest choices that come with a receipt.</summary>
    public const int MaxReceipts = 200;

    private readonly List<(string Name, ReportDay Find)> days = [];

    /// <summary>Adds a day that every report tells from now on. At start only.</summary>
    /// <param name="name">Of its sentence: <c>day.NAME</c> in <c>Texts/report</c>.</param>
    public void AlsoTell(string name, ReportDay find) => days.Add((name, find));

    private sealed record Loaded(
        Permit Permit, SealedCustomer Sealed, ActiveCatalog Catalog, IReadOnlyList<Choice> Choices, bool IsRestricted, IReadOnlyList<ConsentRecord> Records,
        IReadOnlyList<(ConsentRecord Record, Notice Notice, PurposeCatalog Catalog)> Receipts, IReadOnlyList<PlacedEntry> Entries, string Entry, DateTimeOffset At, IReadOnlyList<(string Name, DateOnly Day)> Days);

    /// <summary>The report of the customer of this session; null when it is no live session of a customer.</summary>
    /// <param name="language">Of the pages in it; English where there are no texts in it.</param>
    public async Task<ReportContent?> ReadAsync(CallerToken token, string language, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(async tx =>
            await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Customer } actor && CustomerId.TryParse(actor.Ref, null, out var id)
                ? await LoadAsync(tx, id, actor, null, ct)
                : null, ct);
        return loaded is null ? null : await OpenAsync(loaded, language, ct);
    }

    /// <summary>The report that answers a request, made by Candor itself or by a privacy officer; null when the gate does not allow it or there is no such customer.</summary>
    /// <param name="actor">As it stands in a transaction of now.</param>
    /// <param name="about">A short word on the request, for the log; never personal data.</param>
    public async Task<ReportContent?> ReadForAsync(CustomerId customer, ActorState actor, string about, string language, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(tx => LoadAsync(tx, customer, actor, about, ct), ct);
        return loaded is null ? null : await OpenAsync(loaded, language, ct);
    }

    private async ValueTask<Loaded?> LoadAsync(Transaction tx, CustomerId id, ActorState actor, string? about, CancellationToken ct)
    {
        await tx.LockCustomerAsync(id, exclusive: false, ct);
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        var key = await vault.FindCustomerAsync(tx, id, ct);
        var customer = key is null ? null : new CustomerState(id, null, 0, IsRestricted: false);
        var asked = catalog.Catalog.DataPoints.Keys;
        var decision = about is null ? Permit.DecideOwnRequest(actor, customer, asked, tx.Now, tx.Id) : Permit.DecideAnswer(actor, customer, asked, catalog.Catalog.AggregateOnly, tx.Now, tx.Id);
        var permit = (decision as Decision.Allowed)?.Permit;
        var entry = await log.AppendAsync(tx, new AuditEvent
        {
            Kind = permit is null ? AuditKind.Deny : AuditKind.Export, Actor = actor.LogName, Session = actor.Session, CatalogVersion = catalog.Version,
            CustomerRef = key?.AuditRef, DataPoints = [.. (permit?.DataPoints ?? []).Select(d => d.Value)],
            Reason = (decision as Decision.Denied)?.Reason.Code(), Subject = about ?? "access-report",
        }, ct);
        if (permit is null)
        {
            return null;
        }

        var told = new List<(string Name, DateOnly Day)>();
        foreach (var (name, find) in days)
        {
            if (await find(tx, id, ct) is { } day)
            {
                told.Add((name, day));
            }
        }

        var records = await ledger.HistoryAsync(tx, id, ct);
        return new Loaded(
            permit, await vault.LoadAsync(tx, key!, permit.DataPoints, int.MaxValue, ct), catalog, await ledger.StateAsync(tx, id, ct),
            await ledger.RestrictedSinceAsync(tx, id, ct) is not null, records, await FindReceiptsAsync(tx, records, ct),
            await log.PlacedOfCustomerAsync(tx, key!.AuditRef, MaxEntries, ct), entry, tx.Now, told);
    }

    private async ValueTask<IReadOnlyList<(ConsentRecord, Notice, PurposeCatalog)>> FindReceiptsAsync(Transaction tx, IReadOnlyList<ConsentRecord> records, CancellationToken ct)
    {
        var (found, known) = (new List<(ConsentRecord, Notice, PurposeCatalog)>(), new Dictionary<string, Notice?>());
        foreach (var record in records.Where(r => Receipt.Exists(r.Event) && r.NoticeHash.Length > 0).Reverse().Take(MaxReceipts))
        {
            if (!known.TryGetValue(record.NoticeHash, out var notice))
            {
                known[record.NoticeHash] = notice = await notices.FindAsync(tx, record.NoticeHash, ct);
            }

            if (notice is not null)
            {
                found.Add((record, notice, (await catalogs.LoadAsync(tx, record.CatalogVersion, ct)).Catalog));
            }
        }

        return found;
    }

    /// <summary>After the commit: opens the data, signs the receipts, and proves the entries against a fresh checkpoint.</summary>
    private async Task<ReportContent> OpenAsync(Loaded loaded, string language, CancellationToken ct)
    {
        var opened = vault.Open(loaded.Permit, loaded.Sealed);
        var note = await database.WriteAsync(tx => checkpoints.SignAsync(tx, ct), ct);
        var size = Audit.Checkpoint.Parse(SignedNote.Open(note, checkpoints.Key)).Size;
        var (proofs, names) = await database.ReadAsync(async tx =>
        {
            var (reader, made) = (new ProofReader(tx, note, size), new List<(PlacedEntry, string)>());
            foreach (var entry in loaded.Entries.Take(MaxProofs))
            {
                made.Add((entry, await reader.ProveAsync(entry.Index, ct)));
            }

            return (made, await LookNames.LoadAsync(tx, [.. loaded.Entries.Select(e => e.Entry)], ct));
        }, ct);
        return new ReportContent(new RightsText(language, "report"))
        {
            Days = loaded.Days, At = loaded.At, Entry = loaded.Entry, Catalog = loaded.Catalog, Opened = opened, Choices = loaded.Choices,
            IsRestricted = loaded.IsRestricted, Records = loaded.Records, Entries = [.. loaded.Entries.Select(e => e.Entry)], Proofs = proofs, Names = names, LogKey = checkpoints.Key.ToString(),
            Receipts = [.. loaded.Receipts.Select(r => receipts.Write(r.Record, r.Catalog, r.Notice, loaded.At))],
        };
    }
}
