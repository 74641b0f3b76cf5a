using System.Net;
using System.Threading.RateLimiting;
using Candor.Server.Assistants;
using Candor.Server.Endpoints;
using Candor.Server.Hosting;
using Candor.Server.Pages;
using Candor.Server.Pages.Demo;
using Candor.Server.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;
using Scalar.AspNetCore;

namespace Candor.Server.Web;

/// <summary>Limits of the door.</summary>
/// <param name="RequestsPerSecond">For each key or address; a burst may be twice that.</param>
/// <param name="IsDemo">Serves the sample shop, where anybody may sign in as a sample customer.</param>
/// <param name="SignIn">Ways to sign in besides the link by e-mail, and their limits.</param>
/// <param name="Proxies">Addresses of the proxies in front, whose word on who calls is taken; nobody else's is.</param>
/// <param name="HasPublicTrust">Shows everybody the page <c>/trust/public</c>.</param>
/// <param name="Telemetry">What is told about how the server does; null: nothing.</param>
internal sealed record SiteOptions(
    string Urls, int RequestsPerSecond = 500, bool IsDemo = false, DemoKeys? Demo = null, SignInOptions? SignIn = null, IReadOnlyList<IPAddress>? Proxies = null, bool HasPublicTrust = false,
    TelemetrySettings? Telemetry = null)
{
    /// <summary>AI assistants may call at <c>/mcp</c>.</summary>
    public bool HasAssistants { get; init; }

    public TelemetrySettings Told { get; init; } = Telemetry ?? new TelemetrySettings();
}

/// <summary>Builds the web server: one list of middleware, one list of endpoints.</summary>
internal static class Site
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxHeaderBytes = 16 * 1024;

    public static WebApplication Build(CandorHost host, SiteOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot" });
        builder.WebHost.UseUrls(options.Urls).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // A failure to start is told in one sentence by the command.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.AddTelemetry(options.Told);
        AddServices(builder.Services, host, options);
        var app = builder.Build();
        Use(app, options);
        Map(app, options);
        return app;
    }

    private static void AddServices(IServiceCollection services, CandorHost host, SiteOptions options)
    {
        services.AddSingleton(host).AddSingleton(host.Reads).AddSingleton(host.Choices).AddSingleton(host.Own).AddSingleton(host.Profiles).AddSingleton(host.Events)
            .AddSingleton(host.Suggestions).AddSingleton(host.Briefs);
        services.AddSingleton(options).AddSingleton<FormToken>().AddSingleton<Pages.Me.MeDoor>().AddSingleton<Pages.Staff.StaffDoor>().AddSingleton<Pages.Trust.TrustReports>().AddSingleton<ShopSession>().AddSingleton<ShopSuggestions>();
        services.AddSingleton<BackgroundRuns>().AddSingleton<HealthLook>().AddSingleton<Pages.Trust.PublicTrustCache>();
        services.AddHostedService<Housekeeping>().AddHostedService<LogWatching>();
        services.AddSignIn(host, options);
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, JsonContext.Default);
            json.SerializerOptions.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.MaxDepth = 16;
            json.SerializerOptions.DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
        });
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddAuthentication(CallerAuthentication.Scheme2).AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.Scheme2, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddRateLimiter(limiter => ConfigureLimits(limiter, options));
        services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            (document.Info.Title, document.Info.Description) = ("Candor API", "Every read names a purpose; a refusal says why and where it stands in the log.");
            document.Servers?.Clear();
            return Task.CompletedTask;
        }));
        if (options.HasAssistants)
        {
            services.AddAssistants();
        }

        services.AddRazorComponents();
        // Pages here hold no state and no cookie of the framework's, so its key files are not made.
        foreach (var keyFiles in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
        {
            services.Remove(keyFiles);
        }
    }

    private static void Use(WebApplication app, SiteOptions options)
    {
        if (options.Proxies is { Count: > 0 } proxies)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var proxy in proxies)
            {
                forwarded.KnownProxies.Add(proxy);
            }

            app.UseForwardedHeaders(forwarded);
        }

        app.UseTelemetry(options.Told);
        app.UseSecurityHeaders();
        app.UseMiddleware<FaultHandler>();
        app.UseStatusCodePages(ErrorPages.WriteAsync);
        app.UseRouting();
        app.Use(static (http, next) =>
        {
            if (http.GetEndpoint() is not null)
            {
                return next(http);
            }

            // Before anybody is asked who they are: what does not exist needs no token.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseCrossSiteGuard();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseMiddleware<KeyUse>();
        app.UseAssistantGuard(options);
        app.UseOptOutHonour(app.Services.GetRequiredService<CandorHost>());
        app.UseIdempotency(app.Services.GetRequiredService<CandorHost>());
    }

    private static void Map(WebApplication app, SiteOptions options)
    {
        app.MapReads();
        app.MapCollection();
        app.MapConsents();
        app.MapSuggestions();
        app.MapBrief();
        app.MapWeb();
        app.MapIdentify();
        app.MapScripts();
        app.MapRequests();
        app.MapOpenDsr();
        app.MapErasure();
        app.MapCatalog();
        app.MapInitiativeList();
        app.MapLog();
        app.MapHealth();
        if (options.HasAssistants)
        {
            app.MapAssistants();
        }

        app.MapPages(options);
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference("/docs", scalar => scalar.WithTitle("Candor API").DisableDefaultFonts().DisableTelemetry()).AllowAnonymous();
    }

    /// <summary>A bucket for each key, session or address. Counted on each node; the read budget counts across nodes.</summary>
    private static void ConfigureLimits(Microsoft.AspNetCore.RateLimiting.RateLimiterOptions limiter, SiteOptions options)
    {
        var perSecond = options.RequestsPerSecond;
        limiter.AddPolicy(SignInSetup.Limit, SignInSetup.LimitOf(options));
        limiter.AddPolicy(SignInSetup.OptionsLimit, SignInSetup.OptionsLimitOf(options));
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (context, ct) =>
        {
            var isSignIn = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.RateLimiting.EnableRateLimitingAttribute>() is not null;
            context.HttpContext.Response.Headers.RetryAfter = isSignIn ? "60" : "1";
            await TypedResults.Problem(Problems.Of(StatusCodes.Status429TooManyRequests, "urn:candor:server/too-many-requests", "Too many requests",
                isSignIn ? "That was often in a short time; wait a minute and try again."
                    : $"At most {perSecond} requests a second are answered for one caller; wait a second.")).ExecuteAsync(context.HttpContext);
        };
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(
            http.FindToken()?.KeyId ?? http.Connection.RemoteIpAddress?.ToString() ?? "", _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond * 2,
                TokensPerPeriod = Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = 0,
            }));
    }
}
