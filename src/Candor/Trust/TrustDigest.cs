using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>How often somebody wants the figures by mail.</summary>
/// <param name="Code">As it is stored and sent.</param>
/// <param name="Weeks">Length of the report that they get, one of <see cref="TrustSpan.Lengths"/>.</param>
public sealed record DigestPeriod(string Code, int Weeks)
{
    /// <summary>When a week is counted: the last 28 days.</summary>
    public static readonly DigestPeriod Week = new("week", TrustSpan.Lengths["28-days"]);

    /// <summary>When a calendar month is counted: the last quarter.</summary>
    public static readonly DigestPeriod Month = new("month", TrustSpan.Lengths["quarter"]);

    public static readonly IReadOnlyList<DigestPeriod> All = [Week, Month];

    /// <summary>The last day of the newest period that is over.</summary>
    /// <param name="last">The last closed day.</param>
    public DateOnly EndAt(DateOnly last) => this == Week ? TrustSpan.UpTo(last, 1).To : new DateOnly(last.AddDays(1).Year, last.AddDays(1).Month, 1).AddDays(-1);
}

/// <summary>Mails the figures of trust to the members of staff who asked for it, once for each week or month that was counted. Nobody gets it who did not ask.</summary>
/// <remarks>INVARIANT: it tells what a <see cref="TrustReport"/> tells, which is nothing about 1 to 9 people.</remarks>
/// <param name="inWords">The report as the blanks of <see cref="Template"/>.</param>
public sealed class TrustDigest(Database database, CatalogRegister catalogs, StaffMail mail, Func<ActiveCatalog, TrustReport, IReadOnlyDictionary<string, string>> inWords)
{
    public const string Template = "trust-digest";
    public const string Never = "never";

    /// <summary>Who may see the figures, and so may have them mailed.</summary>
    public static readonly IReadOnlyList<string> Roles = ["privacy-officer", "committee-member", "analyst", "administrator"];

    private sealed record Row(string StaffId, string HowOften, long ToldDay)
    {
        public DigestPeriod Period => DigestPeriod.All.Single(p => p.Code == HowOften);

        public bool IsDue(DateOnly last) => Period.EndAt(last).DayNumber > ToldDay;
    }

    /// <summary>How often a person gets the mail; null: never.</summary>
    public static async ValueTask<DigestPeriod?> FindAsync(Transaction tx, string staffId, CancellationToken ct) =>
        await tx.FindAsync<string>("SELECT how_often FROM trust_digest WHERE staff_id = @staffId", new { staffId }, ct) is { } found ? DigestPeriod.All.Single(p => p.Code == found) : null;

    /// <summary>Keeps what a person asks for. The first mail comes when the next week or month is counted.</summary>
    /// <param name="code">Of a <see cref="DigestPeriod"/>; <c>never</c> ends it.</param>
    /// <exception cref="Fault">Invalid <c>trust/bad-digest</c>.</exception>
    public static async ValueTask AskAsync(Transaction tx, string staffId, string code, CancellationToken ct)
    {
        if (code == Never)
        {
            await EndAsync(tx, staffId, ct);
            return;
        }

        var period = DigestPeriod.All.FirstOrDefault(p => p.Code == code)
            ?? throw new Fault(FaultKind.Invalid, "trust/bad-digest", $"The mail comes `week`, `month` or `never`; got `{Name.Shown(code)}`.");
        var told = await TrustDays.LastAsync(tx, ct) is { } last ? period.EndAt(last).DayNumber : 0L;
        await tx.RunAsync(
            """
            INSERT INTO trust_digest (staff_id, how_often, told_day) VALUES (@staffId, @Code, @told)
            ON CONFLICT (staff_id) DO UPDATE SET how_often = excluded.how_often, told_day = excluded.told_day
            """, new { staffId, period.Code, told }, ct);
    }

    /// <summary>Queues the mails of the periods that were counted since. Whoever left, or lost the role, is asked for no longer.</summary>
    /// <returns>How many.</returns>
    public async Task<int> MailDueAsync(CancellationToken ct)
    {
        var (last, asked) = await database.ReadAsync(async tx => (await TrustDays.LastAsync(tx, ct), await tx.QueryAsync<Row>("SELECT staff_id, how_often, told_day FROM trust_digest", null, ct)), ct);
        var queued = 0;
        foreach (var due in last is { } day ? asked.Where(a => a.IsDue(day)).GroupBy(a => a.Period) : [])
        {
            // Outside the write: it reads three years, and nobody shall wait for that.
            var (catalog, numbers) = await database.ReadAsync(async tx => (await catalogs.GetActiveAsync(tx, ct), await TrustNumbers.LoadAsync(tx, catalogs, due.Key.Weeks, ct)), ct);
            if (TrustReport.Of(numbers, due.Key.Weeks) is { } report)
            {
                var words = inWords(catalog, report);
                queued += await database.WriteAsync(tx => QueueAsync(tx, due, due.Key.EndAt(last!.Value), words, ct), ct);
            }
        }

        return queued;
    }

    private async ValueTask<int> QueueAsync(Transaction tx, IEnumerable<Row> due, DateOnly end, IReadOnlyDictionary<string, string> words, CancellationToken ct)
    {
        var queued = 0;
        foreach (var row in due.OrderBy(d => d.StaffId, StringComparer.Ordinal))
        {
            // Changes nothing where another node was first, or where the person has asked for something else since.
            var isMine = await tx.RunAsync("UPDATE trust_digest SET told_day = @Day WHERE staff_id = @StaffId AND how_often = @HowOften AND told_day < @Day", new { Day = (long)end.DayNumber, row.StaffId, row.HowOften }, ct) > 0;
            if (isMine && await mail.QueueAsync(tx, StaffReceiver.Person(row.StaffId, Roles), Template, words, ct) == 0)
            {
                await EndAsync(tx, row.StaffId, ct);
            }
            else if (isMine)
            {
                queued++;
            }
        }

        return queued;
    }

    private static async ValueTask EndAsync(Transaction tx, string staffId, CancellationToken ct) => await tx.RunAsync("DELETE FROM trust_digest WHERE staff_id = @staffId", new { staffId }, ct);
}
