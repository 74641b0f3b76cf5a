using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Client;
using Candor.Consent;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

public sealed class AccessReportOnSqlite : AccessReportTests<Sqlite>;

public sealed class AccessReportOnPostgres : AccessReportTests<Postgres>;

public abstract class AccessReportTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private ErasureHouse house = null!;
    private CustomerKey ada = null!;
    private CallerToken session = null!;
    private ReceiptSigner signer = null!;
    private AccessReport report = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ErasureHouse.BuildAsync(Db, ErasureHouse.Yaml, RootKey.Random(), Ct);
        ada = await house.AddAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
        signer = ReceiptSigner.Open(house.Keys.Secret(KeyRing.ReceiptSigning));
        report = new AccessReport(Db, house.Catalogs, house.Notices, house.Ledger, house.Log,
            new CheckpointSigner(house.Log, new NoteSigner(house.Log.Origin, house.Keys.Secret(KeyRing.LogSigning))), new ReceiptWriter(signer, new Uri("http://shop.example")), house.Vault, house.Access);
        await Db.WriteAsync(async tx =>
        {
            var catalog = await house.Catalogs.GetActiveAsync(tx, Ct);
            await house.Ledger.GiveAsync(tx, ada.Id, catalog.Catalog.Purposes[PurposeId.Parse("suggestions")], catalog, NoticeText.Generate(catalog.Catalog, "de").Ref, "test", Ct);
            await house.Vault.AppendHistoryAsync(tx, ada, DataPointId.Parse("carts"), "c-1", tx.Now, "\"=1+1\""u8.ToArray(), "test", Ct);
            await house.AddPurchaseAsync(tx, ada, "p-3", tx.Now, """{"item":"=HYPERLINK(\"x\")","note":"a, \"b\"","total":-3}""", Ct);
        }, Ct);
        await house.SystemReads.RunAsync(new("test", "a-test", ada.Id, [DataPointId.Parse("email")]), Ct);
        await house.Log.SequenceAsync(100, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        signer.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task It_tells_the_day_on_which_the_customer_was_last_asked_and_nothing_where_they_were_not()
    {
        Assert.Empty(JsonElement.Parse((await ReadAsync("en"))["data.json"]).GetProperty("days").EnumerateObject());
        var surveys = new Candor.Trust.Surveys(Db, house.Catalogs, house.Ledger, house.Vault, house.Access, house.Outbox, new Uri("http://shop.example"));
        report.AlsoTell("lastAskedBySurvey", surveys.LastAskedAsync);
        Assert.Empty(JsonElement.Parse((await ReadAsync("en"))["data.json"]).GetProperty("days").EnumerateObject());
        await Db.WriteAsync(async tx => { await Candor.Trust.SurveyRows.AskAsync(tx, ada.Id, Candor.Trust.SurveyChannel.Me, "secret", Ct); }, Ct);
        foreach (var (language, sentence) in (KeyValuePair<string, string>[])[new("en", "We last asked you how you see us on 1 June 2026."), new("de", "zuletzt am 1. Juni 2026 gefragt")])
        {
            var files = await ReadAsync(language);
            Assert.Equal("2026-06-01", JsonElement.Parse(files["data.json"]).GetProperty("days").GetProperty("lastAskedBySurvey").GetString());
            Assert.Contains(sentence, files["index.html"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_holds_every_value_with_its_source_its_purposes_and_its_end()
    {
        var files = await ReadAsync("en");
        var data = JsonElement.Parse(files["data.json"]);
        var points = data.GetProperty("dataPoints").EnumerateArray().ToDictionary(p => p.GetProperty("id").GetString()!);
        Assert.Equal(["carts", "email", "fullName", "purchases"], points.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("ada", data.GetProperty("customer").GetProperty("reference").GetString());
        Assert.Equal(3, points["purchases"].GetProperty("values").GetArrayLength());
        var newest = points["purchases"].GetProperty("values")[0];
        Assert.Equal(("p-3", "test", -3), (newest.GetProperty("id").GetString(), newest.GetProperty("source").GetString(), newest.GetProperty("value").GetProperty("total").GetInt32()));
        Assert.Equal(Clock.GetUtcNow().AddYears(2), newest.GetProperty("keptUntil").GetDateTimeOffset());
        Assert.Equal(["bookkeeping", "suggestions", "support"], points["purchases"].GetProperty("usedFor").EnumerateArray().Select(u => u.GetString()));
        Assert.Equal("given", Assert.Single(data.GetProperty("choices").EnumerateArray()).GetProperty("event").GetString());
        Assert.Contains("ada@customers.example", files["index.html"], StringComparison.Ordinal);
        Assert.DoesNotContain("<script", files["index.html"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_be_taken_elsewhere_rests_on_consent_or_contract()
    {
        await Db.WriteAsync(async tx => { await house.Notices.ApplyAsync(tx, house.Catalogs, PurposeCatalog.Read(ErasureHouse.Yaml.Replace("uses: { carts: high, email: high }", "uses: { email: high }", StringComparison.Ordinal), "candor.yaml"), "test", "test", Ct); }, Ct);
        var portable = JsonElement.Parse((await ReadAsync("en"))["portability.json"]);
        Assert.Equal(["email", "fullName", "purchases"], portable.GetProperty("dataPoints").EnumerateArray().Select(p => p.GetProperty("id").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_cell_is_a_formula_and_every_row_is_whole()
    {
        var files = await ReadAsync("en");
        var lines = files["history-purchases.csv"].TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,time,source,keptUntil,item,note,total,invoiceNumber", lines[0]);
        Assert.Equal("p-3,2026-06-01T09:00:00Z,test,2028-06-01T09:00:00Z,\"'=HYPERLINK(\"\"x\"\")\",\"a, \"\"b\"\"\",-3,", lines[1]);
        Assert.Contains(",'=1+1", files["history-carts.csv"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_proof_holds_by_itself_and_each_receipt_is_signed()
    {
        var files = await ReadAsync("de");
        var key = files["log/key.txt"].Trim();
        var proofs = files.Keys.Where(f => f.EndsWith(".tlog-proof", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(proofs);
        Assert.All(proofs, p => AuditProof.Verify(files[p], Encoding.Latin1.GetBytes(files[Path.ChangeExtension(p, ".entry")]), key));
        var jws = files.Single(f => f.Key.EndsWith(".jws", StringComparison.Ordinal)).Value;
        Assert.NotNull(Receipt.Verify(jws, signer.PublicKey));
        Assert.Contains("lang=\"de\"", files["receipts/0001-suggestions.html"], StringComparison.Ordinal);
        Assert.StartsWith("Ihre Daten bei Test Shop, 1. Juni 2026\n", files["README.txt"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_customer_candor_and_a_privacy_officer_get_it_and_each_one_is_logged()
    {
        var now = Clock.GetUtcNow();
        var officer = new ActorState { Kind = ActorKind.Staff, Ref = "s", Roles = "privacy-officer", MfaAt = now, TrainingUntil = now.AddDays(1) };
        Assert.NotNull(await report.ReadForAsync(ada.Id, officer, "request", "en", Ct));
        Assert.Null(await report.ReadForAsync(ada.Id, officer with { Roles = "agent administrator" }, "request", "en", Ct));
        Assert.Null(await report.ReadForAsync(CustomerId.New(), officer, "request", "en", Ct));
        Assert.NotNull(await report.ReadAsync(session, "en", Ct));
        await Db.WriteAsync(tx => house.Access.EndSessionAsync(tx, session, Ct), Ct);
        Assert.Null(await report.ReadAsync(session, "en", Ct));
        var entries = await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 4, Ct), Ct);
        Assert.Equal([AuditKind.Deny, AuditKind.Export, AuditKind.Deny, AuditKind.Export], entries.Take(4).Select(e => e.Event.Kind));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(70_000)]
    public async Task Many_proofs_read_together_are_the_same_as_each_by_itself(int entries)
    {
        if (entries > 1000 && Db.IsClustered)
        {
            return; // The tree is the same on both engines, and this many entries take their time.
        }

        for (var done = 0; done < entries; done += 1000)
        {
            await Db.WriteAsync(async tx =>
            {
                for (var i = 0; i < Math.Min(1000, entries - done); i++)
                {
                    await house.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.System, Actor = "system:test" }, Ct);
                }
            }, Ct);
            await house.Log.SequenceAsync(1000, Ct);
        }

        var checkpoints = new CheckpointSigner(house.Log, new NoteSigner(house.Log.Origin, house.Keys.Secret(KeyRing.LogSigning)));
        var note = await Db.WriteAsync(tx => checkpoints.SignAsync(tx, Ct), Ct);
        var size = Checkpoint.Parse(SignedNote.Open(note, checkpoints.Key)).Size;
        await Db.WriteAsync(async tx =>
        {
            var reader = new ProofReader(tx, note, size);
            foreach (var index in ((long[])[0, 1, 255, 256, 257, 65_535, 65_536, size / 2, size - 2, size - 1]).Where(i => i >= 0 && i < size))
            {
                Assert.Equal(await checkpoints.ProveAsync(tx, index.ToString(System.Globalization.CultureInfo.InvariantCulture), Ct), await reader.ProveAsync(index, Ct));
            }
        }, Ct);
    }

    /// <summary>The files of the report: texts, and bytes of entries as Latin-1.</summary>
    private async Task<Dictionary<string, string>> ReadAsync(string language)
    {
        var content = await report.ReadAsync(session, language, Ct);
        using var memory = new MemoryStream();
        await ReportArchive.WriteAsync(content!, memory, Ct);
        memory.Position = 0;
        await using var zip = new ZipArchive(memory);
        var files = new Dictionary<string, string>();
        foreach (var entry in zip.Entries)
        {
            using var bytes = new MemoryStream();
            await using var stream = await entry.OpenAsync(Ct);
            await stream.CopyToAsync(bytes, Ct);
            files[entry.FullName] = (entry.FullName.EndsWith(".entry", StringComparison.Ordinal) ? Encoding.Latin1 : Encoding.UTF8).GetString(bytes.ToArray());
        }

        return files;
    }
}
