using System.Diagnostics;
using System.Globalization;
using System.Text;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Rights;
using Candor.Staff;
using Candor.Storage;
using Candor.Audit;
using Candor.Vault;

namespace Candor.Benchmarks;

/// <summary>The access report and the erasure of a customer with 10,000 events, nine in ten of them page views and the rest purchases under a legal hold; the median of several.</summary>
internal static class RightsSpeed
{
    private const int Customers = 7;
    private const int Events = 10_000;
    private const int PurchaseEvery = 10;

    public static async Task RunAsync(Platform platform)
    {
        using var signer = ReceiptSigner.Open(platform.Keys.Secret(KeyRing.ReceiptSigning));
        var budget = new ReadBudget(new ReadBudgetOptions(), platform.Log);
        var report = new AccessReport(
            platform.Database, platform.Catalogs, platform.Notices, platform.Ledger, platform.Log,
            new CheckpointSigner(platform.Log, new NoteSigner(platform.Log.Origin, platform.Keys.Secret(KeyRing.LogSigning))),
            new ReceiptWriter(signer, new Uri("http://localhost/")), platform.Vault, platform.Access);
        var erasure = new Erasure(
            platform.Database, platform.Catalogs, platform.Ledger, platform.Log, platform.Vault, new HeldVault(platform.Keys, platform.Index), new Outbox(platform.Vault), platform.Access,
            budget, new SystemRead(platform.Database, platform.Catalogs, platform.Ledger, platform.Log, platform.Vault));
        var (reports, erasures) = (new List<double>(), new List<double>());
        var run = RandomName();
        for (var i = 0; i < Customers; i++)
        {
            var (customer, session) = await AddAsync(platform, $"rights-{run}-{i}");
            reports.Add(await TimeAsync(async () => await ReportArchive.WriteAsync((await report.ReadAsync(session, "en", default))!, Stream.Null, default)));
            erasures.Add(await TimeAsync(() => erasure.RunAsync(customer, "system:bench", default)));
        }

        // The first of each warms up.
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Median(reports):0} {Median(erasures):0}"));
    }

    private static string RandomName() => CustomerId.New().Value[..8];

    private static async Task<(CustomerId Customer, CallerToken Session)> AddAsync(Platform platform, string reference)
    {
        var vault = platform.Vault;
        var key = await platform.Database.WriteAsync(async tx =>
        {
            var made = await vault.CreateCustomerAsync(tx, reference, default);
            await vault.PutFieldAsync(tx, made, DataPointId.Parse("fullName"), "\"Ada Brook\""u8.ToArray(), "bench", default);
            await vault.PutFieldAsync(tx, made, DataPointId.Parse("email"), Encoding.UTF8.GetBytes($"\"{reference}@customers.example\""), "bench", default);
            return made;
        }, default);
        for (var done = 0; done < Events; done += 1000)
        {
            await platform.Database.WriteAsync(async tx =>
            {
                using var open = vault.BeginSeal(key);
                for (var i = done; i < done + 1000; i++)
                {
                    var (point, json) = i % PurchaseEvery == 0
                        ? (DataPointId.Parse("purchases"), """{"item":"Wool scarf","quantity":2,"total":39.80,"invoiceNumber":"MT-10293","date":"2026-05-01"}""")
                        : (DataPointId.Parse("pageViews"), """{"page":"/scarves/wool","seconds":42}""");
                    var id = i.ToString(CultureInfo.InvariantCulture);
                    await PersonalVault.InsertRecordAsync(tx, key.Id, point, id, tx.Now.AddMinutes(-i), PersonalVault.SealRecord(open, point, id, Encoding.UTF8.GetBytes(json)), "bench", default);
                }
            }, default);
        }

        return (key.Id, CallerToken.Parse(await platform.Database.WriteAsync(tx => platform.Access.OpenCustomerSessionAsync(tx, key.Id, default), default)));
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Skip(1).Order().ElementAt((times.Count - 1) / 2);
}
