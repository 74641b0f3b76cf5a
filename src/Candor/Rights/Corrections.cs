using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

/// <summary>What a customer holds for wrong, put right by themselves (GDPR article 16): at once, or after a check where the catalog says so.</summary>
public sealed class Corrections(Database database, OwnAccess customers, ConsentLedger ledger, AuditLog log, PersonalVault vault, BlindIndex index, Outbox outbox)
{
    /// <summary>Source of a value that the customer gave themselves.</summary>
    public const string Source = "you";

    /// <summary>Template of the mail that tells an e-mail address that it is no longer the customer's: whoever sits at a stolen session cannot hide the change.</summary>
    public const string AddressChanged = "address-changed";

    /// <summary>Characters of a text that a customer may write into a field.</summary>
    public const int MaxText = 500;

    /// <summary>Corrections of one data point that its page shows, the newest.</summary>
    private const int MostShown = 20;

    /// <summary>A field with its corrections.</summary>
    /// <param name="Value">Null when nothing is held.</param>
    public sealed record Field(ActiveCatalog Catalog, DataPoint DataPoint, OpenedValue? Value, IReadOnlyList<Correction> Corrections, string Entry);

    /// <summary>What became of a correction.</summary>
    public sealed record Outcome(CorrectionState State, string Entry);

    private sealed record Loaded(OwnCustomer Session, DataPoint DataPoint, SealedCustomer Sealed, IReadOnlyList<CorrectionRow> Rows, string Entry);

    /// <summary>A field of the customer with the history of its corrections; logged like any read.</summary>
    /// <returns>Null when the token is no live session of a customer.</returns>
    /// <exception cref="Fault">NotFound <c>rights/no-such-field</c>.</exception>
    public async Task<Field?> ShowAsync(CallerToken token, DataPointId dataPoint, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(async tx =>
        {
            if (await customers.FindAsync(tx, token, c => [FieldOf(c, dataPoint).Id], exclusive: false, ct) is not { } own)
            {
                return null;
            }

            var field = FieldOf(own.Catalog.Catalog, dataPoint);
            var rows = await CorrectionRow.OfAsync(tx, own.Key.Id, dataPoint, MostShown, ct);
            var values = new List<SealedValue>();
            if (await vault.FindFieldAsync(tx, own.Key.Id, dataPoint, ct) is { } now)
            {
                values.Add(now);
            }

            values.AddRange(rows.Where(r => r.Former is not null).Select(Former));
            var entry = await log.AppendAsync(tx, Event(own, AuditKind.Read, dataPoint, null), ct);
            return new Loaded(own, field, new SealedCustomer(tx, own.Key, values), rows, entry);
        }, ct);
        return loaded is null ? null : Open(loaded);
    }

    /// <summary>Takes a correction. It counts at once, or waits where the catalog says that staff check it.</summary>
    /// <param name="value">The right value: a text, a number, or an object of such.</param>
    /// <returns>Null when the token is no live session of a customer.</returns>
    /// <exception cref="Fault">Invalid for a value that cannot be; Conflict <c>rights/not-needed</c> where nothing is held and nothing of it is needed, and <c>vault/taken</c>.</exception>
    public async Task<Outcome?> CorrectAsync(CallerToken token, DataPointId dataPoint, JsonElement value, CancellationToken ct)
    {
        // Read before, in a transaction of its own: an address can only be told of a change while it is known.
        var before = await ShowAsync(token, dataPoint, ct);
        return before is null ? null : await database.WriteAsync(tx => CorrectAsync(tx, token, dataPoint, value, before.Value, ct), ct);
    }

    private async ValueTask<Outcome?> CorrectAsync(Transaction tx, CallerToken token, DataPointId dataPoint, JsonElement value, OpenedValue? before, CancellationToken ct)
    {
        if (await customers.FindAsync(tx, token, c => [FieldOf(c, dataPoint).Id], exclusive: true, ct) is not { } own)
        {
            return null;
        }

        var field = FieldOf(own.Catalog.Catalog, dataPoint);
        var proposed = CorrectedValue.Check(value, field, own.Catalog.Catalog.Organisation, index);
        var former = await vault.FindFieldAsync(tx, own.Key.Id, dataPoint, ct);
        if (former is null && await IsNeededAsync(tx, own, field, ct) is false)
        {
            throw new Fault(FaultKind.Conflict, "rights/not-needed", $"Nothing is held as `{dataPoint}`, and no use that you allow needs it, so it is not taken.");
        }

        var state = field.CorrectionNeedsApproval ? CorrectionState.Waiting : CorrectionState.Done;
        var id = await InsertAsync(tx, own.Key, dataPoint, state, proposed, former, ct);
        if (state == CorrectionState.Done)
        {
            await StoreAsync(tx, own.Key, field, proposed, before?.Json, own.Catalog.Catalog, ct);
        }

        var kind = state == CorrectionState.Done ? AuditKind.Collect : AuditKind.Request;
        return new Outcome(state, await log.AppendAsync(tx, Event(own, kind, dataPoint, $"correction:{id}"), ct));
    }

    /// <summary>The data points of the customer whose corrections wait, with the time they were asked at.</summary>
    /// <returns>Null when the token is no live session of a customer.</returns>
    public Task<IReadOnlyList<WaitingCorrection>?> WaitingAsync(CallerToken token, CancellationToken ct) => database.ReadAsync<IReadOnlyList<WaitingCorrection>?>(async tx =>
        await customers.FindAsync(tx, token, exclusive: false, ct) is { } own
            ? [.. (await CorrectionRow.WaitingOfAsync(tx, own.Key.Id, ct)).Select(r => new WaitingCorrection(r.CorrectionId, DataPointId.Parse(r.DataPoint), Micros.ToInstant(r.AskedAtUs)))]
            : null, ct);

