using Candor.Audit;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Storage;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Personalization;

public sealed class ProactiveMessagesOnSqlite : ProactiveMessagesTests<Sqlite>;

public sealed class ProactiveMessagesOnPostgres : ProactiveMessagesTests<Postgres>;

public abstract class ProactiveMessagesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private ProactiveHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ProactiveHouse.BuildAsync(Db, Ct);
        await house.AddAsync("ada", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // Apex Retail: reminders that pressed had driven its customers away. This one was asked for, comes once, and asks for nothing.
    [Fact]
    public async Task A_cart_that_was_left_gets_one_gentle_mail_and_nothing_after()
    {
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        Assert.True(await house.CartAsync("ada", "c-1", Ct));
        await AfterAsync(TimeSpan.FromHours(4) - TimeSpan.FromMicroseconds(1));
        Assert.Empty(house.To("ada"));
        await AfterAsync(TimeSpan.FromMicroseconds(1));
        var mail = Assert.Single(house.To("ada"));
        Assert.Contains("- Tea", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("123.45", mail.TextBody + mail.HtmlBody, StringComparison.Ordinal);
        Assert.All(["hurry", "only", "last chance", "now", "%", "!"], word => Assert.DoesNotContain(word, mail.TextBody, StringComparison.OrdinalIgnoreCase));
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers["List-Unsubscribe-Post"]);
        await house.CartAsync("ada", "c-1", Ct, "Pot");
        for (var day = 0; day < 30; day++)
        {
            await AfterAsync(TimeSpan.FromDays(1));
        }

        Assert.Single(house.To("ada"));
        Assert.Equal(0, await house.RunAsync(Ct));
    }

    [Fact]
    public async Task While_a_use_is_paused_nobody_is_read_or_written_to_for_it()
    {
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        await house.GiveAsync("ada", ProactiveHouse.Refills, Ct);
        await Db.WriteAsync(async tx => { foreach (var p in new[] { ProactiveHouse.Carts, ProactiveHouse.Refills }) { Assert.True(await house.Suggestions.Pauses.PauseAsync(tx, p, 1, Ct)); } }, Ct);
        await house.CartAsync("ada", "c-1", Ct);
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea", promised = "2026-06-30" }, Ct);
        var entries = await house.House.CountEntriesAsync(Db, Ct);
        for (var day = 0; day < 29; day++)
        {
            await AfterAsync(TimeSpan.FromDays(1));
        }

        Assert.DoesNotContain(house.To("ada"), m => m.Subject != "Your order at Test Shop is late");
        var pauses = await Db.ReadAsync(tx => UsePauses.ListAsync(tx, 10, Ct), Ct);
        Assert.Equal(2, pauses.Count);
        await Db.WriteAsync(async tx => { foreach (var p in pauses) { await house.Suggestions.Pauses.EndAsync(tx, p.Id, "s-1", "It serves all alike now.", "staff:s-1", null, Ct); } }, Ct);
        await AfterAsync(TimeSpan.FromDays(1));
        // The cart is old news; what runs out is not.
        Assert.Single(house.To("ada"), m => m.Subject == "This may soon run out");
        Assert.DoesNotContain(house.To("ada"), m => m.Subject == "Your cart at Test Shop");
        Assert.True(await house.House.CountEntriesAsync(Db, Ct) > entries);
    }

    [Theory]
    [InlineData("buy")]
    [InlineData("open")]
    [InlineData("empty")]
    [InlineData("withdraw")]
    [InlineData("unsubscribe")]
    [InlineData("restrict")]
    [InlineData("erase")]
    public async Task Whatever_ends_a_cart_ends_its_reminder_also_when_it_is_queued_already(string end)
    {
        foreach (var isQueued in (bool[])[false, true])
        {
            var who = $"{end}-{isQueued}".ToLowerInvariant();
            var key = await house.AddAsync(who, Ct);
            await house.GiveAsync(who, ProactiveHouse.Carts, Ct);
            await house.CartAsync(who, "c-1", Ct);
            Clock.Advance(TimeSpan.FromHours(isQueued ? 4 : 3));
            if (isQueued)
            {
                await house.Messages.RunDueAsync(100, Ct);
            }

            await EndAsync(end, who, key);
            await AfterAsync(TimeSpan.Zero);
            await AfterAsync(TimeSpan.FromHours(2));
            Assert.Empty(house.To(who));
        }
    }

    [Fact]
    public async Task An_order_that_came_in_by_another_way_than_as_an_event_stops_the_reminder_too()
    {
        var key = await house.AddAsync("bob", Ct);
        await house.GiveAsync("bob", ProactiveHouse.Carts, Ct);
        await house.CartAsync("bob", "c-1", Ct);
        Clock.Advance(TimeSpan.FromHours(1));
        await Db.WriteAsync(async tx => await house.House.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), "i-1", tx.Now, """{"order":"i-1"}"""u8.ToArray(), "import", Ct), Ct);
        await AfterAsync(TimeSpan.FromHours(3));
        Assert.Empty(house.To("bob"));
    }

    [Fact]
    public async Task Nobody_is_read_for_a_cart_who_did_not_ask_for_it_and_whoever_is_read_is_in_the_log()
    {
        Assert.False(await house.CartAsync("ada", "c-1", Ct));
        await AfterAsync(TimeSpan.FromHours(5));
        Assert.Empty(await LoggedAsync());
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        await house.CartAsync("ada", "c-2", Ct);
        await AfterAsync(TimeSpan.FromHours(5));
        var read = Assert.Single(await LoggedAsync());
        Assert.Equal(("cart-reminders", "leftCarts", "carts"), (read.Purpose, read.Subject, Assert.Single(read.DataPoints)));
    }

    [Fact]
    public async Task A_late_order_is_told_once_and_not_if_it_comes_in_time()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "mug", total = 99.95, promised = "2026-06-04" }, Ct);
        await house.StoreAsync("ada", "purchases", new { order = "o-2", product = "pot", total = 99.95, promised = "2026-06-04" }, Ct);
        await AfterAsync(TimeSpan.FromDays(2));
        Assert.Empty(await LoggedAsync());
        await house.StoreAsync("ada", "deliveries", new { order = "o-2", status = "delivered" }, Ct);
        await AfterAsync(TimeSpan.FromDays(2));
        var mail = Assert.Single(house.To("ada"));
        Assert.Contains("- o-1", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("o-2", mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("99.95", mail.TextBody + mail.HtmlBody, StringComparison.Ordinal);
        Assert.Null(mail.Headers["List-Unsubscribe"]);
        await AfterAsync(TimeSpan.FromDays(5));
        Assert.Single(house.To("ada"));
    }

    [Fact]
    public async Task What_runs_out_is_told_with_consent_alone_and_not_what_the_customer_hid_or_held_still()
    {
        await house.StoreAsync("ada", "purchases", new { order = "o-1", product = "tea", price = 99.95, delivered = true }, Ct);
        await AfterAsync(TimeSpan.FromDays(28));
        Assert.Empty(house.To("ada"));
        await house.GiveAsync("ada", ProactiveHouse.Refills, Ct);
        await AfterAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("- tea", Assert.Single(house.To("ada")).TextBody, StringComparison.Ordinal);
        await AfterAsync(TimeSpan.FromDays(20));
        Assert.Single(house.To("ada"));

        var bob = await house.AddAsync("bob", Ct);
        await house.GiveAsync("bob", ProactiveHouse.Refills, Ct);
        await house.StoreAsync("bob", "purchases", new { order = "o-1", product = "tea", delivered = true }, Ct);
        var session = Candor.Staff.CallerToken.Parse(await Db.WriteAsync(tx => house.House.Access.OpenCustomerSessionAsync(tx, bob.Id, Ct), Ct));
        Assert.True(await house.Suggestions.WishAsync(session, WishKind.Hide, "tea", Ct));
        await AfterAsync(TimeSpan.FromDays(28));
        Assert.Empty(house.To("bob"));
    }

    [Fact]
    public async Task A_new_rule_finds_what_is_there_already_in_bounded_steps()
    {
        var without = ProactiveHouse.Yaml.Replace(", messagesFor: orders", "", StringComparison.Ordinal);
        await house.House.ApplyCatalogAsync(Db, without, "test", Ct);
        for (var i = 0; i < 120; i++)
        {
            await house.AddAsync($"c-{i}", Ct);
            await house.StoreAsync($"c-{i}", "purchases", new { order = $"o-{i}" }, Ct);
        }

        Clock.Advance(TimeSpan.FromDays(6));
        await house.Messages.WalkAsync(1000, Ct);
        Assert.Equal(0, await house.RunAsync(Ct));
        await house.House.ApplyCatalogAsync(Db, ProactiveHouse.Yaml, "test", Ct);
        Assert.Equal(121, await house.Messages.WalkAsync(1000, Ct));
        Assert.Equal(0, await house.Messages.WalkAsync(1000, Ct));
        Assert.Equal(50, await house.Messages.RunDueAsync(50, Ct));
        Assert.Equal(71, await house.Messages.RunDueAsync(1000, Ct));
        await house.RunAsync(Ct);
        Assert.Equal(120, house.Mail.Mails().Count(m => m.Subject?.Contains("late", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task A_message_that_no_relay_took_in_time_is_dropped_and_not_sent_late()
    {
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        await house.CartAsync("ada", "c-1", Ct);
        Clock.Advance(TimeSpan.FromHours(4));
        await house.Messages.RunDueAsync(100, Ct);
        Clock.Advance(ProactiveMessages.MostLate);
        await house.Mail.Room.Sender.SendDueAsync(100, Ct);
        Assert.Empty(house.To("ada"));
    }

    /// <summary>Customers do anything at any time; nobody is ever written to without consent at that moment, twice about a cart, about one that ended, or more often than the catalog allows.</summary>
    [Fact]
    public async Task Whatever_the_order_of_events_no_promise_is_broken()
    {
        var (sample, sent) = (0, 0);
        await Gen.Select(Gen.Int[0, 11], Gen.Int[0, 5]).Array[40, 80].SampleAsync(async steps => sent += await PlayAsync($"p-{++sample}", steps), iter: 12, threads: 1);
        Assert.True(sent > 12, $"{sent} mails: the schedules try nothing");
    }

    private async Task<int> PlayAsync(string who, (int Act, int Hours)[] steps)
    {
        await house.NewKeyAsync(Ct);
        await house.AddAsync(who, Ct);
        await house.GiveAsync(who, ProactiveHouse.Carts, Ct);
        var (isOn, cart, number, open, sent) = (true, 1, 0, false, new List<(DateTimeOffset At, string Id, string Text)>());
        foreach (var (act, hours) in steps)
        {
            switch (act)
            {
                case 0 when isOn:
                    await house.WithdrawAsync(who, ProactiveHouse.Carts, Ct);
                    (isOn, open) = (false, false);
                    break;
                case 0 or 1 when !isOn:
                    await house.GiveAsync(who, ProactiveHouse.Carts, Ct);
                    isOn = true;
                    break;
                case 2 or 3 or 4:
                    open = await house.CartAsync(who, $"c-{cart}", Ct, $"zork {cart}.") || open;
                    break;
                case 5:
                    await house.StoreAsync(who, "carts", new { cart = $"c-{cart}", state = "opened" }, Ct);
                    open = false;
                    break;
                case 6:
                    await house.StoreAsync(who, "purchases", new { order = $"{who}-{++number}", product = "mug" }, Ct);
                    (cart, open) = (cart + 1, false);
                    break;
                case 7:
                    cart++;
                    break;
                case 8:
                    // Between looking and sending anything may happen.
                    await house.Messages.RunDueAsync(100, Ct);
                    break;
                default:
                    await house.RunAsync(Ct);
                    foreach (var (id, text) in house.To(who).Select(m => (m.MessageId!, m.TextBody!)).Where(m => !sent.Exists(s => s.Id == m.Item1)))
                    {
                        Assert.True(isOn || !text.Contains("zork", StringComparison.Ordinal), "written to without consent");
                        Assert.True(open || !text.Contains("zork", StringComparison.Ordinal), "written to about a cart that ended");
                        sent.Add((Clock.GetUtcNow(), id, text));
                    }

                    break;
            }

            Clock.Advance(hours == 5 ? TimeSpan.FromDays(1) : TimeSpan.FromHours(hours));
        }

        var carts = sent.Where(s => s.Text.Contains("zork", StringComparison.Ordinal)).ToList();
        Assert.Equal(carts.Count, carts.Select(s => s.Text.Split("- zork ")[1].Split('.')[0]).Distinct().Count());
        Assert.All(sent, s => Assert.InRange(sent.Count(o => o.At > s.At - TimeSpan.FromDays(7) && o.At <= s.At), 1, 2));
        Assert.All(carts, s => Assert.Single(carts, o => o.At > s.At - TimeSpan.FromDays(5) && o.At <= s.At));
        return sent.Count;
    }

    private async Task EndAsync(string end, string who, CustomerKey key)
    {
        switch (end)
        {
            case "buy":
                Assert.True(await house.StoreAsync(who, "purchases", new { order = $"{who}-1", product = "tea", delivered = true }, Ct));
                break;
            case "open" or "empty":
                Assert.True(await house.StoreAsync(who, "carts", new { cart = "c-1", state = end == "open" ? "opened" : "empty" }, Ct));
                break;
            case "withdraw":
                await house.WithdrawAsync(who, ProactiveHouse.Carts, Ct);
                break;
            case "unsubscribe":
                Assert.True(await house.Mail.Room.Unsubscribing.EndAsync(new Candor.Messages.Unsubscribing.Target(key.Id, ProactiveHouse.Carts), Ct));
                break;
            case "restrict":
                await Db.WriteAsync(async tx => await house.House.Ledger.RestrictAsync(tx, key.Id, "test", "en", Ct), Ct);
                break;
            default:
                await Db.WriteAsync(async tx =>
                {
                    await house.Messages.EraseAsync(tx, key.Id, Ct);
                    await house.Mail.Outbox.EraseAsync(tx, key.Id, Ct);
                    await house.House.Ledger.EraseAsync(tx, key.Id, Ct);
                    await house.House.Vault.ShredAsync(tx, key.Id, Ct);
                }, Ct);
                break;
        }
    }

    private async Task AfterAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await house.RunAsync(Ct);
    }

    private Task<List<AuditEvent>> LoggedAsync() => Db.ReadAsync(async tx =>
        (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e).Event)
        .Where(e => e.Actor == "system:proactive").ToList(), Ct);
}
