using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Collection;

/// <summary>A field that somebody sends and the catalog does not declare.</summary>
/// <param name="Sender">As the log names them: <c>key:…</c>, or <see cref="EventCollection.Website"/>.</param>
/// <param name="Name">Empty: all that are no field's name, or were too many for one day.</param>
/// <param name="Number">How often it was sent; 1 or more.</param>
public sealed record UndeclaredCount(string Sender, string Name, long Number, DateTimeOffset Last);

/// <summary>Who keeps sending what is not declared: names alone, counted by day, never a value.</summary>
public static partial class UndeclaredBook
{
    /// <summary>Days that are kept.</summary>
    public const int KeptDays = 90;

    /// <summary>Different names of one day; more are counted together.</summary>
    public const int MaxNames = 200;

    /// <summary>Characters of a name that are kept.</summary>
    public const int MaxLength = 64;

    private sealed record Row(string Sender, string Name, long Number, long LastUs);

    /// <summary>What was sent in the last <see cref="KeptDays"/> days, most often first.</summary>
    public static async ValueTask<IReadOnlyList<UndeclaredCount>> ReadAsync(Transaction tx, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<Row>("SELECT sender, name, number, last_us FROM undeclared_count WHERE day > @From", new { From = Today(tx) - KeptDays }, ct))
            .GroupBy(r => (r.Sender, r.Name)).Select(g => new UndeclaredCount(g.Key.Sender, g.Key.Name, g.Sum(r => r.Number), Micros.ToInstant(g.Max(r => r.LastUs))))
            .OrderByDescending(c => c.Number).ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Sender, StringComparer.Ordinal),
    ];

    /// <summary>Counts names, each as often as it stands here.</summary>
    internal static async ValueTask AddAsync(Transaction tx, string sender, IEnumerable<string> names, CancellationToken ct)
    {
        var counts = names.CountBy(Shown).ToList();
        if (counts.Count == 0)
        {
            return;
        }

        await tx.LockJobAsync("undeclared", ct);
        var known = (await tx.QueryAsync<string>("SELECT DISTINCT name FROM undeclared_count WHERE day = @Day", new { Day = Today(tx) }, ct)).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0)
        {
            await tx.RunAsync("DELETE FROM undeclared_count WHERE day <= @Until", new { Until = Today(tx) - KeptDays }, ct);
        }

        foreach (var (name, number) in counts)
        {
            await tx.RunAsync(
                """
                INSERT INTO undeclared_count (day, sender, name, number, last_us) VALUES (@Day, @sender, @Name, @Number, @NowUs)
                ON CONFLICT (day, sender, name) DO UPDATE SET number = undeclared_count.number + excluded.number, last_us = excluded.last_us
                """, new { Day = Today(tx), sender, Name = known.Contains(name) || known.Count < MaxNames && known.Add(name) ? name : "", Number = (long)number, tx.NowUs }, ct);
        }
    }

    /// <summary>A name as it is kept: what does not look like a field's name could be somebody's data.</summary>
    private static string Shown(string name) => FieldName().IsMatch(name) && !ManyDigits().IsMatch(name) ? name[..Math.Min(name.Length, MaxLength)] : "";

    private static long Today(Transaction tx) => DateOnly.FromDateTime(tx.Now.UtcDateTime).DayNumber;

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z][A-Za-z0-9_-]*)*$")]
    private static partial Regex FieldName();

    [GeneratedRegex(@"\d{5}")]
    private static partial Regex ManyDigits();
}
