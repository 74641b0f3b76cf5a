using System.Text;
using System.Text.Json.Nodes;
using Candor.Kernel;
using Candor.Tests.Storage;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Rights;

public sealed class HoldPropertyOnSqlite : HoldPropertyTests<Sqlite>;

public sealed class HoldPropertyOnPostgres : HoldPropertyTests<Postgres>;

/// <summary>For any rule and any records, exactly the named members of records that are young enough survive.</summary>
public abstract class HoldPropertyTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string[] Members = ["invoiceNumber", "total", "date", "item", "note", "Total"];
    private static readonly string[] Periods = ["P1M", "P1Y", "P6Y"];

    private static Gen<string> Of(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<JsonNode?> Value = Gen.OneOf(
        Gen.Int.Select(i => (JsonNode?)JsonValue.Create(i)), Gen.String[Gen.Char.AlphaNumeric, 0, 20].Select(s => (JsonNode?)JsonValue.Create(s)),
        Gen.Bool.Select(b => b ? null : (JsonNode?)new JsonObject { ["total"] = 1 }));

    private static readonly Gen<(long DaysAgo, JsonNode Record)> Record = Gen.Select(
        Gen.Long[0, 3000], Gen.Dictionary(Of(Members), Value)[0, 6], Gen.Int[0, 9],
        (long days, Dictionary<string, JsonNode?> members, int odd) => (days, odd == 0 ? JsonValue.Create("not an object")! : (JsonNode)new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))));

    [Fact]
    public async Task Exactly_the_named_members_of_young_records_survive() => await Gen.Select(
        Of(Periods), Of(Members).Array[1, 3], Record.Array[0, 12]).SampleAsync(async c =>
    {
        var (period, keeps, records) = c;
        var house = await ErasureHouse.BuildAsync(Db, null, Root, Ct);
        var yaml = ErasureHouse.Yaml.Replace("for: P6Y, keeps: [invoiceNumber, total]", $"for: {period}, keeps: [{string.Join(", ", keeps.Distinct())}]", StringComparison.Ordinal);
        await Db.WriteAsync(async tx => { await house.Notices.ApplyAsync(tx, house.Catalogs, Candor.Catalog.PurposeCatalog.Read(yaml, "candor.yaml"), "test", "test", Ct); }, Ct);
        var reference = CustomerId.New().Value;
        var key = await Db.WriteAsync(async tx =>
        {
            var made = await house.Vault.CreateCustomerAsync(tx, reference, Ct);
            for (var i = 0; i < records.Length; i++)
            {
                await house.AddPurchaseAsync(tx, made, $"p-{i}", tx.Now.AddDays(-records[i].DaysAgo), records[i].Record.ToJsonString(), Ct);
            }

            return made;
        }, Ct);
        await house.Erasure.RunAsync(key.Id, "system:test", Ct);
        var expected = records.Where(r => Period.Parse(period).After(Clock.GetUtcNow().AddDays(-r.DaysAgo)) > Clock.GetUtcNow()).Select(r => r.Record).OfType<JsonObject>()
            .Select(o => new JsonObject(o.Where(m => keeps.Contains(m.Key)).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))).Where(o => o.Count > 0).Select(o => o.ToJsonString());
        var held = (await house.HeldData.ReadAsSystemAsync("test", reference, PurposeId.Parse("bookkeeping"), Ct)).Found.SelectMany(f => f.Values).Select(v => Encoding.UTF8.GetString(v.Json.Span));
        Assert.Equal(expected.Order(StringComparer.Ordinal), held.Select(h => JsonNode.Parse(h)!.ToJsonString()).Order(StringComparer.Ordinal));
    }, iter: 40, threads: 1);

    private RootKey Root { get; } = RootKey.Random();
}
