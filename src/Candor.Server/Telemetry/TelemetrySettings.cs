using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Candor.Server.Telemetry;

/// <summary>What is told about how the server does, and to whom. Nothing to anybody unless set.</summary>
/// <param name="Served">Counts can be fetched at <c>/metrics</c>.</param>
/// <param name="TracesTo">Where spans go; null: nowhere.</param>
/// <param name="MetricsTo">Where counts are sent; null: nowhere.</param>
/// <param name="IsJson">One JSON object a line on the console instead of text.</param>
internal sealed record TelemetrySettings(bool Served = false, Action<TracerProviderBuilder>? TracesTo = null, Action<MeterProviderBuilder>? MetricsTo = null, bool IsJson = false)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>True when counts are needed, here or elsewhere.</summary>
    public bool Counts => Served || MetricsTo is not null;

    /// <summary>Sends to where the standard variables of OpenTelemetry say. They also say with which headers, protocol and sampling.</summary>
    public TelemetrySettings WithEnvironment(Func<string, string?> read)
    {
        if (string.Equals(read("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return this;
        }

        bool IsSet(string signal) => !string.IsNullOrEmpty(read(Endpoint)) || !string.IsNullOrEmpty(read($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
        return this with
        {
            TracesTo = IsSet("TRACES") ? static to => to.AddOtlpExporter() : null,
            MetricsTo = IsSet("METRICS") ? static to => to.AddOtlpExporter() : null,
        };
    }
}
