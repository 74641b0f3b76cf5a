using Candor.Storage;

namespace Candor.Rights;

/// <summary>Requests that came by OpenDSR, and the callbacks about them, in the database.</summary>
internal static class OpenDsrRows
{
    public sealed record DsrRow
    {
        public string KeyId { get; init; } = "";

        public string SubjectRequestId { get; init; } = "";

        public string RequestId { get; init; } = "";

        public string Controller { get; init; } = "";

        public string Regulation { get; init; } = "";

        /// <summary>Addresses to call on a change, separated by line breaks.</summary>
        public string Callbacks { get; init; } = "";

        public long ReceivedAtUs { get; init; }
    }

    public sealed record CallbackRow
    {
        public string CallbackId { get; init; } = "";

        public string KeyId { get; init; } = "";

        public string SubjectRequestId { get; init; } = "";

        public string Url { get; init; } = "";

        public string Status { get; init; } = "";

        public long Attempts { get; init; }
    }

    private const string Select = "SELECT key_id, subject_request_id, request_id, controller, regulation, callbacks, received_at_us FROM open_dsr_request";

    public static async ValueTask<DsrRow?> FindAsync(Transaction tx, string keyId, string subjectRequestId, CancellationToken ct) =>
        await tx.FindAsync<DsrRow>(Select + " WHERE key_id = @keyId AND subject_request_id = @subjectRequestId", new { keyId, subjectRequestId }, ct);

    public static async ValueTask InsertAsync(Transaction tx, DsrRow row, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO open_dsr_request (key_id, subject_request_id, request_id, controller, regulation, callbacks, received_at_us)
        VALUES (@KeyId, @SubjectRequestId, @RequestId, @Controller, @Regulation, @Callbacks, @ReceivedAtUs)
        """, row, ct);

    /// <summary>Queues the callbacks of a request whose status changed; none where it did not come by OpenDSR.</summary>
    public static async ValueTask QueueAsync(Transaction tx, string requestId, string status, CancellationToken ct)
    {
        if (await tx.FindAsync<DsrRow>(Select + " WHERE request_id = @requestId", new { requestId }, ct) is not { Callbacks.Length: > 0 } row)
        {
            return;
        }

        foreach (var url in row.Callbacks.Split('\n'))
        {
            await tx.RunAsync(
                """
                INSERT INTO open_dsr_callback (callback_id, key_id, subject_request_id, url, status, state, attempts, next_at_us, created_at_us)
                VALUES (@id, @KeyId, @SubjectRequestId, @url, @status, 'queued', 0, @NowUs, @NowUs)
                """, new { id = Kernel.CustomerId.New().Value, row.KeyId, row.SubjectRequestId, url, status, tx.NowUs }, ct);
        }
    }

    /// <summary>Takes callbacks whose time has come, oldest first; nobody else takes them before the lease is over.</summary>
    public static async ValueTask<IReadOnlyList<CallbackRow>> LeaseAsync(Transaction tx, long leaseUntilUs, int most, CancellationToken ct)
    {
        await tx.LockJobAsync("open-dsr-callbacks", ct);
        var due = await tx.QueryAsync<CallbackRow>(
            """
            SELECT callback_id, key_id, subject_request_id, url, status, attempts + 1 AS attempts FROM open_dsr_callback
            WHERE state = 'queued' AND next_at_us <= @NowUs ORDER BY next_at_us, callback_id LIMIT @most
            """, new { tx.NowUs, most = (long)most }, ct);
        foreach (var row in due)
        {
            await tx.RunAsync("UPDATE open_dsr_callback SET attempts = @Attempts, next_at_us = @leaseUntilUs WHERE callback_id = @CallbackId",
                new { row.Attempts, leaseUntilUs, row.CallbackId }, ct);
        }

        return due;
    }

    public static async ValueTask MarkAsync(Transaction tx, string callbackId, string state, string? outcome, long nextAtUs, CancellationToken ct) => await tx.RunAsync(
        "UPDATE open_dsr_callback SET state = @state, outcome = @outcome, next_at_us = @nextAtUs WHERE callback_id = @callbackId", new { callbackId, state, outcome, nextAtUs }, ct);

    /// <summary>Callbacks by state: queued, sent, failed.</summary>
    public static async ValueTask<long> CountAsync(Transaction tx, string state, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM open_dsr_callback WHERE state = @state", new { state }, ct);

    public static async ValueTask RemoveAsync(Transaction tx, string requestId, CancellationToken ct)
    {
        if (await tx.FindAsync<DsrRow>(Select + " WHERE request_id = @requestId", new { requestId }, ct) is { } row)
        {
            await tx.RunAsync("DELETE FROM open_dsr_callback WHERE key_id = @KeyId AND subject_request_id = @SubjectRequestId", new { row.KeyId, row.SubjectRequestId }, ct);
            await tx.RunAsync("DELETE FROM open_dsr_request WHERE request_id = @requestId", new { requestId }, ct);
        }
    }
}
