using Candor.Audit;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.Storage;
using MimeKit;

namespace Candor.Tests.Messages;

public sealed class OutboxSenderOnSqlite : OutboxSenderTests<Sqlite>;

public sealed class OutboxSenderOnPostgres : OutboxSenderTests<Postgres>;

public abstract class OutboxSenderTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly OutgoingMessage News = new("newsletter", MessageHouse.Newsletter, new Dictionary<string, string> { ["items"] = "- scarves\n- <b>hats</b>" });
    private MessageHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_message_with_consent_is_sent_once_and_the_read_of_the_address_is_logged()
    {
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var id = await house.QueueAsync(ada, News, Ct);
        Assert.Equal(1, await house.Room.Sender.SendDueAsync(100, Ct));
        Assert.Equal(0, await house.Room.Sender.SendDueAsync(100, Ct));
        Assert.Equal(("sent", null), await house.StateAsync(id, Ct));
        Assert.Equal([new OutboxCount("sent", 1)], await Db.ReadAsync(tx => MailRoom.CountsAsync(tx, Ct), Ct));
        var mail = Assert.Single(house.Mails());
        Assert.Equal(($"{id}@privacy.shop.example", "\"Ada Brook\" <ada@customers.example>", "\"Test Shop\" <privacy@shop.example>"), (mail.MessageId, mail.To.ToString(), mail.From.ToString()));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers["List-Unsubscribe-Post"]);
        Assert.Matches("^<https://privacy.shop.example/unsubscribe/[A-Za-z0-9_-]+>$", mail.Headers["List-Unsubscribe"]!.Trim());
        Assert.Contains("Hello Ada Brook,", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("<li>&lt;b&gt;hats&lt;/b&gt;</li>", mail.HtmlBody, StringComparison.Ordinal);
        var entry = (await Db.ReadAsync(tx => house.House.Log.OfCustomerAsync(tx, ada.AuditRef, null, 1, Ct), Ct))[0].Event;
        Assert.Equal((AuditKind.Read, "system:messages", "newsletter", "newsletter"), (entry.Kind, entry.Actor, entry.Purpose, entry.Subject));
        Assert.Empty((await Db.ReadAsync(async tx => await tx.FindAsync<byte[]>("SELECT sealed FROM outbox WHERE message_id = @id", new { id }, Ct), Ct))!);
    }

    [Theory]
    [InlineData("en", "a copy of your data", "1 July 2026")]
    [InlineData("de", "eine Kopie Ihrer Daten", "1. Juli 2026")]
    public async Task A_request_and_its_last_day_are_told_in_the_customers_language(string language, string right, string day)
    {
        var ada = await house.AddAsync("ada", Ct, language: language);
        await house.QueueAsync(ada, new OutgoingMessage("request-received", null, new Dictionary<string, string>
        {
            ["request"] = "R-3F9A1C2B", ["right"] = "access", ["due"] = "2026-07-01", ["link"] = "https://privacy.shop.example/me/requests/1",
        }), Ct);
        Assert.Equal(1, await house.Room.Sender.SendDueAsync(100, Ct));
        var text = Assert.Single(house.Mails()).TextBody;
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.Contains(day, text, StringComparison.Ordinal);
    }

    // The withdrawal goes past the step that empties the outbox, so that the gate is the one who says no.
    [Fact]
    public async Task Consent_is_asked_again_at_sending()
    {
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var id = await house.QueueAsync(ada, News, Ct);
        await Db.WriteAsync(tx => house.House.Ledger.WithdrawAsync(tx, ada.Id, MessageHouse.Newsletter, "test", "en", Ct), Ct);
        await house.Room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(("dropped", "consent-withdrawn"), await house.StateAsync(id, Ct));
        Assert.Empty(house.Mails());
    }

    [Fact]
    public async Task A_withdrawal_drops_what_waits_for_the_purpose_in_the_same_step()
    {
        var ada = await house.AddAsync("ada", Ct);
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        var id = await house.QueueAsync(ada, News, Ct);
        await house.WithdrawAsync("ada", MessageHouse.Newsletter, Ct);
        Assert.Equal(("dropped", "no-longer-allowed"), await house.StateAsync(id, Ct));
    }

    [Fact]
    public async Task What_answers_the_customer_about_their_rights_is_sent_whatever_they_chose_and_in_their_language()
    {
        var ada = await house.AddAsync("ada", Ct, language: "de");
        await Db.WriteAsync(tx => house.House.Ledger.RestrictAsync(tx, ada.Id, "test", "en", Ct), Ct);
        await house.QueueAsync(ada, new OutgoingMessage("sign-in-link", null, new Dictionary<string, string> { ["link"] = "https://privacy.shop.example/in/x", ["minutes"] = "10" }), Ct);
        await house.Room.Sender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Equal("Ihr Link zu Test Shop", mail.Subject);
        Assert.Contains("https://privacy.shop.example/in/x", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://privacy.shop.example/in/x\">", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Null(mail.Headers["List-Unsubscribe"]);
    }

    [Fact]
    public async Task Several_changes_at_once_are_one_confirmation_with_all_receipts()
    {
        await house.AddAsync("ada", Ct);
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        Clock.Advance(TimeSpan.FromSeconds(30));
        await house.GiveAsync("ada", MessageHouse.Suggestions, Ct);
        Clock.Advance(TimeSpan.FromSeconds(30));
        await house.WithdrawAsync("ada", MessageHouse.Newsletter, Ct);
        Assert.Equal(0, await house.Room.Sender.SendDueAsync(100, Ct));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await house.Room.Sender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Equal(["- News: switched on (1 June 2026, 09:00 UTC)", "- Ideas: switched on (1 June 2026, 09:00 UTC)", "- News: switched off (1 June 2026, 09:01 UTC)"],
            mail.TextBody!.ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("- ", StringComparison.Ordinal)));
        var signed = mail.Attachments.OfType<MimePart>().Where(p => p.FileName!.EndsWith(".jws", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, signed.Count);
        Assert.All(signed, p => Assert.NotNull(Receipt.Verify(TextOf(p), house.ReceiptKey)));
        Assert.Equal(3, mail.Attachments.Count(a => a.ContentType.MimeType == "text/html"));
    }

    [Fact]
    public async Task A_change_while_a_confirmation_is_being_sent_again_is_in_it_and_not_in_a_second_one()
    {
        await house.AddAsync("ada", Ct);
        await house.GiveAsync("ada", MessageHouse.Newsletter, Ct);
        Clock.Advance(TimeSpan.FromMinutes(2));
        // A node that takes it and dies.
        Assert.Single(await Db.WriteAsync(tx => OutboxRows.ClaimAsync(tx, 10, Ct), Ct));
        await house.WithdrawAsync("ada", MessageHouse.Newsletter, Ct);
        Clock.Advance(Retry.Lease);
        await house.Room.Sender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Contains("switched off", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(0, await house.Room.Sender.SendDueAsync(100, Ct));
    }

    [Fact]
    public async Task Two_nodes_share_the_work_and_no_message_is_sent_twice()
    {
        using var sink = new SmtpSink();
        var relay = new SmtpRelay("127.0.0.1", sink.Port);
        var (one, two) = (house.NewRoom(house.House.Choices, relay), house.NewRoom(house.House.Choices, relay));
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var ids = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            ids.Add(await house.QueueAsync(ada, News, Ct));
        }

        var done = await Task.WhenAll(Task.Run(() => one.Sender.SendDueAsync(100, Ct), Ct), Task.Run(() => two.Sender.SendDueAsync(100, Ct), Ct));
        Assert.Equal(60, done.Sum());
        Assert.Equal(60, sink.Mails.Count);
        Assert.All(ids, id => Assert.Single(sink.Mails, m => m.Contains($"Message-Id: <{id}@", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_relay_that_says_later_is_tried_later_and_one_that_says_never_is_not()
    {
        using var sink = new SmtpSink { Answer = "451 later" };
        var room = house.NewRoom(house.House.Choices, new SmtpRelay("127.0.0.1", sink.Port));
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var id = await house.QueueAsync(ada, News, Ct);
        await room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(("queued", "smtp-451"), await house.StateAsync(id, Ct));
        Clock.Advance(Retry.First - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await room.Sender.SendDueAsync(100, Ct));
        Clock.Advance(TimeSpan.FromSeconds(1));
        sink.Answer = "550 nobody";
        await room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(("dead", "smtp-550"), await house.StateAsync(id, Ct));
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task A_relay_out_of_reach_is_tried_for_days_and_then_the_message_is_dead()
    {
        var room = house.NewRoom(house.House.Choices, new SmtpRelay("127.0.0.1", 1));
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var id = await house.QueueAsync(ada, News, Ct);
        for (var i = 1; i < Retry.MostForMessages; i++)
        {
            Assert.Equal(1, await room.Sender.SendDueAsync(100, Ct));
            Assert.Equal(("queued", "smtp-unreachable"), await house.StateAsync(id, Ct));
            Clock.Advance(Retry.After(i));
        }

        await room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(("dead", "smtp-unreachable"), await house.StateAsync(id, Ct));
        Assert.InRange(Clock.GetUtcNow() - new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero), TimeSpan.FromDays(3), TimeSpan.FromDays(7));
    }

    [Theory]
    [InlineData("Eve\r\nBcc: all@customers.example", "eve@customers.example", true)]
    [InlineData("Eve", "eve@customers.example\r\nBcc: all@customers.example", false)]
    [InlineData("Eve", "eve@customers.example, all@customers.example", false)]
    [InlineData("Eve", "<eve@customers.example>", false)]
    public async Task Nothing_in_a_name_or_an_address_adds_a_header_or_a_receiver(string name, string address, bool isSent)
    {
        using var sink = new SmtpSink();
        var room = house.NewRoom(house.House.Choices, new SmtpRelay("127.0.0.1", sink.Port));
        var eve = await house.AddAsync("eve", Ct, address, name);
        var id = await house.QueueAsync(eve, new OutgoingMessage("sign-in-link", null, new Dictionary<string, string> { ["link"] = "https://x.example/" }), Ct);
        await room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(isSent ? ("sent", null) : ("dropped", "no-address"), await house.StateAsync(id, Ct));
        Assert.Equal(isSent ? 1 : 0, sink.Receivers.Count);
        Assert.All(sink.Mails, m => Assert.DoesNotContain("\nBcc:", m, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_farewell_is_sent_when_the_customer_is_gone_and_nothing_of_it_stays()
    {
        var ada = await house.AddAsync("ada", Ct);
        var waiting = await house.QueueAsync(ada, News, Ct);
        await Db.WriteAsync(async tx =>
        {
            await house.Outbox.EraseAsync(tx, ada.Id, Ct);
            await house.House.Vault.ShredAsync(tx, ada.Id, Ct);
            await house.Outbox.QueueFarewellAsync(tx, new Farewell("erased", "ada@customers.example", "Ada", "de", new Dictionary<string, string> { ["backups"] = "6. Juli 2026" }), Ct);
        }, Ct);
        Assert.Equal(1, await house.Room.Farewells.SendDueAsync(Ct));
        var mail = Assert.Single(house.Mails());
        Assert.Equal(("Ihre Daten bei Test Shop sind gelöscht", "\"Ada\" <ada@customers.example>"), (mail.Subject, mail.To.ToString()));
        Assert.Contains("6. Juli 2026", mail.TextBody, StringComparison.Ordinal);
        Assert.Equal(0, await Db.ReadAsync(tx => FarewellSender.CountAsync(tx, Ct), Ct));
        Assert.Null((await house.StateAsync(waiting, Ct)).State);
    }

    [Fact]
    public async Task A_farewell_that_cannot_be_sent_is_gone_after_a_week()
    {
        var room = house.NewRoom(house.House.Choices, new SmtpRelay("127.0.0.1", 1));
        await Db.WriteAsync(tx => house.Outbox.QueueFarewellAsync(tx, new Farewell("erased", "ada@customers.example", null, "en", new Dictionary<string, string>()), Ct), Ct);
        Assert.Equal(1, await room.Farewells.SendDueAsync(Ct));
        Assert.Equal(1, await Db.ReadAsync(tx => FarewellSender.CountAsync(tx, Ct), Ct));
        Clock.Advance(Outbox.FarewellLives);
        await room.Farewells.SendDueAsync(Ct);
        Assert.Equal(0, await Db.ReadAsync(tx => FarewellSender.CountAsync(tx, Ct), Ct));
    }

    // One message is damaged in the store: the next is sent all the same, and the failure is not hidden.
    [Fact]
    public async Task A_message_that_cannot_be_opened_holds_up_no_other()
    {
        var ada = await house.AddAsync("ada", Ct);
        await GiveAsync(ada.Id);
        var (bad, good) = (await house.QueueAsync(ada, News, Ct), await house.QueueAsync(ada, News with { NotBefore = Clock.GetUtcNow() }, Ct));
        await Db.WriteAsync(async tx => { await tx.RunAsync("UPDATE outbox SET sealed = @Bytes WHERE message_id = @bad", new { bad, Bytes = new byte[50] }, Ct); }, Ct);
        await Assert.ThrowsAsync<AggregateException>(() => house.Room.Sender.SendDueAsync(100, Ct));
        Assert.Equal(("queued", "failed"), await house.StateAsync(bad, Ct));
        Assert.Equal(("sent", null), await house.StateAsync(good, Ct));
    }

    [Fact]
    public async Task What_ended_is_removed_after_a_month()
    {
        var ada = await house.AddAsync("ada", Ct, email: null);
        var id = await house.QueueAsync(ada, new OutgoingMessage("sign-in-link", null, new Dictionary<string, string>()), Ct);
        await house.Room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(("dropped", "no-address"), await house.StateAsync(id, Ct));
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1, await house.Room.Sender.PurgeAsync(100, Ct));
        Assert.Null((await house.StateAsync(id, Ct)).State);
    }

    private Task GiveAsync(CustomerId customer) => house.House.GiveAsync(Db, customer, "newsletter", Ct);

    private static string TextOf(MimePart part)
    {
        using var content = new MemoryStream();
        part.Content!.DecodeTo(content);
        return System.Text.Encoding.ASCII.GetString(content.ToArray());
    }
}
