using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Reads of one day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="DataPoint">Null: the reads themselves, however many data points each gave.</param>
/// <param name="Reader">One of <see cref="UseBook.Readers"/>.</param>
/// <param name="Number">1 or more.</param>
public sealed record UseCell(DateOnly Day, PurposeId Purpose, DataPointId? DataPoint, string Reader, long Number);

/// <summary>How often data is used in fact: reads that the gate allowed, counted from the log a stretch at a time and kept for two years as counts of days.</summary>
public sealed class UseBook(Database database, AuditLog log)
{
    /// <summary>The log is walked under this name.</summary>
    public const string Walk = "uses";

    public const int KeptDays = 731;

    /// <summary>Members of staff, programs with a key, Candor's own jobs.</summary>
    public static IReadOnlyList<string> Readers { get; } = [Staff, Service, Candor];

    private const string Staff = "staff";
    private const string Service = "service";
    private const string Candor = "candor";

    private sealed record Row(long Day, string Purpose, string DataPoint, string Reader, long Number);

    /// <summary>Counts the next stretch of the log.</summary>
    /// <param name="most">Most entries, 1 or more.</param>
    /// <returns>How many entries it had; call again while it is <paramref name="most"/>.</returns>
    public async Task<int> StepAsync(int most, CancellationToken ct)
    {
        var (from, to, entries) = await database.ReadAsync(tx => LogWalks.ReadOnAsync(tx, log, Walk, most, ct), ct);
        if (to > from)
        {
            var cells = Count(entries.Select(e => e.Entry));
            await database.WriteAsync(tx => KeepAsync(tx, from, to, cells, ct), ct);
        }

        return (int)(to - from);
    }

    /// <summary>Counts entries; what is no allowed read for a purpose is not counted.</summary>
    public static IReadOnlyList<UseCell> Count(IEnumerable<AuditEntry> entries) =>
    [
        .. from entry in entries
           where entry.Event is { Kind: AuditKind.Read, Purpose: not null } && ReaderOf(entry.Event.Actor) is not null
           from point in entry.Event.DataPoints.Prepend(null)
           group entry by (Day: DateOnly.FromDateTime(entry.At.UtcDateTime), Purpose: entry.Event.Purpose!, Point: point, Reader: ReaderOf(entry.Event.Actor)!) into cell
           select new UseCell(cell.Key.Day, PurposeId.Parse(cell.Key.Purpose), cell.Key.Point is { } p ? DataPointId.Parse(p) : null, cell.Key.Reader, cell.Count()),
    ];

    /// <summary>Stored counts of some days, both inclusive.</summary>
    public static async ValueTask<IReadOnlyList<UseCell>> ReadAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<Row>("SELECT day, purpose, data_point, reader, number FROM use_count WHERE day >= @From AND day <= @To ORDER BY day, purpose, data_point, reader",
                new { From = (long)from.DayNumber, To = (long)to.DayNumber }, ct))
            .Select(r => new UseCell(DateOnly.FromDayNumber((int)r.Day), PurposeId.Parse(r.Purpose), r.DataPoint.Length == 0 ? null : DataPointId.Parse(r.DataPoint), r.Reader, r.Number)),
    ];

    /// <summary>The first day of which there are counts; null before any read was counted.</summary>
    public static async ValueTask<DateOnly?> FirstDayAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT MIN(day) FROM use_count", null, ct) is { } day ? DateOnly.FromDayNumber((int)day) : null;

    private static async ValueTask KeepAsync(Transaction tx, long from, long to, IReadOnlyList<UseCell> cells, CancellationToken ct)
    {
        if (!await LogWalks.MoveAsync(tx, Walk, from, to, ct))
        {
            return;
        }

        foreach (var cell in cells)
        {
            await tx.RunAsync(
                """
                INSERT INTO use_count (day, purpose, data_point, reader, number) VALUES (@Day, @Purpose, @DataPoint, @Reader, @Number)
                ON CONFLICT (day, purpose, data_point, reader) DO UPDATE SET number = use_count.number + excluded.number
                """, new { Day = (long)cell.Day.DayNumber, Purpose = cell.Purpose.Value, DataPoint = cell.DataPoint?.Value ?? "", cell.Reader, cell.Number }, ct);
        }

        await tx.RunAsync("DELETE FROM use_count WHERE day < @Oldest", new { Oldest = (long)DateOnly.FromDateTime(tx.Now.UtcDateTime).DayNumber - KeptDays }, ct);
    }

    /// <summary>Null for who reads what is their own.</summary>
    private static string? ReaderOf(string actor) => actor.Split(':')[0] switch
    {
        "staff" => Staff,
        "key" => Service,
        "system" => Candor,
        _ => null,
    };
}
