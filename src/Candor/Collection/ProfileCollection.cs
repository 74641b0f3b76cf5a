using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>A data point that was sent and not stored, with the reason.</summary>
public readonly record struct NotStored(DataPointId DataPoint, ReasonCode Reason);

/// <summary>What came of a profile change.</summary>
/// <param name="Refused">Why nothing was done; null when it was.</param>
/// <param name="Created">The customer is new.</param>
public sealed record ProfileOutcome(ReasonCode? Refused, bool Created, IReadOnlyList<DataPointId> Stored, IReadOnlyList<NotStored> NotStored, string Entry);

/// <summary>A customer's fields coming in. What no active purpose of theirs needs is not stored, and the answer says so.</summary>
public sealed class ProfileCollection(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
    /// <summary>Largest value of a field, as JSON.</summary>
    public const int MaxValueBytes = 8 * 1024;

    private const string UndeclaredFault = "collection/undeclared";

    private readonly record struct Change(DataPoint DataPoint, byte[]? Json, string? Lookup);

    /// <summary>Stores fields of a customer, who is made when nobody is known by the reference.</summary>
    /// <param name="fields">A JSON object of declared fields; <c>null</c> as a value removes one.</param>
    /// <param name="replace">Also removes the fields that are not sent.</param>
    /// <returns>Null when the token belongs to nobody.</returns>
    public async Task<ProfileOutcome?> PutAsync(CallerToken token, string reference, JsonElement fields, bool replace, CancellationToken ct)
    {
        try
        {
            return await database.WriteAsync(tx => PutAsync(tx, token, reference, fields, replace, ct), ct);
        }
        catch (Fault fault) when (fault.What == UndeclaredFault)
        {
            // Nothing of it was stored; who sends it, and under what name, is worth knowing.
            await database.WriteAsync(async tx =>
            {
                var (actor, catalog) = (await access.FindActorAsync(tx, token, ct), (await catalogs.GetActiveAsync(tx, ct)).Catalog);
                await UndeclaredBook.AddAsync(tx, actor!.LogName, fields.EnumerateObject().Select(m => m.Name).Where(n => !IsDeclared(n, catalog)), ct);
                return 0;
            }, ct);
            throw;
        }
    }

    private async ValueTask<ProfileOutcome?> PutAsync(Transaction tx, CallerToken token, string reference, JsonElement fields, bool replace, CancellationToken ct)
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var catalog = await catalogs.GetActiveAsync(tx, ct);
        if (Need.WhyNot(actor, tx.Now) is { } no)
        {
            return new ProfileOutcome(no, false, [], [], await log.AppendAsync(tx, Event(AuditKind.Deny, actor, catalog, null) with { Reason = no.Code() }, ct));
        }

        var changes = Read(fields, catalog.Catalog);
        var key = await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct);
        var isNew = key is null;
        key ??= await vault.CreateCustomerAsync(tx, reference, ct);
        await tx.LockCustomerAsync(key.Id, exclusive: false, ct);
        if (!isNew && await vault.FindCustomerAsync(tx, key.Id, ct) is null)
        {
            throw new Fault(FaultKind.Conflict, "collection/erased-meanwhile", "The customer was erased while this was on its way; send it again to make a new one.");
        }

        await vault.KeepReferenceAsync(tx, key, reference, ct);

        return await StoreAsync(tx, actor, catalog, key, isNew, replace ? WithRemovals(changes, catalog.Catalog) : changes, ct);
    }

    private async ValueTask<ProfileOutcome?> StoreAsync(
        Transaction tx, ActorState actor, ActiveCatalog catalog, CustomerKey key, bool isNew, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        var choices = isNew ? [] : await ledger.StateAsync(tx, key.Id, ct);
        var isRestricted = !isNew && await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null;
        var (stored, notStored) = (new List<DataPointId>(), new List<NotStored>());
        foreach (var change in changes)
        {
            var lookupKind = BlindIndex.KindOf(change.DataPoint.Category);
            if (change.Json is null)
            {
                await vault.RemoveFieldAsync(tx, key.Id, change.DataPoint.Id, lookupKind, ct);
            }
            else if (Need.WhyNot(change.DataPoint, catalog, key.Id, choices, isRestricted, tx.Now) is { } reason)
            {
                notStored.Add(new NotStored(change.DataPoint.Id, reason));
            }
            else
            {
                await vault.PutFieldAsync(tx, key, change.DataPoint.Id, change.Json, actor.Service ?? "", ct,
                    BlindIndex.LookUpOf(change.DataPoint.Category, change.Lookup, catalog.Catalog.Organisation.Country));
                stored.Add(change.DataPoint.Id);
            }
        }

        var entry = Event(AuditKind.Collect, actor, catalog, key) with { DataPoints = [.. stored.Select(s => s.Value)], Subject = isNew ? "customer-created" : null };
        return new ProfileOutcome(null, isNew, stored, notStored, await log.AppendAsync(tx, entry, ct));
    }

    private static AuditEvent Event(AuditKind kind, ActorState actor, ActiveCatalog catalog, CustomerKey? key) =>
        new() { Kind = kind, Actor = actor.LogName, Session = actor.Session, CatalogVersion = catalog.Version, CustomerRef = key?.AuditRef };

    private static List<Change> Read(JsonElement fields, PurposeCatalog catalog)
    {
        if (fields.ValueKind != JsonValueKind.Object)
        {
            throw new Fault(FaultKind.Invalid, "collection/not-an-object", $"The body is a JSON object of fields, such as {{\"email\": \"ada@customers.example\"}}; got `{fields.ValueKind}`.");
        }

        var changes = new List<Change>();
        foreach (var member in fields.EnumerateObject())
        {
            var dataPoint = Declared(member.Name, catalog);
            if (dataPoint.Kind == DataPointKind.History)
            {
                throw new Fault(FaultKind.Invalid, "collection/is-a-history", $"`{member.Name}` is a history; send its records to `POST /v1/events`.");
            }

            if (changes.Any(c => c.DataPoint == dataPoint))
            {
                throw new Fault(FaultKind.Invalid, "collection/twice", $"`{member.Name}` stands in the body twice.");
            }

            changes.Add(Read(member.Value, dataPoint));
        }

        return changes;
    }

    private static Change Read(JsonElement value, DataPoint dataPoint)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return new Change(dataPoint, null, null);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(value);
        if (json.Length > MaxValueBytes)
        {
            throw new Fault(FaultKind.Invalid, "collection/value-too-large", $"`{dataPoint.Id}` has `{json.Length}` bytes; a field's value has at most {MaxValueBytes}.");
        }

        if (BlindIndex.KindOf(dataPoint.Category) is not null && value.ValueKind != JsonValueKind.String)
        {
            throw new Fault(FaultKind.Invalid, "collection/not-a-text", $"`{dataPoint.Id}` is a text; got `{value.ValueKind}`.");
        }

        if (!dataPoint.Takes(value.ValueKind == JsonValueKind.String ? value.GetString() : null))
        {
            throw new Fault(FaultKind.Invalid, "collection/unknown-value", $"`{dataPoint.Id}` is one of {ValuesOf(dataPoint)}.");
        }

        return new Change(dataPoint, json, value.ValueKind == JsonValueKind.String ? value.GetString() : null);
    }

    /// <summary>The values that a field may have, for a message; what was sent is not repeated, since it is personal data.</summary>
    internal static string ValuesOf(DataPoint dataPoint) => string.Join(", ", dataPoint.Values.Select(v => $"`{v.Value}`"));

    /// <summary>The declared data point of a name; a fault that lists what is declared for any other.</summary>
    internal static DataPoint Declared(string name, PurposeCatalog catalog) =>
        Find(name, catalog) ?? throw new Fault(FaultKind.Invalid, UndeclaredFault, Undeclared(name, catalog));

    internal static bool IsDeclared(string name, PurposeCatalog catalog) => Find(name, catalog) is not null;

    private static DataPoint? Find(string name, PurposeCatalog catalog) => DataPointId.TryParse(name, null, out var id) ? catalog.DataPoints.GetValueOrDefault(id) : null;

    internal static string Undeclared(string name, PurposeCatalog catalog) =>
        $"The catalog declares no data point `{Name.Shown(name)}`; it declares {Spelling.List([.. catalog.DataPoints.Keys.Select(k => k.Value).Order(StringComparer.Ordinal)])}."
        + Spelling.Nearest(name, catalog.DataPoints.Keys.Select(k => k.Value).Order(StringComparer.Ordinal));

    private static List<Change> WithRemovals(List<Change> changes, PurposeCatalog catalog) =>
        [.. changes, .. catalog.DataPoints.Values.Where(d => d.Kind == DataPointKind.Field && changes.All(c => c.DataPoint != d)).Select(d => new Change(d, null, null))];
}
