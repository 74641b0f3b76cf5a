using System.Diagnostics;
using System.Globalization;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;

namespace Candor.Benchmarks;

/// <summary>Eight customers at a time withdraw and give again; the time of each withdrawal until it is durable and counts.</summary>
internal static class WithdrawalSpeed
{
    private const int Clients = 8;
    private const int Each = 250;

    public static async Task RunAsync(Platform platform)
    {
        var (key, notice) = await platform.Database.WriteAsync(async tx =>
        {
            var catalog = await platform.Catalogs.GetActiveAsync(tx, default);
            var made = await platform.Access.CreateKeyAsync(tx, "mailer", [], ["consents"], TimeSpan.FromDays(1), "bench", default);
            return (made.Text, NoticeText.Generate(catalog.Catalog, "en").Ref);
        }, default);
        var token = CallerToken.TryParse(key, out var parsed) ? parsed : throw new InvalidOperationException("A fresh key did not parse.");
        var purpose = PurposeId.Parse("newsletter");
        var times = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var taken = new List<double>();
            for (var i = 0; i < Each; i++)
            {
                var reference = $"c{client * Each + i}";
                var start = Stopwatch.GetTimestamp();
                var outcome = await platform.Choices.WithdrawAsync(token, reference, purpose, "bench", "en", default);
                taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (outcome.Changed is null)
                {
                    throw new InvalidOperationException($"The withdrawal was refused: {outcome.Refused?.Reason}.");
                }

                await platform.Choices.GiveAsync(token, reference, purpose, notice, "bench", default);
            }

            return taken;
        })));
        var sorted = times.SelectMany(t => t).Order().ToList();
        Console.WriteLine(sorted[(int)(sorted.Count * 0.99)].ToString("0.0", CultureInfo.InvariantCulture));
    }
}
