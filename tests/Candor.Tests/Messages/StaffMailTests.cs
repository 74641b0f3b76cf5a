using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Storage;
using MimeKit;

namespace Candor.Tests.Messages;

public sealed class StaffMailOnSqlite : StaffMailTests<Sqlite>;

public sealed class StaffMailOnPostgres : StaffMailTests<Postgres>;

public abstract class StaffMailTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly Dictionary<string, string> Findings = new() { ["findings"] = "- entry 5 to 90: many customers", ["link"] = "https://privacy.shop.example/governance/anomalies" };
    private MessageHouse house = null!;
    private StaffMail mail = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
        mail = new StaffMail(house.House.Vault);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Everybody_active_with_a_role_gets_a_mail_and_nobody_else()
    {
        await AddAsync("Pia", "privacy-officer auditor", "pia@shop.example");
        await AddAsync("Paul", "privacy-officer", "paul@shop.example");
        await AddAsync("Ann", "agent", "ann@shop.example");
        await DisableAsync(await AddAsync("Gone", "privacy-officer", "gone@shop.example"));
        Assert.Equal(2, await QueueAsync(StaffReceiver.Role("privacy-officer")));
        Assert.Equal(2, await house.Room.StaffSender.SendDueAsync(100, Ct));
        Assert.Equal(0, await house.Room.StaffSender.SendDueAsync(100, Ct));
        Assert.Equal(["\"Paul\" <paul@shop.example>", "\"Pia\" <pia@shop.example>"], house.Mails().Select(m => m.To.ToString()).Order(StringComparer.Ordinal));
        Assert.All(house.Mails(), m => Assert.Contains("- entry 5 to 90: many customers", m.TextBody, StringComparison.Ordinal));
        Assert.All(house.Mails(), m => Assert.Contains("because you work with customer data at Test Shop", m.TextBody, StringComparison.Ordinal));
        Assert.Equal([new OutboxCount("sent", 2)], await Db.ReadAsync(tx => StaffMail.CountsAsync(tx, Ct), Ct));
    }

    // A link to set up an account must not lie about: in the table it is sealed, and gone when the mail is sent.
    [Fact]
    public async Task A_persons_mail_is_sealed_until_it_is_sent_and_said_with_its_days_and_file()
    {
        var pia = await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        await QueueAsync(StaffReceiver.Person(pia), "staff-invitation", new() { ["by"] = "Adam", ["link"] = "https://privacy.shop.example/staff/join/s3cret", ["until"] = "2026-06-02T14:05Z" }, file: new StaffFile("checkpoint.txt", "shop.example/audit\n— x\n"));
        Assert.DoesNotContain("s3cret", System.Text.Encoding.Latin1.GetString((await SealedAsync())!), StringComparison.Ordinal);
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Empty((await SealedAsync())!);
        var sent = Assert.Single(house.Mails());
        Assert.Contains("until 2 June 2026, 14:05 UTC.", sent.TextBody, StringComparison.Ordinal);
        Assert.Contains("https://privacy.shop.example/staff/join/s3cret", sent.TextBody, StringComparison.Ordinal);
        var file = Assert.IsType<TextPart>(Assert.Single(sent.Attachments));
        Assert.Equal(("checkpoint.txt", "shop.example/audit\n— x\n"), (file.FileName, file.Text.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task Days_that_come_near_are_sentences_each_with_its_page()
    {
        var pia = await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        await QueueAsync(StaffReceiver.Person(pia), "due-dates", new() { ["link"] = "https://x.example/", ["dates"] = "Review\tA card\t2026-06-09\thttps://x.example/i\nContract.over\tMailwell\t2026-05-31\thttps://x.example/r" });
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        var text = Assert.Single(house.Mails()).TextBody!.ReplaceLineEndings("\n");
        Assert.Contains("- The approval of “A card” counts to 9 June 2026. Unless it is confirmed before, what rests on it is refused afterwards.\n  https://x.example/i\n- The contract with “Mailwell” ran to 31 May 2026.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_left_or_lost_the_role_before_it_was_sent_gets_nothing()
    {
        var (pia, paul) = (await AddAsync("Pia", "privacy-officer", "pia@shop.example"), await AddAsync("Paul", "privacy-officer", "paul@shop.example"));
        var nobody = await AddAsync("Nemo", "agent", null);
        Assert.Equal(2, await QueueAsync(StaffReceiver.Role("privacy-officer")));
        await QueueAsync(StaffReceiver.Person(nobody));
        await DisableAsync(pia);
        await Db.WriteAsync(async tx => await house.House.Access.ChangeStaffAsync(tx, paul, ["agent"], false, "test", Ct), Ct);
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Empty(house.Mails());
        Assert.Equal(["no-address", "no-longer-active", "no-longer-in-role"], (await OutcomesAsync()).Select(o => o.Outcome).Order(StringComparer.Ordinal));
        Assert.Equal(0, await QueueAsync(StaffReceiver.Person(pia)));
    }

    [Fact]
    public async Task A_former_address_is_told_that_it_is_one()
    {
        var pia = await AddAsync("Pia", "privacy-officer", "new@shop.example");
        await QueueAsync(StaffReceiver.Former(pia, "old@shop.example"), "staff-account", new() { ["what"] = "Your address was changed." });
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Equal("\"Pia\" <old@shop.example>", Assert.Single(house.Mails()).To.ToString());
    }

    [Fact]
    public async Task What_is_not_committed_is_not_sent()
    {
        await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Db.WriteAsync<int>(async tx =>
        {
            await mail.QueueAsync(tx, StaffReceiver.Role("privacy-officer"), "log-findings", Findings, Ct);
            throw new InvalidOperationException();
        }, Ct));
        Assert.Equal(0, await house.Room.StaffSender.SendDueAsync(100, Ct));
    }

    [Fact]
    public async Task A_relay_that_says_later_is_tried_later_then_given_up_and_removed_after_a_month()
    {
        using var sink = new SmtpSink { Answer = "451 later" };
        var room = house.NewRoom(house.House.Choices, new SmtpRelay("127.0.0.1", sink.Port));
        await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        await QueueAsync(StaffReceiver.Role("privacy-officer"));
        for (var i = 1; i <= Retry.MostForMessages; i++)
        {
            Assert.Equal(1, await room.StaffSender.SendDueAsync(100, Ct));
            Assert.Equal(0, await room.StaffSender.SendDueAsync(100, Ct));
            Clock.Advance(Retry.After(i));
        }

        Assert.Equal([("dead", "smtp-451")], await OutcomesAsync());
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await room.StaffSender.PurgeAsync(100, Ct));
        Assert.Empty(await OutcomesAsync());
    }

    [Fact]
    public async Task Two_nodes_share_the_work_and_no_mail_is_sent_twice()
    {
        using var sink = new SmtpSink();
        var relay = new SmtpRelay("127.0.0.1", sink.Port);
        var (one, two) = (house.NewRoom(house.House.Choices, relay), house.NewRoom(house.House.Choices, relay));
        await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        for (var i = 0; i < 60; i++)
        {
            await QueueAsync(StaffReceiver.Role("privacy-officer"));
        }

        var done = await Task.WhenAll(Task.Run(() => one.StaffSender.SendDueAsync(100, Ct), Ct), Task.Run(() => two.StaffSender.SendDueAsync(100, Ct), Ct));
        Assert.Equal((60, 60), (done.Sum(), sink.Mails.Count));
    }

    [Fact]
    public async Task A_template_for_customers_or_an_unknown_blank_is_a_mistake_of_the_caller()
    {
        var pia = await AddAsync("Pia", "privacy-officer", "pia@shop.example");
        await Assert.ThrowsAsync<ArgumentException>(() => QueueAsync(StaffReceiver.Person(pia), "reminder", []));
        await Assert.ThrowsAsync<ArgumentException>(() => QueueAsync(StaffReceiver.Person(pia), "log-alarm", new() { ["customer"] = "x" }));
        var ada = await house.AddAsync("ada", Ct);
        await Assert.ThrowsAsync<ArgumentException>(() => house.QueueAsync(ada, new OutgoingMessage("log-alarm", null, new Dictionary<string, string>()), Ct));
    }

    private Task<int> QueueAsync(StaffReceiver to, string text = "log-findings", Dictionary<string, string>? facts = null, StaffFile? file = null) =>
        Db.WriteAsync(tx => mail.QueueAsync(tx, to, text, facts ?? Findings, Ct, file: file), Ct);

    private Task<string> AddAsync(string name, string roles, string? email) => Db.WriteAsync(async tx =>
    {
        var id = await house.House.Access.AddStaffAsync(tx, name, roles.Split(' '), null, "test", Ct);
        await tx.RunAsync("UPDATE staff SET email = @email WHERE staff_id = @id", new { email, id }, Ct);
        return id;
    }, Ct);

    private Task DisableAsync(string id) => Db.WriteAsync(async tx => await house.House.Access.ChangeStaffAsync(tx, id, ["privacy-officer"], true, "test", Ct), Ct);

    private Task<byte[]?> SealedAsync() => Db.ReadAsync(async tx => await tx.FindAsync<byte[]>("SELECT sealed FROM staff_mail", null, Ct), Ct);

    private Task<IReadOnlyList<(string State, string? Outcome)>> OutcomesAsync() =>
        Db.ReadAsync(async tx => await tx.QueryAsync<(string, string?)>("SELECT state, outcome FROM staff_mail", null, Ct), Ct);
}
