using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Candor.Fairness;
using Candor.Tests.House;

namespace Candor.Tests.Fairness;

/// <summary>One case of figures made by other programs, with the rows that they were made from.</summary>
internal sealed class FairnessOracle
{
    private const double Relative = 1e-12;

    public static readonly string[] Cases = ["german-lr", "compas", "degenerate", "bank-offer-top20"];

    private FairnessOracle(string name, JsonElement json, IReadOnlyList<string[]> rows, string[] header) => (Name, Json, Rows, Header) = (name, json, rows, header);

    public string Name { get; }

    public JsonElement Json { get; }

    public string[] Header { get; }

    /// <summary>row, y_true, y_pred, score, weight, then the groups.</summary>
    public IReadOnlyList<string[]> Rows { get; }

    public static FairnessOracle Load(string name)
    {
        using var file = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).ToList();
        return new FairnessOracle(name, JsonDocument.Parse(File.ReadAllText(Repository.Shared($"oracles/fairness/{name}.json"))).RootElement, lines[1..], lines[0]);
    }

    public static string PathOf(string name) => Repository.Shared($"oracles/fairness/{name}.csv.gz");

    public IEnumerable<(string Name, JsonElement Figures)> Groupings => Json.GetProperty("groupings").EnumerateObject().Select(g => (g.Name, g.Value));

    /// <summary>Audits the case by one grouping, without a minimum size, as the oracle does.</summary>
    public GroupingAudit Audit(JsonElement figures, int resamples = 0)
    {
        var columns = figures.GetProperty("attributes").EnumerateArray().Select(a => a.GetString()!).ToList();
        var tally = new OutcomeTally([new Grouping(columns)], hasScores: true);
        var ordinals = tally.Columns.Select(c => Array.IndexOf(Header, c)).ToArray();
        foreach (var row in Rows)
        {
            tally.Add(ordinals.Select((o, i) => tally.NumberOf(i, row[o])).ToArray(), row[2] == "1", row[1] == "1", double.Parse(row[3], CultureInfo.InvariantCulture));
        }

        return AuditReport.Of(tally, new AuditPlan(new AuditLimits(), MinimumGroupSize: 1, Resamples: resamples)).Groupings.Single();
    }

    public static string NameOf(GroupAudit group) => string.Join('|', group.Values);

    /// <summary>Equal to the stated 1e-12, relative where the figure is larger than 1.</summary>
    public static void Same(JsonElement expected, double? actual, string what, double tolerance = Relative)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.True(actual is null, $"{what}: expected none, got {actual}");
            return;
        }

        var wanted = expected.GetDouble();
        Assert.True(actual is { } a && Math.Abs(a - wanted) <= tolerance * Math.Max(1, Math.Abs(wanted)), string.Create(CultureInfo.InvariantCulture, $"{what}: expected {wanted:R}, got {actual:R}"));
    }

    /// <summary>p-values also agree in their leading digits, however small they are.</summary>
    public static void SameP(JsonElement expected, double? actual, string what)
    {
        var wanted = expected.GetDouble();
        Assert.True(actual is { } a && (Math.Abs(a - wanted) <= 1e-9 * wanted || (wanted < 1e-290 && a < 1e-290)), string.Create(CultureInfo.InvariantCulture, $"{what}: expected {wanted:R}, got {actual:R}"));
    }

    public static void Same(JsonElement expected, Interval? actual, string what)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.True(actual is null, $"{what}: expected none, got {actual}");
            return;
        }

        Same(expected[0], actual?.Low, what + " low");
        Same(expected[1], actual?.High, what + " high");
    }
}
