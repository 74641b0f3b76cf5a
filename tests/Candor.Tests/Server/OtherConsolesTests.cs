using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Telemetry;
using Candor.Server.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Candor.Tests.Server;

/// <summary>The witness and the server that is closed after a restore write the console's log as the server does: without what exceptions and libraries quote.</summary>
public sealed class OtherConsolesTests : IDisposable
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("candor-console-");

    public void Dispose() => home.Delete(recursive: true);

    [Theory]
    [InlineData("witness", "candor-text")]
    [InlineData("closed", "candor-text")]
    [InlineData("closed-json", "candor-json")]
    public async Task Their_console_quotes_nothing(string which, string format)
    {
        await using var app = Make(which);
        Assert.Equal(format, app.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.FormatterName);
        var console = Assert.Single(app.Services.GetServices<ConsoleFormatter>(), f => f.Name == format);
        await using var written = new StringWriter();
        console.Write(new LogEntry<string>(LogLevel.Error, "Microsoft.AspNetCore.Server", new EventId(1), "state", new FormatException("The input string 'ada@customers.example' was wrong."), (s, _) => "GET /ada"), null, written);
        Assert.DoesNotContain("ada", written.ToString(), StringComparison.Ordinal);
        Assert.Contains(nameof(FormatException), written.ToString(), StringComparison.Ordinal);
    }

    private WebApplication Make(string which)
    {
        if (which != "witness")
        {
            return ClosedSite.Build("http://127.0.0.1:0", new Fault(FaultKind.Unavailable, "backup/restored", "Closed."), which == "closed-json");
        }

        var log = new NoteSigner("shop.example/audit", [.. Enumerable.Repeat((byte)7, 32)]);
        return WitnessSite.Build(Witness.Create(Path.Combine(home.FullName, "w"), "home.example/witness", [log.Key.ToString()], TimeProvider.System), "http://127.0.0.1:0");
    }
}
