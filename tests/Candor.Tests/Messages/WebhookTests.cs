using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Storage;

namespace Candor.Tests.Messages;

/// <summary>Another system for tests: takes requests and remembers them. Speaks HTTP/1.1 by hand, so that nothing of ours checks itself.</summary>
public sealed class WebhookSink : IDisposable
{
    private readonly HttpListener listener = new();

    public WebhookSink()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public int Status { get; set; } = 204;

    public List<(string Id, string Timestamp, string Signature, string ContentType, byte[] Body)> Taken { get; } = [];

    /// <summary>Verifies a request as the specification tells receivers to, written anew here.</summary>
    public static bool Verifies(string secret, (string Id, string Timestamp, string Signature, string ContentType, byte[] Body) request)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret.Replace("whsec_", "", StringComparison.Ordinal)));
        var expected = hmac.ComputeHash(Encoding.UTF8.GetBytes(request.Id + "." + request.Timestamp + "." + Encoding.UTF8.GetString(request.Body)));
        return request.Signature.Split(' ').Any(s => s.StartsWith("v1,", StringComparison.Ordinal) && Convert.FromBase64String(s[3..]).AsSpan().SequenceEqual(expected));
    }

    public void Dispose() => ((IDisposable)listener).Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                lock (Taken)
                {
                    var headers = context.Request.Headers;
                    Taken.Add((headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"]!, context.Request.ContentType!, body.ToArray()));
                }

                context.Response.StatusCode = Status;
                if (Status == 302)
                {
                    context.Response.RedirectLocation = $"http://127.0.0.1:{Port}/elsewhere";
                }

                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

public sealed class WebhookOnSqlite : WebhookTests<Sqlite>;

public sealed class WebhookOnPostgres : WebhookTests<Postgres>;

public abstract class WebhookTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly WebhookSink sink = new();
    private MessageHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        sink.Dispose();
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_withdrawal_reaches_the_other_system_signed_and_under_the_id_it_knows()
    {
        var secret = await AddAsync("candor.consent.withdrawn");
        var ada = await house.AddAsync("ada-7", Ct);
        await house.GiveAsync("ada-7", MessageHouse.Newsletter, Ct);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await house.WithdrawAsync("ada-7", MessageHouse.Newsletter, Ct);
        var entry = (await Db.ReadAsync(tx => house.House.Log.OfCustomerAsync(tx, ada.AuditRef, null, 1, Ct), Ct))[0];
        Assert.Equal(1, await house.Room.WebhookSender.SendDueAsync(100, Ct));
        var request = Assert.Single(sink.Taken);
        Assert.True(WebhookSink.Verifies(secret, request));
        Assert.False(WebhookSink.Verifies(WebhookSignature.NewSecret(), request));
        Assert.Equal("application/cloudevents+json", request.ContentType);
        var body = JsonElement.Parse(request.Body);
        Assert.Equal(("1.0", request.Id, "https://privacy.shop.example/", "candor.consent.withdrawn", "ada-7", "2026-06-01T09:01:00.000000Z", "application/json"),
            (Text(body, "specversion"), Text(body, "id"), Text(body, "source"), Text(body, "type"), Text(body, "subject"), Text(body, "time"), Text(body, "datacontenttype")));
        var data = body.GetProperty("data");
        Assert.Equal(("newsletter", "withdrawn", 2L, entry.Id), (Text(data, "purpose"), Text(data, "state"), data.GetProperty("version").GetInt64(), Text(data, "entry")));
        Assert.Equal(["data", "datacontenttype", "id", "source", "specversion", "subject", "time", "type"], body.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task It_is_tried_until_it_is_taken_and_meanwhile_it_is_visible()
    {
        await AddAsync();
        await house.AddAsync("ada", Ct);
        sink.Status = 500;
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        await house.Room.WebhookSender.SendDueAsync(100, Ct);
        Assert.Equal(("candor.consent.given", "queued", 1L, "http-500"), Shown(Assert.Single(await OpenAsync())));
        Assert.Equal(0, await house.Room.WebhookSender.SendDueAsync(100, Ct));
        Clock.Advance(Retry.First);
        sink.Status = 302;
        await house.Room.WebhookSender.SendDueAsync(100, Ct);
        Assert.Equal("http-302", (await OpenAsync())[0].Outcome);
        Assert.Equal(2, sink.Taken.Count);
        sink.Status = 200;
        Assert.Equal(1, await Db.WriteAsync(tx => house.Room.Webhooks.RetryAsync(tx, null, Ct), Ct));
        await house.Room.WebhookSender.SendDueAsync(100, Ct);
        Assert.Empty(await OpenAsync());
        Assert.Single(sink.Taken.Select(t => t.Id).Distinct());
        Assert.Single(sink.Taken.Select(t => Convert.ToBase64String(t.Body)).Distinct());
    }

    [Fact]
    public async Task After_about_a_month_it_is_given_up_and_a_person_may_start_it_again()
    {
        await AddAsync();
        await house.AddAsync("ada", Ct);
        sink.Status = 503;
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        for (var i = 1; i <= Retry.MostForWebhooks; i++)
        {
            Assert.Equal(1, await house.Room.WebhookSender.SendDueAsync(100, Ct));
            Clock.Advance(Retry.After(i));
        }

        Assert.Equal("dead", Assert.Single(await OpenAsync()).State);
        Assert.Equal(0, await house.Room.WebhookSender.SendDueAsync(100, Ct));
        sink.Status = 200;
        await Db.WriteAsync(tx => house.Room.Webhooks.RetryAsync(tx, null, Ct), Ct);
        Assert.Equal(1, await house.Room.WebhookSender.SendDueAsync(100, Ct));
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task That_a_customer_was_erased_is_told_after_their_key_is_gone()
    {
        var secret = await AddAsync();
        var ada = await house.AddAsync("ada-7", Ct);
        await house.GiveAsync("ada-7", MessageHouse.Newsletter, Ct);
        await Db.WriteAsync(async tx =>
        {
            await house.Outbox.EraseAsync(tx, ada.Id, Ct);
            await house.House.Vault.ShredAsync(tx, ada.Id, Ct);
            await house.Room.Webhooks.QueuePartingAsync(tx, "ada-7", "candor.customer.erased", new { request = "R-1" }, Ct);
        }, Ct);
        await house.Room.WebhookSender.SendDueAsync(100, Ct);
        var request = Assert.Single(sink.Taken);
        Assert.True(WebhookSink.Verifies(secret, request));
        var body = JsonElement.Parse(request.Body);
        Assert.Equal(("candor.customer.erased", "ada-7", "R-1"), (Text(body, "type"), Text(body, "subject"), Text(body.GetProperty("data"), "request")));
        Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM webhook_delivery", null, Ct), Ct));
    }

    [Fact]
    public async Task A_webhook_that_is_removed_is_told_nothing_more()
    {
        await AddAsync();
        await house.AddAsync("ada", Ct);
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        var id = Assert.Single(await Db.ReadAsync(tx => house.Room.Webhooks.ListAsync(tx, Ct), Ct)).Id;
        await Db.WriteAsync(tx => house.Room.Webhooks.RemoveAsync(tx, id, "test", Ct), Ct);
        Assert.Equal(0, await house.Room.WebhookSender.SendDueAsync(100, Ct));
        Assert.Equal("messages/no-webhook", (await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => house.Room.Webhooks.RemoveAsync(tx, id, "test", Ct), Ct))).What);
    }

    private async Task<string> AddAsync(params string[] types) =>
        (await Db.WriteAsync(tx => house.Room.Webhooks.AddAsync(tx, $"http://127.0.0.1:{sink.Port}/hook", types, allowPrivate: true, "test", Ct), Ct)).Secret;

    private Task<IReadOnlyList<WebhookDelivery>> OpenAsync() => Db.ReadAsync(tx => house.Room.Webhooks.DeliveriesAsync(tx, onlyOpen: true, 100, Ct), Ct);

    private static (string, string, long, string?) Shown(WebhookDelivery d) => (d.Type, d.State, d.Attempts, d.Outcome);

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
