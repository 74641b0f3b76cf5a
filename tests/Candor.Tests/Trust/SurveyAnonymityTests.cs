using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Tests.Storage;
using Candor.Trust;

namespace Candor.Tests.Trust;

public sealed class SurveyAnonymityOnSqlite : SurveyAnonymityTests<Sqlite>;

public sealed class SurveyAnonymityOnPostgres : SurveyAnonymityTests<Postgres>;

/// <summary>Staff cannot tell who answered what, not even with all tables before them.</summary>
public abstract partial class SurveyAnonymityTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int People = 12;
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
    public async Task No_table_joins_an_answer_to_a_person_by_id_order_or_time()
    {
        var links = await AskAllAsync();
        var before = await house.DumpAsync(Ct);
        for (var i = 0; i < People; i++)
        {
            Assert.True(await house.Surveys.AnswerAsync(links[i], AnswerOf(i), Ct));
            Clock.Advance(TimeSpan.FromMinutes(7));
        }

        var after = await house.DumpAsync(Ct);

        // Nothing else has changed, and of the invitations nothing is left: there is no row that knows a person and was touched by an answer.
        Assert.Equal(["survey_answer", "survey_invitation", "survey_text"], after.Keys.Where(t => !before[t].SequenceEqual(after[t])));
        Assert.Empty(after["survey_invitation"]);

        // No person, no id of anything, and no time finer than a day.
        var rows = after["survey_answer"].Concat(after["survey_text"]).ToList();
        var elsewhere = string.Join('\n', after.Where(t => !t.Key.StartsWith("survey_answer", StringComparison.Ordinal) && t.Key != "survey_text").SelectMany(t => t.Value));
        Assert.DoesNotContain(rows, r => r.Contains("customer", StringComparison.Ordinal));
        Assert.All(rows.SelectMany(r => Id().Matches(r).Select(m => m.Value)), id => Assert.DoesNotContain(id, elsewhere, StringComparison.Ordinal));
        Assert.DoesNotContain(rows.SelectMany(r => Number().Matches(r)), m => long.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > DateOnly.MaxValue.DayNumber);

        // Neither the place of a row nor, on PostgreSQL, the transaction that wrote it tells which came when.
        AssertShuffled([.. after["survey_answer"].Select(r => Sheet().Match(r)).Where(m => m.Success).Select(m => SheetIndex(m.Groups[1].Value))]);
        AssertShuffled(await TextOrderAsync());
        if (Db.Engine != "sqlite")
        {
            Assert.Single(await Db.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT DISTINCT xmin::text FROM survey_answer", null, Ct), Ct));
            Assert.InRange((await Db.ReadAsync(async tx => await tx.QueryAsync<string>("SELECT DISTINCT xmin::text FROM survey_text", null, Ct), Ct)).Count, 1, 2);
        }
    }

    [Fact]
    public async Task Who_answered_and_who_put_it_aside_look_the_same()
    {
        var links = await AskAllAsync();
        var before = await house.DumpAsync(Ct);
        for (var i = 0; i < People; i++)
        {
            Assert.True(await house.Surveys.AnswerAsync(links[i], i % 2 == 0 ? AnswerOf(i) : null, Ct));
        }

        var after = await house.DumpAsync(Ct);
        Assert.Empty(after["survey_invitation"]);
        Assert.Equal(before["survey_asked"], after["survey_asked"]);
        Assert.Single(after["survey_asked"].Select(r => r.Split("asked_day=")[1]).Distinct());
    }

    [Fact]
    public async Task Texts_are_read_ten_at_a_time_in_an_order_that_changes_and_are_not_in_clear_in_storage()
    {
        var links = await AskAllAsync();
        for (var i = 0; i < People; i++)
        {
            Assert.True(await house.Surveys.AnswerAsync(links[i], AnswerOf(i), Ct));
            Assert.Equal(i + 1 < SurveyAnswers.Together ? 0 : SurveyAnswers.Together, (await house.Surveys.TextsAsync(Ct)).Count);
        }

        var looks = new HashSet<string>();
        for (var look = 0; look < 5; look++)
        {
            looks.Add(string.Join('|', await house.Surveys.TextsAsync(Ct)));
        }

        Assert.True(looks.Count > 1);
        var all = string.Join('\n', (await house.DumpAsync(Ct)).Values.SelectMany(r => r));
        Assert.DoesNotContain("words of", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower("words of"u8), all, StringComparison.Ordinal);
        Clock.Advance(TimeSpan.FromDays(400));
        await house.Surveys.PurgeAsync(Ct);
        Assert.Empty((await house.DumpAsync(Ct))["survey_text"]);
    }

    private async Task<List<string>> AskAllAsync()
    {
        var links = new List<string>();
        for (var i = 0; i < People; i++)
        {
            var (_, token) = await house.AddAsync($"c-{i}", Ct);
            links.Add((await house.AskAsync(token, Ct))!);
        }

        return links;
    }

    /// <summary>Another one for each person; in the order of the keys the index runs up and down.</summary>
    private static SurveyAnswer AnswerOf(int i) => SurveyAnswer.Of([1 + (i * 7 % People) % 5, 1 + (i * 7 % People) / 5, 3, 3, 3], i % 11, SurveyText.Of($"words of {(char)('a' + i)}"));

    private static int SheetIndex(string sheet) => Enumerable.Range(0, People).Single(i => string.Concat(AnswerOf(i).Statements) == sheet);

    private Task<List<int>> TextOrderAsync() => Db.ReadAsync(async tx =>
    {
        var rows = await tx.QueryAsync<(string Id, byte[] Sealed)>("SELECT text_id, sealed FROM survey_text", null, Ct);
        return rows.Select(r => System.Text.Encoding.UTF8.GetString(house.Messages.House.Vault.Partings.Open("survey-text", r.Id, r.Sealed).Span)[^1] - 'a').ToList();
    }, Ct);

    // By chance one order in 12! is the one of arrival.
    private static void AssertShuffled(List<int> order)
    {
        Assert.Equal(People, order.Count);
        Assert.NotEqual(order.Order(), order);
        Assert.NotEqual(order.OrderDescending(), order);
    }

    [GeneratedRegex("[0-9a-f]{16,}")]
    private static partial Regex Id();

    [GeneratedRegex(@"(?:day|month|shown|people)=(\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"kind=trust\|answers=(\d{5})")]
    private static partial Regex Sheet();
}
