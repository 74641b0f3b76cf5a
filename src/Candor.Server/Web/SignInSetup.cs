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

    /// <summary>The business's own OpenID provider for its staff; null for none.</summary>
    public StaffOidcOptions? Staff { get; init; }
}

/// <summary>Single sign-on for staff.</summary>
/// <param name="Acr">The value of <c>acr</c> that stands for a second factor; null: <c>amr</c> alone tells.</param>
internal sealed record StaffOidcOptions(string Issuer, string? Client, string? Secret, string? Acr);

/// <summary>The ways for staff to sign in besides those of Candor's own.</summary>
/// <param name="OpenId">Null when there is no provider.</param>
internal sealed record StaffWays(StaffOpenId? OpenId);

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

    /// <summary>Name of the limit on passkey challenges: a page asks for one each time it is opened.</summary>
    public const string OptionsLimit = "passkey-options";

    private const int OptionsForAttempt = 5;

    public static void AddSignIn(this IServiceCollection services, CandorHost host, SiteOptions options)
    {
        services.AddSingleton<LinkSender>().AddHostedService(s => s.GetRequiredService<LinkSender>());
        services.AddSingleton(_ => new PublicFetch(allowsLoopback: host.Settings.Site.IsLoopback)).AddSingleton<ShopSigner>();
        services.AddSingleton(s => Make(host, options, s.GetRequiredService<PublicFetch>(), options.IsDemo ? s.GetRequiredService<ShopSigner>() : null));
        services.AddSingleton(s => new StaffWays(options.SignIn?.Staff is { } staff ? MakeStaff(host, staff, s.GetRequiredService<PublicFetch>()) : null));
        services.AddSingleton<Pages.Staff.StaffEntrance>().AddSingleton<Pages.Staff.PasskeyCeremony>().AddSingleton<Pages.Staff.StaffFactorDoor>();
    }

    /// <summary>The limit on passkey challenges.</summary>
    public static Func<HttpContext, RateLimitPartition<string>> OptionsLimitOf(SiteOptions options) => LimitOf(options, OptionsForAttempt);

    public static Func<HttpContext, RateLimitPartition<string>> LimitOf(SiteOptions options) => LimitOf(options, 1);

    private static Func<HttpContext, RateLimitPartition<string>> LimitOf(SiteOptions options, int times)
    {
        var attempts = times * Math.Min(options.SignIn?.AttemptsPerMinute ?? SignInOptions.UsualAttempts, int.MaxValue / OptionsForAttempt);
        return http => RateLimitPartition.GetFixedWindowLimiter(
            Convert.ToHexString(http.RequestServices.GetRequiredService<CandorHost>().SignIn.NetworkOf(http.Connection.RemoteIpAddress)),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = attempts, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 });
    }

    /// <summary>The page to sign in on, from where the way leads back to a path of this site; not to a door of sign-in itself, whose address may hold a token.</summary>
    public static string PathFor(string? path) => LocalPath.TryParse(path, out var local) && !local.Value.StartsWith("/sign-in", StringComparison.Ordinal) ? "/sign-in?to=" + Uri.EscapeDataString(local.Value) : "/sign-in";

    private static StaffOpenId MakeStaff(CandorHost host, StaffOidcOptions options, PublicFetch fetch)
    {
        var settings = OpenIdSettings.Parse(options.Issuer, options.Client, options.Secret, null, fetch);
        return new StaffOpenId(
            host.Database, host.SignIn, host.StaffSignIn, host.StaffFactors, new OpenIdProvider(settings, fetch, host.Database.Clock), host.Settings.Site, options.Acr);
    }

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
