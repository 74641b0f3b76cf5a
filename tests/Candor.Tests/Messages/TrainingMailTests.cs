using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Messages;

public sealed class TrainingMailOnSqlite : TrainingMailTests<Sqlite>;

public sealed class TrainingMailOnPostgres : TrainingMailTests<Postgres>;

/// <summary>Staff are written to before training ends, when it has, and never once it is done.</summary>
public abstract class TrainingMailTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private MessageHouse house = null!;
    private TrainingMail mail = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
        var trainings = new Trainings(TrainingLibrary.Open("/nowhere"), new TrainingRegister(house.House.Log), house.House.Catalogs);
        await Db.WriteAsync(tx => trainings.CountAsync(tx, "test", Ct), Ct);
        mail = new TrainingMail(Db, trainings, house.House.Catalogs, new StaffMail(house.House.Vault), new Uri("https://privacy.shop.example"));
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Training_that_ends_is_told_with_its_day_its_modules_and_the_way_there()
    {
        await AddAsync("Sam", Clock.GetUtcNow().AddDays(30));
        Assert.Equal(1, await mail.QueueDueAsync(Ct));
        Assert.Equal(0, await mail.QueueDueAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(10, Ct);
        var sent = Assert.Single(house.Mails());
        Assert.StartsWith("Your training ends on 1 July 2026", sent.Subject, StringComparison.Ordinal);
        Assert.Contains("- Recognising phishing", sent.TextBody, StringComparison.Ordinal);
        Assert.Contains("https://privacy.shop.example/staff/training", sent.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_thirty_days_before_to_three_weeks_after_there_are_seven_mails_on_whatever_node()
    {
        await AddAsync("Sam", Clock.GetUtcNow().AddDays(40));
        var queued = 0;
        for (var day = 0; day < 90; day++, Clock.Advance(TimeSpan.FromDays(1)))
        {
            queued += (await Task.WhenAll(mail.QueueDueAsync(Ct), mail.QueueDueAsync(Ct))).Sum();
        }

        Assert.Equal(7, queued);
    }

    [Fact]
    public async Task What_has_ended_is_said_in_other_words_and_nobody_who_left_is_written_to()
    {
        await AddAsync("Sam", Clock.GetUtcNow().AddDays(-1));
        var gone = await AddAsync("Gone", Clock.GetUtcNow().AddDays(-1));
        await Db.WriteAsync(async tx => await house.House.Access.ChangeStaffAsync(tx, gone, ["agent"], disabled: true, "test", Ct), Ct);
        Assert.Equal(1, await mail.QueueDueAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(10, Ct);
        Assert.Contains("you cannot open customer data", Assert.Single(house.Mails()).TextBody, StringComparison.Ordinal);
    }

    private Task<string> AddAsync(string name, DateTimeOffset until) => Db.WriteAsync(async tx =>
    {
        var id = await house.House.Access.AddStaffAsync(tx, name, ["agent"], until, "test", Ct);
        await tx.RunAsync("UPDATE staff SET email = @email WHERE staff_id = @id", new { id, email = $"{name.ToLowerInvariant()}@shop.example" }, Ct);
        return id;
    }, Ct);
}
