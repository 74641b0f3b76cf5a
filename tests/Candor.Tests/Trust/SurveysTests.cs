using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Trust;
using MimeKit;

namespace Candor.Tests.Trust;

public sealed class SurveysOnSqlite : SurveysTests<Sqlite>;

public sealed class SurveysOnPostgres : SurveysTests<Postgres>;

public abstract class SurveysTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Subject = "How do you see Test Shop?";
    private static readonly SurveyAnswer Good = Answer([5, 4, 5, 4, 5], 9);
    private SurveyHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SurveyHouse.BuildAsync(Db, "legitimate-interest", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task One_link_takes_one_answer_also_when_many_come_at_once()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        var secret = (await house.AskAsync(token, Ct))!;
        Assert.True(await house.Surveys.IsOpenAsync(secret, Ct));
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => house.Surveys.AnswerAsync(secret, Good, Ct), Ct)));
        Assert.Single(taken, t => t);
        Assert.False(await house.Surveys.IsOpenAsync(secret, Ct));
        Assert.False(await house.Surveys.AnswerAsync(secret, Good, Ct));
        Assert.Equal(1, (await house.TalliesAsync(Ct)).Single(t => t.Kind == SurveyKind.Recommend).Count);
        Assert.False(await house.Surveys.AnswerAsync(RandomSecret.New(), Good, Ct));
        Assert.False(await house.Surveys.AnswerAsync("x", Good, Ct));
    }

    [Fact]
    public async Task A_link_is_over_after_thirty_days_and_nothing_stored_opens_it()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        var secret = (await house.AskAsync(token, Ct))!;
        Assert.DoesNotContain((await house.DumpAsync(Ct)).Values.SelectMany(r => r), r => r.Contains(secret, StringComparison.Ordinal));
        Clock.Advance(TimeSpan.FromDays(29));
        Assert.True(await house.Surveys.IsOpenAsync(secret, Ct));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(await house.Surveys.IsOpenAsync(secret, Ct));
        Assert.False(await house.Surveys.AnswerAsync(secret, Good, Ct));
        Assert.Empty(await house.TalliesAsync(Ct));
        await house.Surveys.PurgeAsync(Ct);
        Assert.Empty((await house.DumpAsync(Ct))["survey_invitation"]);
    }

    [Fact]
    public async Task Over_all_ways_nobody_is_asked_twice_in_a_quarter()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        var (random, asked, before) = (new Random(20_260_601), new List<DateOnly>(), 0L);
        for (var step = 0; step < 120; step++)
        {
            Clock.Advance(TimeSpan.FromHours(random.Next(1, 24 * 6)));
            token = await AgainAsync("ada");
            await (random.Next(4) switch
            {
                0 => house.Surveys.OfferAsync(token, Ct),
                1 => house.Surveys.AskOnSiteAsync(token, Ct),
                2 => house.Surveys.AnswerOwnAsync(token, random.Next(2) == 0 ? Good : null, Ct),
                _ => (Task)house.Surveys.MailDueAsync(100, Ct),
            });
            await house.Surveys.PurgeAsync(Ct);
            var now = await house.AskedAsync(Ct);
            asked.AddRange(Enumerable.Repeat(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), (int)(now - before)));
            before = now;
        }

        Assert.InRange(asked.Count, 3, 5);
        Assert.Equal(asked.Count, asked.Select(d => (d.Year, (d.Month - 1) / 3)).Distinct().Count());
        Assert.All(asked.Zip(asked.Skip(1)), p => Assert.True(p.Second.DayNumber - p.First.DayNumber >= SurveyRules.RestDays));
    }

    [Fact]
    public async Task Not_now_is_respected_until_the_next_quarter()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        Assert.True((await house.Surveys.OfferAsync(token, Ct))!.IsCard);
        Assert.True(await house.Surveys.AnswerOwnAsync(token, null, Ct));
        for (var day = 1; day < SurveyRules.RestDays; day++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            Assert.False((await house.Surveys.OfferAsync(await AgainAsync("ada"), Ct))!.IsOpen);
        }

        Clock.Advance(TimeSpan.FromDays(1));
        Assert.True((await house.Surveys.OfferAsync(await AgainAsync("ada"), Ct))!.IsCard);
        Assert.Empty(await house.TalliesAsync(Ct));
    }

    [Fact]
    public async Task Mails_go_out_over_the_quarter_once_to_each_and_never_more_than_the_turn_of_the_day()
    {
        for (var i = 0; i < 40; i++)
        {
            await house.AddAsync($"c-{i}", Ct);
        }

        var perDay = new List<int>();
        for (var day = 0; day < SurveyRules.RestDays; day++)
        {
            var before = (int)await house.AskedAsync(Ct);
            for (var run = 0; run < 2; run++)
            {
                await house.Surveys.MailDueAsync(100, Ct);
            }

            perDay.Add((int)await house.AskedAsync(Ct) - before);
            Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(40, perDay.Sum());
        Assert.True(perDay.Max() < 10, $"{perDay.Max()} mails on one day");
    }

    [Fact]
    public async Task The_mail_has_a_link_that_works_once_and_a_way_to_be_asked_no_more()
    {
        var (key, _) = await house.AddAsync("ada", Ct);
        await MailAsync(key.Id);
        await house.Messages.Room.Sender.SendDueAsync(100, Ct);
        var mail = Assert.Single(Mails());
        var secret = mail.TextBody!.Split("https://privacy.shop.example/survey/")[1][..RandomSecret.Length];
        Assert.Contains("List-Unsubscribe", mail.Headers.Select(h => h.Field));
        Assert.True(await house.Surveys.AnswerAsync(secret, Good, Ct));
        Assert.False(await house.Surveys.AnswerAsync(secret, Good, Ct));
    }

    [Fact]
    public async Task An_objection_stops_what_is_queued_and_what_is_open()
    {
        var (key, token) = await house.AddAsync("ada", Ct);
        await MailAsync(key.Id);
        token = await AgainAsync("ada");
        Assert.True((await house.Surveys.LookAsync(token, Ct))!.IsOpen);
        Assert.NotNull((await house.Messages.House.Choices.ObjectAsync(token, null, SurveyRules.Purpose, "test", "en", Ct)).Changed);
        Assert.False((await house.Surveys.LookAsync(token, Ct))!.IsOpen);
        await house.Messages.Room.Sender.SendDueAsync(100, Ct);
        Assert.Empty(Mails());
        Clock.Advance(TimeSpan.FromDays(200));
        Assert.Null(await house.AskAsync(await AgainAsync("ada"), Ct));
    }

    [Fact]
    public async Task Erasing_a_customer_removes_the_invitation_and_leaves_the_answers()
    {
        var (key, token) = await house.AddAsync("ada", Ct);
        var (other, second) = await house.AddAsync("ben", Ct);
        Assert.True(await house.Surveys.AnswerAsync((await house.AskAsync(token, Ct))!, Good, Ct));
        var open = (await house.AskAsync(second, Ct))!;
        foreach (var customer in new[] { key, other })
        {
            await Db.WriteAsync(tx => house.Surveys.EraseAsync(tx, customer.Id, Ct), Ct);
            Assert.DoesNotContain(await Db.ReadAsync(tx => Db.CountRowsAsync(tx, customer.Id, Ct), Ct), t => t.Table.StartsWith("survey", StringComparison.Ordinal) && t.Rows > 0);
        }

        Assert.False(await house.Surveys.AnswerAsync(open, Good, Ct));
        Assert.Equal(1, (await house.TalliesAsync(Ct)).Single(t => t.Kind == SurveyKind.Recommend).Count);
    }

    [Fact]
    public async Task Tallies_and_sheets_are_what_was_answered()
    {
        var (random, given) = (new Random(7), new List<(DateOnly Day, int[] Sheet, int? Recommend)>());
        for (var i = 0; i < 60; i++)
        {
            var sheet = Enumerable.Range(0, 5).Select(_ => random.Next(3, 6)).ToArray();
            var recommend = random.Next(5) == 0 ? (int?)null : random.Next(11);
            var (_, token) = await house.AddAsync($"c-{i}", Ct);
            Assert.True(await house.Surveys.AnswerAsync((await house.AskAsync(token, Ct))!, Answer(sheet, recommend), Ct));
            given.Add((Today, sheet, recommend));
            Clock.Advance(TimeSpan.FromHours(3));
        }

        var (from, to) = (given[10].Day, given[40].Day);
        given = [.. given.Where(g => g.Day >= from && g.Day <= to)];
        var expected = given.SelectMany(g => g.Sheet.Select((a, i) => (g.Day, SurveyKind.Trust, i + 1, a)).Concat(g.Recommend is { } r ? [(g.Day, SurveyKind.Recommend, 0, r)] : []))
            .GroupBy(t => t).Select(g => new SurveyTally(g.Key.Item1, g.Key.Item2, g.Key.Item3, g.Key.Item4, g.LongCount()));
        var (tallies, sheets) = await Db.ReadAsync(async tx => (await house.Tallies.LoadAsync(tx, from, to, Ct), await house.Tallies.LoadSheetsAsync(tx, from, to, Ct)), Ct);
        Assert.Equal(expected.OrderBy(t => (t.Day, t.Kind, t.Statement, t.Answer)), tallies);
        Assert.Equal(given.Select(g => string.Concat(g.Sheet)).Order(StringComparer.Ordinal), sheets.Select(s => string.Concat(s)).Order(StringComparer.Ordinal));
        Assert.Equal(given.Count, TrustScore.Of(sheets)!.People);
    }

    [Fact]
    public async Task The_sample_shop_has_answers_of_every_day_and_the_same_ones_each_time()
    {
        var answers = new SurveyAnswers(house.Messages.House.Vault.Partings);
        var people = await Db.WriteAsync(tx => SampleSurveys.FillAsync(tx, answers, 7, 90, Ct), Ct);
        var first = await house.TalliesAsync(Ct);
        Assert.Equal(90, first.Select(t => t.Day).Distinct().Count());
        Assert.Equal(people, first.Where(t => t.Statement == 1).Sum(t => t.Count));
        Assert.True(first.Max(t => t.Day) < Today);
        Assert.Equal(0, await Db.WriteAsync(tx => SampleSurveys.FillAsync(tx, answers, 7, 90, Ct), Ct));
        Assert.Equal(first, await house.TalliesAsync(Ct));
        Assert.NotEmpty(await house.Surveys.TextsAsync(Ct));
    }

    private DateOnly Today => DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);

    private static SurveyAnswer Answer(int[] sheet, int? recommend, string? text = null) => SurveyAnswer.Of(sheet, recommend, SurveyText.Of(text));

    private List<MimeMessage> Mails() => [.. house.Messages.Mails().Where(m => m.Subject == Subject)];

    /// <summary>Goes on to the customer's turn, and queues.</summary>
    private async Task MailAsync(CustomerId customer)
    {
        while (SurveyRules.TurnOf(Today.DayNumber) is var (from, to) && (string.CompareOrdinal(customer.Value, from) < 0 || (to is not null && string.CompareOrdinal(customer.Value, to) >= 0)))
        {
            Clock.Advance(TimeSpan.FromMinutes(1440));
        }

        await house.Surveys.MailDueAsync(100, Ct);
        Assert.Equal(1, await house.AskedAsync(Ct));
    }

    /// <summary>Sessions end; this one is new.</summary>
    private async Task<CallerToken> AgainAsync(string reference) => CallerToken.Parse(await Db.WriteAsync(async tx => await house.Messages.House.Access.OpenCustomerSessionAsync(
        tx, (await house.Messages.House.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, reference, Ct))!.Id, Ct), Ct));
}
