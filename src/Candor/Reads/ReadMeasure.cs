using System.Diagnostics;
using System.Diagnostics.Metrics;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;

namespace Candor.Reads;

/// <summary>How long a read took, what came of it, and its steps: gate (with the log's entry), and opening after the commit.</summary>
/// <remarks>A purpose that the catalog does not declare is counted as <c>unknown</c>: its name is whatever the caller wrote.</remarks>
internal readonly struct ReadMeasure : IDisposable
{
    private const string Unknown = "unknown";
    private const string Allowed = "allowed";

    internal static readonly Counter<long> Reads = Measures.Meter.CreateCounter<long>("candor.reads", "{read}", "Gated reads by purpose and by outcome: allowed, or why not.");
    private static readonly Histogram<double> Seconds = Measures.Meter.CreateHistogram<double>("candor.read.duration", "s", "How long gated reads took, durable log entry and opening included.");

    private readonly Activity? span;
    private readonly long began;

    private ReadMeasure(Activity? span, long began) => (this.span, this.began) = (span, began);

    public static ReadMeasure Begin() => new(Measures.Spans.StartActivity("read"), Seconds.Enabled ? Stopwatch.GetTimestamp() : 0);

    /// <summary>A step of this read. On SQLite the gate runs on the writer's thread, so its parent is named.</summary>
    public Activity? Start(string step, Activity? within = null) => (within ?? span) is { } parent ? Measures.Spans.StartActivity(step, ActivityKind.Internal, parent.Context) : null;

    /// <summary>Counts the read.</summary>
    /// <param name="purpose">Null when the catalog declares none of that name.</param>
    /// <param name="refused">As the caller is told it; null when allowed.</param>
    public void End(Purpose? purpose, ReasonCode? refused)
    {
        if (span is null && !Reads.Enabled && !Seconds.Enabled)
        {
            return;
        }

        var (name, outcome) = (purpose?.Id.Value ?? Unknown, refused is { } reason ? reason.Code() : Allowed);
        span?.SetTag("candor.purpose", name).SetTag("candor.outcome", outcome);
        Reads.Add(1, new("outcome", outcome), new("purpose", name));
        if (began > 0)
        {
            Seconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("outcome", refused is null ? Allowed : "denied"));
        }
    }

    public void Dispose() => span?.Dispose();
}
