using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Candor.Kernel;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Candor.Server.Telemetry;

/// <summary>The log on the console.</summary>
internal static class ConsoleLogs
{
    public static void AddLogging(this WebApplicationBuilder builder, bool isJson)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddRedaction(redaction => redaction.AddRedactors());
        // The same value has the same pseudonym in every message.
        builder.Logging.EnableRedaction(options => options.ApplyDiscriminator = false);
        builder.Logging.AddConsole(console => console.FormatterName = isJson ? JsonLog.FormatterName : TextLog.FormatterName)
            .AddConsoleFormatter<TextLog, ConsoleFormatterOptions>().AddConsoleFormatter<JsonLog, ConsoleFormatterOptions>();
    }
}

/// <summary>What a line of the log says. Only our own messages are filled in: a library's may hold a path, an address or a value, so they are told by their template alone.
/// Of an exception, whoever threw it, the type and the place are told, and not its message.</summary>
internal static class LogLines
{
    /// <summary>Exceptions within exceptions that are told.</summary>
    private const int MostCauses = 8;

    private const string Template = "{OriginalFormat}";

    public static string Message<TState>(in LogEntry<TState> entry)
    {
        if (entry.Category.StartsWith(nameof(Candor) + ".", StringComparison.Ordinal))
        {
            return entry.Formatter(entry.State, null);
        }

        var template = (entry.State as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(v => v.Key == Template).Value as string;
        return template ?? entry.EventId.Name ?? "";
    }

    public static IEnumerable<(string Type, string Where)> Causes(Exception? exception)
    {
        for (var (e, n) = (exception, 0); e is not null && n < MostCauses; (e, n) = (e.InnerException, n + 1))
        {
            // A fault's name is a word of ours.
            yield return (e.GetType().FullName + (e is Fault fault ? $" {fault.What}" : ""), new StackTrace(e, fNeedFileInfo: false).ToString().TrimEnd());
        }
    }
}

/// <summary>For people: a line, and the place of an exception below it.</summary>
internal sealed class TextLog() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "candor-text";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.WriteLine($"{logEntry.LogLevel.ToString().ToLowerInvariant()}: {logEntry.Category}: {LogLines.Message(logEntry)}");
        foreach (var (type, where) in LogLines.Causes(logEntry.Exception))
        {
            textWriter.WriteLine(where.Length == 0 ? $"  {type}" : $"  {type}\n{where}");
        }
    }
}

/// <summary>For programs: one JSON object a line.</summary>
internal sealed class JsonLog(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "candor-json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", logEntry.LogLevel.ToString().ToLowerInvariant());
            json.WriteString("category", logEntry.Category);
            json.WriteString("event", logEntry.EventId.Name);
            json.WriteString("message", LogLines.Message(logEntry));
            json.WriteStartArray("exceptions");
            foreach (var (type, where) in LogLines.Causes(logEntry.Exception))
            {
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteString("where", where);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
