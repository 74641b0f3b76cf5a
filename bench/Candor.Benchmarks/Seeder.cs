using System.Globalization;
using System.Security.Cryptography;
using System.Threading.Channels;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;
using Npgsql;
using NpgsqlTypes;

namespace Candor.Benchmarks;

/// <summary>Fills a store with customers <c>c0</c>, <c>c1</c> and so on, sealed exactly as the vault seals them, a million in about a minute.</summary>
internal sealed class Seeder(Platform platform, string store)
{
    private const int Chunk = 5_000;
    private const string Source = "seed";
    private const string BenchPurpose = "newsletter";

    private sealed record Row(string Customer, byte[] AuditRef, byte[] Wrapped, long Kek, byte[] Commitment, byte[] Digest, byte[] Reference, byte[] SealedName, byte[] SealedEmail);

    private long nowUs;
    private long expiresUs;
    private string notice = "";

    public async Task RunAsync(int count)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var key = await PrepareAsync();
        var chunks = Channel.CreateBounded<Row[]>(8);
        var making = Task.Run(() => MakeAsync(count, chunks.Writer));
        if (Platform.IsPostgres(store))
        {
            await CopyAsync(chunks.Reader);
        }
        else
        {
            await foreach (var rows in chunks.Reader.ReadAllAsync())
            {
                await platform.Database.WriteAsync(tx => InsertAsync(tx, rows), default);
            }
        }

        await making;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seeded {count} customers in {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(key);
    }

    /// <summary>The catalog, its notices and an API key that may read for one purpose and change choices.</summary>
    private Task<string> PrepareAsync() => platform.Database.WriteAsync(async tx =>
    {
        var catalog = await platform.Notices.ApplyAsync(tx, platform.Catalogs, PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml"), "bench", "bench", default);
        (nowUs, expiresUs, notice) = (tx.NowUs, Micros.From(tx.Now.AddYears(1)), NoticeText.Generate(catalog.Catalog, "en").Ref.Hash);
        return (await platform.Access.CreateKeyAsync(tx, "mailer", [], ["collect", "consents"], TimeSpan.FromDays(30), "bench", default)).Text;
    }, default);

    private async Task MakeAsync(int count, ChannelWriter<Row[]> writer)
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (count + Chunk - 1) / Chunk), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (chunk, ct) =>
            {
                var first = chunk * Chunk;
                var rows = new Row[Math.Min(Chunk, count - first)];
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = Make(first + i, count);
                }

                await writer.WriteAsync(rows, ct);
            });
        writer.Complete();
    }

    private Row Make(int number, int count)
    {
        // Rising ids fill the tables from left to right; spread over the whole range they still look like random ones to a read.
        var rising = (uint)((ulong)number * uint.MaxValue / (ulong)count);
        var id = CustomerId.Parse(rising.ToString("x8", CultureInfo.InvariantCulture) + RandomNumberGenerator.GetHexString(CustomerId.Length - 8, lowercase: true));
        var plain = RandomNumberGenerator.GetBytes(32);
        var commitment = new byte[32];
        OpenKey.Commit(plain, commitment);
        var (wrapped, kek) = platform.Keys.WrapCustomer(id, plain);
        var customer = new CustomerKey(id, RandomNumberGenerator.GetBytes(16), wrapped, kek, commitment, nowUs);
        using var open = new OpenKey(customer, plain);
        return new Row(id.Value, customer.AuditRef, wrapped, kek, commitment, platform.Index.Of(BlindIndex.Reference, $"c{number}"),
            CustomerNote.Seal(open, CustomerNote.Reference, "", System.Text.Encoding.UTF8.GetBytes($"c{number}")),
            Seal(open, "fullName", $"\"Customer {number}\""), Seal(open, "email", $"\"c{number}@customers.example\""));
    }

    private static byte[] Seal(OpenKey key, string dataPoint, string json) =>
        Sealing.Seal(key.Cipher(dataPoint), 1, new Sealing.Place(key.Customer.Id.Value, "", dataPoint, 1), System.Text.Encoding.UTF8.GetBytes(json));

    private ValueTask InsertAsync(Transaction tx, Row[] rows)
    {
        var key = tx.Prepared("INSERT INTO customer_key VALUES (@id, @ref, @wrapped, @kek, @commitment, @now, @reference)");
        var lookup = tx.Prepared("INSERT INTO customer_lookup VALUES ('reference', @digest, @id)");
        var field = tx.Prepared("INSERT INTO sealed_field VALUES (@id, @point, 1, @sealed, 'seed', @now)");
        var state = tx.Prepared("INSERT INTO consent_state VALUES (@id, 'newsletter', 'given', 1, 1, @notice, @now, @end)");
        foreach (var row in rows)
        {
            key.Set("@id", row.Customer).Set("@ref", row.AuditRef).Set("@wrapped", row.Wrapped).Set("@kek", row.Kek).Set("@commitment", row.Commitment).Set("@now", nowUs).Set("@reference", row.Reference).ExecuteNonQuery();
            lookup.Set("@digest", row.Digest).Set("@id", row.Customer).ExecuteNonQuery();
            field.Set("@id", row.Customer).Set("@now", nowUs).Set("@point", "fullName").Set("@sealed", row.SealedName).ExecuteNonQuery();
            field.Set("@point", "email").Set("@sealed", row.SealedEmail).ExecuteNonQuery();
            state.Set("@id", row.Customer).Set("@notice", notice).Set("@now", nowUs).Set("@end", expiresUs).ExecuteNonQuery();
        }

        return ValueTask.CompletedTask;
    }

    private async Task CopyAsync(ChannelReader<Row[]> chunks)
    {
        await using var source = NpgsqlDataSource.Create(store);
        await foreach (var rows in chunks.ReadAllAsync())
        {
            await using var connection = await source.OpenConnectionAsync();
            await WriteAsync(connection, "customer_key", rows, r => [r.Customer, r.AuditRef, r.Wrapped, r.Kek, r.Commitment, nowUs, r.Reference]);
            await WriteAsync(connection, "customer_lookup", rows, r => [BlindIndex.Reference, r.Digest, r.Customer]);
            await WriteAsync(connection, "sealed_field", rows, r => [r.Customer, "fullName", 1L, r.SealedName, Source, nowUs]);
            await WriteAsync(connection, "sealed_field", rows, r => [r.Customer, "email", 1L, r.SealedEmail, Source, nowUs]);
            await WriteAsync(connection, "consent_state", rows, r => [r.Customer, BenchPurpose, "given", 1L, 1L, notice, nowUs, expiresUs]);
        }

        await using var analyze = source.CreateCommand("ANALYZE");
        await analyze.ExecuteNonQueryAsync();
    }

    private static async Task WriteAsync(NpgsqlConnection connection, string table, Row[] rows, Func<Row, object[]> values)
    {
        await using var import = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            await import.StartRowAsync();
            foreach (var value in values(row))
            {
                await (value switch
                {
                    long number => import.WriteAsync(number, NpgsqlDbType.Bigint),
                    byte[] bytes => import.WriteAsync(bytes, NpgsqlDbType.Bytea),
                    _ => import.WriteAsync((string)value, NpgsqlDbType.Text),
                });
            }
        }

        await import.CompleteAsync();
    }
}
