using System.Threading.RateLimiting;
using Candor.Server.Hosting;
using Candor.Server.Pages.Demo;
using Candor.SignIn;

namespace Candor.Server.Web;

/// <summary>Ways to sign in besides the link by e-mail.</summary>
/// <param name="SiteKeys">Address or file of the public keys of the business's own site; null: it vouches for nobody.</param>
/// <param name="OidcIssuer">The OpenID provider; null for none.</param>
/// <param name="AttemptsPerMinute">For one network (IPv4 /24, IPv6 /56), on each node.</param>
internal sealed record SignInOptions(
    string? SiteKeys = null, string? OidcIssuer = null, string? OidcClient = null, string? OidcSecret = null, string? OidcClaim = null,
    int AttemptsPerMinute = SignInOptions.UsualAttempts)
{
    public const int UsualAttempts = 20;
}

/// <summary>The ways to sign in that are set up here.</summary>
/// <param name="OpenId">Null when there is no provider.</param>
internal sealed record SignInWays(SignInLinks Links, SiteTokens Tokens, OpenIdSignIn? OpenId)
{
    /// <summary>Forgets what has run out on all ways.</summary>
    public async Task<int> CleanAsync(CancellationToken ct) =>
        await Links.CleanAsync(ct) + await Tokens.CleanAsync(ct) + (OpenId is null ? 0 : await OpenId.CleanAsync(ct));
}

/// <summary>Puts sign-in together.</summary>
internal static class SignInSetup
{
    /// <summary>Name of the limit on attempts.</summary>
    public const string Limit = "sign-in";

    public static void AddSignIn(this IServiceCollection services, CandorHost host, SiteOptions options)
    {
        services.AddSingleton<LinkSender>().AddHostedService(s => s.GetRequiredService<LinkSender>());
        services.AddSingleton(_ => new PublicFetch(allowsLoopback: host.Settings.Site.IsLoopback)).AddSingleton<ShopSigner>();
        services.AddSingleton(s => Make(host, options, s.GetRequiredService<PublicFetch>(), options.IsDemo ? s.GetRequiredService<ShopSigner>() : null));
    }

    public static Func<HttpContext, RateLimitPartition<string>> LimitOf(SiteOptions options)
    {
        var attempts = options.SignIn?.AttemptsPerMinute ?? SignInOptions.UsualAttempts;
        return http => RateLimitPartition.GetFixedWindowLimiter(
            Convert.ToHexString(http.RequestServices.GetRequiredService<CandorHost>().SignIn.NetworkOf(http.Connection.RemoteIpAddress)),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = attempts, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 });
    }

    /// <summary>The page to sign in on, from where the way leads back to a path of this site; not to a door of sign-in itself, whose address may hold a token.</summary>
    public static string PathFor(string? path) => LocalPath.TryParse(path, out var local) && !local.Value.StartsWith("/sign-in", StringComparison.Ordinal) ? "/sign-in?to=" + Uri.EscapeDataString(local.Value) : "/sign-in";

    private static SignInWays Make(CandorHost host, SiteOptions options, PublicFetch fetch, ShopSigner? shop)
    {
        var (settings, clock) = (options.SignIn ?? new SignInOptions(), host.Database.Clock);
        var keys = shop is not null ? new WebKeySource(_ => Task.FromResult(shop.KeySet), clock)
            : settings.SiteKeys is { } place ? WebKeySource.From(place, fetch, clock) : null;
        var openId = settings.OidcIssuer is { } issuer
            ? new OpenIdProvider(OpenIdSettings.Parse(issuer, settings.OidcClient, settings.OidcSecret, settings.OidcClaim, fetch), fetch, clock) : null;
        return new SignInWays(
            host.Links, new SiteTokens(host.Database, host.Catalogs, host.Vault, host.SignIn, keys, host.Settings.Site),
            openId is null ? null : new OpenIdSignIn(host.Database, host.Vault, host.SignIn, openId, host.Settings.Site));
    }
}
