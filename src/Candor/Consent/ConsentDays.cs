using Candor.Kernel;
using Candor.Storage;

namespace Candor.Consent;

/// <summary>One thing that a customer said, for counting.</summary>
/// <param name="Customer">Only to tell people apart.</param>
public sealed record SaidOnce(string Customer, string Purpose, ConsentEvent Event, DateTimeOffset At);

/// <summary>The ledger by days: what was said in a span of time, and what counted at its end. It walks through the whole ledger, so it is for counting, not for pages.</summary>
public static class ConsentDays
{
    private sealed record SaidRow(string CustomerId, string Purpose, string Event, long AtUs);

    /// <summary>What customers said about purposes, the end exclusive. What an erased customer said is not known any more.</summary>
    public static async ValueTask<IReadOnlyList<SaidOnce>> SaidAsync(Transaction tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<SaidRow>("SELECT customer_id, purpose, event, at_us FROM consent_record WHERE at_us >= @From AND at_us < @To AND purpose <> @Every",
                new { From = Micros.From(from), To = Micros.From(to), Every = ConsentWords.EveryPurpose }, ct))
            .Select(r => new SaidOnce(r.CustomerId, r.Purpose, ConsentWords.Event(r.Event), Micros.ToInstant(r.AtUs))),
    ];

    /// <summary>How often customers themselves switched a use off, by withdrawing or objecting, in a span of time, the end exclusive. What an erased customer said is not known any more.</summary>
    public static async ValueTask<long> SwitchedOffAsync(Transaction tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(*) FROM consent_record WHERE at_us >= @From AND at_us < @To AND purpose <> @Every AND (event = @Withdrawn OR event = @Objected)",
        new { From = Micros.From(from), To = Micros.From(to), Every = ConsentWords.EveryPurpose, Withdrawn = ConsentEvent.Withdrawn.Code(), Objected = ConsentEvent.Objected.Code() }, ct);

    /// <summary>How many consents counted just before an instant, by purpose.</summary>
    public static async ValueTask<IReadOnlyDictionary<string, long>> OnAsync(Transaction tx, DateTimeOffset at, CancellationToken ct)
    {
        var on = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var row = await tx.Prepared(
            """
            SELECT r.purpose, count(*) FROM consent_record r
            WHERE r.at_us < @at AND (r.event = 'given' OR r.event = 'renewed') AND (r.expires_at_us IS NULL OR r.expires_at_us >= @at) AND NOT EXISTS
                (SELECT 1 FROM consent_record l WHERE l.customer_id = r.customer_id AND l.version > r.version AND l.purpose = r.purpose AND l.at_us < @at)
            GROUP BY r.purpose
            """).Set("@at", Micros.From(at)).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            on[row.GetString(0)] = row.GetInt64(1);
        }

        return on;
    }
}
