using Candor.Staff;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Staff;

public sealed class SignInThrottleOnSqlite : SignInThrottleTests<Sqlite>;

public sealed class SignInThrottleOnPostgres : SignInThrottleTests<Postgres>;

/// <summary>Who guesses waits; who is guessed at does not.</summary>
public abstract class SignInThrottleTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Email = "sam@shop.example";
    private StaffHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await StaffHouse.BuildAsync(Db, Ct);
    }

    [Fact]
    public async Task After_five_guesses_the_wait_doubles_up_to_fifteen_minutes()
    {
        var waits = new List<double>();
        for (var i = 0; i < 18; i++)
        {
            var leave = await AskAsync(StaffHouse.Client(1));
            waits.Add(leave.Wait.TotalSeconds);
            if (!leave.IsGranted)
            {
                Clock.Advance(leave.Wait - TimeSpan.FromMilliseconds(1));
                Assert.False((await AskAsync(StaffHouse.Client(1))).IsGranted);
                Clock.Advance(TimeSpan.FromMilliseconds(1));
                Assert.True((await AskAsync(StaffHouse.Client(1))).IsGranted);
            }
        }

        Assert.Equal([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900], waits);
    }

    [Fact]
    public async Task All_strangers_together_have_a_hundred_guesses_a_day()
    {
        var granted = 0;
        for (var network = 0; network < 60; network++)
        {
            for (var i = 0; i < 5; i++)
            {
                granted += (await AskAsync(StaffHouse.Client(network))).IsGranted ? 1 : 0;
            }
        }

        Assert.Equal(SignInThrottle.GuessesPerDay, granted);
        Assert.True((await AskAsync(StaffHouse.Client(999))).IsSpent);
        Clock.Advance(SignInThrottle.Day);
        Assert.True((await AskAsync(StaffHouse.Client(999))).IsGranted);
    }

    [Fact]
    public async Task Whatever_strangers_do_an_owner_in_a_known_browser_is_never_held_back()
    {
        var mark = house.Throttle.MarkKnown(Email);
        // An owner who signs in right is forgiven each time; strangers guess in any network, the owner's too, with marks of other accounts and broken ones.
        await Gen.Int[0, 3].Array[30].SampleAsync(async strangers =>
        {
            foreach (var network in strangers)
            {
                string?[] marks = [null, house.Throttle.MarkKnown("other@shop.example"), "x", mark[..^1] + (mark[^1] == 'A' ? 'B' : 'A')];
                await AskAsync(StaffHouse.Client(network, marks[network]));
                Assert.True((await AskAsync(StaffHouse.Client(0, mark))).IsGranted);
                await Db.WriteAsync(tx => house.Throttle.ForgiveAsync(tx, Email, StaffHouse.Client(0, mark), Ct), Ct);
            }
        }, iter: 8, threads: 1);
    }

    [Fact]
    public async Task A_stranger_in_another_network_does_not_delay_an_owner_in_a_new_browser()
    {
        for (var i = 0; i < 50; i++)
        {
            await AskAsync(StaffHouse.Client(1));
        }

        Assert.False((await AskAsync(StaffHouse.Client(1))).IsGranted);
        Assert.True((await AskAsync(StaffHouse.Client(2))).IsGranted);
    }

    [Fact]
    public async Task Many_guesses_at_the_same_moment_are_many_guesses()
    {
        var leaves = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => AskAsync(StaffHouse.Client(1)))));
        Assert.Equal(SignInThrottle.FreeGuesses, leaves.Count(l => l.IsGranted));
    }

    [Fact]
    public async Task Addresses_that_nobody_has_are_counted_alike()
    {
        for (var i = 0; i < 6; i++)
        {
            var (a, b) = (await AskAsync(StaffHouse.Client(1), "nobody@shop.example"), await AskAsync(StaffHouse.Client(1), "no address at all"));
            Assert.Equal((i < 5, i < 5), (a.IsGranted, b.IsGranted));
        }

        // Written otherwise, it is the same account.
        Assert.False((await AskAsync(StaffHouse.Client(1), " NOBODY@shop.example ")).IsGranted);
    }

    private Task<GuessLeave> AskAsync(StaffClient client, string email = Email) => Db.WriteAsync(tx => house.Throttle.AskAsync(tx, email, client, Ct), Ct);
}
