using Candor.Kernel;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Vault;

public sealed class CustomerLotsTests : StorageTest<Sqlite>
{
    private const int Many = 20_000;
    private static readonly PurposeId Ideas = PurposeId.Parse("ideas");
    private CustomerLots lots = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        lots = new CustomerLots(await KeyRing.OpenAsync(Db, RootKey.Random(), Ct));
    }

    // Five standard deviations of a binomial: a right build fails once in 1.7 million runs.
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public void The_share_drawn_is_the_share_asked_for(int percent)
    {
        var drawn = Ids().Count(id => lots.IsDrawn(id, Ideas, percent));
        Assert.InRange(Math.Abs(drawn - Many * percent / 100.0), 0, 5 * Math.Sqrt(Many * percent / 100.0 * (1 - percent / 100.0)));
    }

    [Fact]
    public void Nobody_is_drawn_of_nothing_and_everybody_of_everything()
    {
        Assert.DoesNotContain(Ids(500), id => lots.IsDrawn(id, Ideas, 0));
        Assert.All(Ids(500), id => Assert.True(lots.IsDrawn(id, Ideas, 100)));
    }

    // Neighbours in the order of ids are drawn together as often as chance has it: 10 % of 10 %.
    [Fact]
    public void A_lot_has_nothing_to_do_with_the_order_of_ids()
    {
        var drawn = Ids().OrderBy(id => id.Value, StringComparer.Ordinal).Select(id => lots.IsDrawn(id, Ideas, 10)).ToList();
        var pairs = drawn.Zip(drawn.Skip(1)).Count(p => p is (true, true));
        Assert.InRange(Math.Abs(pairs - Many * 0.01), 0, 5 * Math.Sqrt(Many * 0.01 * 0.99) * 1.1);
        foreach (var half in drawn.Chunk(Many / 2))
        {
            Assert.InRange(Math.Abs(half.Count(d => d) - Many * 0.05), 0, 5 * Math.Sqrt(Many / 2 * 0.1 * 0.9));
        }
    }

    [Fact]
    public void A_lot_is_the_same_every_time_stays_when_the_share_grows_and_is_drawn_anew_for_another_purpose()
    {
        var other = PurposeId.Parse("needs");
        var ids = Ids().ToList();
        Assert.All(ids.Take(500), id => Assert.Equal(lots.IsDrawn(id, Ideas, 30), lots.IsDrawn(id, Ideas, 30)));
        Assert.All(ids.Where(id => lots.IsDrawn(id, Ideas, 10)), id => Assert.True(lots.IsDrawn(id, Ideas, 11)));
        var both = ids.Count(id => lots.IsDrawn(id, Ideas, 10) && lots.IsDrawn(id, other, 10));
        Assert.InRange(Math.Abs(both - Many * 0.01), 0, 5 * Math.Sqrt(Many * 0.01 * 0.99));
    }

    [Fact]
    public async Task Without_the_secret_nobody_can_work_a_lot_out()
    {
        var others = new CustomerLots(await KeyRing.OpenAsync((await new Sqlite().CreateAsync(Clock, Ct)).Database, RootKey.Random(), Ct));
        var ids = Ids().ToList();
        var same = ids.Count(id => lots.IsDrawn(id, Ideas, 50) == others.IsDrawn(id, Ideas, 50));
        Assert.InRange(Math.Abs(same - Many / 2), 0, 5 * Math.Sqrt(Many / 4.0));
        Assert.NotEqual(lots.MarkOf(ids[0], "leftCarts", "c-1"), others.MarkOf(ids[0], "leftCarts", "c-1"));
        Assert.NotEqual(lots.MarkOf(ids[0], "leftCarts", "c-1"), lots.MarkOf(ids[1], "leftCarts", "c-1"));
    }

    private static IEnumerable<CustomerId> Ids(int count = Many) => Enumerable.Range(0, count).Select(_ => CustomerId.New());
}
