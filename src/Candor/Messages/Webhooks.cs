using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Another system of the business that is told when something happens.</summary>
/// <param name="Types">Types of events, or <see cref="Webhooks.EveryType"/>.</param>
public sealed record Webhook(string Id, Uri Url, IReadOnlyList<string> Types, bool AllowPrivate, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt);

/// <summary>One event on its way to one webhook.</summary>
/// <param name="State"><c>queued</c>, <c>delivered</c>, <c>dead</c>.</param>
/// <param name="Outcome">What came of the last try; null before the first.</param>
public sealed record WebhookDelivery(string EventId, string WebhookId, string Type, string State, long Attempts, string? Outcome, long NotBeforeUs, long CreatedAtUs);

/// <summary>The webhooks, and what is queued for them in the transaction of the event itself.</summary>
public sealed class Webhooks(PersonalVault vault, AuditLog log)
{
    public const string EveryType = "*";

    internal const string NoteKind = "webhook";

    /// <summary>Longest list of types, in characters.</summary>
    private const int MaxTypes = 1000;

    private const int IdLength = 12;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private sealed record Row(string WebhookId, string Url, string Types, long AllowPrivate, long CreatedAtUs, long? DisabledAtUs)
    {
        public Webhook AsWebhook() => new(WebhookId, new Uri(Url), Types.Split(' '), AllowPrivate != 0, Micros.ToInstant(CreatedAtUs), Micros.ToInstant(DisabledAtUs));
    }

    /// <summary>What is sealed of an event until it is sent.</summary>
    /// <param name="Reference">Only where the customer's key is gone.</param>
    internal sealed record Body(long TimeUs, JsonElement Data, string? Reference);

    /// <summary>Adds a webhook.</summary>
    /// <param name="types">Such as <c>candor.consent.withdrawn</c>; none: all.</param>
    /// <returns>Its id and its secret, which is shown this once.</returns>
    /// <exception cref="Fault">Invalid <c>messages/bad-webhook-url</c> or <c>messages/bad-webhook-type</c>.</exception>
    public async ValueTask<(string Id, string Secret)> AddAsync(Transaction tx, string url, IReadOnlyList<string> types, bool allowPrivate, string by, CancellationToken ct)
    {
        var address = WebhookAddress.Parse(url, allowPrivate);
        foreach (var type in types.Where(t => t.Length == 0 || !t.All(c => char.IsAsciiLetterLower(c) || c is '.' or '-' or '*') || (t.Contains('*', StringComparison.Ordinal) && t != EveryType)))
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-webhook-type", $"A type is such as `candor.consent.withdrawn`, or `*` for all; got `{Name.Shown(type)}`.");
        }

