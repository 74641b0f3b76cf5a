using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Tests.Personalization;

public sealed class ProactiveNoticeTests
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly PurposeCatalog Catalog = PurposeCatalog.Read(ProactiveHouse.Yaml, "candor.yaml");
    private readonly List<OpenedRecord> records = [];
    private IReadOnlySet<string> leftOut = new HashSet<string>();

    [Fact]
    public void An_order_is_late_from_the_end_of_the_promised_day_until_something_says_that_it_came()
    {
        Add("purchases", 0, """{"order":"o-1","product":"tea","promised":"2026-06-04"}""");
        var late = Assert.Single(Find(LateOrderRule.Member));
        Assert.Equal(("o-1", new DateTimeOffset(2026, 6, 5, 0, 0, 0, TimeSpan.Zero), Start), (late.Shown, late.At, late.Since));
        Assert.False(late.HoldsAt(late.At.AddTicks(-1)));
        Assert.True(late.HoldsAt(late.At));
        Assert.False(late.HoldsAt(late.At.AddDays(60)));
        Add("deliveries", 1, """{"order":"o-1","status":"shipped"}""");
        Assert.Single(Find(LateOrderRule.Member));
        Add("deliveries", 2, """{"order":"o-1"}""");
        Assert.Empty(Find(LateOrderRule.Member));
    }

    [Theory]
    [InlineData("""{"order":"o-1","product":"tea"}""", 5)]
    [InlineData("""{"invoiceNumber":"o-1","promised":"not a day"}""", 5)]
    [InlineData("""{"invoiceNumber":"o-1","promised":"9999-12-31"}""", 5)]
    [InlineData("""{"order":"o-1","promised":"2026-06-03T12:00:00Z"}""", 2.125)]
    [InlineData("""{"order":"o-1","delivered":null,"status":"packed"}""", 5)]
    public void Without_a_promised_day_the_period_of_the_catalog_counts(string order, double days)
    {
        Add("purchases", 0, order);
        Assert.Equal(Start.AddDays(days), Assert.Single(Find(LateOrderRule.Member)).At);
    }

    [Theory]
    [InlineData("""{"order":"o-1","delivered":"2026-06-02"}""")]
    [InlineData("""{"order":"o-1","delivered":true}""")]
    [InlineData("""{"order":"o-1","status":"Cancelled"}""")]
    [InlineData("""{"product":"tea"}""")]
    [InlineData("""[1]""")]
    [InlineData("\"tea\"")]
    public void An_order_that_ended_or_has_no_number_is_never_late(string order)
    {
        Add("purchases", 0, order);
        Assert.Empty(Find(LateOrderRule.Member));
    }

    [Fact]
    public void Three_contacts_about_one_thing_within_a_fortnight_are_one_too_many()
    {
        foreach (var (day, about) in new[] { (0, "o-1"), (6, "o-2"), (10, "O-1"), (13, "o-1") })
        {
            Add("contacts", day, JsonSerializer.Serialize(new { order = about, question = "Where is it?" }));
        }

        Add("contacts", 13, """{"question":"Where is it?"}""");
        var found = Assert.Single(Find(RepeatedContactRule.Member));
        Assert.Equal(("o-1", 3, Start, Start.AddDays(13)), (found.Shown, found.Times, found.Since, found.At));
        Add("contacts", 30, """{"order":"o-1"}""");
        Assert.Empty(Find(RepeatedContactRule.Member));
    }

    [Fact]
    public void What_runs_out_goes_by_the_record_then_the_catalog_then_the_customers_own_intervals()
    {
        Add("purchases", 0, """{"product":"tea","item":"Assam tea","quantity":2}""");
        Add("purchases", 0, """{"product":"club","ends":"2026-09-01"}""");
        Add("purchases", 0, """{"product":"oats","category":"food"}""");
        Add("purchases", 0, """{"product":"soap"}""");
        Add("purchases", 10, """{"product":"soap"}""");
        Assert.Equal(["oats", "Assam tea", "club"], Find(RunningOutRule.Member).Select(f => f.Shown));
        Assert.Equal([Start.AddDays(17), Start.AddDays(57), new DateTimeOffset(2026, 8, 29, 0, 0, 0, TimeSpan.Zero)], Find(RunningOutRule.Member).Select(f => f.At));
        Add("purchases", 22, """{"product":"soap"}""");
        Assert.Equal(Start.AddDays(22 + 12 - 3), Find(RunningOutRule.Member).Single(f => f.Shown == "soap").At);
    }

    [Fact]
    public void What_is_sensitive_or_not_wanted_is_never_said_to_run_out()
    {
        Add("purchases", 0, """{"product":"tea","category":"intimate"}""");
        Add("purchases", 0, """{"product":"oats","category":"food"}""");
        leftOut = new HashSet<string> { "oats" };
        Assert.Empty(Find(RunningOutRule.Member));
    }

    [Fact]
    public void The_newest_state_of_the_cart_counts_and_no_amount_is_taken_along()
    {
        Add("carts", 0, """{"cart":"c-1","items":["Tea","Pot",{"product":"gel","category":"intimate"},{"product":"mug","name":"Mug","price":4.5}],"total":99.95}""");
        var cart = Assert.Single(Find(LeftCartRule.Member));
        Assert.Equal(("c-1", "Tea\nPot\nMug", Start.AddHours(4), Start.AddHours(28)), (cart.Thing, cart.Shown, cart.At, cart.Until));
        Add("carts", 0.01, """{"cart":"c-1","state":"opened"}""");
        Assert.Empty(Find(LeftCartRule.Member));
        Add("carts", 0.02, """{"cart":"c-1","item":"Tea"}""");
        Assert.Equal("Tea", Assert.Single(Find(LeftCartRule.Member)).Shown);
        Add("carts", 0.03, """{"cart":"c-1","items":[{"category":"intimate","item":"gel"}]}""");
        Assert.Empty(Find(LeftCartRule.Member));
    }

    [Fact]
    public void A_name_stays_on_its_line_and_a_cart_has_an_end()
    {
        Add("carts", 0, JsonSerializer.Serialize(new { items = new[] { "a\nBcc: x" }.Concat(Enumerable.Range(0, 100).Select(i => $"item {i}")) }));
        var lines = Assert.Single(Find(LeftCartRule.Member)).Shown.Split('\n');
        Assert.Equal((20, "a Bcc: x"), (lines.Length, lines[0]));
    }

    private void Add(string point, double days, string json) => records.Add(new OpenedRecord(DataPointId.Parse(point), Start.AddDays(days), JsonElement.Parse(json)));

    private IReadOnlyList<ProactiveFinding> Find(string rule)
    {
        var declared = Catalog.Proactive.Rules.Single(r => r.Name == rule);
        return ProactiveNotice.Find(declared, [.. records.Where(r => declared.Histories.Contains(r.DataPoint)).OrderBy(r => r.Time)], Catalog, leftOut);
    }
}
