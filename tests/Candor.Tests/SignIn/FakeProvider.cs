using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Candor.Kernel;
using Candor.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Candor.Tests.SignIn;

/// <summary>A tiny OpenID provider on a free port of this machine. It keeps to the rules: PKCE, one use of a code, the client's secret. Tests bend its answers.</summary>
public sealed class FakeProvider : IAsyncDisposable
{
    public const string ClientId = "candor";
    public const string Secret = "s3cret:with/odd chars";

    private readonly WebApplication app;
    private readonly Dictionary<string, (string Challenge, string Nonce)> codes = [];
    private readonly TestSigner signer = new("p1");

    private FakeProvider(WebApplication app) => this.app = app;

    public string Issuer => app.Urls.First();

    /// <summary>Changes the claims of the next id tokens.</summary>
    public Action<Dictionary<string, object>> Bend { get; set; } = _ => { };

    /// <summary>Signs instead of the provider, for a forged token.</summary>
    public TestSigner? Forger { get; set; }

    /// <summary>What the token endpoint answers instead, if anything.</summary>
    public (int Status, string Text)? Instead { get; set; }

    /// <summary>What the description says as issuer; null for the truth.</summary>
    public string? SaidIssuer { get; set; }

    public bool NamesIssuer { get; set; }

    /// <summary>The way back that is registered here.</summary>
    public Uri Back { get; set; } = new(SignInHouse.Site, OpenIdSignIn.BackPath);

    public long Now { get; set; }

    public static async Task<FakeProvider> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new FakeProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = provider.SaidIssuer ?? provider.Issuer, authorization_endpoint = provider.Issuer + "/authorize", token_endpoint = provider.Issuer + "/token", jwks_uri = provider.Issuer + "/keys",
            authorization_response_iss_parameter_supported = provider.NamesIssuer,
        }));
        app.MapGet("/keys", () => Results.Text(provider.signer.KeySet, "application/json"));
        app.MapPost("/token", (Delegate)provider.ExchangeAsync);
        await app.StartAsync(ct);
        return provider;
    }

    /// <summary>What the customer does at the provider: agrees, and is sent back with a code.</summary>
    public OpenIdReturn Agree(Uri sentTo)
    {
        var query = HttpUtility.ParseQueryString(sentTo.Query);
        Assert.Equal(("code", ClientId, "S256", "openid email"), (query["response_type"], query["client_id"], query["code_challenge_method"], query["scope"]));
        var code = RandomSecret.New();
        codes[code] = (query["code_challenge"]!, query["nonce"]!);
        return new OpenIdReturn(query["state"], code, NamesIssuer ? Issuer : null, null);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        signer.Dispose();
    }

    private async Task<IResult> ExchangeAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var basic = Encoding.UTF8.GetString(Convert.FromBase64String(http.Request.Headers.Authorization.ToString()["Basic ".Length..])).Split(':');
        if (Instead is var (status, text))
        {
            return Results.Text(text, "application/json", statusCode: status);
        }

        var challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (basic is not [ClientId, var secret] || Uri.UnescapeDataString(secret) != Secret || !codes.Remove(form["code"].ToString(), out var asked) || asked.Challenge != challenge
            || form["grant_type"] != "authorization_code" || form["redirect_uri"] != Back.ToString())
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        }

        var claims = new Dictionary<string, object>
        {
            ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = "ada", ["nonce"] = asked.Nonce, ["iat"] = Now, ["exp"] = Now + 300, ["email"] = "ada@customers.example", ["email_verified"] = true,
        };
        Bend(claims);
        return Results.Text(JsonSerializer.Serialize(new { access_token = "x", token_type = "Bearer", id_token = (Forger ?? signer).Sign(claims) }), "application/json");
    }
}