        var (id, secret, list) = (RandomNumberGenerator.GetHexString(IdLength, lowercase: true), WebhookSignature.NewSecret(), types.Count > 0 ? string.Join(' ', types) : EveryType);
        if (list.Length > MaxTypes)
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-webhook-type", $"The types of a webhook have at most {MaxTypes} characters; got `{list.Length}`.");
        }

        await tx.RunAsync(
            "INSERT INTO webhook (webhook_id, url, types, secret, allow_private, created_at_us) VALUES (@id, @Url, @list, @Sealed, @Allow, @NowUs)",
            new { id, Url = address.AbsoluteUri, list, Sealed = vault.Partings.Seal("webhook-secret", id, Encoding.UTF8.GetBytes(secret)), Allow = allowPrivate ? 1L : 0L, tx.NowUs }, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = "webhook-added:" + id }, ct);
        return (id, secret);
    }

    public async ValueTask<IReadOnlyList<Webhook>> ListAsync(Transaction tx, CancellationToken ct) => [.. (await RowsAsync(tx, ct)).Select(r => r.AsWebhook())];

    /// <summary>Ends a webhook. What it was still to be told is dropped.</summary>
    /// <exception cref="Fault">NotFound <c>messages/no-webhook</c>.</exception>
    public async ValueTask RemoveAsync(Transaction tx, string id, string by, CancellationToken ct)
    {
        if (await tx.RunAsync("DELETE FROM webhook WHERE webhook_id = @id", new { id }, ct) == 0)
        {
            throw new Fault(FaultKind.NotFound, "messages/no-webhook", $"There is no webhook `{Name.Shown(id)}`; `candor webhook list` shows them.");
        }

        await tx.RunAsync("DELETE FROM webhook_delivery WHERE webhook_id = @id", new { id }, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Subject = "webhook-removed:" + id }, ct);
    }

    /// <summary>Queues an event about a customer for every webhook that wants it. The customer's reference is opened when it is sent.</summary>
    /// <param name="type">Such as <c>candor.consent.withdrawn</c>.</param>
    /// <param name="data">Becomes the event's <c>data</c>: as little as the receiver needs, and no personal data.</param>
    public ValueTask QueueAsync(Transaction tx, CustomerKey customer, string type, object data, CancellationToken ct) => QueueAsync(
        tx, customer.Id.Value, type, (id, body) => vault.SealNote(customer, NoteKind, id, body), new Body(tx.NowUs, JsonSerializer.SerializeToElement(data, Json), null), ct);

    /// <summary>Queues an event about a customer whose key is destroyed in this transaction, such as <c>candor.customer.erased</c>. Sealed under a secret of the platform, and deleted when delivered.</summary>
    /// <param name="reference">The business's own id of the customer.</param>
    public ValueTask QueuePartingAsync(Transaction tx, string reference, string type, object data, CancellationToken ct) => QueueAsync(
        tx, "", type, (id, body) => vault.Partings.Seal(NoteKind, id, body), new Body(tx.NowUs, JsonSerializer.SerializeToElement(data, Json), reference), ct);

    /// <summary>Deliveries, those that are not delivered first.</summary>
    public async ValueTask<IReadOnlyList<WebhookDelivery>> DeliveriesAsync(Transaction tx, bool onlyOpen, int most, CancellationToken ct) => await tx.QueryAsync<WebhookDelivery>(
        """
        SELECT event_id AS EventId, webhook_id AS WebhookId, type AS Type, state AS State, attempts AS Attempts, outcome AS Outcome, not_before_us AS NotBeforeUs, created_at_us AS CreatedAtUs
        FROM webhook_delivery WHERE state <> @Hidden ORDER BY created_at_us DESC LIMIT @Most
        """, new { Hidden = onlyOpen ? "delivered" : "", Most = (long)most }, ct);

    /// <summary>Tries again at once what is waiting or was given up.</summary>
    /// <param name="eventId">Null: all.</param>
    /// <returns>How many.</returns>
    public async ValueTask<int> RetryAsync(Transaction tx, string? eventId, CancellationToken ct) => await tx.RunAsync(
        "UPDATE webhook_delivery SET state = 'queued', not_before_us = @NowUs, attempts = 0, lease_until_us = NULL WHERE state <> 'delivered' AND (@All = 1 OR event_id = @Event)",
        new { tx.NowUs, All = eventId is null ? 1L : 0L, Event = eventId ?? "" }, ct);

    internal string Secret(string webhookId, byte[] sealed_) => Encoding.UTF8.GetString(vault.Partings.Open("webhook-secret", webhookId, sealed_).Span);

    private static async ValueTask QueueAsync(Transaction tx, string customer, string type, Func<string, byte[], byte[]> seal, Body body, CancellationToken ct)
    {
        var wanted = (await RowsAsync(tx, ct)).Where(r => r.DisabledAtUs is null && r.Types.Split(' ') is var types && (types.Contains(EveryType) || types.Contains(type))).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        var id = "evt_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        var sealed_ = seal(id, JsonSerializer.SerializeToUtf8Bytes(body));
        foreach (var webhook in wanted)
        {
            await tx.RunAsync(
                """
                INSERT INTO webhook_delivery (customer_id, event_id, webhook_id, type, sealed, state, not_before_us, attempts, created_at_us, changed_at_us)
                VALUES (@customer, @id, @WebhookId, @type, @sealed_, 'queued', @NowUs, 0, @NowUs, @NowUs)
                """, new { customer, id, webhook.WebhookId, type, sealed_, tx.NowUs }, ct);
        }
    }

    private static async ValueTask<IReadOnlyList<Row>> RowsAsync(Transaction tx, CancellationToken ct) => await tx.QueryAsync<Row>(
        """
        SELECT webhook_id AS WebhookId, url AS Url, types AS Types, allow_private AS AllowPrivate, created_at_us AS CreatedAtUs, disabled_at_us AS DisabledAtUs
        FROM webhook ORDER BY created_at_us, webhook_id
        """, null, ct);
}
