using System.Security.Cryptography;
using System.Text;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Trust;

/// <summary>Keeps what people answer so that nobody can tell who answered what, not even whoever looks at the tables.</summary>
/// <remarks>
/// Answers are counts of a day. With each, up to <see cref="Others"/> other rows of its day are written anew in random order: on PostgreSQL every row shows which transaction wrote it last and where it stands,
/// and neither is to say which row has just grown. Texts have random ids and the month, and come out <see cref="Together"/> at a time.
/// What is not covered: who watches the database continuously, or reads its log of changes, sees each answer as it comes.
/// </remarks>
public sealed class SurveyAnswers(PartingSeal seal)
{
    /// <summary>How many texts come out together.</summary>
    public const int Together = 10;

    /// <summary>Months after which a text is removed, the month that it came in not counted.</summary>
    public const int MonthsKept = 12;

    private const string Job = "survey-answers";
    private const string Kind = "survey-text";
    private const int Others = 50;

    private sealed record Row(string Kind, string Answers);

    private sealed record TextRow(string TextId, byte[] Sealed);

    /// <summary>Adds an answer; the caller has made sure that it may count.</summary>
    internal async ValueTask AddAsync(Transaction tx, SurveyAnswer answer, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        await CountAsync(tx, DateOnly.FromDateTime(tx.Now.UtcDateTime), [.. answer.Cells().Select(c => (SurveyTallies.CodeOf(c.Kind), c.Answers))], 1, ct);
        if (answer.Text is { } text)
        {
            await AddTextAsync(tx, text, ct);
        }
    }

    /// <summary>Counts answers of one day, among other rows of it.</summary>
    internal static async ValueTask CountAsync(Transaction tx, DateOnly day, IReadOnlyList<(string Kind, string Answers)> cells, long people, CancellationToken ct)
    {
        var others = await tx.QueryAsync<Row>(
            "SELECT kind, answers FROM survey_answer WHERE day = @Day ORDER BY random() LIMIT @Most", new { Day = (long)day.DayNumber, Most = (long)Others }, ct);
        var rows = others.Select(o => (o.Kind, o.Answers)).Union(cells).ToArray();
        RandomNumberGenerator.Shuffle(rows.AsSpan());
        foreach (var (kind, answers) in rows)
        {
            await tx.RunAsync(
                """
                INSERT INTO survey_answer (day, kind, answers, people) VALUES (@Day, @kind, @answers, @More)
                ON CONFLICT (day, kind, answers) DO UPDATE SET people = survey_answer.people + excluded.people
                """, new { Day = (long)day.DayNumber, kind, answers, More = cells.Contains((kind, answers)) ? people : 0 }, ct);
        }
    }

    /// <summary>The texts that are out, in an order that changes every time; empty while fewer than <see cref="Together"/> are there.</summary>
    public async ValueTask<IReadOnlyList<string>> TextsAsync(Transaction tx, CancellationToken ct)
    {
        var texts = (await tx.QueryAsync<TextRow>("SELECT text_id, sealed FROM survey_text WHERE shown = 1", null, ct))
            .Select(r => Encoding.UTF8.GetString(seal.Open(Kind, r.TextId, r.Sealed).Span)).ToArray();
        RandomNumberGenerator.Shuffle(texts.AsSpan());
        return texts.Length < Together ? [] : texts;
    }

    /// <summary>Removes texts whose time is over.</summary>
    internal static async ValueTask<int> PurgeAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM survey_text WHERE month < @First", new { First = MonthOf(tx.Now) - MonthsKept }, ct);

    internal async ValueTask AddTextAsync(Transaction tx, string text, CancellationToken ct)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var waiting = (await tx.QueryAsync<string>("SELECT text_id FROM survey_text WHERE shown = 0", null, ct)).Append(id).Order(StringComparer.Ordinal).ToList();
        var shown = waiting.Count >= Together ? 1L : 0L;
        // By their random ids, the others written anew with it: neither place nor transaction tells which came last.
        foreach (var other in waiting)
        {
            await tx.RunAsync(
                other == id ? "INSERT INTO survey_text (text_id, month, shown, sealed) VALUES (@other, @Month, @shown, @Sealed)" : "UPDATE survey_text SET shown = @shown WHERE text_id = @other",
                new { other, Month = MonthOf(tx.Now), shown, Sealed = other == id ? seal.Seal(Kind, id, Encoding.UTF8.GetBytes(text)) : [] }, ct);
        }
    }

    private static long MonthOf(DateTimeOffset now) => now.Year * 12L + now.Month - 1;
}
