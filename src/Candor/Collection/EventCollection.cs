using System.Text;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Collection;

/// <summary>One record for a history, as a caller sends it.</summary>
/// <param name="Id">The caller's own id of it, 1 to 128 characters; a second one of the same id is a duplicate.</param>
public sealed record IncomingEvent(string Customer, string DataPoint, string Id, DateTimeOffset Time, JsonElement Data);

/// <summary>What else happens in the same step as stored events: models learn them.</summary>
/// <param name="stored">The events of this customer that were stored, in the order they came.</param>
/// <remarks>Runs in the transaction of the write, with the customer's lock held; if it fails, nothing is stored either.</remarks>
public delegate ValueTask EventStep(
    Transaction tx, CustomerKey customer, IReadOnlyList<IncomingEvent> stored, ActiveCatalog catalog, IReadOnlyList<Choice> choices, bool isRestricted, CancellationToken ct);

/// <summary>What came of one event.</summary>
public enum EventResult
{
    Stored,
    Duplicate,
    NotNeeded,
    Refused,
}

/// <summary>The answer to one event.</summary>
/// <param name="Reason">A reason code (not needed) or a sentence (refused); null otherwise.</param>
public sealed record EventAnswer(EventResult Result, string? Reason);

/// <summary>What came of a batch.</summary>
/// <param name="Refused">Why the whole batch was refused; null when it was taken.</param>
/// <param name="Answers">One an event, in order.</param>
/// <param name="Entry">Log entry of the refusal; empty otherwise, since each customer concerned has one.</param>
public sealed record EventsOutcome(ReasonCode? Refused, IReadOnlyList<EventAnswer> Answers, string Entry);

/// <summary>Records of histories coming in, up to a thousand at once, each answered by itself.</summary>
/// <remarks>Sealing is done before the write, on the caller's thread; who may bring data in, whether the customer is still there, and whether their
/// choices still allow it is decided in the transaction of the write. INVARIANT: a withdrawal that was confirmed before always wins.</remarks>
public sealed class EventCollection(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access)
{
    public const int MaxEvents = 1000;
    public const int MaxDataBytes = 16 * 1024;
    public const int MaxIdLength = 128;

    /// <summary>The source of what a visitor's own browser sends.</summary>
    public const string Website = "website";

    /// <summary>How far in the future an event may lie: clocks differ.</summary>
    internal static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    private static readonly EventAnswer Stored = new(EventResult.Stored, null);
    private static readonly EventAnswer Duplicate = new(EventResult.Duplicate, null);

    private readonly List<EventStep> steps = [];

    private readonly record struct Sealed(int Index, DataPoint DataPoint, IncomingEvent Event, byte[] Bytes, byte[]? Found);

    /// <summary>Adds a step that stored events take from now on. At start only.</summary>
    public void AlsoDo(EventStep step) => steps.Add(step);

    /// <summary>Stores a batch.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    public async Task<EventsOutcome?> StoreAsync(CallerToken token, IReadOnlyList<IncomingEvent> events, CancellationToken ct)
    {
        if (events.Count is 0 or > MaxEvents)
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-batch", $"A batch holds 1 to {MaxEvents} events; got `{events.Count}`.");
        }

