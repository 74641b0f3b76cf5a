using System.Net;
using Candor.Kernel;
using Candor.Reads;
using Candor.SignIn;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.SignIn;

public sealed class OwnSessionsOnSqlite : OwnSessionsTests<Sqlite>;

public sealed class OwnSessionsOnPostgres : OwnSessionsTests<Postgres>;

/// <summary>Sessions rest only so long, live only so long, and their owner sees and ends them.</summary>
public abstract class OwnSessionsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly SignInClient Phone = new(IPAddress.Parse("192.0.2.1"), "phone");
    private static readonly SignInClient Laptop = new(IPAddress.Parse("192.0.2.1"), "laptop");
    private SignInHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SignInHouse.BuildAsync(Db, Ct);
    }

    [Fact]
    public async Task A_customers_session_rests_seven_days_and_no_microsecond_more()
    {
        var session = await OpenAsync(house.Ada.Id, Phone);
        Clock.Advance(SessionRegister.CustomerIdle - TimeSpan.FromMicroseconds(1));
        Assert.NotNull(await LookAsync(session));
        Clock.Advance(SessionRegister.CustomerIdle);
        Assert.Null(await LookAsync(session));
        // Looking at an ended session did not bring it back.
        Assert.Null(await LookAsync(session));
    }

    [Fact]
    public async Task However_much_it_is_used_it_ends_after_thirty_days()
    {
        var session = await OpenAsync(house.Ada.Id, Phone);
        for (var day = 1; day < 30; day++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            Assert.NotNull(await LookAsync(session));
        }

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Null(await LookAsync(session));
    }

    [Fact]
    public async Task An_ended_session_is_forgotten_after_a_while_and_a_live_one_is_not()
    {
        await OpenAsync(house.Ada.Id, Phone);
        Clock.Advance(SessionRegister.CustomerLife + SessionRegister.EndedKept);
        var live = await OpenAsync(house.Ada.Id, Laptop);
        Assert.Equal(0, await CleanAsync());
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(1, await CleanAsync());
        Assert.NotNull(await LookAsync(live));
    }

    private Task<int> CleanAsync() => Db.WriteAsync(tx => SessionRegister.CleanAsync(tx, tx.Now - SessionRegister.EndedKept, Ct), Ct);

    [Fact]
    public async Task A_use_is_written_down_at_most_once_a_minute()
    {
        var session = await OpenAsync(house.Ada.Id, Phone);
        var start = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromSeconds(59));
        await LookAsync(session);
        Assert.Equal(start, await SeenAsync(session));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await LookAsync(session);
        Assert.Equal(Clock.GetUtcNow(), await SeenAsync(session));
        var seen = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromSeconds(59));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => LookAsync(session))));
        Assert.Equal(seen, await SeenAsync(session));
    }

    [Fact]
    public async Task Many_uses_at_the_same_moment_do_not_block_each_other()
    {
        var session = await OpenAsync(house.Ada.Id, Phone);
        Clock.Advance(TimeSpan.FromMinutes(2));
        var looks = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(() => LookAsync(session)))).WaitAsync(TimeSpan.FromSeconds(60), Ct);
        Assert.All(looks, Assert.NotNull);
    }

    [Fact]
    public async Task Staff_rest_thirty_minutes_and_their_reads_count_as_use()
    {
        var session = await StaffAsync();
        for (var i = 0; i < 20; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(29));
            Assert.True(await ReadsAsync(session), $"after {(i + 1) * 29} minutes");
        }

        Clock.Advance(SessionRegister.StaffIdle);
        Assert.False(await ReadsAsync(session));
    }

    [Fact]
    public async Task A_working_day_of_staff_ends_after_twelve_hours()
    {
        var session = await StaffAsync();
        for (var i = 0; i < 35; i++)
        {
            Clock.Advance(TimeSpan.FromMinutes(20));
            Assert.True(await ReadsAsync(session));
        }

        Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.False(await ReadsAsync(session));
    }

    [Fact]
    public async Task The_owner_sees_their_sessions_and_which_is_this_one()
    {
        var here = await OpenAsync(house.Ada.Id, Phone);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await OpenAsync(house.Ada.Id, Laptop);
        await OpenAsync(house.Ben.Id, Laptop);
        var list = (await house.Sessions.ListAsync(CallerToken.Parse(here), Phone, Ct))!;
        Assert.Equal([(true, true), (false, false)], list.Select(i => (i.IsThis, i.IsThisBrowser)));
        Assert.All(list, i => Assert.Equal("link", i.Method));
        Assert.Equal(list[1].SeenAt + SessionRegister.CustomerIdle, list[1].EndsAt);
    }

    [Fact]
    public async Task One_session_or_all_others_can_be_ended()
    {
        var sessions = new List<string>();
        foreach (var client in new[] { Phone, Laptop, Laptop, Laptop })
        {
            sessions.Add(await OpenAsync(house.Ada.Id, client));
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var here = CallerToken.Parse(sessions[0]);
        var list = (await house.Sessions.ListAsync(here, Phone, Ct))!;
        Assert.Equal(1, await house.Sessions.EndAsync(here, list[1].Ref, Ct));
        Assert.Equal(3, (await house.Sessions.ListAsync(here, Phone, Ct))!.Count);
        Assert.Equal(2, await house.Sessions.EndOthersAsync(here, Ct));
        Assert.True(Assert.Single((await house.Sessions.ListAsync(here, Phone, Ct))!).IsThis);
        foreach (var ended in sessions.Skip(1))
        {
            Assert.Null(await LookAsync(ended));
        }

        Assert.Equal(2, (await house.LoginsAsync(Ct)).Count(e => e.Subject!.Contains("signed-out", StringComparison.Ordinal) && e.CustomerRef is not null));
    }

    [Fact]
    public async Task Nobody_ends_or_sees_the_sessions_of_another()
    {
        var (ada, ben) = (await OpenAsync(house.Ada.Id, Phone), await OpenAsync(house.Ben.Id, Phone));
        var bens = Assert.Single((await house.Sessions.ListAsync(CallerToken.Parse(ben), Phone, Ct))!).Ref;
        foreach (var reference in new[] { bens, "", "*", "' OR 1=1 --", new string('x', 10_000) })
        {
            Assert.Equal(0, await house.Sessions.EndAsync(CallerToken.Parse(ada), reference, Ct));
        }

        Assert.Equal(0, await house.Sessions.EndOthersAsync(CallerToken.Parse(ada), Ct));
        Assert.NotNull(await house.WhoAsync(ben, Ct));
        Assert.NotNull(await house.WhoAsync(ada, Ct));
    }

    [Fact]
    public async Task A_dead_session_and_a_member_of_staff_have_no_sessions_here()
    {
        var session = CallerToken.Parse(await OpenAsync(house.Ada.Id, Phone));
        var staff = CallerToken.Parse(await StaffAsync());
        await Db.WriteAsync(tx => house.Access.EndSessionAsync(tx, session, Ct), Ct);
        foreach (var token in new[] { session, staff })
        {
            Assert.Null(await house.Sessions.ListAsync(token, Phone, Ct));
            Assert.Null(await house.Sessions.EndOthersAsync(token, Ct));
        }
    }

    [Fact]
    public async Task Address_and_browser_are_kept_as_a_digest_that_names_neither()
    {
        await OpenAsync(house.Ada.Id, Phone);
        var hash = await Db.ReadAsync(async tx => await tx.FindAsync<byte[]>("SELECT client_hash FROM session WHERE client_hash IS NOT NULL", null, Ct), Ct);
        Assert.Equal(16, hash!.Length);
        Assert.Equal(house.SignIn.NetworkOf(IPAddress.Parse("192.0.2.1")), house.SignIn.NetworkOf(IPAddress.Parse("::ffff:192.0.2.250")));
        Assert.NotEqual(house.SignIn.NetworkOf(IPAddress.Parse("192.0.2.1")), house.SignIn.NetworkOf(IPAddress.Parse("192.0.3.1")));
        Assert.Equal(house.SignIn.NetworkOf(IPAddress.Parse("2001:db8:1:200::1")), house.SignIn.NetworkOf(IPAddress.Parse("2001:db8:1:2ff::9")));
    }

    private async Task<string> OpenAsync(CustomerId customer, SignInClient client) =>
        (await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, customer, "link", house.SignIn.ClientOf(client), Ct), Ct)).Text;

    private Task<string> StaffAsync() => Db.WriteAsync(async tx =>
    {
        var agent = await house.Access.AddStaffAsync(tx, "Sam", ["agent"], tx.Now.AddYears(1), "test", Ct);
        return await house.Access.OpenStaffSessionAsync(tx, agent, tx.Now, Ct);
    }, Ct);

    private async Task<bool> ReadsAsync(string session) =>
        (await house.Reads.RunAsync(new ReadRequest(CallerToken.Parse(session), "ada", PurposeId.Parse("support"), [], "T-1"), Ct))!.Opened is not null;

    private Task<OwnData.Overview?> LookAsync(string session) => house.Own.OverviewAsync(CallerToken.Parse(session), Ct);

    private async Task<DateTimeOffset> SeenAsync(string session) =>
        (await Db.ReadAsync(async tx => await house.Access.FindActorAsync(tx, CallerToken.Parse(session), Ct), Ct))!.LastSeenAt!.Value;
}
