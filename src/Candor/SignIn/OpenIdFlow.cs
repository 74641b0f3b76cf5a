using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.SignIn;

/// <summary>How a browser comes back from the provider.</summary>
public sealed record OpenIdReturn(string? State, string? Code, string? Issuer, string? Error);

/// <summary>The way to an OpenID provider and back: authorization code with PKCE (RFC 7636), state and nonce.</summary>
/// <remarks>State is random and counts once, in the browser that began. Nonce and verifier are derived from it, and from whose way it is, with a secret of
/// this installation, so that nothing secret is stored and what began as one way cannot end as another.</remarks>
/// <param name="backPath">Where the browser comes back to; it also tells the ways apart.</param>
public sealed class OpenIdFlow(Database database, CustomerSignIn signIn, OpenIdProvider provider, Uri site, string backPath)
{
    /// <summary>How long somebody may stay at the provider.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const int MaxCodeLength = 2048;

    private sealed record FlowRow(byte[] BrowserHash, string GoTo, long ExpiresAtUs, long? UsedAtUs);

    public OpenIdSettings Settings => provider.Settings;

    private Uri Back => new(site, backPath);

    /// <summary>Begins.</summary>
    /// <param name="browser">Secret of the browser, in which alone the way back is open.</param>
    /// <param name="also">Further parameters of the request.</param>
    /// <returns>The address at the provider to send the browser to.</returns>
    public async Task<Uri> BeginAsync(string browser, LocalPath goTo, CancellationToken ct, params IEnumerable<(string Name, string Value)> also)
    {
        var there = await provider.DescribeAsync(ct);
        var state = RandomSecret.New();
        await database.WriteAsync(async tx => await tx.RunAsync(
            "INSERT INTO sign_in_flow (state_hash, browser_hash, go_to, expires_at_us) VALUES (@state, @browser, @goTo, @end)",
            new { state = RandomSecret.HashOf(state), browser = RandomSecret.HashOf(browser), goTo = goTo.Value, end = Micros.From(tx.Now + Life) }, ct), ct);
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier(state))));
        IEnumerable<(string Name, string Value)> query =
        [
            ("response_type", "code"), ("client_id", provider.Settings.ClientId), ("redirect_uri", Back.ToString()), ("scope", "openid email"), ("state", state),
            ("nonce", Nonce(state)), ("code_challenge", challenge), ("code_challenge_method", "S256"), .. also,
        ];
        var text = string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"));
        return new UriBuilder(there.Authorization) { Query = there.Authorization.Query.TrimStart('?') is { Length: > 0 } own ? $"{own}&{text}" : text }.Uri;
    }

    /// <summary>Ends: takes what the browser brings back, and asks the provider.</summary>
    /// <returns>The token, of which the signature is checked and its claims are not yet, or why there is none.</returns>
    internal async Task<(SignInTrouble? Trouble, SignedToken? Token, LocalPath GoTo)> FinishAsync(OpenIdReturn back, string? browser, CancellationToken ct)
    {
        var (trouble, goTo) = await TakeStateAsync(back.State, browser, ct);
        if (trouble is null)
        {
            var there = await provider.DescribeAsync(ct);
            trouble = back switch
            {
                // Another provider's answer in this one's place (RFC 9207, mix-up).
                { Issuer: { } named } when named != provider.Settings.IssuerText => SignInTrouble.BadToken,
                { Issuer: null } when there.NamesIssuer => SignInTrouble.BadToken,
                { Error: not null } => SignInTrouble.ProviderRefused,
                { Code: not { Length: > 0 and <= MaxCodeLength } } => SignInTrouble.ProviderFailed,
                _ => null,
            };
        }

        var token = trouble is null ? await provider.ExchangeAsync(back.Code!, Verifier(back.State!), Back, ct) : null;
        return (trouble ?? (token is null ? SignInTrouble.ProviderFailed : null), token, goTo);
    }

    /// <summary>The checks of OpenID Connect Core 1.0 section 3.1.3.7 that a signature does not make.</summary>
    internal SignInTrouble? WhyNot(JsonElement claims, string state, DateTimeOffset now)
    {
        var (issued, expires) = (SignedToken.InstantOf(claims, "iat"), SignedToken.InstantOf(claims, "exp"));
        var isOurs = SignedToken.TextOf(claims, "iss") == provider.Settings.IssuerText && SignedToken.IsFor(claims, provider.Settings.ClientId)
            && (claims.TryGetProperty("azp", out _) ? SignedToken.TextOf(claims, "azp") == provider.Settings.ClientId : claims.GetProperty("aud").ValueKind == JsonValueKind.String || claims.GetProperty("aud").GetArrayLength() == 1);
        var isInTime = issued <= now + SiteTokens.Skew && issued > now - Life - SiteTokens.Skew && expires > now - SiteTokens.Skew;
        var nonce = Encoding.UTF8.GetBytes(SignedToken.TextOf(claims, "nonce") ?? "");
        return isOurs && isInTime && CryptographicOperations.FixedTimeEquals(nonce, Encoding.UTF8.GetBytes(Nonce(state))) ? null : SignInTrouble.BadToken;
    }

    /// <summary>Forgets ways to the provider that have run out.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => database.WriteAsync(async tx =>
        await tx.RunAsync("DELETE FROM sign_in_flow WHERE expires_at_us < @NowUs", new { tx.NowUs }, ct), ct);

    /// <summary>Uses the state up, whatever comes of it, when this browser began it.</summary>
    private Task<(SignInTrouble? Trouble, LocalPath GoTo)> TakeStateAsync(string? state, string? browser, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var args = new { state = RandomSecret.HashOf(state ?? ""), browser = RandomSecret.HashOf(browser ?? ""), tx.NowUs };
        var goTo = await tx.FindAsync<string>(
            """
            UPDATE sign_in_flow SET used_at_us = @NowUs WHERE state_hash = @state AND browser_hash = @browser AND used_at_us IS NULL AND expires_at_us > @NowUs
            RETURNING go_to
            """, args, ct);
        if (goTo is not null)
        {
            return ((SignInTrouble?)null, LocalPath.OrHome(goTo));
        }

        var row = await tx.FindAsync<FlowRow>("SELECT browser_hash, go_to, expires_at_us, used_at_us FROM sign_in_flow WHERE state_hash = @state", args, ct);
        var isElsewhere = row is { UsedAtUs: null } && row.ExpiresAtUs > tx.NowUs && !CryptographicOperations.FixedTimeEquals(row.BrowserHash, args.browser);
        return (isElsewhere ? SignInTrouble.OtherBrowser : SignInTrouble.Over, LocalPath.Home);
    }, ct);

    /// <summary>INVARIANT: the customers' way keeps the kinds that it had before there was another one.</summary>
    private string Nonce(string state) => Base64Url.EncodeToString(signIn.Derive(KindOf("nonce"), Encoding.UTF8.GetBytes(state)));

    private string Verifier(string state) => Base64Url.EncodeToString(signIn.Derive(KindOf("pkce"), Encoding.UTF8.GetBytes(state)));

    private string KindOf(string what) => backPath == OpenIdSignIn.BackPath ? what + "|" : $"{what}|{backPath}|";
}
