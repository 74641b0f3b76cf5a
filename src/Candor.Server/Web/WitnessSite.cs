using System.Text;
using Candor.Audit;
using Candor.Server.Telemetry;

namespace Candor.Server.Web;

/// <summary>The web server of a witness: one door to show it a checkpoint, one to ask for its key.</summary>
internal static class WitnessSite
{
    private const int MaxBodyBytes = 16 * 1024;

    /// <summary>As C2SP tlog-witness names the answer of 409.</summary>
    private const string SizeType = "text/x.tlog.size";

    public static WebApplication Build(Witness witness, string urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.AddLogging(isJson: false);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // A failure to start is told in one sentence by the command.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        var app = builder.Build();
        app.MapGet("/key", () => TypedResults.Text(witness.Key + "\n"));
        app.MapPost("/add-checkpoint", (HttpRequest request, CancellationToken ct) => AddAsync(witness, request, ct));
        return app;
    }

    private static async Task<IResult> AddAsync(Witness witness, HttpRequest request, CancellationToken ct)
    {
        string body;
        try
        {
            using var reader = new StreamReader(request.Body, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
            body = await reader.ReadToEndAsync(ct);
        }
        catch (DecoderFallbackException)
        {
            return TypedResults.Text("The body is not UTF-8.\n", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (BadHttpRequestException e)
        {
            return TypedResults.Text($"The body has at most {MaxBodyBytes} bytes.\n", statusCode: e.StatusCode);
        }

        var answer = witness.AddCheckpoint(body);
        return TypedResults.Text(answer.Text, answer.Status == StatusCodes.Status409Conflict ? SizeType : "text/plain; charset=utf-8", statusCode: answer.Status);
    }
}
