using Candor.Kernel;
using Candor.Server.Endpoints;
using Candor.Server.Telemetry;

namespace Candor.Server.Web;

/// <summary>What is served in place of everything while a restored database is closed: one sentence, with 503. It has no database, so that it cannot give anything away.</summary>
internal static class ClosedSite
{
    public static WebApplication Build(string urls, Fault why, bool isJson = false)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(urls).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.AddLogging(isJson);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddProblemDetails();
        builder.Services.AddRazorComponents();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, JsonContext.Default));
        foreach (var keyFiles in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name == "DataProtectionHostedService").ToList())
        {
            builder.Services.Remove(keyFiles);
        }

        var app = builder.Build();
        app.UseSecurityHeaders();
        app.Run(http =>
        {
            if (http.Request.Path == "/healthz")
            {
                return http.Response.WriteAsJsonAsync(new HealthAnswer("alive"), JsonContext.Default.Options, http.RequestAborted);
            }

            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            http.Response.Headers.RetryAfter = "60";
            return ErrorPages.TellAsync(http, "urn:candor:" + why.What, "Closed after a restore", why.Message);
        });
        return app;
    }
}