    /// <summary>Removes all that is known of a customer's corrections; part of erasure.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM correction WHERE customer_id = @Value", new { customer.Value }, ct);

    /// <summary>Puts the value in place and moves the look-up; where the e-mail address changes, the former one is told.</summary>
    /// <param name="former">The value before, in clear; null when there was none.</param>
    internal async ValueTask StoreAsync(
        Transaction tx, CustomerKey key, DataPoint field, byte[] proposed, ReadOnlyMemory<byte>? former, PurposeCatalog catalog, CancellationToken ct)
    {
        var kind = BlindIndex.KindOf(field.Category);
        await vault.PutFieldAsync(tx, key, field.Id, proposed, Source, ct,
            kind is null ? null : BlindIndex.LookUpOf(field.Category, CorrectedValue.Text(proposed), catalog.Organisation.Country));
        if (kind == BlindIndex.Email && former is { } json && CorrectedValue.Text(json.Span) is var address && address != CorrectedValue.Text(proposed))
        {
            var language = catalog.Organisation.Languages[0];
            await outbox.QueueFarewellAsync(tx, new Farewell(AddressChanged, address, null, language, new Dictionary<string, string> { ["dataPoint"] = field.Label.In(language) }), ct);
        }
    }

    internal static SealedValue Former(CorrectionRow row) =>
        new(DataPointId.Parse(row.DataPoint), "", row.FormerVersion!.Value, row.Former!, row.CorrectionId, row.AskedAtUs);

    private Field Open(Loaded loaded)
    {
        var permit = loaded.Session.Permit;
        var opened = vault.Open(permit, loaded.Sealed).Values;
        var former = opened.Where(v => loaded.Rows.Any(r => r.CorrectionId == v.Source)).ToDictionary(v => v.Source, v => v.Json);
        var notes = loaded.Rows.Select(r => (r.CorrectionId, r.Proposed))
            .Concat(loaded.Rows.Where(r => r.Reason is not null).Select(r => (r.ReasonId, r.Reason!))).ToList();
        var texts = notes.Zip(vault.OpenNotes(permit, loaded.Sealed, CorrectionRow.Note, notes), (n, text) => (n.Item1, text)).ToDictionary(n => n.Item1, n => n.text);
        var corrections = loaded.Rows.Select(r => new Correction(
            r.CorrectionId, loaded.DataPoint.Id, CorrectionWords.State(r.State), Micros.ToInstant(r.AskedAtUs), Micros.ToInstant(r.DecidedAtUs),
            former.TryGetValue(r.CorrectionId, out var before) ? before : (ReadOnlyMemory<byte>?)null, texts[r.CorrectionId],
            texts.TryGetValue(r.ReasonId, out var reason) ? Encoding.UTF8.GetString(reason.Span) : null));
        return new Field(loaded.Session.Catalog, loaded.DataPoint, opened.FirstOrDefault(v => !former.ContainsKey(v.Source)), [.. corrections], loaded.Entry);
    }

    private async ValueTask<bool> IsNeededAsync(Transaction tx, OwnCustomer own, DataPoint field, CancellationToken ct) =>
        Need.WhyNot(field, own.Catalog, own.Key.Id, await ledger.StateAsync(tx, own.Key.Id, ct), await ledger.RestrictedSinceAsync(tx, own.Key.Id, ct) is not null, tx.Now) is null;

    private async ValueTask<string> InsertAsync(
        Transaction tx, CustomerKey key, DataPointId dataPoint, CorrectionState state, byte[] proposed, SealedValue? former, CancellationToken ct)
    {
        // One at a time waits for each field: the newest is what the customer means.
        await tx.RunAsync(
            "UPDATE correction SET state = 'replaced', decided_at_us = @NowUs WHERE customer_id = @Customer AND data_point = @DataPoint AND state = 'waiting'",
            new { Customer = key.Id.Value, DataPoint = dataPoint.Value, tx.NowUs }, ct);
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            """
            INSERT INTO correction (customer_id, correction_id, data_point, state, proposed, former, former_version, asked_at_us, decided_at_us)
            VALUES (@Customer, @id, @DataPoint, @State, @Proposed, @Former, @Version, @NowUs, @Decided)
            """,
            new
            {
                Customer = key.Id.Value, id, DataPoint = dataPoint.Value, State = state.Code(), Proposed = vault.SealNote(key, CorrectionRow.Note, id, proposed),
                Former = former?.Sealed, Version = former?.RecordVersion, tx.NowUs, Decided = state == CorrectionState.Done ? tx.NowUs : (long?)null,
            }, ct);
        return id;
    }

    private static DataPoint FieldOf(PurposeCatalog catalog, DataPointId id) => catalog.DataPoints.GetValueOrDefault(id) is { Kind: DataPointKind.Field } field
        ? field
        : throw new Fault(FaultKind.NotFound, "rights/no-such-field", $"There is no field `{id}`.");

    private static AuditEvent Event(OwnCustomer own, AuditKind kind, DataPointId dataPoint, string? subject) => new()
    {
        Kind = kind, Actor = own.Actor.LogName, Session = own.Actor.Session, CatalogVersion = own.Catalog.Version, CustomerRef = own.Key.AuditRef,
        DataPoints = [dataPoint.Value], Subject = subject,
    };
}
