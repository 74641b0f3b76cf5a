using System.Text.Json.Nodes;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Server.Web;

namespace Candor.Server.Endpoints;

/// <summary>OpenDSR 2.0, and its older name OpenGDPR (section 10.1). Without a certificate all of it is off.</summary>
internal static class OpenDsrEndpoints
{
    private const int MaxBody = 64 * 1024;

    public static void MapOpenDsr(this IEndpointRouteBuilder app)
    {
        var dsr = app.MapGroup("/opendsr/v2").WithTags("OpenDSR");
        dsr.MapGet("/discovery", (CandorHost host, HttpContext http) => AnswerAsync(host, http, StatusCodes.Status200OK, (d, ct) => d.DiscoverAsync(http.Token(), ct)))
            .WithSummary("Which identities and types of request are answered");
        dsr.MapGet("/certificate.pem", Certificate).AllowAnonymous().WithSummary("The certificate that answers are signed with");
        foreach (var (path, legacy) in new[] { ("/requests", false), ("/opengdpr_requests", true) })
        {
            dsr.MapPost(path, (CandorHost host, HttpContext http) => AnswerAsync(host, http, StatusCodes.Status201Created,
                async (d, ct) => await d.SubmitAsync(http.Token(), await ReadAsync(http, ct), legacy, ct))).WithSummary("File a request");
            dsr.MapGet(path + "/{id}", (string id, CandorHost host, HttpContext http) => AnswerAsync(host, http, StatusCodes.Status200OK, (d, ct) => d.StatusAsync(http.Token(), id, ct)))
                .WithSummary("How a request stands");
            dsr.MapDelete(path + "/{id}", (string id, CandorHost host, HttpContext http) => AnswerAsync(host, http, StatusCodes.Status202Accepted, (d, ct) => d.CancelAsync(http.Token(), id, ct)))
                .WithSummary("Take a pending request back");
        }
    }

    private static IResult Certificate(CandorHost host) => TypedResults.Text((host.OpenDsr ?? throw Off()).Signer.Pem, "application/x-pem-file");

    private static async Task<IResult> AnswerAsync(CandorHost host, HttpContext http, int status, Func<OpenDsr, CancellationToken, Task<OpenDsr.Answer>> ask)
    {
        var dsr = host.OpenDsr ?? throw Off();
        try
        {
            var answer = await ask(dsr, http.RequestAborted);
            return answer switch
            {
                { Body: { } body } => Signed(http, dsr, status, body),
                { Refused: { } no } => Problems.Denied(no.Reason, no.Entry),
                _ => Problems.Unknown(http),
            };
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict or FaultKind.NotFound)
        {
            // Section 7.5 knows 400 alone for what was wrong with the request; what is not there is 404.
            var code = fault.Kind == FaultKind.NotFound ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest;
            var error = new JsonObject { ["domain"] = "candor", ["reason"] = fault.What, ["message"] = fault.Message };
            return Signed(http, dsr, code, System.Text.Encoding.UTF8.GetBytes(
                new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = fault.Message, ["errors"] = new JsonArray(error) } }.ToJsonString()));
        }
    }

    private static IResult Signed(HttpContext http, OpenDsr dsr, int status, byte[] body)
    {
        foreach (var (name, value) in dsr.Signer.Headers(body))
        {
            http.Response.Headers[name] = value;
        }

        http.Response.StatusCode = status;
        return TypedResults.Bytes(body, "application/json");
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http, CancellationToken ct)
    {
        using var kept = new MemoryStream();
        await http.Request.Body.CopyToAsync(kept, ct);
        return kept.Length <= MaxBody ? kept.ToArray() : throw new BadHttpRequestException("Too large.", StatusCodes.Status413PayloadTooLarge);
    }

    private static Fault Off() => new(FaultKind.NotFound, "rights/open-dsr-off", "OpenDSR is off here; the operator turns it on with `candor serve --opendsr-certificate FILE`.");
}
