using System.CommandLine;
using Candor.Server.Telemetry;
using Candor.Server.Web;

namespace Candor.Server.Commands;

/// <summary>Options of <c>candor serve</c> about what is told of how it does, and to whom, and about the door for AI assistants. All off unless set.</summary>
internal static class WatchOptions
{
    private const string Text = "text";
    private const string Json = "json";

    private static readonly Option<bool> Metrics = new("--metrics") { Description = "Count, and serve the counts for Prometheus at /metrics to API keys made with `--may metrics`." };
    private static readonly Option<string> LogFormat = MakeFormat();
    private static readonly Option<bool> PublicTrust = new("--public-trust") { Description = "Show everybody the page /trust/public: what is collected, how fast requests are answered, what was checked." };

    private static readonly Option<bool> Assistants = new("--mcp") { Description = "Let AI assistants call at /mcp (Model Context Protocol), with keys made with `candor key create SERVICE --assistant NAME`." };

    public static void AddTo(Command command)
    {
        command.Add(Metrics);
        command.Add(LogFormat);
        command.Add(PublicTrust);
        command.Add(Assistants);
    }

    public static SiteOptions Read(ParseResult parsed, SiteOptions options) => options with
    {
        HasPublicTrust = parsed.GetValue(PublicTrust),
        HasAssistants = parsed.GetValue(Assistants),
        Told = new TelemetrySettings(parsed.GetValue(Metrics), IsJson: IsJson(parsed)).WithEnvironment(Environment.GetEnvironmentVariable),
    };

    /// <summary>Whether the console's log is one JSON object a line.</summary>
    public static bool IsJson(ParseResult parsed) => parsed.GetValue(LogFormat) == Json;

    private static Option<string> MakeFormat()
    {
        var option = new Option<string>("--log-format") { Description = "How the console's log is written: text, or one JSON object a line.", DefaultValueFactory = _ => Text };
        option.AcceptOnlyFromAmong(Text, Json);
        return option;
    }
}
