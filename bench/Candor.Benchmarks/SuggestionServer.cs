using System.Diagnostics;
using System.Globalization;
using Candor.Personalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Candor.Benchmarks;

/// <summary>Suggestions over HTTP without the gate's commit: a Kestrel route that asks the model for ten explained suggestions and answers them as JSON; and the load on it,
/// from a process of its own.</summary>
internal static class SuggestionServer
{
    private const int Count = 10;
    private const int PerSecond = 1_000;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private sealed record Answer(string Purpose, bool Personal, IReadOnlyList<Suggestion> Items);

    /// <summary>Serves until it is killed; prints a line once it is ready.</summary>
    public static void Serve(string url, int clicks)
    {
        using var index = new SessionIndex();
        index.PutMany(MadeUpShop.Visits(clicks));
        var ranking = new SessionRanking(index, new SessionSettings());
        var now = (clicks + 1L) * 1_000_000;
        var visits = MadeUpShop.Visits(80_000).Select(v => v.Viewed).ToArray();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/suggest", (int visit) =>
        {
            var items = ranking.Rank(new SessionQuestion(visits[visit % visits.Length], now, Count) { Explained = true });
            // With its length, so that the client knows the end without chunks.
            return Results.Bytes(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Answer("in-session-recommendations", true, items)), "application/json");
        });
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("ready"));
        app.Run(url);
    }

    /// <summary>Starts the server beside this process, and loads it twice: once to warm it up.</summary>
    public static void Run(int clicks)
    {
        const string Url = "http://127.0.0.1:5182";
        var own = Environment.ProcessPath!;
        using var server = Process.Start(new ProcessStartInfo(own, ["serve-suggestions", Url, clicks.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        try
        {
            server.StandardOutput.ReadLine();
            OpenLoop.Run(new Uri(Url + "/suggest"), PerSecond, Length);
            Timing.Report($"suggestion over HTTP at {PerSecond}/s, ms", OpenLoop.Run(new Uri(Url + "/suggest"), PerSecond, Length));
        }
        finally
        {
            server.Kill();
        }
    }
}
