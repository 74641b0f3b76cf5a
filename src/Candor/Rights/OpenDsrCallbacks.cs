using System.Net.Http.Headers;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>Tells other systems by OpenDSR that a request of theirs changed: signed, and tried again until it is taken or given up, which is shown.</summary>
public sealed class OpenDsrCallbacks(Database database, OpenDsr dsr, bool privateCallbacks) : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>Waits before the second and each later attempt; after the last one a callback has failed. About three days in all.</summary>
    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(8), TimeSpan.FromHours(24), TimeSpan.FromHours(36)];

    private readonly HttpClient http = CallbackRoute.Client(privateCallbacks);

    private sealed record Due(OpenDsrRows.CallbackRow Callback, byte[]? Body);

    /// <summary>Sends what is due.</summary>
    /// <returns>How many were tried; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> DeliverAsync(int most, CancellationToken ct)
    {
        var due = await database.WriteAsync(tx => LeaseAsync(tx, most, ct), ct);
        foreach (var one in due)
        {
            var outcome = one.Body is null ? "request-gone" : await SendAsync(one.Callback.Url, one.Body, ct);
            await database.WriteAsync(tx => MarkAsync(tx, one, outcome, ct), ct);
        }

        return due.Count;
    }

    /// <summary>Callbacks that were given up.</summary>
    public static ValueTask<long> CountFailedAsync(Transaction tx, CancellationToken ct) => OpenDsrRows.CountAsync(tx, "failed", ct);

    public void Dispose() => http.Dispose();

    private async ValueTask<List<Due>> LeaseAsync(Transaction tx, int most, CancellationToken ct)
    {
        var due = new List<Due>();
        foreach (var callback in await OpenDsrRows.LeaseAsync(tx, Micros.From(tx.Now + Lease), most, ct))
        {
            var row = await OpenDsrRows.FindAsync(tx, callback.KeyId, callback.SubjectRequestId, ct);
            var request = row is null ? null : await RequestRows.FindAsync(tx, row.RequestId, ct);
            due.Add(new Due(callback, request is null ? null : OpenDsr.Bytes(dsr.Status(row!, request.AsRequest(), callback.Status, tx.Now, callback.Url))));
        }

        return due;
    }

    /// <returns>Null when it was taken, else a short word on why not.</returns>
    private async Task<string?> SendAsync(string url, byte[] body, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in dsr.Signer.Headers(body))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return response.IsSuccessStatusCode ? null : $"status-{(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return "no-connection";
        }
    }

    private static async ValueTask MarkAsync(Transaction tx, Due one, string? outcome, CancellationToken ct)
    {
        var attempt = (int)one.Callback.Attempts;
        var isOver = one.Body is null || attempt > Waits.Length;
        var (state, next) = (outcome, isOver) switch
        {
            (null, _) => ("sent", tx.Now),
            (_, true) => ("failed", tx.Now),
            _ => ("queued", tx.Now + Waits[attempt - 1]),
        };
        await OpenDsrRows.MarkAsync(tx, one.Callback.CallbackId, state, outcome, Micros.From(next), ct);
    }
}
