using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Catalog;
using CsCheck;
using Json.Schema;

namespace Candor.Tests.Catalog;

/// <summary>What editors complete and underline by is what the reader takes and refuses.</summary>
public sealed class CatalogSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(ReadyCatalogs.Schema());

    /// <summary>Rules that compare one place of the file with another, or a day with the calendar: no JSON Schema can say them.</summary>
    private static readonly string[] BeyondSchema =
    [
        "`uses` names data points of this catalog", "`collectedWith` names a purpose of this catalog", "`holidays` is a list of days",
        "`label` needs", "`label` has no", "`why` needs", "`why` has no", "`reason` needs", "`reason` has no", "`ifOff` needs", "`ifOff` has no",
        "names a purpose of this catalog", "names a history of this catalog", "which does not use", "which rests on", "which uses no data point", "`after` is a time such as",
        "counts `", "is only counted, for the bias audit", "comes in for the bias audit", "The catalog has one bias audit", "is a day such as", "`until` is the day", "`does` needs", "`does` has no",
    ];

    public static TheoryData<string> ReadyNames => [.. ReadyCatalogs.Names];

    public static TheoryData<string> SeenBySchema => [.. BadCatalog.All.Where(b => b.SchemaSees).Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(ReadyNames))]
    public void A_ready_catalog_fits_the_schema_and_names_it_in_its_first_line(string name)
    {
        var yaml = ReadyCatalogs.Text(name);
        Assert.Equal("# yaml-language-server: $schema=" + ReadyCatalogs.SchemaFile, yaml.Split('\n')[0].TrimEnd());
        var result = Schema.Evaluate(YamlJson.Of(yaml), new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(result.IsValid, JsonSerializer.Serialize(result.Details.Where(d => d.HasErrors).Select(d => new { d.InstanceLocation, d.Errors })));
    }

    [Fact]
    public void The_sample_fits_the_schema() => Assert.True(Fits(YamlJson.Of(SampleCatalog.Yaml)));

    [Theory]
    [MemberData(nameof(SeenBySchema))]
    public void A_mistake_that_a_schema_can_see_is_seen(string name) => Assert.False(Fits(YamlJson.Of(BadCatalog.All.Single(b => b.Name == name).Yaml)));

    [Fact]
    public void The_schema_is_of_draft_2020_12_and_lists_the_vocabulary_of_the_reader()
    {
        using var json = JsonDocument.Parse(ReadyCatalogs.Schema());
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", json.RootElement.GetProperty("$schema").GetString());
        string[] Enum(string type, string member) =>
            [.. json.RootElement.GetProperty("$defs").GetProperty(type).GetProperty("properties").GetProperty(member).GetProperty("enum").EnumerateArray().Select(e => e.GetString()!)];
        Assert.Equal(Candor.Catalog.Vocabulary.Categories.Keys.Order(StringComparer.Ordinal), Enum("dataPoint", "category").Order(StringComparer.Ordinal));
        Assert.Equal(Candor.Catalog.Vocabulary.Purposes.Keys.Order(StringComparer.Ordinal), Enum("purpose", "dpvPurpose").Order(StringComparer.Ordinal));
        Assert.Equal(CatalogReader.Bases.Keys.Order(StringComparer.Ordinal), Enum("purpose", "basis").Order(StringComparer.Ordinal));
    }

    // JSON is YAML, so one text goes to both. What the schema refuses the reader refuses; what it takes, the reader refuses for the rules beyond it only.
    [Fact]
    public void Reader_and_schema_agree_on_mutated_catalogs()
    {
        var (taken, refused) = (0, 0);
        Mutations.Sample(
            mutations =>
            {
                var root = YamlJson.Of(SampleCatalog.Yaml)!;
                foreach (var (place, kind, value) in mutations)
                {
                    Mutate(root, place, kind, value);
                }

                var text = root.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
                var mistakes = SampleCatalog.MistakesOf(text);
                if (Fits(JsonNode.Parse(text)))
                {
                    Interlocked.Increment(ref taken);
                    Assert.All(mistakes, m => Assert.Contains(BeyondSchema, b => m.Text.Contains(b, StringComparison.Ordinal)));
                }
                else
                {
                    Interlocked.Increment(ref refused);
                    Assert.NotEmpty(mistakes);
                }
            },
            iter: 3000);
        Assert.True(taken > 100 && refused > 100, $"{taken} taken, {refused} refused");
    }

    private static bool Fits(JsonNode? node) => Schema.Evaluate(node).IsValid;

    /// <summary>Values that are right in one place and wrong in most.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "12", "1.5", "\"\"", "\" \"", "\"a\\nb\"", "\"a\\tb\"", "\"\\u0085\"", "\"word\"", "\"true\"", "\"12\"", "[]", "{}", "[\"a\"]", "[\"a\", \"a\"]", "[1]", "[\"a b\"]",
        "[\"en\"]", "[\"en\", \"de\"]", "{\"en\": \"x\", \"de\": \"y\"}", "{\"en\": \"x\"}", "{\"EN\": \"x\"}", "{\"en\": 1}", "\"P2Y\"", "\"P0D\"", "\"P1Y6M\"", "\"P6M1Y\"", "\"P\"", "\"PT1H\"", "\"P1D\"", "\"PT\"", "51", "3", "\"orders\"", "\"support\"", "\"refills\"", "{\"count\": 1, \"per\": \"P1D\"}", "\"p2y\"",
        "\"while-customer\"", "\"high\"", "\"low\"", "\"field\"", "\"history\"", "\"consent\"", "\"contract\"", "\"legal-obligation\"", "\"legitimate-interest\"", "\"Health\"", "\"CustomerCare\"",
        "\"tips\"", "\"GB\"", "\"gb\"", "\"a@b\"", "\"a@b@c\"", "\"@b\"", "\"https://a\"", "\"https://\"", "\"https://a b\"", "\"ftp://a\"", "[\"2026-12-25\"]", "[\"2026-13-25\"]", "[\"25.12.2026\"]",
        "[\"https://shop.example\"]", "[\"https://shop.example/\"]", "[\"HTTPS://shop.example\"]", "[\"http://localhost:5080\"]", "{\"email\": \"high\"}", "{\"email\": \"urgent\"}", "{\"reason\": \"x\", \"for\": \"P1Y\", \"keeps\": [\"a\"]}", "{\"reason\": \"x\", \"for\": \"P1Y\", \"keeps\": []}",
        "{\"name\": \"x\", \"contact\": \"a@b\"}", "[{\"name\": \"x\", \"contact\": \"a@b\"}]", "{\"signed\": \"2026-12-25\"}", "{\"signed\": \"2026-02-30\"}", "\"2024-02-01\"", "\"processor\"", "\"adequacy\"", "{\"A\": {\"does\": \"x\", \"country\": \"GB\"}}", "0.8", "0", "1", "\"pause\"", "{\"onBreach\": \"pause\"}", "{\"minImpactRatio\": 0.5}", "{\"a\": \"x\", \"b\": \"y\"}", "{\"age\": \"high\"}",
    ];

    private static readonly string[] Names =
        ["dpo", "jointControllers", "authority", "recipients", "contract", "until", "does", "country", "kind", "holidays", "url", "address", "legalHold", "collectedWith", "consentLasts", "remindEvery", "active", "services", "recipients", "dpvPurpose", "needsCase", "unknown", "a_b", "1a", "label", "keeps", "sites", "coolingOff", "backupsKept", "askAgainAfter", "ifOff", "correctionNeedsApproval", "findBy", "emergency", "holdOut", "linesFor", "messagesFor", "history", "after", "proactive", "biasAudit", "fairness", "values", "minImpactRatio", "onBreach"];

    private static readonly Gen<(uint Place, int Kind, uint Value)[]> Mutations = Gen.Select(Gen.UInt, Gen.Int[0, 3], Gen.UInt).Array[1, 2];

    private static void Mutate(JsonNode root, uint place, int kind, uint value)
    {
        var nodes = Below(root).ToList();
        var node = nodes[(int)(place % (uint)nodes.Count)];
        var fresh = JsonNode.Parse(Values[value % (uint)Values.Length]);
        switch (kind, node.Parent)
        {
            case (0, _):
                node.ReplaceWith(fresh);
                break;
            case (1, JsonObject parent):
                parent.Remove(node.GetPropertyName());
                break;
            case (2, JsonObject parent):
                parent[Names[place % (uint)Names.Length]] = fresh;
                break;
            case (3, JsonArray parent):
                parent.Add(fresh);
                break;
        }
    }

    /// <summary>All nodes below the root; null has no node, and stays where it is.</summary>
    private static IEnumerable<JsonNode> Below(JsonNode node) => (node switch
    {
        JsonObject members => members.Select(m => m.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
}
