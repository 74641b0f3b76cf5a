using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>Requests and their history in the database.</summary>
internal static class RequestRows
{
    private const string Columns =
        """
        customer_id, request_id, kind, state, channel, law, purpose, filed_by, asked_digest, received_at_us, acknowledge_by_us, gdpr_due_us, ccpa_due_us, due_us,
        extended_at_us, run_at_us, ready_until_us, closed_at_us, outcome, steps
        """;

    private const string Select = "SELECT " + Columns + " FROM rights_request";

    public static async ValueTask<RequestRow?> FindAsync(Transaction tx, string id, CancellationToken ct) =>
        await tx.FindAsync<RequestRow>(Select + " WHERE request_id = @id", new { id }, ct);

    /// <summary>All requests of a customer, or of a reference that nobody is known by; newest first.</summary>
    public static async ValueTask<IReadOnlyList<RequestRow>> OfAsync(Transaction tx, CustomerId? customer, byte[]? digest, CancellationToken ct) => customer is not null
        ? await tx.QueryAsync<RequestRow>(Select + " WHERE customer_id = @Value ORDER BY received_at_us DESC, request_id", new { customer.Value }, ct)
        : await tx.QueryAsync<RequestRow>(Select + " WHERE customer_id = '' AND asked_digest = @digest ORDER BY received_at_us DESC, request_id", new { digest }, ct);

    /// <summary>Open requests of everybody, the most urgent first; with closed ones too when asked, after them.</summary>
    public static async ValueTask<IReadOnlyList<RequestRow>> WorkAsync(Transaction tx, bool closedToo, int most, CancellationToken ct) => closedToo
        ? await tx.QueryAsync<RequestRow>(Select + " ORDER BY CASE WHEN closed_at_us IS NULL THEN 0 ELSE 1 END, due_us, request_id LIMIT @most", new { most = (long)most }, ct)
        : await tx.QueryAsync<RequestRow>(Select + " WHERE closed_at_us IS NULL ORDER BY due_us, request_id LIMIT @most", new { most = (long)most }, ct);

    /// <summary>Erasures whose time has come.</summary>
    public static async ValueTask<IReadOnlyList<RequestRow>> RunnableAsync(Transaction tx, int most, CancellationToken ct) => await tx.QueryAsync<RequestRow>(
        Select + " WHERE closed_at_us IS NULL AND run_at_us <= @NowUs ORDER BY run_at_us LIMIT @most", new { tx.NowUs, most = (long)most }, ct);

    public static async ValueTask<IReadOnlyList<RequestRow>> ReceivedAsync(Transaction tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        await tx.QueryAsync<RequestRow>(Select + " WHERE received_at_us >= @from AND received_at_us < @to", new { from = Micros.From(from), to = Micros.From(to) }, ct);

    public static async ValueTask<IReadOnlyList<RequestRow>> TouchedAsync(Transaction tx, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => await tx.QueryAsync<RequestRow>(
        Select + " WHERE (received_at_us >= @from AND received_at_us < @to) OR (closed_at_us >= @from AND closed_at_us < @to)", new { from = Micros.From(from), to = Micros.From(to) }, ct);

    public static async ValueTask InsertAsync(Transaction tx, RequestRow row, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO rights_request (customer_id, request_id, kind, state, channel, law, purpose, filed_by, asked_digest, received_at_us, acknowledge_by_us, gdpr_due_us, ccpa_due_us,
            due_us, extended_at_us, run_at_us, ready_until_us, closed_at_us, outcome, steps)
        VALUES (@CustomerId, @RequestId, @Kind, @State, @Channel, @Law, @Purpose, @FiledBy, @AskedDigest, @ReceivedAtUs, @AcknowledgeByUs, @GdprDueUs, @CcpaDueUs,
            @DueUs, @ExtendedAtUs, @RunAtUs, @ReadyUntilUs, @ClosedAtUs, @Outcome, @Steps)
        """, row, ct);

    /// <summary>Writes a changed request.</summary>
    /// <exception cref="Fault">Conflict when somebody else changed it meanwhile.</exception>
    public static async ValueTask UpdateAsync(Transaction tx, RequestRow row, CancellationToken ct)
    {
        var changed = await tx.RunAsync(
            """
            UPDATE rights_request SET state = @State, gdpr_due_us = @GdprDueUs, ccpa_due_us = @CcpaDueUs, due_us = @DueUs, extended_at_us = @ExtendedAtUs,
                run_at_us = @RunAtUs, ready_until_us = @ReadyUntilUs, closed_at_us = @ClosedAtUs, outcome = @Outcome, steps = @Steps
            WHERE customer_id = @CustomerId AND request_id = @RequestId AND steps = @Steps - 1
            """, row, ct);
        if (changed == 0)
        {
            throw new Fault(FaultKind.Conflict, "rights/changed-meanwhile", "This request was changed by somebody else at the same moment; look at it again.");
        }
    }

    public static async ValueTask AddStepAsync(Transaction tx, string customer, string id, StepRow step, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO rights_request_step (customer_id, request_id, step, state, at_us, actor, reason, note)
        VALUES (@customer, @id, @Step, @State, @AtUs, @Actor, @Reason, @Note)
        """, new { customer, id, step.Step, step.State, step.AtUs, step.Actor, step.Reason, step.Note }, ct);

    public static async ValueTask<IReadOnlyList<StepRow>> StepsAsync(Transaction tx, RequestRow row, CancellationToken ct) => await tx.QueryAsync<StepRow>(
        "SELECT step, state, at_us, actor, reason, note FROM rights_request_step WHERE customer_id = @CustomerId AND request_id = @RequestId ORDER BY step",
        new { row.CustomerId, row.RequestId }, ct);

    /// <summary>Takes the customer, and all that was written, out of a request.</summary>
    public static async ValueTask ForgetAsync(Transaction tx, RequestRow row, CancellationToken ct)
    {
        var steps = await StepsAsync(tx, row, ct);
        await DeleteAsync(tx, row, ct);
        await InsertAsync(tx, row with { CustomerId = "", AskedDigest = null, Purpose = null }, ct);
        foreach (var step in steps)
        {
            await AddStepAsync(tx, "", row.RequestId, step with { Note = null }, ct);
        }
    }

    /// <summary>Closed requests whose time of keeping is over, oldest first.</summary>
    public static async ValueTask<IReadOnlyList<RequestRow>> OldAsync(Transaction tx, DateTimeOffset before, int most, CancellationToken ct) => await tx.QueryAsync<RequestRow>(
        Select + " WHERE closed_at_us < @before ORDER BY closed_at_us LIMIT @most", new { before = Micros.From(before), most = (long)most }, ct);

    public static async ValueTask DeleteAsync(Transaction tx, RequestRow row, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM rights_request_step WHERE customer_id = @CustomerId AND request_id = @RequestId", new { row.CustomerId, row.RequestId }, ct);
        await tx.RunAsync("DELETE FROM rights_request WHERE customer_id = @CustomerId AND request_id = @RequestId", new { row.CustomerId, row.RequestId }, ct);
    }
}