        var answers = new EventAnswer?[events.Count];
        var (catalog, keys) = await database.ReadAsync(async tx => (await catalogs.GetActiveAsync(tx, ct), await FindKeysAsync(tx, events, answers, ct)), ct);
        var sealedByCustomer = Seal(events, answers, keys, catalog.Catalog, database.Clock.GetUtcNow());
        return await WriteAsync(token, answers, sealedByCustomer, events, Need.WhyNot, ct);
    }

    /// <summary>Stores what a visitor's own browser sends about them: data points alone that name, with <c>collectedWith</c>, the purpose they are collected with.</summary>
    /// <param name="events">Their <see cref="IncomingEvent.Customer"/> is not looked at: the session says who it is.</param>
    /// <returns>Null when the token belongs to nobody.</returns>
    public async Task<EventsOutcome?> StoreOwnAsync(CallerToken token, IReadOnlyList<IncomingEvent> events, CancellationToken ct)
    {
        var answers = new EventAnswer?[events.Count];
        var (catalog, actor, key) = await database.ReadAsync(async tx =>
        {
            var found = await access.FindActorAsync(tx, token, ct);
            var id = found is { Kind: ActorKind.Customer } ? CustomerId.Parse(found.Ref) : null;
            return (await catalogs.GetActiveAsync(tx, ct), found, id is null ? null : await vault.FindCustomerAsync(tx, id, ct));
        }, ct);
        if (actor is null)
        {
            return null;
        }

        IncomingEvent[] own = [.. events.Select(e => e with { Customer = "" })];
        for (var i = 0; i < own.Length; i++)
        {
            answers[i] = WhyNotFromBrowser(own[i], catalog.Catalog) is { } why ? new EventAnswer(EventResult.Refused, why) : null;
        }

        var records = key is null ? [] : Seal(own, answers, new() { [""] = key }, catalog.Catalog, database.Clock.GetUtcNow());
        return await WriteAsync(token, answers, records, events, (now, at) => key is null ? ReasonCode.RoleNotAllowed : Need.WhyNotOwn(now, key.Id, at), ct);
    }

    private Task<EventsOutcome?> WriteAsync(
        CallerToken token, EventAnswer?[] answers, List<(CustomerKey Key, List<Sealed> Records)> sealedByCustomer, IReadOnlyList<IncomingEvent> events,
        Func<ActorState, DateTimeOffset, ReasonCode?> whyNot, CancellationToken ct) => database.WriteAsync<EventsOutcome?>(async tx =>
    {
        if (await access.FindActorAsync(tx, token, ct) is not { } actor)
        {
            return null;
        }

        var now = await catalogs.GetActiveAsync(tx, ct);
        if (whyNot(actor, tx.Now) is { } no)
        {
            var denied = new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, CatalogVersion = now.Version, Reason = no.Code() };
            return new EventsOutcome(no, [], await log.AppendAsync(tx, denied, ct));
        }

        // What was sealed is declared; only what was refused before is looked at again.
        var undeclared = events.Where((_, i) => answers[i] is not null).Select(e => e.DataPoint).Where(n => !ProfileCollection.IsDeclared(n, now.Catalog));
        await UndeclaredBook.AddAsync(tx, actor.Service is null ? Website : actor.LogName, undeclared, ct);
        var inWork = (EventAnswer?[])answers.Clone();
        foreach (var (key, records) in sealedByCustomer)
        {
            await StoreAsync(tx, actor, now, key, records, inWork, ct);
        }

        return new EventsOutcome(null, inWork!, "");
    }, ct);

    private async ValueTask StoreAsync(
        Transaction tx, ActorState actor, ActiveCatalog catalog, CustomerKey key, List<Sealed> records, EventAnswer?[] answers, CancellationToken ct)
    {
        await tx.LockCustomerAsync(key.Id, exclusive: false, ct);
        if (await vault.FindCustomerAsync(tx, key.Id, ct) is not { } current || !current.Commitment.AsSpan().SequenceEqual(key.Commitment))
        {
            records.ForEach(r => answers[r.Index] = new EventAnswer(EventResult.Refused, "Nobody is known by this reference."));
            return;
        }

        var choices = await ledger.StateAsync(tx, key.Id, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null;
        var (stored, dataPoints) = (new List<IncomingEvent>(), new HashSet<string>());
        foreach (var record in records)
        {
            // The catalog may have changed since the record was sealed.
            var dataPoint = catalog.Catalog.DataPoints.GetValueOrDefault(record.DataPoint.Id, record.DataPoint);
            answers[record.Index] = Need.WhyNot(dataPoint, catalog, key.Id, choices, isRestricted, tx.Now) is { } reason
                ? new EventAnswer(EventResult.NotNeeded, reason.Code())
                : await PersonalVault.InsertRecordAsync(tx, key.Id, record.DataPoint.Id, record.Event.Id, record.Event.Time, record.Bytes, actor.Service ?? Website, ct) ? Stored : Duplicate;
            await OrderIndex.AddAsync(tx, key.Id, record.DataPoint.Id, record.Event.Id, answers[record.Index]!.Result == EventResult.NotNeeded ? null : record.Found, ct);
            if (answers[record.Index] == Stored)
            {
                stored.Add(record.Event);
                dataPoints.Add(record.DataPoint.Id.Value);
            }
        }

        if (stored.Count > 0)
        {
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Collect, Actor = actor.LogName, Session = actor.Session, CatalogVersion = catalog.Version,
                CustomerRef = key.AuditRef, DataPoints = [.. dataPoints], Subject = $"events:{stored.Count}",
            }, ct);
            foreach (var step in steps)
            {
                await step(tx, key, stored, catalog, choices, isRestricted, ct);
            }
        }
    }

    /// <summary>Keys of the customers named, each looked up once.</summary>
    private async ValueTask<Dictionary<string, CustomerKey>> FindKeysAsync(Transaction tx, IReadOnlyList<IncomingEvent> events, EventAnswer?[] answers, CancellationToken ct)
    {
        var (keys, unknown) = (new Dictionary<string, CustomerKey>(), new HashSet<string>());
        for (var i = 0; i < events.Count; i++)
        {
            var reference = events[i].Customer;
            if (keys.ContainsKey(reference))
            {
                continue;
            }

            if (!unknown.Contains(reference) && reference is { Length: >= 1 and <= BlindIndex.MaxReferenceLength } && !reference.Any(char.IsControl)
                && await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct) is { } key)
            {
                keys[reference] = key;
                continue;
            }

            unknown.Add(reference);
            answers[i] = new EventAnswer(EventResult.Refused, "Nobody is known by this reference; `PUT /v1/customers/…` makes a customer.");
        }

        return keys;
    }

    /// <summary>Seals what can be taken, grouped by customer in one order, so that two batches never wait for each other in a circle.</summary>
    private List<(CustomerKey Key, List<Sealed> Records)> Seal(
        IReadOnlyList<IncomingEvent> events, EventAnswer?[] answers, Dictionary<string, CustomerKey> keys, PurposeCatalog catalog, DateTimeOffset now)
    {
        var groups = new List<(CustomerKey, List<Sealed>)>();
        foreach (var group in Enumerable.Range(0, events.Count).Where(i => answers[i] is null).GroupBy(i => keys[events[i].Customer].Id.Value).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            using var key = vault.BeginSeal(keys[events[group.First()].Customer]);
            var records = new List<Sealed>();
            foreach (var i in group)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(events[i].Data);
                answers[i] = WhyRefused(events[i], json.Length, catalog, now) is { } why ? new EventAnswer(EventResult.Refused, why) : null;
                if (answers[i] is null)
                {
                    var dataPoint = catalog.DataPoints[DataPointId.Parse(events[i].DataPoint)];
                    records.Add(new Sealed(i, dataPoint, events[i], PersonalVault.SealRecord(key, dataPoint.Id, events[i].Id, json), OrderIndex.DigestOf(vault, dataPoint, events[i].Data)));
                }
            }

            if (records.Count > 0)
            {
                groups.Add((key.Customer, records));
            }
        }

        return groups;
    }

    /// <summary>Anybody can read and imitate what a browser sends, so only what the catalog lets browsers collect is taken from one.</summary>
    private static string? WhyNotFromBrowser(IncomingEvent e, PurposeCatalog catalog) =>
        DataPointId.TryParse(e.DataPoint, null, out var id) && catalog.DataPoints.TryGetValue(id, out var dataPoint) && dataPoint is { Kind: DataPointKind.History, CollectedWith: null }
            ? $"`{id}` does not come from browsers: the catalog names no purpose that it is `collectedWith`."
            : null;

    private static string? WhyRefused(IncomingEvent e, int bytes, PurposeCatalog catalog, DateTimeOffset now)
    {
        if (!DataPointId.TryParse(e.DataPoint, null, out var id) || !catalog.DataPoints.TryGetValue(id, out var dataPoint))
        {
            return ProfileCollection.Undeclared(e.DataPoint, catalog);
        }

        return (e, dataPoint) switch
        {
            (_, { Kind: DataPointKind.Field }) => $"`{id}` is a field; send it with `PUT` or `PATCH /v1/customers/…`.",
            ({ Id: not { Length: >= 1 and <= MaxIdLength } }, _) => $"An event's `id` has 1 to {MaxIdLength} characters; got `{e.Id?.Length ?? 0}`.",
            _ when e.Id.Any(char.IsControl) => "An event's `id` has no control characters.",
            _ when bytes > MaxDataBytes => $"An event's `data` has at most {MaxDataBytes} bytes; got `{bytes}`.",
            _ when Encoding.UTF8.GetByteCount(e.Id) > Sealing.MaxRecordBytes => $"An event's `id` has at most {Sealing.MaxRecordBytes} bytes of UTF-8; got `{Encoding.UTF8.GetByteCount(e.Id)}`.",
            _ when e.Time > now + MaxAhead => $"An event's `time` is at most {MaxAhead.TotalMinutes:0} minutes ahead; got `{e.Time:O}`.",
            _ when dataPoint.Retention.Period is { } kept && e.Time < kept.Before(now) => $"`{id}` is kept {kept}, and the event's `time` is before that; got `{e.Time:O}`.",
            _ => null,
        };
    }
}
