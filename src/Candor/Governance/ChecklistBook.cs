using System.Text.Json;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>An answer as it was kept.</summary>
public sealed record KeptAnswer(DateOnly Day, string Question, ChecklistArea Area, ChecklistAnswer Answer, IReadOnlyDictionary<string, long> Figures);

/// <summary>How the answers of an area stood on a day; those that did not apply are not counted.</summary>
public sealed record AreaDay(DateOnly Day, ChecklistArea Area, int Yes, int Partial, int No)
{
    public int All => Yes + Partial + No;
}

/// <summary>The answers of each day (UTC), so that it can be seen where it goes. There is no person in it.</summary>
public sealed class ChecklistBook(Database database, Checklist checklist)
{
    /// <summary>Days that are kept: three years.</summary>
    public const int KeptDays = 3 * 366;

    private sealed record Row(long Day, string Question, string Area, string Answer, string Figures)
    {
        public KeptAnswer As => new(DateOnly.FromDayNumber((int)Day), Question, Enum.Parse<ChecklistArea>(Area), Enum.Parse<ChecklistAnswer>(Answer), JsonSerializer.Deserialize<SortedDictionary<string, long>>(Figures)!);
    }

    /// <summary>Keeps today's answers, once.</summary>
    /// <returns>1 when it kept them now.</returns>
    public async Task<int> KeepDueAsync(CancellationToken ct)
    {
        var today = await database.ReadAsync(async tx =>
        {
            var day = DateOnly.FromDateTime(tx.Now.UtcDateTime);
            return await tx.FindAsync<long>("SELECT count(*) FROM checklist_day WHERE day = @Day", new { Day = (long)day.DayNumber }, ct) > 0 ? ((DateOnly, IReadOnlyList<ChecklistLine>)?)null
                : (day, await checklist.LookAsync(tx, ct));
        }, ct);
        if (today is not var (on, lines))
        {
            return 0;
        }

        await database.WriteAsync(tx => KeepAsync(tx, on, lines, ct), ct);
        return 1;
    }

    /// <summary>The answers from a day on, inclusive; the oldest first.</summary>
    public static async ValueTask<IReadOnlyList<KeptAnswer>> SinceAsync(Transaction tx, DateOnly from, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>("SELECT day, question, area, answer, figures FROM checklist_day WHERE day >= @From ORDER BY day, question", new { From = (long)from.DayNumber }, ct)).Select(r => r.As)];

    /// <summary>By day and area, the oldest first.</summary>
    public static IReadOnlyList<AreaDay> ByArea(IEnumerable<KeptAnswer> kept) =>
    [
        .. kept.GroupBy(a => (a.Day, a.Area)).OrderBy(g => g.Key.Day).ThenBy(g => g.Key.Area).Select(g => new AreaDay(
            g.Key.Day, g.Key.Area, g.Count(a => a.Answer == ChecklistAnswer.Yes), g.Count(a => a.Answer == ChecklistAnswer.Partial), g.Count(a => a.Answer == ChecklistAnswer.No))),
    ];

    private static async ValueTask KeepAsync(Transaction tx, DateOnly day, IReadOnlyList<ChecklistLine> lines, CancellationToken ct)
    {
        foreach (var line in lines)
        {
            // Another node may have been faster; its answers are as good.
            await tx.RunAsync(
                "INSERT INTO checklist_day (day, question, area, answer, figures) VALUES (@Day, @Id, @Area, @Answer, @Figures) ON CONFLICT (day, question) DO NOTHING",
                new { Day = (long)day.DayNumber, line.Question.Id, Area = line.Question.Area.ToString(), Answer = line.Finding.Answer.ToString(), Figures = JsonSerializer.Serialize(line.Finding.Figures) }, ct);
        }

        await tx.RunAsync("DELETE FROM checklist_day WHERE day < @Oldest", new { Oldest = (long)day.DayNumber - KeptDays }, ct);
    }
}
