using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>What the customer sees about themselves. Each call loads what one page needs and no more; what opens a value is logged like any read.</summary>
/// <remarks>Every call answers null when the token is no live session of a customer.</remarks>
public sealed class OwnData(Database database, OwnAccess customers, ConsentLedger ledger, AuditLog log, PersonalVault vault)
{
    /// <summary>Most log entries, or records of a history, at once.</summary>
    public const int MaxEntries = 200;

    /// <summary>How the log calls a customer who looks up who looked.</summary>
    private const string WhoLooked = "who-looked";

    /// <summary>Reason of the log entry of values that were removed because their time was over.</summary>
    public const string RetentionOver = "retention-over";

    /// <summary>Reason of the log entry of values out of which something was taken that should not have been in them.</summary>
    public const string ValuesCleaned = "values-cleaned";

    /// <summary>Everything at a glance; no value is opened for it.</summary>
    /// <param name="Held">Per data point what there is.</param>
    /// <param name="RestrictedSince">Null unless every use is stopped.</param>
    /// <param name="LastLook">The newest look by anybody but the customer; null when nobody looked yet.</param>
    public sealed record Overview(ActiveCatalog Catalog, IReadOnlyList<Held> Held, IReadOnlyList<Choice> Choices, DateTimeOffset? RestrictedSince, Look? LastLook);

    /// <summary>Values in clear.</summary>
    /// <param name="Held">Per data point what there is, which may be more than was opened.</param>
    public sealed record Values(ActiveCatalog Catalog, OpenedCustomer Opened, IReadOnlyList<Held> Held, string Entry);

    /// <summary>A customer's choices as they stand.</summary>
    public sealed record Choices(ActiveCatalog Catalog, IReadOnlyList<Choice> Now, DateTimeOffset? RestrictedSince);

    /// <summary>A look at the customer's data.</summary>
    /// <param name="Case">The case that it belongs to; null when none was named.</param>
    /// <param name="Emergency">Why it was an emergency, in the words of whoever looked; null when it was none.</param>
    /// <param name="Assistant">Name of the AI assistant that looked; null when it was none.</param>
    public sealed record Look(AuditEntry Entry, string? Case, string? Emergency, string? Assistant);

    /// <summary>Some looks, newest first.</summary>
    /// <param name="Before">Pass it on to get the ones before; null when there are no more.</param>
    public sealed record Looks(ActiveCatalog Catalog, IReadOnlyList<Look> Found, long? Before);

    private sealed record LoadedLooks(OwnCustomer Session, SealedCustomer Sealed, IReadOnlyList<AuditEntry> Entries, LookNames Names);

    private sealed record Loaded(OwnCustomer Session, SealedCustomer Sealed, IReadOnlyList<Held> Held, string Entry);

    /// <summary>What is held, what is on and who looked last.</summary>
    public async Task<Overview?> OverviewAsync(CallerToken token, CancellationToken ct) => await SeenAsync(token, await database.ReadAsync<(Overview?, bool)>(async tx =>
        await customers.FindAsync(tx, token, exclusive: false, ct) is { } own
            ? (new Overview(
                own.Catalog, await vault.HeldAsync(tx, own.Key.Id, ct), await ledger.StateAsync(tx, own.Key.Id, ct), await ledger.RestrictedSinceAsync(tx, own.Key.Id, ct),
                await log.OfCustomerAsync(tx, own.Key.AuditRef, null, 1, ct, IsLookOfOthers) is [var last, ..] ? new Look(last, null, null, (await LookNames.LoadAsync(tx, [last], ct)).AssistantOf(last)) : null), SessionRegister.IsDue(own.Actor, tx.Now))
            : default, ct), ct);

    /// <summary>Where the customer stands on each purpose.</summary>
    public async Task<Choices?> ChoicesAsync(CallerToken token, CancellationToken ct) => await SeenAsync(token, await database.ReadAsync<(Choices?, bool)>(async tx =>
        await customers.FindAsync(tx, token, exclusive: false, ct) is { } own
            ? (new Choices(own.Catalog, await ledger.StateAsync(tx, own.Key.Id, ct), await ledger.RestrictedSinceAsync(tx, own.Key.Id, ct)), SessionRegister.IsDue(own.Actor, tx.Now))
            : default, ct), ct);

    /// <summary>Every choice that the customer ever made, newest first.</summary>
    public Task<(ActiveCatalog Catalog, IReadOnlyList<ConsentRecord> Records)?> RecordsAsync(CallerToken token, CancellationToken ct) =>
        database.ReadAsync<(ActiveCatalog, IReadOnlyList<ConsentRecord>)?>(async tx =>
            await customers.FindAsync(tx, token, exclusive: false, ct) is { } own
                ? (own.Catalog, [.. (await ledger.HistoryAsync(tx, own.Key.Id, ct)).Reverse()])
                : null, ct);

