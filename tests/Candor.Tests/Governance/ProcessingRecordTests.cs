using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Pages.Governance;
using Candor.Tests.Catalog;
using CsCheck;

namespace Candor.Tests.Governance;

/// <summary>The record is read back and compared with the catalog: all of it once, in its place, and nothing else.</summary>
public sealed class ProcessingRecordTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    /// <summary>Texts that would break a table, a heading, a quoted cell or a page if they were not kept apart.</summary>
    private static readonly string[] Texts =
        ["Plain", "A | B", "a\\|b", "ends with \\", "\"quoted\", with a comma", "<b>bold</b> & co", "# heading", "## second", "- item", "=1+1", "`code`", "Käufe 漢字", "| --- |", "| first", "&amp;", "it's"];

    private static readonly string[] Retentions = ["while-customer", "P90D", "P6M", "P2Y", "P1Y6M"];
    private static readonly string[] Countries = ["GB", "DE", "US", "FR"];

    public static TheoryData<string> ReadyNames => [.. ReadyCatalogs.Names];

    [Theory]
    [MemberData(nameof(ReadyNames))]
    public void The_record_of_a_ready_catalog_is_that_catalog(string name) => Check(PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml"));

    [Fact]
    public void The_record_of_any_catalog_is_that_catalog() => Yaml.Sample(yaml => Check(PurposeCatalog.Read(yaml, "candor.yaml")), iter: 400);

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.Equal(
            ["NoAddress ", "NoDpo ", "NoRepresentative ", "ContractEnds Parcel service"],
            RecordOf(SampleCatalog.ReadWith("until: 2027-03-01", "until: 2026-06-03")).Gaps.Select(g => $"{g.Kind} {g.Name}"));
        string[] Of(string passage, string replacement) => [.. RecordGap.OfRecipients(SampleCatalog.ReadWith(passage, replacement), DateOnly.FromDateTime(Now.UtcDateTime)).Select(g => $"{g.Kind} {g.Name}")];
        Assert.Empty(Of("until: 2027-03-01", "until: 2026-06-04"));
        Assert.Equal(["ContractEnds Parcel service"], Of("until: 2027-03-01", "until: 2026-05-04"));
        Assert.Equal(["ContractOver Parcel service"], Of("until: 2027-03-01", "until: 2026-05-03"));
        Assert.Equal(["NoSafeguard Parcel service"], Of("    safeguard: standard-contractual-clauses\n", ""));
        Assert.Equal(["NoContract Parcel service"], Of("    contract: { signed: 2025-03-01, until: 2027-03-01, where: Folder 12 }\n", ""));
        Assert.Empty(Of("    kind: processor\n    does", "    kind: controller\n    does"));
        Assert.Equal(["UnknownRecipient Bank", "UnusedRecipient Parcel service"], Of("recipients: [Parcel service]", "recipients: [Bank]"));
        var refused = RecordOf(SampleCatalog.Read(), p => (new PurposeApproval(p.Id.Value, ApprovalGround.Initiative, "i", 0, Micros.From(Now)), null, false));
        Assert.Equal(["audit", "refills", "support", "tips"], refused.Gaps.Where(g => g.Kind == RecordGapKind.NotApproved).Select(g => g.Name));
        Assert.Equal(["tips"], refused.Gaps.Where(g => g.Kind == RecordGapKind.NoAssessment).Select(g => g.Name));
    }

    [Fact]
    public void What_is_missing_stands_in_the_document()
    {
        var record = RecordOf(SampleCatalog.ReadWith("recipients: [Parcel service]", "recipients: [Bank]"));
        var read = DocumentReader.Markdown(new RecordWriter(record, "en").Write().ToMarkdown());
        Assert.Equal(record.Gaps.Count, read[0].Rows.Count);
        Assert.Contains(read[0].Rows, r => r[0].StartsWith("Bank: no contract is recorded.", StringComparison.Ordinal));
        Assert.Contains(read.Single(s => s.Heading == "Who receives it: Help").Rows, r => r[0] == "Bank" && r[5] == "no contract is recorded");
    }

    private static ProcessingRecord RecordOf(PurposeCatalog catalog, Func<Purpose, (PurposeApproval?, Dpia?, bool)>? standing = null) => ProcessingRecord.Of(
        new ActiveCatalog(1, catalog, FrozenDictionary<PurposeId, long>.Empty), Now, Now, new RunningMeasures(1, 2, 3, 2, 1, null),
        standing ?? (p => (new PurposeApproval(p.Id.Value, ApprovalGround.Adoption, null, 0, null), p.AutomatedDecision ? Signed(p) : null, false)));

    private static Dpia Signed(Purpose p) => new(new DpiaSubject(DpiaSubject.Purposes, p.Id.Value), 1, 1, "", "", new DpiaContent("They asked | twice.", [], "", ""), "a", Now, "b", Now);

    private static void Check(PurposeCatalog catalog)
    {
        var record = RecordOf(catalog);
        var active = catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal).ToList();
        var sections = DocumentReader.Markdown(new RecordWriter(record, "en").Write().ToMarkdown()).ToList();
        Assert.Equal(["What is missing", "Who is responsible (article 30(1)(a))"], sections[..2].Select(s => s.Heading));
        foreach (var (purpose, i) in active.Select((p, i) => (p, i)))
        {
            CheckActivity(catalog, purpose, sections[2 + 3 * i], sections[3 + 3 * i], sections[4 + 3 * i]);
        }

        var rest = sections[(2 + 3 * active.Count)..];
        Assert.Equal("Security (articles 30(1)(g) and 32)", rest[^1].Heading);
        Assert.Equal(catalog.Purposes.Values.Where(p => !p.Active).Select(p => p.Id.Value).Order(StringComparer.Ordinal), rest.Where(s => s.Heading == "Declared and not done").SelectMany(s => s.Rows).Select(r => r[1]));
        Assert.Equal(
            catalog.Recipients.Keys.Except(active.SelectMany(p => p.Recipients)).Order(StringComparer.Ordinal),
            rest.Where(s => s.Heading == "Described, and named by no purpose").SelectMany(s => s.Rows).Select(r => r[0]));
        CheckTables(catalog, active, DocumentReader.Csv(RecordTables.Data(record, "en")), DocumentReader.Csv(RecordTables.Recipients(record, "en")));
    }

    private static void CheckActivity(PurposeCatalog catalog, Purpose p, ReadSection facts, ReadSection data, ReadSection recipients)
    {
        var label = OneLine(p.Label.In("en"));
        Assert.Equal([label, "Data and how long it is kept: " + label, "Who receives it: " + label], [facts.Heading, data.Heading, recipients.Heading]);
        Assert.Equal((p.Id.Value, OneLine(p.Why.In("en")), p.AutomatedDecision ? "yes" : "no"), (facts.Facts["Purpose"], facts.Facts["Why"], facts.Facts["A computer decides by itself"]));
        Assert.StartsWith(Word(p.Basis).Replace('-', ' '), facts.Facts["Legal basis"], StringComparison.Ordinal);
        Assert.Equal(p.ConsentLasts is { } lasts ? DaysOf(lasts.Text) : null, facts.Facts["A consent lasts"] is "–" ? null : DaysOf(DocumentReader.Period(facts.Facts["A consent lasts"])));
        Assert.Equal(
            catalog.DataPointsOf(p).Select(d => (OneLine(d.Label.In("en")), d.Id.Value, d.Category, Word(p.Uses[d.Id]), DaysOf(d.Retention.ToString()))),
            data.Rows.Select(r => (r[0], r[1], r[2], r[3], DaysOf(r[4] == "while they are a customer" ? "while-customer" : DocumentReader.Period(r[4])))));
        Assert.Equal(
            catalog.DataPointsOf(p).Select(d => d.LegalHold is { } h ? (DaysOf(h.For.Text), OneLine(h.Reason.In("en")) + ": " + string.Join(", ", h.Keeps)) : default),
            data.Rows.Select(r => r[5] == "–" ? default : (DaysOf(DocumentReader.Period(r[5].Split(", because of ")[0])), r[5].Split(", because of ", 2)[1])));
        Assert.Equal(
            p.Recipients.Order(StringComparer.Ordinal).Select(r => (r, catalog.Recipients.GetValueOrDefault(r)?.Country ?? "–", catalog.Recipients.GetValueOrDefault(r)?.Contract?.SignedOn)),
            recipients.Rows.Select(r => (r[0], r[3].Split(',')[0], DateOnly.TryParseExact(r[5], "d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) ? day : (DateOnly?)null)));
    }

    private static void CheckTables(PurposeCatalog catalog, List<Purpose> active, IReadOnlyList<Dictionary<string, string>> data, IReadOnlyList<Dictionary<string, string>> recipients)
    {
        Assert.Equal(
            active.SelectMany(p => catalog.DataPointsOf(p).Select(d => (p.Id.Value, Cell(p.Label.In("en")), Cell(p.Why.In("en")), Word(p.Basis), d.Id.Value, Cell(d.Label.In("en")), d.Category, Word(p.Uses[d.Id]), d.Retention.ToString(), d.LegalHold?.For.Text ?? ""))),
            data.Select(r => (r["purpose"], r["label"], r["why"], r["basis"], r["dataPoint"], r["dataLabel"], r["category"], r["necessity"], r["retention"], r["legalHold"])));
        Assert.Equal(
            active.SelectMany(p => p.Recipients.Order(StringComparer.Ordinal).Select(r => (p.Id.Value, r))).Concat(catalog.Recipients.Keys.Except(active.SelectMany(p => p.Recipients)).Order(StringComparer.Ordinal).Select(r => ("", r)))
                .Select(x => (x.Item1, Cell(x.r), catalog.Recipients.ContainsKey(x.r) ? "yes" : "no", catalog.Recipients.GetValueOrDefault(x.r)?.Country ?? "", catalog.Recipients.GetValueOrDefault(x.r)?.Contract?.SignedOn.ToString("yyyy-MM-dd", null) ?? "")),
            recipients.Select(r => (r["purpose"], r["recipient"], r["described"], r["country"], r["contractSigned"])));
    }

    private static double? DaysOf(string retention) => retention == "while-customer" ? null : Period.Parse(retention).ApproximateDays;

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What a spreadsheet would calculate stands behind an apostrophe.</summary>
    private static string Cell(string text) => text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Gen<string> One(string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static readonly Gen<string> Text = One(Texts);

    private static readonly Gen<JsonObject> Point = Gen.Select(Text, One(Retentions), Gen.Bool, Text, (label, retention, isHeld, reason) =>
    {
        var point = new JsonObject { ["kind"] = "history", ["label"] = label + "\n" + label, ["category"] = "Purchase", ["retention"] = retention };
        if (isHeld)
        {
            point["legalHold"] = new JsonObject { ["reason"] = reason, ["for"] = "P6Y", ["keeps"] = new JsonArray("total", "date") };
        }

        return point;
    });

    private static readonly Gen<JsonObject> Receiver = Gen.Select(Text, One(Countries), Gen.Bool, (does, country, isSigned) =>
    {
        var recipient = new JsonObject { ["does"] = does, ["country"] = country };
        if (isSigned)
        {
            recipient["contract"] = new JsonObject { ["signed"] = "2025-03-01", ["where"] = does };
        }

        return recipient;
    });

    private static readonly Gen<(string Label, string Why, uint Uses, int Basis, string[] Recipients, bool Active)> Aim =
        Gen.Select(Text, Text, Gen.UInt[1, 63], Gen.Int[0, 3], Text.Array[0, 3], Gen.Bool);

    /// <summary>Catalogs of 1 to 6 data points, 1 to 5 purposes and recipients that are declared, named, both or neither. JSON is YAML.</summary>
    private static readonly Gen<string> Yaml = Gen.Select(Point.Array[6], Aim.Array[1, 5], Gen.Select(Text, Receiver).Array[0, 5], (points, aims, receivers) =>
    {
        string[] bases = ["consent", "contract", "legal-obligation", "legitimate-interest"];
        var purposes = aims.Select((a, i) => KeyValuePair.Create($"p{i}", (JsonNode?)new JsonObject
        {
            ["label"] = a.Label, ["why"] = a.Why, ["basis"] = bases[a.Basis], ["active"] = a.Active, ["roles"] = new JsonArray("agent"), ["automatedDecision"] = a.Basis == 0,
            ["uses"] = new JsonObject(Enumerable.Range(0, 6).Where(d => (a.Uses >> d & 1) == 1).Select(d => KeyValuePair.Create($"d{d}", (JsonNode?)new[] { "high", "medium", "low" }[d % 3]))),
            ["recipients"] = new JsonArray([.. a.Recipients.Distinct().Select(r => (JsonNode?)r)]),
        }));
        return new JsonObject
        {
            ["organisation"] = new JsonObject { ["name"] = "Maple", ["contact"] = "a@maple.example", ["country"] = "GB", ["languages"] = new JsonArray("en") },
            ["dataPoints"] = new JsonObject(points.Select((p, i) => KeyValuePair.Create($"d{i}", (JsonNode?)p))),
            ["purposes"] = new JsonObject(purposes),
            ["recipients"] = new JsonObject(receivers.DistinctBy(r => r.Item1).Select(r => KeyValuePair.Create(r.Item1, (JsonNode?)r.Item2.DeepClone()))),
        }.ToJsonString();
    });
}
