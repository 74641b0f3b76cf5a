using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Delivers events to webhooks, each until it is taken. A CloudEvents 1.0 body, signed as Standard Webhooks has it.</summary>
/// <remarks>At least once and in no certain order: receivers tell copies by the event's id and the newer of two by its version.</remarks>
public sealed class WebhookSender : IDisposable
{
    private const string Job = "webhooks";
    private const int Batch = 32;
    private const int AtOnce = 8;
    private const int NearEntries = 8;
    private const string TestType = "candor.test";
    private const string NoReference = "no-reference";
    private const string ContentType = "application/cloudevents+json";
    private readonly Database database;
    private readonly SystemRead reads;
    private readonly PersonalVault vault;
    private readonly AuditLog log;
    private readonly Webhooks webhooks;
    private readonly Uri site;
    private readonly Dictionary<bool, HttpClient> clients = new() { [true] = WebhookAddress.Client(allowPrivate: true), [false] = WebhookAddress.Client(allowPrivate: false) };

    internal WebhookSender(Database database, SystemRead reads, PersonalVault vault, AuditLog log, Webhooks webhooks, Uri site) =>
        (this.database, this.reads, this.vault, this.log, this.webhooks, this.site) = (database, reads, vault, log, webhooks, site);

    private sealed record Claimed(
        string CustomerId, string EventId, string WebhookId, string Type, byte[] Sealed, long Attempts, long LeaseUntilUs, long CreatedAtUs, string Url, byte[] Secret, bool AllowPrivate);

    /// <summary>Between its evaluation and its commit: nothing in here is in clear.</summary>
    private sealed record Prepared(SystemRead.Evaluated Read, Permit Permit, IReadOnlyList<AuditEntry> Near);

    /// <summary>Delivers what is due.</summary>
    /// <returns>How many were tried; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> SendDueAsync(int most, CancellationToken ct)
    {
        var done = 0;
        for (var last = Batch; last == Batch && done < most; done += last)
        {
            var claimed = await database.WriteAsync(tx => ClaimAsync(tx, Math.Min(Batch, most - done), ct), ct);
            await Parallel.ForEachAsync(claimed, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (row, token) => await DeliverAsync(row, token));
            last = claimed.Count;
        }

        return done;
    }

    /// <summary>Sends an event to one webhook that is about nobody, now and once, to see whether it arrives.</summary>
    /// <returns>Null when it was taken; else why not.</returns>
    /// <exception cref="Fault">NotFound <c>messages/no-webhook</c>.</exception>
    public async Task<string?> TestAsync(string webhookId, CancellationToken ct)
    {
        var to = await database.ReadAsync(async tx => (await KnownAsync(tx, ct)).FirstOrDefault(w => w.Id == webhookId), ct);
        if (to.Id is null)
        {
            throw new Fault(FaultKind.NotFound, "messages/no-webhook", $"There is no webhook `{Name.Shown(webhookId)}`; `candor webhook list` shows them.");
        }

        var now = Micros.From(database.Clock.GetUtcNow());
        var row = new Claimed("", "evt_" + System.Security.Cryptography.RandomNumberGenerator.GetHexString(32, lowercase: true), to.Id, TestType, [], 1, 0, now, to.Url, to.Secret, to.Allow != 0);
        return await PostAsync(row, Event(row, new Webhooks.Body(now, JsonSerializer.SerializeToElement(new { test = true }), null), "test", null), ct);
    }

    /// <summary>Removes what was delivered more than 30 days ago.</summary>
    public Task<int> PurgeAsync(int most, CancellationToken ct) => database.WriteAsync(async tx => await tx.RunAsync(
        """
        DELETE FROM webhook_delivery WHERE (customer_id, event_id, webhook_id) IN
            (SELECT customer_id, event_id, webhook_id FROM webhook_delivery WHERE state = 'delivered' AND changed_at_us < @Before LIMIT @Most)
        """, new { Before = Micros.From(tx.Now.AddDays(-30)), Most = (long)most }, ct), ct);

