using System.Globalization;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>What a survey asks for. Stored as <see cref="SurveyTallies.CodeOf"/>.</summary>
public enum SurveyKind
{
    /// <summary>Five statements, each from 1 (not at all) to 5 (fully).</summary>
    Trust,
    /// <summary>How likely one is to recommend the business, from 0 to 10: the net promoter score.</summary>
    Recommend,
}

/// <summary>How often one answer was given on one day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Statement">1 to <see cref="SurveyTallies.Statements"/>; 0 for <see cref="SurveyKind.Recommend"/>.</param>
/// <param name="Answer">1 to 5; 0 to 10 for <see cref="SurveyKind.Recommend"/>.</param>
/// <param name="Count">People, 1 or more.</param>
public sealed record SurveyTally(DateOnly Day, SurveyKind Kind, int Statement, int Answer, long Count);

/// <summary>How many people were asked on one day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="People">1 or more.</param>
public sealed record SurveyAsked(DateOnly Day, long People);

/// <summary>Reads what people answered. It is kept as counts of a day: nobody can tell from it who answered what.</summary>
/// <remarks>Whoever shows it leaves out what fewer than 10 people answered.</remarks>
public sealed class SurveyTallies
{
    /// <summary>Statements on a sheet.</summary>
    public const int Statements = 5;

    private sealed record Row(long Day, string Kind, string Answers, long People);

    private sealed record AskedRow(long Day, long People);

    /// <summary>The name in storage, such as <c>recommend</c>.</summary>
    internal static string CodeOf(SurveyKind kind) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <summary>Every answer given from <paramref name="from"/> to <paramref name="to"/>, both inclusive, by day, kind, statement and answer.</summary>
    public async ValueTask<IReadOnlyList<SurveyTally>> LoadAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct) =>
    [
        .. (await RowsAsync(tx, from, to, ct)).SelectMany(Single).GroupBy(t => (t.Day, t.Kind, t.Statement, t.Answer))
            .Select(g => new SurveyTally(g.Key.Day, g.Key.Kind, g.Key.Statement, g.Key.Answer, g.Sum(t => t.Count)))
            .OrderBy(t => t.Day).ThenBy(t => t.Kind).ThenBy(t => t.Statement).ThenBy(t => t.Answer),
    ];

    /// <summary>The sheets with statements about trust, one for each person who filled one, from <paramref name="from"/> to <paramref name="to"/>, both inclusive. Their order says nothing.</summary>
    /// <returns>Each with <see cref="Statements"/> answers from 1 to 5; the input of <see cref="TrustScore.Of"/>.</returns>
    public async ValueTask<IReadOnlyList<IReadOnlyList<int>>> LoadSheetsAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var sheets = new List<IReadOnlyList<int>>();
        foreach (var row in (await RowsAsync(tx, from, to, ct)).Where(r => r.Kind == CodeOf(SurveyKind.Trust)).OrderBy(r => r.Answers, StringComparer.Ordinal))
        {
            int[] sheet = [.. row.Answers.Select(c => c - '0')];
            sheets.AddRange(Enumerable.Repeat<IReadOnlyList<int>>(sheet, checked((int)row.People)));
        }

        return sheets;
    }

    /// <summary>How many people were asked on the days from <paramref name="from"/> to <paramref name="to"/>, both inclusive, in order of days.</summary>
    /// <remarks>An answer may come up to 30 days after it was asked for.</remarks>
    public async ValueTask<IReadOnlyList<SurveyAsked>> LoadAskedAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<AskedRow>(
                "SELECT day, people FROM survey_asked_count WHERE day >= @From AND day <= @To", new { From = (long)from.DayNumber, To = (long)to.DayNumber }, ct))
            .GroupBy(r => r.Day).OrderBy(g => g.Key).Select(g => new SurveyAsked(DateOnly.FromDayNumber((int)g.Key), g.Sum(r => r.People))),
    ];

    private static Task<IReadOnlyList<Row>> RowsAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct) => tx.QueryAsync<Row>(
        "SELECT day, kind, answers, people FROM survey_answer WHERE day >= @From AND day <= @To", new { From = (long)from.DayNumber, To = (long)to.DayNumber }, ct);

    private static IEnumerable<SurveyTally> Single(Row row)
    {
        var day = DateOnly.FromDayNumber((int)row.Day);
        return row.Kind == CodeOf(SurveyKind.Trust)
            ? row.Answers.Select((c, i) => new SurveyTally(day, SurveyKind.Trust, i + 1, c - '0', row.People))
            : [new SurveyTally(day, SurveyKind.Recommend, 0, int.Parse(row.Answers, CultureInfo.InvariantCulture), row.People)];
    }
}
