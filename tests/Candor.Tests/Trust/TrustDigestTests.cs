using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Pages.Trust;
using Candor.Tests.Messages;
using Candor.Tests.Storage;
using Candor.Trust;

namespace Candor.Tests.Trust;

public sealed class TrustDigestOnSqlite : TrustDigestTests<Sqlite>;

public sealed class TrustDigestOnPostgres : TrustDigestTests<Postgres>;

/// <summary>The figures of trust by mail: to whoever asked, once for each week or month, and nothing about few people.</summary>
public abstract class TrustDigestTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly Uri Site = new("https://privacy.shop.example/");
    private MessageHouse house = null!;
    private TrustDays days = null!;
    private string pia = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await MessageHouse.BuildAsync(Db, Ct);
        days = new TrustDays(Db, house.House.Catalogs, house.House.Log);
        pia = await AddAsync("Pia", "privacy-officer");
        await AddAsync("Paul", "privacy-officer");
        // The clock stands on a Monday: the last whole week is closed.
        await FillAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Nobody_is_written_to_who_did_not_ask_and_who_did_is_once_a_week_by_whichever_node()
    {
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        await AskAsync(pia, "week");
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        for (var week = 1; week <= 2; week++)
        {
            await GoOnAsync(6);
            Assert.Equal(0, await Digest().MailDueAsync(Ct));
            await GoOnAsync(1);
            var queued = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Digest().MailDueAsync(Ct), Ct)));
            Assert.Equal(1, queued.Sum());
            // As after a restart.
            Assert.Equal(0, await Digest().MailDueAsync(Ct));
            await house.Room.StaffSender.SendDueAsync(100, Ct);
            Assert.Equal(week, house.Mails().Count);
            Assert.All(house.Mails(), m => Assert.Equal("\"Pia\" <pia@shop.example>", m.To.ToString()));
        }
    }

    [Fact]
    public async Task It_says_what_moved_in_text_and_html_and_nothing_about_fewer_than_ten()
    {
        await AskAsync(pia, "week");
        await GoOnAsync(7);
        await Digest().MailDueAsync(Ct);
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Equal("How customers trust Test Shop", mail.Subject);
        foreach (var text in (string[])[mail.TextBody!, System.Net.WebUtility.HtmlDecode(mail.HtmlBody)!])
        {
            Assert.Contains("There is no trust index yet", text, StringComparison.Ordinal);
            Assert.Contains("Took consent back, News: from 2.8\u00a0% to 14.0\u00a0%", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
            Assert.Contains("Said yes when deciding, News: from 50.0\u00a0% to 75.0\u00a0%", text, StringComparison.Ordinal);
            Assert.Contains("https://privacy.shop.example/trust?period=28-days", text, StringComparison.Ordinal);
            Assert.DoesNotContain(", Ideas:", text, StringComparison.Ordinal);
            Assert.DoesNotContain("No figure moved", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_month_is_told_when_it_is_counted_and_in_the_first_language_of_the_catalog()
    {
        await house.House.ApplyCatalogAsync(Db, MessageHouse.Yaml.Replace("languages: [en, de]", "languages: [de, en]", StringComparison.Ordinal).Replace("{ en: News, de: Neues }", "{ de: Neues, en: News }", StringComparison.Ordinal), "test", Ct);
        await AskAsync(pia, "month");
        await GoOnAsync(29);
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        await GoOnAsync(1);
        Assert.Equal(1, await Digest().MailDueAsync(Ct));
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        await GoOnAsync(30);
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        var mail = Assert.Single(house.Mails());
        Assert.Equal("Wie Kunden Test Shop vertrauen", mail.Subject);
        Assert.Contains("Neues", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("period=quarter", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_takes_it_back_or_loses_the_role_gets_no_more_and_has_to_ask_again()
    {
        var paula = await AddAsync("Paula", "analyst");
        await AskAsync(pia, "week");
        await AskAsync(paula, "week");
        await AskAsync(pia, "never");
        Assert.Null(await Db.ReadAsync(tx => TrustDigest.FindAsync(tx, pia, Ct), Ct));
        Assert.Equal(DigestPeriod.Week, await Db.ReadAsync(tx => TrustDigest.FindAsync(tx, paula, Ct), Ct));
        await RoleAsync(paula, "agent");
        await GoOnAsync(7);
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        await RoleAsync(paula, "analyst");
        Assert.Equal(0, await Digest().MailDueAsync(Ct));
        Assert.Null(await Db.ReadAsync(tx => TrustDigest.FindAsync(tx, paula, Ct), Ct));
    }

    [Fact]
    public async Task What_is_queued_goes_to_nobody_who_lost_the_role_since()
    {
        await AskAsync(pia, "week");
        await GoOnAsync(7);
        Assert.Equal(1, await Digest().MailDueAsync(Ct));
        await RoleAsync(pia, "agent");
        await house.Room.StaffSender.SendDueAsync(100, Ct);
        Assert.Empty(house.Mails());
    }

    [Fact]
    public async Task Any_other_word_is_refused_by_name() => Assert.Contains("`daily`", (await Assert.ThrowsAsync<Fault>(() => AskAsync(pia, "daily"))).Message, StringComparison.Ordinal);

    /// <summary>One node's.</summary>
    private TrustDigest Digest() => new(Db, house.House.Catalogs, new StaffMail(house.House.Vault), (catalog, report) => TrustMail.InWords(catalog, report, Site));

    /// <summary>Twelve weeks up to yesterday, and twelve that are still to come: of the later ones more agree and more take it back.</summary>
    private Task FillAsync() => Db.WriteAsync(async tx =>
    {
        var today = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);
        for (var day = today.AddDays(-84); day < today.AddDays(84); day = day.AddDays(1))
        {
            var isLate = day >= today.AddDays(-21);
            foreach (var cell in (TrustCell[])[new(day, TrustMeasure.Given, "newsletter", isLate ? 30 : 20), new(day, TrustMeasure.Refused, "newsletter", isLate ? 10 : 20), new(day, TrustMeasure.ConsentsOn, "newsletter", 1000), new(day, TrustMeasure.Withdrawn, "newsletter", isLate ? 5 : 1)])
            {
                await TrustCounts.AddAsync(tx, cell, Ct);
            }
        }

        await TrustCounts.AddAsync(tx, new TrustCell(today.AddDays(-3), TrustMeasure.Given, "suggestions", 4), Ct);
        await tx.RunAsync("INSERT INTO trust_day (day, closed_at_us) VALUES (@Day, 0)", new { Day = (long)today.AddDays(-1).DayNumber }, Ct);
        return 0;
    }, Ct);

    private async Task GoOnAsync(int count)
    {
        Clock.Advance(TimeSpan.FromDays(count));
        await days.CloseDueAsync(Ct);
    }

    private Task AskAsync(string staff, string often) => Db.WriteAsync(async tx =>
    {
        await TrustDigest.AskAsync(tx, staff, often, Ct);
        return 0;
    }, Ct);

    private Task RoleAsync(string staff, string role) => Db.WriteAsync(async tx => await house.House.Access.ChangeStaffAsync(tx, staff, [role], false, "test", Ct), Ct);

    private Task<string> AddAsync(string name, string role) => Db.WriteAsync(async tx =>
    {
        var id = await house.House.Access.AddStaffAsync(tx, name, [role], null, "test", Ct);
        await tx.RunAsync("UPDATE staff SET email = @email WHERE staff_id = @id", new { email = name.ToLowerInvariant() + "@shop.example", id }, Ct);
        return id;
    }, Ct);
}
