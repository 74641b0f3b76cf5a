using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Benchmarks;

/// <summary>Fills an SQLite store with customers who agreed to suggestions from a visit, and their made-up clicks of the last weeks, sealed as the vault seals them.</summary>
internal sealed class ClickSeeder(Platform platform)
{
    private const int Chunk = 2_000;

    private sealed record Row(CustomerKey Key, List<(string Id, long TimeUs, byte[] Sealed)> Records);

    private long nowUs;
    private string notice = "";

    public async Task RunAsync(int clicks)
    {
        var clock = Stopwatch.StartNew();
        await platform.Database.WriteAsync(async tx =>
        {
            var catalog = await platform.Notices.ApplyAsync(tx, platform.Catalogs, PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml"), "bench", "bench", default);
            (nowUs, notice) = (tx.NowUs, NoticeText.Generate(catalog.Catalog, "en").Ref.Hash);
        }, default);
        var chunks = Channel.CreateBounded<Row[]>(8);
        var making = Task.Run(() => Make(clicks, chunks.Writer));
        await foreach (var rows in chunks.Reader.ReadAllAsync())
        {
            await platform.Database.WriteAsync(tx => InsertAsync(tx, rows), default);
        }

        await making;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seeded {clicks} clicks in {clock.Elapsed.TotalSeconds:0} s"));
    }

    private async Task Make(int clicks, ChannelWriter<Row[]> writer)
    {
        var end = clicks * 1_000_000L;
        var (rows, number) = (new List<Row>(Chunk), 0);
        foreach (var visits in MadeUpShop.Visits(clicks).Chunk(3))
        {
            rows.Add(MakeOne(number++, clicks / 12, visits, end));
            if (rows.Count == Chunk)
            {
                await writer.WriteAsync([.. rows]);
                rows.Clear();
            }
        }

        await writer.WriteAsync([.. rows]);
        writer.Complete();
    }

    private Row MakeOne(int number, int about, IEnumerable<(string Customer, string Key, IReadOnlyList<string> Viewed, long TimeUs)> visits, long end)
    {
        // Rising ids fill the tables from left to right.
        var rising = (uint)((ulong)number * uint.MaxValue / (ulong)(about * 2 + 1));
        var id = CustomerId.Parse(rising.ToString("x8", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetHexString(CustomerId.Length - 8, lowercase: true));
        var plain = RandomNumberGenerator.GetBytes(32);
        var commitment = new byte[32];
        OpenKey.Commit(plain, commitment);
        var (wrapped, kek) = platform.Keys.WrapCustomer(id, plain);
        var key = new CustomerKey(id, RandomNumberGenerator.GetBytes(16), wrapped, kek, commitment, nowUs);
        using var open = new OpenKey(key, plain);
        var records = new List<(string, long, byte[])>();
        foreach (var (_, visit, viewed, timeUs) in visits)
        {
            // The last thirty days, in their order.
            var at = nowUs - (long)((end - timeUs) / (double)end * TimeSpan.FromDays(30).TotalMicroseconds);
            for (var i = 0; i < viewed.Count; i++)
            {
                var json = Encoding.UTF8.GetBytes($"{{\"product\":\"{viewed[i]}\",\"session\":\"{visit}\",\"category\":\"things\"}}");
                records.Add(($"{visit}-{i}", at + i, PersonalVault.SealRecord(open, DataPointId.Parse("pageViews"), $"{visit}-{i}", json)));
            }
        }

        return new Row(key, records);
    }

    private ValueTask InsertAsync(Transaction tx, Row[] rows)
    {
        var key = tx.Prepared("INSERT INTO customer_key (customer_id, audit_ref, wrapped, kek_version, commitment, created_at_us) VALUES (@id, @ref, @wrapped, @kek, @commitment, @now)");
        var state = tx.Prepared("INSERT INTO consent_state VALUES (@id, 'in-session-recommendations', 'given', 1, 1, @notice, @now, @end)");
        var record = tx.Prepared("INSERT INTO sealed_record (customer_id, data_point, record_id, time_us, sealed, source, stored_at_us) VALUES (@id, 'pageViews', @record, @time, @sealed, 'seed', @now)");
        foreach (var (customer, records) in rows)
        {
            key.Set("@id", customer.Id.Value).Set("@ref", customer.AuditRef).Set("@wrapped", customer.Wrapped).Set("@kek", customer.KekVersion).Set("@commitment", customer.Commitment).Set("@now", nowUs).ExecuteNonQuery();
            state.Set("@id", customer.Id.Value).Set("@notice", notice).Set("@now", nowUs).Set("@end", nowUs + (long)TimeSpan.FromDays(300).TotalMicroseconds).ExecuteNonQuery();
            foreach (var (id, timeUs, sealed_) in records)
            {
                record.Set("@id", customer.Id.Value).Set("@record", id).Set("@time", timeUs).Set("@sealed", sealed_).Set("@now", nowUs).ExecuteNonQuery();
            }
        }

        return ValueTask.CompletedTask;
    }
}
