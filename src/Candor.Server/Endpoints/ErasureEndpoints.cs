using System.Text.Json;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>What the law keeps under a reference; one item for each customer who had it.</summary>
internal sealed record HeldAnswer(string Purpose, IReadOnlyList<HeldItem> Held, string Entry);

internal sealed record HeldItem(IReadOnlyList<HeldRecord> Records);

internal sealed record HeldRecord(string DataPoint, DateTimeOffset Time, JsonElement Data);

/// <summary>Data of a purpose that is off and that nothing else needs: found, or removed (then <c>entry</c> is the log's).</summary>
internal sealed record PurposeDataAnswer(string Purpose, IReadOnlyList<PurposeDataItem> Data, string? Entry);

internal sealed record PurposeDataItem(string DataPoint, long Values);

/// <summary>What is left after an erasure, and the data of one purpose. The erasure of a customer is a rights request.</summary>
internal static class ErasureEndpoints
{
    public static void MapErasure(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/held/{reference}", HeldAsync).WithTags("Rights").WithSummary("What the law keeps of an erased customer, for a purpose that rests on that law");
        var data = app.MapGroup("/v1/customers/{reference}/consents/{purpose}/data").WithTags("Rights");
        data.MapGet("", LookAsync).WithSummary("Data of a purpose that is off and that nothing else of the customer needs");
        data.MapDelete("", RemoveAsync).WithSummary("Remove it, when the customer asks").RequireIdempotency();
    }

    private static async Task<Results<Ok<HeldAnswer>, ProblemHttpResult>> HeldAsync(string reference, string purpose, string? @case, CandorHost host, HttpContext http)
    {
        if (@case is not null and not { Length: >= 1 and <= 64 })
        {
            throw new Fault(FaultKind.Invalid, "reads/bad-case", $"A case has 1 to 64 characters; got `{@case.Length}`.");
        }

        return await host.HeldData.ReadAsync(http.Token(), reference, PurposeId.Parse(purpose), @case, http.RequestAborted) switch
        {
            null => Problems.Unknown(http),
            { Refused: { } no } refused => Problems.Denied(no, refused.Entry),
            var read => TypedResults.Ok(new HeldAnswer(purpose,
                [.. read.Found.Select(f => new HeldItem([.. f.Values.Select(v => new HeldRecord(v.DataPoint.Value, v.Time, JsonElement.Parse(v.Json.Span)))]))], read.Entry)),
        };
    }

    private static async Task<Results<Ok<PurposeDataAnswer>, ProblemHttpResult>> LookAsync(string reference, string purpose, CandorHost host, HttpContext http) =>
        Answer(purpose, await host.PurposeData.LookAsync(http.Token(), reference, PurposeId.Parse(purpose), http.RequestAborted), http);

    private static async Task<Results<Ok<PurposeDataAnswer>, ProblemHttpResult>> RemoveAsync(string reference, string purpose, CandorHost host, HttpContext http) =>
        Answer(purpose, await host.PurposeData.RemoveAsync(http.Token(), reference, PurposeId.Parse(purpose), http.RequestAborted), http);

    private static Results<Ok<PurposeDataAnswer>, ProblemHttpResult> Answer(string purpose, PurposeData.Outcome? outcome, HttpContext http) => outcome switch
    {
        null => Problems.Unknown(http),
        { Refused: { } no, Entry: var entry } => Problems.Denied(no, entry!),
        _ => TypedResults.Ok(new PurposeDataAnswer(purpose, [.. outcome.Data.Select(d => new PurposeDataItem(d.DataPoint.Id.Value, d.Values))], outcome.Entry)),
    };
}