    public void Dispose()
    {
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task DeliverAsync(Claimed row, CancellationToken ct)
    {
        try
        {
            await KeepAsync(row, await BodyAsync(row, ct) is { } body ? await PostAsync(row, body, ct) : NoReference);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // Told by whoever called; this one waits like one that was not taken.
            await KeepAsync(row, "failed");
            throw;
        }
    }

    /// <param name="outcome">Null: it was taken.</param>
    private async Task KeepAsync(Claimed row, string? outcome)
    {
        var isDelivered = outcome is null;
        // Not cancelled: what was taken was taken.
        await database.WriteAsync(async tx =>
        {
            var args = new
            {
                row.CustomerId, row.EventId, row.WebhookId, row.LeaseUntilUs, tx.NowUs, Next = Micros.From(tx.Now + Retry.After(row.Attempts)), outcome,
                State = isDelivered ? "delivered" : outcome == NoReference || row.Attempts >= Retry.MostForWebhooks ? "dead" : "queued",
                Sealed = isDelivered ? [] : row.Sealed,
            };
            await tx.RunAsync(isDelivered && row.CustomerId.Length == 0
                ? "DELETE FROM webhook_delivery WHERE customer_id = @CustomerId AND event_id = @EventId AND webhook_id = @WebhookId"
                : """
                  UPDATE webhook_delivery SET state = @State, outcome = @outcome, sealed = @Sealed, lease_until_us = NULL, not_before_us = @Next, changed_at_us = @NowUs
                  WHERE customer_id = @CustomerId AND event_id = @EventId AND webhook_id = @WebhookId AND lease_until_us = @LeaseUntilUs
                  """, args, CancellationToken.None);
        }, CancellationToken.None);
    }

    /// <summary>The event as it is sent; null when the customer is no more or their reference was never kept.</summary>
    private async Task<byte[]?> BodyAsync(Claimed row, CancellationToken ct)
    {
        if (row.CustomerId.Length == 0)
        {
            var parting = JsonSerializer.Deserialize<Webhooks.Body>(vault.Partings.Open(Webhooks.NoteKind, row.EventId, row.Sealed).Span)!;
            return Event(row, parting, parting.Reference!, null);
        }

        if (await database.WriteAsync(tx => PrepareAsync(tx, row, ct), ct) is not { } prepared || reads.Open(prepared.Read).Opened!.Reference is not { } reference)
        {
            return null;
        }

        var note = vault.OpenNotes(prepared.Permit, prepared.Read.Sealed!, Webhooks.NoteKind, [(row.EventId, row.Sealed)])[0];
        var body = JsonSerializer.Deserialize<Webhooks.Body>(note.Span)!;
        var record = body.Data.TryGetProperty("record", out var id) ? id.GetString() : null;
        return Event(row, body, reference, record is null ? null : prepared.Near.FirstOrDefault(e => e.Event.Subject == record)?.Id);
    }

    /// <summary>Asks the gate, and finds the log entries of the event's own moment, in one transaction.</summary>
    private async ValueTask<Prepared?> PrepareAsync(Transaction tx, Claimed row, CancellationToken ct)
    {
        var customer = CustomerId.Parse(row.CustomerId);
        var read = await reads.EvaluateAsync(tx, new SystemRead.Question(Job, row.Type, customer, [], null, 0), ct);
        var key = await vault.FindCustomerAsync(tx, customer, ct);
        return read.Decision is Decision.Allowed { Permit: var permit } && key is not null
            ? new Prepared(read, permit, await log.OfCustomerAsync(tx, key.AuditRef, row.CreatedAtUs + 1, NearEntries, ct))
            : null;
    }

    private byte[] Event(Claimed row, Webhooks.Body body, string reference, string? entry)
    {
        var data = JsonNode.Parse(body.Data.GetRawText())!;
        if (entry is not null)
        {
            data["entry"] = entry;
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = row.EventId,
            ["source"] = site.AbsoluteUri,
            ["type"] = row.Type,
            ["subject"] = reference,
            ["time"] = Micros.ToInstant(body.TimeUs).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            ["datacontenttype"] = "application/json",
            ["data"] = data,
        });
    }

    /// <returns>Null when it was taken; else why not, without anything about the customer.</returns>
    private async Task<string?> PostAsync(Claimed row, byte[] body, CancellationToken ct)
    {
        var now = database.Clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, row.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        request.Headers.Add("webhook-id", row.EventId);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(webhooks.Secret(row.WebhookId, row.Secret), row.EventId, now, body));
        try
        {
            // What the receiver says beyond its status is not read.
            using var answer = await clients[row.AllowPrivate].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return answer.IsSuccessStatusCode ? null : $"http-{(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "timeout";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return e is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } ? "no-public-address" : "unreachable";
        }
    }

    private static async ValueTask<IReadOnlyList<Claimed>> ClaimAsync(Transaction tx, int most, CancellationToken ct)
    {
        var command = tx.Prepared(
            "WITH due (c, e, w) AS (SELECT customer_id, event_id, webhook_id FROM webhook_delivery WHERE state = 'queued' AND not_before_us <= @now ORDER BY not_before_us LIMIT @most" + tx.ForClaim + ") " +
            """
            UPDATE webhook_delivery SET lease_until_us = @lease, not_before_us = @lease, attempts = attempts + 1, changed_at_us = @now
            FROM due WHERE customer_id = due.c AND event_id = due.e AND webhook_id = due.w
            RETURNING customer_id, event_id, webhook_id, type, sealed, attempts, created_at_us
            """);
        var lease = Micros.From(tx.Now + Retry.Lease);
        var known = (await KnownAsync(tx, ct)).ToDictionary(w => w.Id);
        var claimed = new List<Claimed>();
        await using var row = await command.Set("@now", tx.NowUs).Set("@most", (long)most).Set("@lease", lease).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (known.TryGetValue(row.GetString(2), out var to))
            {
                claimed.Add(new Claimed(row.GetString(0), row.GetString(1), to.Id, row.GetString(3), (byte[])row.GetValue(4), row.GetInt64(5), lease, row.GetInt64(6), to.Url, to.Secret, to.Allow != 0));
            }
        }

        return claimed;
    }

    private static async ValueTask<IReadOnlyList<(string Id, string Url, byte[] Secret, long Allow)>> KnownAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<(string Id, string Url, byte[] Secret, long Allow)>("SELECT webhook_id, url, secret, allow_private FROM webhook WHERE disabled_at_us IS NULL", null, ct);
}
