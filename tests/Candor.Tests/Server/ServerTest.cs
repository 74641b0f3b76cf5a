using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Candor.Catalog;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Candor.Tests.Server;

/// <summary>An answer, read whole.</summary>
public sealed record Answer(int Status, HttpResponseMessage Message, string Text)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? Type => Json.GetProperty("type").GetString();
}

/// <summary>The whole server over real Kestrel on a free port, with the ready catalog `shop`. One empty subclass an engine.</summary>
public abstract class ServerTest<TEngine> : IAsyncLifetime
    where TEngine : IEngine, new()
{
    private DirectoryInfo folder = null!;
    private string? postgres;

    internal CandorHost Host { get; private set; } = null!;

    protected RootKey Root { get; } = RootKey.Random();

    protected WebApplication App { get; private set; } = null!;

    protected HttpClient Http { get; private set; } = null!;

    /// <summary>A key of the service `shop` that may collect and carry consents.</summary>
    protected string Key { get; private set; } = "";

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    internal virtual SiteOptions Options => new("http://127.0.0.1:0", RequestsPerSecond: 100_000, IsDemo: true);

    internal virtual HostSettings Adapt(HostSettings settings) => settings;

    /// <summary>What else the server has, before it starts.</summary>
    protected virtual void Adapt(WebApplication app)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        folder = Directory.CreateTempSubdirectory("candor-server-");
        postgres = typeof(TEngine) == typeof(Postgres) ? await PostgresServer.NewDatabaseAsync(Ct) : null;
        Host = await CandorHost.OpenAsync(Adapt(new HostSettings(DataFolder.At(folder.FullName), postgres, new Uri("http://shop.example"))), Root, Ct);
        await Host.ApplyCatalogAsync(PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml, "shop.yaml"), "test", null, Ct);
        Key = await NewKeyAsync("shop", ["collect", "consents"]);
        App = Site.Build(Host, Options);
        Adapt(App);
        await App.StartAsync(Ct);
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(App.Urls.First()) };
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        await Host.DisposeAsync();
        if (postgres is not null)
        {
            await PostgresServer.DropAsync(postgres);
        }

        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The server's own jobs run at moments of their own; where a test counts what is there, they are over first.</summary>
    protected Task StopHousekeepingAsync() => App.Services.GetServices<IHostedService>().OfType<Housekeeping>().Single().StopAsync(Ct);

    /// <summary>Waits for what the server does in the background. A minute, since a machine that runs all tests at once stands still at times.</summary>
    /// <param name="what">What is waited for, as the end of a sentence.</param>
    protected static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); !await holds(); await Task.Delay(20, Ct))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "Waited a minute for " + what + ".");
        }
    }

    /// <summary>Waits for the models that are made in the background at start; what comes before is found in the store.</summary>
    protected Task UntilModelsAsync() => UntilAsync("the models", () => Task.FromResult(Host.Suggestions.IsLoaded));

    protected async Task<string> NewKeyAsync(string service, IReadOnlyList<string> may) =>
        (await Host.Database.WriteAsync(tx => Host.Access.CreateKeyAsync(tx, service, [], may, TimeSpan.FromDays(1), "test", Ct), Ct)).Text;

    /// <summary>Sends one request with the test's key, or with the token given; an empty token sends none.</summary>
    protected async Task<Answer> SendAsync(
        string method, string path, string? body = null, string? token = null, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        token ??= Key;
        if (token.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        if (body is not null)
        {
            // So that a refusal is read before the body is sent and the connection closed.
            request.Headers.ExpectContinue = body.Length > 60_000;
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var message = await Http.SendAsync(request, Ct);
        return new Answer((int)message.StatusCode, message, await message.Content.ReadAsStringAsync(Ct));
    }

    protected Task<Answer> GetAsync(string path, string? token = null) => SendAsync("GET", path, token: token);

    /// <summary>A customer with a name and an e-mail address.</summary>
    protected async Task AddCustomerAsync(string reference) =>
        Assert.Equal(201, (await SendAsync("PUT", $"/v1/customers/{reference}", $$"""{"fullName":"Ada Brook","email":"{{reference}}@customers.example"}""")).Status);

    protected async Task<string> NoticeAsync() => (await GetAsync("/v1/notices/en")).Json.GetProperty("notice").GetString()!;

    protected async Task<Answer> GiveAsync(string reference, string purpose) =>
        await SendAsync("PUT", $"/v1/customers/{reference}/consents/{purpose}", $$"""{"state":"given","notice":"{{await NoticeAsync()}}"}""");
}
