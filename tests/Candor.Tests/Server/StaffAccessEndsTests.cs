using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class StaffAccessEndsOnSqlite : StaffAccessEndsTests<Sqlite>;

public sealed class StaffAccessEndsOnPostgres : StaffAccessEndsTests<Postgres>;

/// <summary>A disabled account, a removed role, lapsed training and an ended session end access at the next read, with sessions opened by signing in.</summary>
public abstract class StaffAccessEndsTests<TEngine> : StaffSignInTest<TEngine>
    where TEngine : IEngine, new()
{
    private StaffBrowser browser = null!;
    private string staffId = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("ada");
        // Housekeeping counts the modules once after the start, and would compute anew what is set below.
        await Host.Database.WriteAsync(tx => Host.Trainings.CountAsync(tx, "test", Ct), Ct);
        var (enrolled, device) = await WithPasskeyAsync("Sam", "agent");
        staffId = (await ActorAsync(enrolled))!.Ref;
        await ChangeAsync(["agent"], trainingDays: 30);
        browser = NewBrowser();
        Assert.Equal(302, (await SignInAsync(browser, device)).Status);
        Assert.Equal((200, true), await ReadAsync(browser));
    }

    [Fact]
    public async Task A_disabled_account()
    {
        await Host.Database.WriteAsync(tx => Host.Access.DisableStaffAsync(tx, staffId, "test", Ct), Ct);
        Assert.Equal((403, false), await ReadAsync(browser));
        // Enabled again, the session stays ended.
        await ChangeAsync(["agent"], trainingDays: 30);
        Assert.Equal((403, false), await ReadAsync(browser));
    }

    [Fact]
    public async Task A_removed_role()
    {
        await ChangeAsync(["analyst"], trainingDays: 30);
        Assert.Equal((403, false), await ReadAsync(browser));
        await ChangeAsync(["analyst", "agent"], trainingDays: 30);
        Assert.Equal((200, true), await ReadAsync(browser));
    }

    [Fact]
    public async Task Lapsed_training()
    {
        await ChangeAsync(["agent"], trainingDays: -1);
        Assert.Equal((403, false), await ReadAsync(browser));
        await ChangeAsync(["agent"], trainingDays: null);
        Assert.Equal((403, false), await ReadAsync(browser));
    }

    [Fact]
    public async Task A_session_ended_from_another_one()
    {
        var session = (await Host.StaffSessions.ListAsync(Candor.Staff.CallerToken.Parse(browser.Session!), [], Ct))[0].Ref;
        var other = NewBrowser();
        other.Cookies["__Host-staff"] = await Host.Database.WriteAsync(tx => Host.Access.OpenStaffSessionAsync(tx, staffId, tx.Now, Ct), Ct);
        Assert.Equal(302, (await other.FillAsync("/staff/account", "/staff/account/sessions/end", ("session", session))).Status);
        Assert.Equal((403, false), await ReadAsync(browser));
        Assert.Equal((200, true), await ReadAsync(other));
    }

    [Fact]
    public async Task A_reset()
    {
        await Host.Database.WriteAsync(tx => Host.Invitations.ResetAsync(tx, staffId, "test", Ct), Ct);
        Assert.Equal((403, false), await ReadAsync(browser));
    }

    [Fact]
    public async Task A_session_that_only_sets_up_an_account_reads_nothing()
    {
        var token = await Host.Database.WriteAsync(tx => Host.Invitations.ResetAsync(tx, staffId, "test", Ct), Ct);
        var fresh = NewBrowser();
        await fresh.PostAsync("/staff/invite", ("token", token));
        Assert.NotNull(fresh.Session);
        Assert.Equal((403, false), await ReadAsync(fresh));
    }

    /// <summary>Sets the roles, and how long the training still counts, whatever modules were passed.</summary>
    private Task ChangeAsync(IReadOnlyList<string> roles, int? trainingDays) => Host.Database.WriteAsync(async tx =>
    {
        await Host.Access.ChangeStaffAsync(tx, staffId, roles, disabled: false, "test", Ct);
        await tx.RunAsync("UPDATE staff SET training_until_us = @until WHERE staff_id = @staffId", new { staffId, until = Micros.From(trainingDays is { } days ? tx.Now.AddDays(days) : (DateTimeOffset?)null) }, Ct);
    }, Ct);

    /// <summary>A read by the session of a browser: the status, and whether the customer's name came out.</summary>
    private async Task<(int Status, bool HasName)> ReadAsync(StaffBrowser who)
    {
        var answer = await GetAsync("/v1/customers/ada?purpose=support&fields=fullName&case=c-1", who.Session);
        return (answer.Status, answer.Text.Contains("Ada Brook", StringComparison.Ordinal));
    }
}
