using System.Net.Mime;
using Candor.Gate;
using Candor.Kernel;
using Candor.Server.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Candor.Server.Web;

/// <summary>Refusals, all in one shape: RFC 9457 problem documents.</summary>
public static class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>The gate said no: 403 with the reason code and the log entry.</summary>
    public static ProblemHttpResult Denied(ReasonCode reason, string entry) => TypedResults.Problem(new ProblemDetails
    {
        Status = StatusCodes.Status403Forbidden,
        Type = "urn:candor:gate/denied",
        Title = "Not allowed",
        Detail = Sentence(reason),
        Extensions = { ["reason"] = reason.Code(), ["entry"] = entry },
    });

    /// <summary>The token belongs to nobody: 401.</summary>
    public static ProblemHttpResult Unknown(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return TypedResults.Problem(new ProblemDetails
        {
            Status = StatusCodes.Status401Unauthorized,
            Type = "urn:candor:server/unauthenticated",
            Title = "Who are you?",
            Detail = "Send `Authorization: Bearer …` with a live API key (`candor key create`) or session.",
        });
    }

    /// <summary>A reason in plain words, with what to do.</summary>
    public static string Sentence(ReasonCode reason) => reason switch
    {
        ReasonCode.UnknownPurpose => "The catalog declares no such purpose; `GET /v1/catalog` lists them.",
        ReasonCode.PurposeNotActive => "This purpose is a draft or its approval is missing.",
        ReasonCode.NotForThisPurpose => "None of the data points asked for are used by this purpose.",
        ReasonCode.NoConsent => "The customer has not agreed to this purpose (or nobody is known by this reference).",
        ReasonCode.ConsentWithdrawn => "The customer has withdrawn consent to this purpose.",
        ReasonCode.ConsentExpired => "The customer's consent has run out and must be asked for again.",
        ReasonCode.ConsentOutdated => "This purpose has been widened since the customer agreed; they must be asked again.",
        ReasonCode.Objected => "The customer has objected to this purpose (or nobody is known by this reference).",
        ReasonCode.Restricted => "The customer has all uses stopped for now (or nobody is known by this reference).",
        ReasonCode.RoleNotAllowed => "This caller's role, service or key is not for this purpose.",
        ReasonCode.MfaRequired => "Sign in with a second factor first.",
        ReasonCode.TrainingLapsed => "The privacy training is missing or out of date; finish it to get access.",
        ReasonCode.SessionEnded => "This session or key is over or was revoked.",
        ReasonCode.OverReadBudget => "Too many different customers were opened in the last hour; wait, or ask a privacy officer.",
        ReasonCode.NoCase => "This purpose needs a case; add `case=…`.",
        _ => "Nobody is known by this reference.",
    };

    public static int Status(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCodes.Status400BadRequest,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.Erased => StatusCodes.Status410Gone,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    internal static ProblemDetails Of(int status, string type, string title, string? detail) => new() { Status = status, Type = type, Title = title, Detail = detail };
}

/// <summary>The one table from what was thrown to what a caller sees: a problem document, or a page for a person.</summary>
/// <remarks>The framework's own handler empties the headers of the answer, the security headers with them.</remarks>
internal sealed partial class FaultHandler(RequestDelegate next, ILogger<FaultHandler> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var problem = Of(e, http);
            http.Response.StatusCode = problem.Status!.Value;
            if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            {
                http.Response.Headers.RetryAfter = "1";
            }

            await (ErrorPages.IsForPerson(http.Request)
                ? ErrorPages.ShowAsync(http, problem.Title!, problem.Detail ?? "It is logged, and we will look at it.")
                : http.Response.WriteAsJsonAsync(problem, JsonContext.Default.ProblemDetails, Problems.ContentType, http.RequestAborted));
        }
    }

    private ProblemDetails Of(Exception thrown, HttpContext http) => thrown switch
    {
        Fault { What: "collection/idempotency-key-reused" } f => Problems.Of(StatusCodes.Status422UnprocessableEntity, "urn:candor:" + f.What, "Same key, other request", f.Message),
        Fault f => Problems.Of(Problems.Status(f.Kind), "urn:candor:" + f.What, f.Kind.ToString(), f.Message),
        BadHttpRequestException b => Problems.Of(b.StatusCode, "urn:candor:server/bad-request", "Bad request", Explain(b)),
        _ => Bug(thrown, http),
    };

    /// <summary>What was wrong with the request, without the framework's type names.</summary>
    private static string Explain(BadHttpRequestException e) => e.InnerException is System.Text.Json.JsonException json
        ? $"The body is not the JSON that is expected here{(json.Path is { Length: > 0 } path ? $", at `{Name.Shown(path)}`" : "")}."
        : e.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => "The body is too large: 64 KB at most, 4 MB for `POST /v1/events`.",
            StatusCodes.Status415UnsupportedMediaType => $"Send `Content-Type: {MediaTypeNames.Application.Json}`.",
            _ => "A parameter is missing or malformed; `/docs` describes this call.",
        };

    private ProblemDetails Bug(Exception exception, HttpContext http)
    {
        LogBug(logger, exception, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "-", http.FindToken() is { } token ? token.KeyId ?? Convert.ToHexString(token.Hash) : "-");
        return Problems.Of(StatusCodes.Status500InternalServerError, "urn:candor:bug", "Something is wrong here, not with your request", null);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request of {Caller} met a bug at {Route}.")]
    private static partial void LogBug(ILogger logger, Exception exception, string route, [Pseudonym] string caller);
}
