using System.Diagnostics;
using System.Globalization;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Benchmarks;

/// <summary>Four customers at a time open the first page of My Data &amp; Privacy: what the domain does for it, with the log as large as the runs before made it.</summary>
internal static class MeSpeed
{
    private const int Clients = 4;
    private const int Each = 250;

    public static async Task RunAsync(Platform platform)
    {
        var (entries, tokens) = await platform.Database.WriteAsync(async tx =>
        {
            var (size, _) = await platform.Log.HeadAsync(tx, default);
            var opened = new CallerToken[Clients * Each];
            for (var i = 0; i < opened.Length; i++)
            {
                // From the end: nobody has read about these yet, so that the whole log is looked through for them.
                var key = await platform.Vault.FindCustomerAsync(tx, BlindIndex.Reference, $"c{i + 50_000}", default)
                    ?? throw new InvalidOperationException("The store has fewer than 51,000 customers; seed more.");
                opened[i] = CallerToken.Parse(await platform.Access.OpenCustomerSessionAsync(tx, key.Id, default));
            }

            return (size, opened);
        }, default);
        var times = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var taken = new List<double>(Each);
            for (var i = 0; i < Each; i++)
            {
                var start = Stopwatch.GetTimestamp();
                _ = await platform.Own.OverviewAsync(tokens[client * Each + i], default) ?? throw new InvalidOperationException("A live session was refused.");
                taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return taken;
        })));
        var sorted = times.SelectMany(t => t).Order().ToList();
        Console.WriteLine(sorted[(int)(sorted.Count * 0.95)].ToString("0.0", CultureInfo.InvariantCulture));
        Console.Error.WriteLine($"with {entries} entries in the log");
    }
}
