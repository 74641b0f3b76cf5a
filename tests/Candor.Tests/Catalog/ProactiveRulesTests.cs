using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Tests.Catalog;

public sealed class ProactiveRulesTests
{
    [Fact]
    public void Rules_and_limits_are_read()
    {
        var rules = SampleCatalog.Read().Proactive;
        Assert.Equal(new MessageCap(2, Period.Parse("P7D")), rules.MessagesAtMost);
        Assert.Equal(3, rules.ItemShownAtMost);
        var (support, refills, orders) = (PurposeId.Parse("support"), PurposeId.Parse("refills"), DataPointId.Parse("orders"));
        Assert.Equal(new LateOrderRule(orders, support, support, null, Period.Parse("P5D")), rules.Rules[0]);
        Assert.Equal(new RepeatedContactRule(orders, support, 3, Period.Parse("P14D")), rules.Rules[1]);
        var running = Assert.IsType<RunningOutRule>(rules.Rules[2]);
        Assert.Equal(("P2D", "P30D", refills, null), (running.Before.Text, running.Lasts["TEA"].Text, running.MessagesFor, running.LinesFor));
        var cart = Assert.IsType<LeftCartRule>(rules.Rules[3]);
        Assert.Equal((TimeSpan.FromHours(4), "P7D", refills), (cart.After.Time, cart.AtMostEvery.Text, ((ProactiveRule)cart).MessagesFor));
    }

    [Fact]
    public void Without_rules_nothing_is_noticed()
    {
        var none = SampleCatalog.Read().Text.Split("proactive:")[0];
        var rules = PurposeCatalog.Read(none, SampleCatalog.File).Proactive;
        Assert.Empty(rules.Rules);
        Assert.Null(rules.MessagesAtMost);
        Assert.Null(rules.ItemShownAtMost);
    }

    [Fact]
    public void What_is_not_said_of_a_cart_is_gentle()
    {
        var cart = Assert.IsType<LeftCartRule>(SampleCatalog.ReadWith("after: PT4H, atMostEvery: P7D, ", "").Proactive.Rules[3]);
        Assert.Equal(("PT4H", "P7D"), (cart.After.Text, cart.AtMostEvery.Text));
    }

    [Fact]
    public void The_comparison_group_is_ten_percent_of_suggestions_and_nobody_elsewhere_unless_said()
    {
        var shop = PurposeCatalog.Read(ReadyCatalogs.Text("shop").Replace("    holdOut: 10\n", "", StringComparison.Ordinal), "shop.yaml");
        Assert.Equal(["in-session-recommendations", "next-needs"], shop.Purposes.Values.Where(p => p.HoldOutPercent == 10).Select(p => p.Id.Value).Order(StringComparer.Ordinal));
        Assert.All(shop.Purposes.Values.Where(p => !p.MakesSuggestions), p => Assert.Equal(0, p.HoldOutPercent));
        Assert.Equal(20, SampleCatalog.Read().Purposes[PurposeId.Parse("tips")].HoldOutPercent);
        Assert.Equal(0, PurposeCatalog.Read(ShopCatalog.Yaml, "shop.yaml").Purposes[PurposeId.Parse("next-needs")].HoldOutPercent);
    }

    [Theory]
    [InlineData("count: 2, per: P7D", "count: 3, per: P7D", "proactive.messagesAtMost", true, false)]
    [InlineData("count: 2, per: P7D", "count: 1, per: P7D", "proactive.messagesAtMost", false, true)]
    [InlineData("  messagesAtMost: { count: 2, per: P7D }\n", "", "proactive.messagesAtMost", true, false)]
    [InlineData("linesFor: support, messagesFor: support", "linesFor: support", "proactive.lateOrders.messagesFor", false, true)]
    [InlineData("before: P2D, lasts: { tea: P30D }, messagesFor", "before: P2D, lasts: { tea: P30D }, linesFor: support, messagesFor", "proactive.runningOut.linesFor", true, false)]
    [InlineData("lasts: { tea: P30D }", "lasts: { tea: P40D }", "proactive.runningOut", false, false)]
    [InlineData("after: PT4H", "after: PT5H", "proactive.leftCarts", false, false)]
    [InlineData("itemShownAtMost: 3", "itemShownAtMost: 4", "proactive.itemShownAtMost", false, false)]
    [InlineData("holdOut: 20", "holdOut: 30", "purposes.tips.holdOut", false, false)]
    [InlineData("  repeatedContacts: { history: orders, times: 3, within: P14D, linesFor: support }\n", "", "proactive.repeatedContacts", false, true)]
    [InlineData("history: orders, after: P5D", "history: orders, endedBy: orders, after: P5D", "proactive.lateOrders", false, false)]
    public void Speaking_up_more_is_wider_and_waits_for_a_decision(string passage, string replacement, string path, bool isWidening, bool isNarrowing)
    {
        var change = Assert.Single(CatalogDiff.Compare(SampleCatalog.Read(), SampleCatalog.ReadWith(passage, replacement)));
        Assert.Equal((path, isWidening, isNarrowing), (change.Path, change.IsWidening, change.IsNarrowing));
        if (isWidening || isNarrowing)
        {
            var back = Assert.Single(CatalogDiff.Compare(SampleCatalog.ReadWith(passage, replacement), SampleCatalog.Read()));
            Assert.Equal((isNarrowing, isWidening), (back.IsWidening, back.IsNarrowing));
        }
    }
}
