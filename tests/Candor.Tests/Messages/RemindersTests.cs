using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Storage;
using Candor.Vault;
using MimeKit;

namespace Candor.Tests.Messages;

public sealed class RemindersOnSqlite : RemindersTests<Sqlite>;

public sealed class RemindersOnPostgres : RemindersTests<Postgres>;

public abstract class RemindersTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private MessageHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
        await house.AddAsync("ada", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // Ideas reminds every 3 months, news every 6: the first mail names both, and nothing follows for 3 months.
    [Fact]
    public async Task One_mail_reminds_of_all_that_is_on()
    {
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        await house.GiveAsync("ada", MessageHouse.Suggestions, Ct);
        Clock.Advance(TimeSpan.FromDays(91));
        Assert.Equal(0, await RunAsync());
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await RunAsync());
        Assert.Equal(0, await RunAsync());
        var mail = Assert.Single(Reminders("Your choices at Test Shop"));
        Assert.Contains("- Ideas (until 1 June 2027)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("- News (until 1 June 2027)", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("You said no", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("https://privacy.shop.example/me", mail.TextBody, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromDays(88));
        Assert.Equal(0, await RunAsync());
    }

    [Fact]
    public async Task A_choice_that_is_off_by_the_time_of_sending_is_not_named()
    {
        await house.GiveAsync("ada", MessageHouse.Suggestions, Ct);
        Clock.Advance(TimeSpan.FromDays(92));
        await house.Room.Reminders.RunDueAsync(100, Ct);
        await house.WithdrawAsync("ada", MessageHouse.Suggestions, Ct);
        await house.Room.Sender.SendDueAsync(100, Ct);
        Assert.Empty(Reminders("Your choices at Test Shop"));
    }

    [Fact]
    public async Task A_consent_that_runs_out_is_asked_about_once_and_then_stops()
    {
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        Clock.Advance(TimeSpan.FromDays(190));
        await RunAsync();
        Clock.Advance(TimeSpan.FromDays(365 - 30 - 190));
        Assert.Equal(1, await RunAsync());
        var mail = Assert.Single(Reminders("Something ends soon at Test Shop"));
        Assert.Contains("- News (until 1 June 2027)", mail.TextBody, StringComparison.Ordinal);
        for (var day = 0; day < 400; day++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            await house.House.Choices.ExpireDueAsync(100, Ct);
            Assert.Equal(0, await RunAsync());
        }

        Assert.Single(Reminders("Something ends soon at Test Shop"));
    }

    [Fact]
    public async Task A_refusal_is_asked_about_when_its_peace_is_over_and_never_without_one()
    {
        await house.RefuseAsync("ada", MessageHouse.Newsletter, Ct);
        await house.RefuseAsync("ada", MessageHouse.Suggestions, Ct);
        for (var day = 1; day < 273; day++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            Assert.Equal(0, await RunAsync());
        }

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await RunAsync());
        var mail = Assert.Single(Reminders("A question from Test Shop"));
        Assert.Contains("- News", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("Ideas", mail.TextBody, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromDays(260));
        Assert.Equal(0, await RunAsync());
    }

    [Fact]
    public async Task Who_has_no_address_or_has_all_uses_held_still_is_passed_over()
    {
        await house.AddAsync("bob", Ct, email: null);
        await house.GiveAsync("bob", MessageHouse.Suggestions, Ct);
        await house.GiveAsync("ada", MessageHouse.Suggestions, Ct);
        await Db.WriteAsync(async tx =>
        {
            var ada = await house.House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct);
            await house.House.Ledger.RestrictAsync(tx, ada!.Id, "test", "en", Ct);
        }, Ct);
        Clock.Advance(TimeSpan.FromDays(92));
        Assert.Equal(2, await RunAsync());
        Assert.Equal(0, await RunAsync());
        Assert.Empty(Reminders("Your choices at Test Shop"));
    }

    [Fact]
    public async Task Choices_made_before_there_were_reminders_are_found_by_a_walk_that_can_be_interrupted()
    {
        for (var i = 0; i < 250; i++)
        {
            var key = await house.AddAsync($"c-{i}", Ct, $"c{i}@customers.example");
            await house.House.GiveAsync(Db, key.Id, "suggestions", Ct);
        }

        Clock.Advance(TimeSpan.FromDays(92));
        Assert.Equal(0, await house.Room.Reminders.RunDueAsync(1000, Ct));
        Assert.Equal(100, await house.Room.Reminders.WalkAsync(100, Ct));
        Assert.Equal(151, await house.Room.Reminders.WalkAsync(1000, Ct));
        Assert.Equal(0, await house.Room.Reminders.WalkAsync(1000, Ct));
        Assert.Equal(250, await house.Room.Reminders.RunDueAsync(1000, Ct));
        Assert.Equal(0, await house.Room.Reminders.RunDueAsync(1000, Ct));
    }

    private async Task<int> RunAsync()
    {
        var done = await house.Room.Reminders.RunDueAsync(100, Ct);
        await house.Room.Sender.SendDueAsync(100, Ct);
        return done;
    }

    private IEnumerable<MimeMessage> Reminders(string subject) => house.Mails().Where(m => m.Subject == subject);
}
