using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Candor.Server.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Candor.Tests.Server;

/// <summary>Everything that leaves the server about how it does, as text. Other servers of this process are in it too.</summary>
internal sealed class TelemetryKeep : ILoggerProvider
{
    private readonly ConcurrentQueue<string> spans = new();
    private readonly ConcurrentQueue<string> metrics = new();
    private readonly ConcurrentQueue<string> logs = new();

    public string Spans => string.Join('\n', spans);

    public string Metrics => string.Join('\n', metrics);

    public string Logs => string.Join('\n', logs);

    public TelemetrySettings Settings => new(
        Served: true, to => to.AddProcessor(new SimpleActivityExportProcessor(new SpanKeeper(spans))), to => to.AddReader(new BaseExportingMetricReader(new MetricKeeper(metrics))));

    public ILogger CreateLogger(string categoryName) => new LineKeeper(categoryName, logs);

    public void Dispose()
    {
    }

    private sealed class SpanKeeper(ConcurrentQueue<string> kept) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
            {
                var parts = span.TagObjects.Concat(span.Events.SelectMany(e => e.Tags)).Concat(span.Baggage.Select(b => new KeyValuePair<string, object?>(b.Key, b.Value)));
                kept.Enqueue($"{span.DisplayName} {span.OperationName} {span.TraceId} {span.ParentSpanId} {span.TraceStateString} {span.StatusDescription} {string.Join(' ', parts.Select(t => $"{t.Key}={t.Value}"))}");
            }

            return ExportResult.Success;
        }
    }

    private sealed class MetricKeeper(ConcurrentQueue<string> kept) : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var labels = new List<string>();
                    foreach (var tag in point.Tags)
                    {
                        labels.Add(string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}"));
                    }

                    kept.Enqueue($"{metric.Name} {string.Join(' ', labels)}");
                }
            }

            return ExportResult.Success;
        }
    }

    /// <summary>Lines as both formats of the console write them.</summary>
    private sealed class LineKeeper(string category, ConcurrentQueue<string> kept) : ILogger
    {
        private static readonly ConsoleFormatter[] Formats = [new TextLog(), new JsonLog(TimeProvider.System)];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            foreach (var format in Formats)
            {
                using var line = new StringWriter(CultureInfo.InvariantCulture);
                format.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), null, line);
                kept.Enqueue(line.ToString());
            }
        }
    }
}
