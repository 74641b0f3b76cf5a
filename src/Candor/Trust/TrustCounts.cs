using Candor.Storage;
using Candor.Vault;

namespace Candor.Trust;

/// <summary>Counts as they happen. People are told apart by a keyed mark that another month does not share; views and orders are gathered in memory and added about once a minute.</summary>
/// <remarks>What one node gathered since is lost when it dies; <see cref="TrustDays.RecountAsync"/> puts right what can be known otherwise.</remarks>
public sealed class TrustCounts(Database database, CustomerLots lots)
{
    private const string Lot = "trust";
    private readonly Lock changing = new();
    private Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long> gathered = [];

    /// <summary>Counts somebody, once a month; in the transaction of what they did.</summary>
    /// <param name="customerRef">By what the log knows them.</param>
    internal async ValueTask SeeAsync(Transaction tx, byte[] customerRef, TrustMeasure measure, string about, CancellationToken ct)
    {
        var day = DayOf(tx.Now);
        await tx.Prepared("INSERT INTO trust_seen (month, measure, about, person, day) VALUES (@month, @measure, @about, @person, @day) ON CONFLICT (month, measure, about, person) DO NOTHING")
            .Set("@month", MonthOf(day)).Set("@measure", TrustCell.CodeOf(measure)).Set("@about", about).Set("@person", MarkOf(customerRef, day)).Set("@day", (long)day.DayNumber).ExecuteNonQueryAsync(ct);
    }

    /// <summary>Counts a view of a page; nobody is told apart.</summary>
    public void View(TrustMeasure measure) => AddTo((DayOf(database.Clock.GetUtcNow()), measure, ""), 1);

    /// <summary>Gathers changes of counts; taken back when the transaction is not kept.</summary>
    internal void Add(Transaction tx, Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long> changes)
    {
        foreach (var (key, number) in changes.Where(c => c.Value != 0))
        {
            AddTo(key, number);
            tx.OnRollback(() => AddTo(key, -number));
        }
    }

    /// <summary>Adds what was gathered to the stored counts.</summary>
    public async Task<int> FlushAsync(CancellationToken ct)
    {
        var taken = Take();
        if (taken.Count == 0)
        {
            return 0;
        }

        try
        {
            // One order of rows for all nodes.
            await database.WriteAsync(async tx =>
            {
                foreach (var (key, number) in taken.Where(t => t.Value != 0).OrderBy(t => t.Key.Day).ThenBy(t => t.Key.Measure).ThenBy(t => t.Key.About, StringComparer.Ordinal))
                {
                    await AddAsync(tx, new TrustCell(key.Day, key.Measure, key.About, number), ct);
                }
            }, ct);
        }
        catch
        {
            foreach (var (key, number) in taken)
            {
                AddTo(key, number);
            }

            throw;
        }

        return taken.Count;
    }

    /// <summary>Stored counts of some days, both inclusive, in the order of days.</summary>
    /// <param name="of">What is asked for; null: everything.</param>
    public static async ValueTask<IReadOnlyList<TrustCell>> ReadAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct, IReadOnlySet<TrustMeasure>? of = null)
    {
        // Below the driver: three years are a hundred thousand rows, and what is not asked for is passed over by its first column.
        var (cells, names) = (new List<TrustCell>(), new Dictionary<string, string>(StringComparer.Ordinal));
        await using var row = await tx.Prepared("SELECT measure, day, about, number FROM trust_count WHERE day >= @from AND day <= @to ORDER BY day")
            .Set("@from", (long)from.DayNumber).Set("@to", (long)to.DayNumber).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (TrustCell.Find(row.GetString(0)) is { } measure && of?.Contains(measure) != false)
            {
                var about = row.GetString(2);
                cells.Add(new TrustCell(DateOnly.FromDayNumber((int)row.GetInt64(1)), measure, names.TryGetValue(about, out var known) ? known : names[about] = about, row.GetInt64(3)));
            }
        }

        return cells;
    }

    /// <summary>What the marks of a day add up to, before the day is closed.</summary>
    internal static async ValueTask<IReadOnlyList<TrustCell>> SeenAsync(Transaction tx, DateOnly day, CancellationToken ct)
    {
        var cells = new List<TrustCell>();
        // Read by hand: SQLite gives computed columns no type while there is no row.
        await using var row = await tx.Prepared("SELECT measure, about, count(*) FROM trust_seen WHERE month = @month AND day = @day GROUP BY measure, about")
            .Set("@month", MonthOf(day)).Set("@day", (long)day.DayNumber).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            cells.Add(new TrustCell(day, TrustCell.Find(row.GetString(0))!.Value, row.GetString(1), row.GetInt64(2)));
        }

        return cells;
    }

    internal static async ValueTask AddAsync(Transaction tx, TrustCell cell, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO trust_count (day, measure, about, number) VALUES (@Day, @Measure, @About, @Number)
        ON CONFLICT (day, measure, about) DO UPDATE SET number = trust_count.number + excluded.number
        """, new { Day = (long)cell.Day.DayNumber, Measure = TrustCell.CodeOf(cell.Measure), cell.About, cell.Number }, ct);

    /// <summary>Takes the counts of one measure away, of some days, both inclusive.</summary>
    internal static async ValueTask RemoveAsync(Transaction tx, TrustMeasure measure, DateOnly from, DateOnly to, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM trust_count WHERE measure = @Measure AND day >= @From AND day <= @To", new { Measure = TrustCell.CodeOf(measure), From = (long)from.DayNumber, To = (long)to.DayNumber }, ct);

    /// <summary>Forgets who was seen in the months before this day's.</summary>
    internal static async ValueTask ForgetAsync(Transaction tx, DateOnly day, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM trust_seen WHERE month < @Month", new { Month = MonthOf(day) }, ct);

    internal static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>Months since the year 0.</summary>
    internal static long MonthOf(DateOnly day) => day.Year * 12L + day.Month - 1;

    private string MarkOf(byte[] customerRef, DateOnly day) => lots.MarkOf(customerRef, Lot, MonthOf(day).ToString(System.Globalization.CultureInfo.InvariantCulture));

    private Dictionary<(DateOnly Day, TrustMeasure Measure, string About), long> Take()
    {
        lock (changing)
        {
            var taken = gathered;
            gathered = [];
            return taken;
        }
    }

    private void AddTo((DateOnly Day, TrustMeasure Measure, string About) key, long number)
    {
        lock (changing)
        {
            gathered[key] = gathered.GetValueOrDefault(key) + number;
        }
    }
}
