using System.Data.Common;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Catalog;

/// <summary>Whether a purpose may be used at all, as one transaction found it. The default is no: what nobody approved is refused.</summary>
/// <param name="IsGiven">Somebody approved it.</param>
/// <param name="Until">Exclusive end, which is the date of its review; null for none.</param>
public readonly record struct Approval(bool IsGiven, DateTimeOffset? Until)
{
    /// <summary>Given, and for as long as nobody ends it.</summary>
    public static readonly Approval Lasting = new(true, null);

    public bool IsLive(DateTimeOffset now) => IsGiven && (Until is not { } end || end > now);
}

/// <summary>Why a purpose may be used.</summary>
public static class ApprovalGround
{
    /// <summary>It was in the first catalog, before anybody could decide on it here.</summary>
    public const string Adoption = "adoption";

    /// <summary>A decision that was made elsewhere, and that the catalog's version names.</summary>
    public const string Reference = "reference";

    /// <summary>An initiative that was approved here.</summary>
    public const string Initiative = "initiative";
}

/// <summary>The approval of a purpose as pages show it.</summary>
/// <param name="Ground">One of <see cref="ApprovalGround"/>.</param>
/// <param name="UntilUs">Exclusive end; null for none.</param>
public sealed record PurposeApproval(string Purpose, string Ground, string? Initiative, long SinceUs, long? UntilUs);

/// <summary>Which purposes may be used, and until when. A purpose has one approval: the newest decision about it.</summary>
public static class PurposeApprovals
{
    /// <summary>The same lookup that the pipeline of a read joins to the catalog's version.</summary>
    private const string One = "SELECT p.until_us FROM purpose_approval p WHERE p.purpose = @purpose";

    /// <summary>The approval of a purpose as it stands in this transaction; not given when there is none.</summary>
    public static async ValueTask<Approval> FindAsync(Transaction tx, PurposeId purpose, CancellationToken ct)
    {
        await using var row = await tx.Prepared(One).Set("@purpose", purpose.Value).ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? Of(row, 0) : default;
    }

    public static async ValueTask<IReadOnlyList<PurposeApproval>> AllAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<PurposeApproval>("SELECT purpose, ground, initiative, since_us, until_us FROM purpose_approval ORDER BY purpose", null, ct);

    /// <summary>An approval whose end stands in a column; the row is there.</summary>
    public static Approval Of(DbDataReader row, int untilColumn) => new(true, row.IsDBNull(untilColumn) ? null : Micros.ToInstant(row.GetInt64(untilColumn)));

    /// <summary>Approves the use of a purpose, in the place of any approval it had.</summary>
    /// <param name="initiative">Id of the initiative; null on another ground.</param>
    /// <param name="until">Exclusive; null for no end.</param>
    public static async ValueTask SetAsync(Transaction tx, PurposeId purpose, string ground, string? initiative, DateTimeOffset? until, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO purpose_approval (purpose, ground, initiative, since_us, until_us) VALUES (@Purpose, @ground, @initiative, @NowUs, @Until)
        ON CONFLICT (purpose) DO UPDATE SET ground = excluded.ground, initiative = excluded.initiative, since_us = excluded.since_us, until_us = excluded.until_us
        """, new { Purpose = purpose.Value, ground, initiative, tx.NowUs, Until = Micros.From(until) }, ct);

    /// <summary>Gives all purposes that rest on an initiative another end.</summary>
    public static async ValueTask MoveEndAsync(Transaction tx, string initiative, DateTimeOffset until, CancellationToken ct) =>
        await tx.RunAsync("UPDATE purpose_approval SET until_us = @Until WHERE initiative = @initiative", new { initiative, Until = Micros.From(until) }, ct);

    /// <summary>Ends the approval of one purpose from this transaction's commit on, whatever it rests on.</summary>
    public static async ValueTask EndAsync(Transaction tx, PurposeId purpose, string? initiative, CancellationToken ct) =>
        await SetAsync(tx, purpose, ApprovalGround.Initiative, initiative, tx.Now, ct);

    /// <summary>Forgets the approval of a purpose that the catalog has no more: if it comes back, somebody decides anew.</summary>
    public static async ValueTask ForgetAsync(Transaction tx, PurposeId purpose, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM purpose_approval WHERE purpose = @Value", new { purpose.Value }, ct);
}
