using System.Text.Json;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>A choice: <c>state</c> is given, withdrawn, refused, objected or objection-lifted; <c>notice</c> is the version that was shown, for given and refused.</summary>
internal sealed record ConsentBody(string State, string? Notice = null, string? Language = null, string? Method = null);

/// <summary>What was recorded, with the receipt that the customer keeps.</summary>
internal sealed record ConsentAnswer(string Purpose, string Event, long Version, DateTimeOffset At, DateTimeOffset? ExpiresAt, string Entry, JsonElement? Receipt, string? ReceiptJws);

/// <summary>A customer's current choices.</summary>
internal sealed record ConsentsAnswer(IReadOnlyList<ChoiceAnswer> Consents);

internal sealed record ChoiceAnswer(string Purpose, string State, long Version, DateTimeOffset ChangedAt, DateTimeOffset? ExpiresAt);

/// <summary>The customer's choices.</summary>
internal static class ConsentEndpoints
{
    private const string DefaultMethod = "api";

    public static void MapConsents(this IEndpointRouteBuilder app)
    {
        var consents = app.MapGroup("/v1/customers/{reference}/consents").WithTags("Consent");
        consents.MapGet("", ListAsync).WithSummary("A customer's current choices");
        consents.MapPut("/{purpose}", ChangeAsync).WithSummary("Give, withdraw or refuse consent, or object; the answer carries the receipt").RequireIdempotency();
    }

    private static async Task<Results<Ok<ConsentsAnswer>, ProblemHttpResult>> ListAsync(string reference, CustomerChoices choices, HttpContext http)
    {
        var (listed, refused) = await choices.ListAsync(http.Token(), reference, http.RequestAborted);
        return (listed, refused) switch
        {
            (null, null) => Problems.Unknown(http),
            (null, { } no) => Problems.Denied(no.Reason, no.Entry),
            _ => TypedResults.Ok(new ConsentsAnswer([.. listed.Select(c => new ChoiceAnswer(
                c.Purpose.Value, c.State.Code(), c.Version, Micros.ToInstant(c.ChangedAtUs), Micros.ToInstant(c.ExpiresAtUs)))])),
        };
    }

    private static async Task<Results<Ok<ConsentAnswer>, ProblemHttpResult>> ChangeAsync(
        string reference, string purpose, ConsentBody body, CandorHost host, HttpContext http)
    {
        var outcome = await ApplyAsync(host.Choices, http, reference, PurposeId.Parse(purpose), body);
        if (outcome.Changed is null)
        {
            return outcome.Refused is { } no ? Problems.Denied(no.Reason, no.Entry) : Problems.Unknown(http);
        }

        var record = outcome.Changed.Record;
        var receipt = await FindReceiptAsync(host, record, http.RequestAborted);
        return TypedResults.Ok(new ConsentAnswer(purpose, record.Event.Code(), record.Version, record.At, record.ExpiresAt, outcome.Changed.Entry,
            receipt is null ? null : JsonElement.Parse(receipt.Json), receipt?.Jws));
    }

    /// <summary>The receipt of a record; null for events that have none.</summary>
    internal static async ValueTask<Receipt?> FindReceiptAsync(CandorHost host, ConsentRecord record, CancellationToken ct)
    {
        if (!Receipt.Exists(record.Event) || record.NoticeHash.Length == 0)
        {
            return null;
        }

        var (notice, catalog) = await host.Database.ReadAsync(async tx =>
            (await host.Notices.FindAsync(tx, record.NoticeHash, ct), await host.Catalogs.LoadAsync(tx, record.CatalogVersion, ct)), ct);
        return notice is null ? null : host.Receipts.Write(record, catalog.Catalog, notice, host.Database.Clock.GetUtcNow());
    }

    private static Task<CustomerChoices.Outcome> ApplyAsync(CustomerChoices choices, HttpContext http, string reference, PurposeId purpose, ConsentBody body)
    {
        var (token, ct, method, language) = (http.Token(), http.RequestAborted, body.Method ?? DefaultMethod, body.Language ?? "en");
        return body.State switch
        {
            "given" => choices.GiveAsync(token, reference, purpose, Notice(body, language), method, ct),
            "refused" => choices.RefuseAsync(token, reference, purpose, Notice(body, language), method, ct),
            "withdrawn" => choices.WithdrawAsync(token, reference, purpose, method, language, ct),
            "objected" => choices.ObjectAsync(token, reference, purpose, method, language, ct),
            "objection-lifted" => choices.LiftObjectionAsync(token, reference, purpose, method, language, ct),
            _ => throw new Fault(FaultKind.Invalid, "consent/bad-state",
                $"`state` is `given`, `withdrawn`, `refused`, `objected` or `objection-lifted`; got `{Name.Shown(body.State)}`."),
        };
    }

    private static NoticeRef Notice(ConsentBody body, string language) => body.Notice is { Length: > 0 } hash
        ? new NoticeRef(hash, language)
        : throw new Fault(FaultKind.Invalid, "consent/no-notice", "`notice` names the version that the customer was shown; `GET /v1/notices/en` has it.");
}
