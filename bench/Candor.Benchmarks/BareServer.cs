using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Candor.Benchmarks;

/// <summary>What the web framework alone can do on this machine: the measure of the ratios.</summary>
internal static class BareServer
{
    private sealed record Answer(string Purpose, Dictionary<string, string> Fields, string[] Withheld, string Entry);

    public static void Run(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/v1/customers/{reference}", (string reference) => Results.Ok(new Answer(
            "newsletter",
            new Dictionary<string, string> { ["fullName"] = "Ada Example", ["email"] = $"{reference}@customers.example" },
            [],
            "00000000000000000000000000000000")));
        app.Run(url);
    }
}
