using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Candor.Collection;
using Candor.Staff;

namespace Candor.Benchmarks;

/// <summary>Batches of a thousand purchases of fifty customers, from eight callers at once: sealed, decided, logged and durable.</summary>
internal static class EventSpeed
{
    private const int Callers = 8;
    private const int Batches = 12;
    private const int BatchSize = 1000;
    private const int CustomersPerBatch = 50;

    public static async Task RunAsync(Platform platform)
    {
        var key = await platform.Database.WriteAsync(
            async tx => (await platform.Access.CreateKeyAsync(tx, "shop", [], ["collect"], TimeSpan.FromDays(1), "bench", default)).Text, default);
        var token = CallerToken.TryParse(key, out var parsed) ? parsed : throw new InvalidOperationException("A fresh key did not parse.");
        var events = new EventCollection(platform.Database, platform.Catalogs, platform.Ledger, platform.Log, platform.Vault, platform.Access);
        await events.StoreAsync(token, Batch(0, "warm"), default);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Batches; i++)
            {
                var number = caller * Batches + i;
                var outcome = await events.StoreAsync(token, Batch(number, $"{number}"), default);
                if (outcome?.Answers.Count(a => a.Result == EventResult.Stored) != BatchSize)
                {
                    throw new InvalidOperationException("Not every event was stored.");
                }
            }
        })));
        Console.WriteLine((Callers * Batches * BatchSize / Stopwatch.GetElapsedTime(start).TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
    }

    private static List<IncomingEvent> Batch(int number, string id)
    {
        var time = TimeProvider.System.GetUtcNow().AddDays(-1);
        var data = JsonElement.Parse("""{"item":"Wool scarf","quantity":2,"total":39.80,"invoiceNumber":"MT-10293"}""");
        return [.. Enumerable.Range(0, BatchSize).Select(i => new IncomingEvent($"c{number * CustomersPerBatch + i % CustomersPerBatch}", "purchases", $"{id}-{i}", time, data))];
    }
}