    /// <summary>One consent record of the customer; null also when there is none of that number.</summary>
    public Task<ConsentRecord?> FindRecordAsync(CallerToken token, long version, CancellationToken ct) => database.ReadAsync(async tx =>
        await customers.FindAsync(tx, token, exclusive: false, ct) is { } own ? await ledger.FindAsync(tx, own.Key.Id, version, ct) : null, ct);

    /// <summary>Every field, and the newest records of each history.</summary>
    public Task<Values?> ValuesAsync(CallerToken token, int newest, CancellationToken ct) => OpenAsync(token, c => [.. c.DataPoints.Keys], newest, 0, ct);

    /// <summary>One data point; of a history the records from the <paramref name="skip"/>th newest on.</summary>
    public Task<Values?> ValuesAsync(CallerToken token, DataPointId dataPoint, int count, int skip, CancellationToken ct) =>
        OpenAsync(token, c => c.DataPoints.ContainsKey(dataPoint) ? [dataPoint] : [], count, skip, ct);

    /// <summary>Who looked, or tried to. The customer's own looks are left out unless asked for.</summary>
    /// <param name="beforeUs">Instant, exclusive, in microseconds; null: the newest.</param>
    public async Task<Looks?> LooksAsync(CallerToken token, long? beforeUs, int count, bool withOwn, CancellationToken ct)
    {
        var loaded = await database.WriteAsync(async tx =>
        {
            if (await customers.FindAsync(tx, token, exclusive: false, ct) is not { } own)
            {
                return null;
            }

            var entries = await log.OfCustomerAsync(tx, own.Key.AuditRef, beforeUs, count, ct, withOwn ? IsToTell : IsToTellOfOthers);
            await log.AppendAsync(tx, Event(own) with { Subject = WhoLooked }, ct);
            return new LoadedLooks(own, await vault.LoadAsync(tx, own.Key, [], 0, ct), entries, await LookNames.LoadAsync(tx, entries, ct));
        }, ct);
        if (loaded is not var (session, sealed_, found, names))
        {
            return null;
        }

        await SeenAsync(token, (session, SessionRegister.IsDue(session.Actor, database.Clock.GetUtcNow())), ct);
        var details = new Queue<ReadOnlyMemory<byte>>(vault.OpenDetails(session.Permit, sealed_, found.Select(e => e.Event.SealedDetail).OfType<byte[]>()));
        return new Looks(
            session.Catalog, [.. found.Select(e => (Entry: e, Detail: e.Event.SealedDetail is null ? null : ReadDetail.Decode(details.Dequeue().Span))).Select(l => new Look(l.Entry, l.Detail?.Case, l.Detail?.Emergency, names.AssistantOf(l.Entry)))],
            found.Count >= count ? Micros.From(found[^1].At) : null);
    }

    private async Task<Values?> OpenAsync(CallerToken token, Func<PurposeCatalog, IReadOnlyList<DataPointId>> asked, int count, int skip, CancellationToken ct)
    {
        if (count is < 1 or > MaxEntries || skip < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, null);
        }

        var loaded = await database.WriteAsync(async tx =>
        {
            if (await customers.FindAsync(tx, token, asked, exclusive: false, ct) is not { } own)
            {
                return null;
            }

            var held = await vault.HeldAsync(tx, own.Key.Id, ct);
            var entry = await log.AppendAsync(tx, Event(own) with { DataPoints = [.. own.Permit.DataPoints.Select(d => d.Value)] }, ct);
            return new Loaded(own, await vault.LoadAsync(tx, own.Key, own.Permit.DataPoints, count, ct, skip), held, entry);
        }, ct);
        await SeenAsync(token, (loaded, loaded is not null && SessionRegister.IsDue(loaded.Session.Actor, database.Clock.GetUtcNow())), ct);
        return loaded is null ? null : new Values(loaded.Session.Catalog, vault.Open(loaded.Session.Permit, loaded.Sealed), loaded.Held, loaded.Entry);
    }

    /// <summary>Writes down, where it is due, that the session is in use.</summary>
    private async Task<T> SeenAsync<T>(CallerToken token, (T Found, bool IsDue) loaded, CancellationToken ct)
    {
        if (loaded.IsDue)
        {
            await database.WriteAsync(tx => SessionRegister.MarkSeenAsync(tx, token, ct), ct);
        }

        return loaded.Found;
    }

    private static bool IsLook(AuditEvent e) => e.Kind is AuditKind.Read or AuditKind.Deny or AuditKind.Export;

    /// <summary>A look, or that something went because its time was over or it should not have been there.</summary>
    private static bool IsToTell(AuditEvent e) => IsLook(e) || e is { Kind: AuditKind.Erase, Reason: RetentionOver or ValuesCleaned };

    private static bool IsToTellOfOthers(AuditEvent e) => IsToTell(e) && e.Actor != "customer";

    private static bool IsLookOfOthers(AuditEvent e) => IsLook(e) && e.Actor != "customer";

    private static AuditEvent Event(OwnCustomer own) => new()
    {
        Kind = AuditKind.Read, Actor = own.Actor.LogName, Session = own.Actor.Session, CatalogVersion = own.Catalog.Version, CustomerRef = own.Key.AuditRef,
    };
}
