using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>How far a correction is. The stored text is <see cref="CorrectionWords.Code"/>.</summary>
public enum CorrectionState
{
    /// <summary>Counted at once.</summary>
    Done,
    /// <summary>A member of staff checks it; the former value still counts.</summary>
    Waiting,
    Approved,
    /// <summary>Not taken over, with a reason that the customer gets.</summary>
    Refused,
    /// <summary>The customer asked for another value before it was decided.</summary>
    Replaced,
}

/// <summary>The words under which states are stored and shown to programs.</summary>
public static class CorrectionWords
{
    public static string Code(this CorrectionState state) => state switch
    {
        CorrectionState.Done => "done",
        CorrectionState.Waiting => "waiting",
        CorrectionState.Approved => "approved",
        CorrectionState.Refused => "refused",
        CorrectionState.Replaced => "replaced",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    internal static CorrectionState State(string code) => code switch
    {
        "done" => CorrectionState.Done,
        "waiting" => CorrectionState.Waiting,
        "approved" => CorrectionState.Approved,
        "refused" => CorrectionState.Refused,
        "replaced" => CorrectionState.Replaced,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };
}

/// <summary>A correction in clear.</summary>
/// <param name="Id">32 hex characters.</param>
/// <param name="Former">The value before, as JSON; null when there was none.</param>
/// <param name="Proposed">The value that the customer gave, as JSON.</param>
/// <param name="Reason">Why it was refused, in plain words; null otherwise.</param>
public sealed record Correction(
    string Id, DataPointId DataPoint, CorrectionState State, DateTimeOffset AskedAt, DateTimeOffset? DecidedAt,
    ReadOnlyMemory<byte>? Former, ReadOnlyMemory<byte> Proposed, string? Reason);

/// <summary>A correction that waits, as the staff's list shows it: nothing of it is open.</summary>
public sealed record WaitingCorrection(string Id, DataPointId DataPoint, DateTimeOffset AskedAt);

internal sealed record CorrectionRow(
    string CustomerId, string CorrectionId, string DataPoint, string State, byte[] Proposed, byte[]? Former, long? FormerVersion, byte[]? Reason, long AskedAtUs, long? DecidedAtUs)
{
    /// <summary>Class of the sealed notes: the proposed value, and the reason of a refusal.</summary>
    public const string Note = "correction";

    private const string Columns = "customer_id, correction_id, data_point, state, proposed, former, former_version, reason, asked_at_us, decided_at_us";

    public string ReasonId => CorrectionId + "/reason";

    public static async ValueTask<IReadOnlyList<CorrectionRow>> OfAsync(Transaction tx, CustomerId customer, DataPointId dataPoint, int most, CancellationToken ct) =>
        await tx.QueryAsync<CorrectionRow>(
            "SELECT " + Columns + " FROM correction WHERE customer_id = @Customer AND data_point = @DataPoint ORDER BY asked_at_us DESC LIMIT @Most",
            new { Customer = customer.Value, DataPoint = dataPoint.Value, Most = (long)most }, ct);

    public static async ValueTask<IReadOnlyList<CorrectionRow>> WaitingOfAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.QueryAsync<CorrectionRow>(
            "SELECT " + Columns + " FROM correction WHERE customer_id = @Value AND state = 'waiting' ORDER BY asked_at_us", new { customer.Value }, ct);

    public static async ValueTask<IReadOnlyList<CorrectionRow>> WaitingAsync(Transaction tx, int most, CancellationToken ct) =>
        await tx.QueryAsync<CorrectionRow>("SELECT " + Columns + " FROM correction WHERE state = 'waiting' ORDER BY asked_at_us LIMIT @Most", new { Most = (long)most }, ct);

    /// <summary>A correction that waits; null when there is none of that id, or it was decided.</summary>
    public static async ValueTask<CorrectionRow?> FindWaitingAsync(Transaction tx, string id, CancellationToken ct) =>
        await tx.FindAsync<CorrectionRow>("SELECT " + Columns + " FROM correction WHERE state = 'waiting' AND correction_id = @id", new { id }, ct);
}
