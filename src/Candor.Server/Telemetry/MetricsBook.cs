using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Candor.Kernel;

namespace Candor.Server.Telemetry;

/// <summary>Keeps the known measures of this process, and writes them as Prometheus reads them (text format 0.0.4).</summary>
internal sealed class MetricsBook : IDisposable
{
    /// <summary>Upper bounds of the buckets, in seconds, inclusive.</summary>
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, Series> all = new();
    private readonly Lock reading = new();

    /// <param name="web">Where this server's own counts of requests come from; other servers in the process have their own.</param>
    /// <param name="facts">Whose meter is read besides the shared one.</param>
    public MetricsBook(IMeterFactory web, OperationFacts facts)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            var isOurs = instrument.Meter == Measures.Meter || instrument.Meter == facts.Meter || instrument.Meter.Scope == web || instrument.Meter.Name is KnownMeasures.Runtime or KnownMeasures.Npgsql;
            if (isOurs && KnownMeasures.LabelsOf(instrument.Name) is { } labels)
            {
                listening.EnableMeasurementEvents(instrument, all.GetOrAdd(instrument, i => new Series(i, labels)));
            }
        };
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, series) => ((Series)series!).Take(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, series) => ((Series)series!).Take(value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, series) => ((Series)series!).Take(value, tags));
        listener.Start();
    }

    public string Text()
    {
        var text = new StringBuilder();
        lock (reading)
        {
            foreach (var series in all.Values)
            {
                series.ForgetObserved();
            }

            listener.RecordObservableInstruments();
            foreach (var series in all.Values.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                series.Write(text);
            }
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>Values of at most three labels, in the order of the measure's.</summary>
    private readonly record struct LabelValues(object? First, object? Second, object? Third);

    private sealed class Cell
    {
        public double Sum;
        public long Count;
        public readonly long[] Buckets = new long[Bounds.Length];
    }

    /// <summary>One measure with a cell for each combination of labels.</summary>
    private sealed class Series(Instrument instrument, string[] labels)
    {
        /// <summary>More combinations than any installation has.</summary>
        private const int MostCells = 2000;

        private readonly ConcurrentDictionary<LabelValues, Cell> cells = new();
        private readonly bool isHistogram = instrument is Histogram<double>;
        private readonly bool isTotal = instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) && !instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal);

        public string Name { get; } = instrument.Name.Replace('.', '_') + instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }
            + (instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) && !instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal) ? "_total" : "");

        public void ForgetObserved()
        {
            if (instrument.IsObservable)
            {
                cells.Clear();
            }
        }

        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = new LabelValues(Find(tags, 0), Find(tags, 1), Find(tags, 2));
            if (!cells.TryGetValue(key, out var cell))
            {
                if (cells.Count >= MostCells)
                {
                    return;
                }

                cell = cells.GetOrAdd(key, static _ => new Cell());
            }

            lock (cell)
            {
                cell.Sum += value;
                cell.Count++;
                if (isHistogram && Array.FindIndex(Bounds, b => value <= b) is >= 0 and var bucket)
                {
                    cell.Buckets[bucket]++;
                }
            }
        }

        public void Write(StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {instrument.Description}\n# TYPE {Name} {(isHistogram ? "histogram" : isTotal ? "counter" : "gauge")}\n");
            foreach (var (key, cell) in cells.Select(c => (Key: Labels(c.Key), c.Value)).OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                lock (cell)
                {
                    if (isHistogram)
                    {
                        WriteHistogram(text, key, cell);
                    }
                    else
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{Name}{Braced(key)} {cell.Sum}\n");
                    }
                }
            }
        }

        private void WriteHistogram(StringBuilder text, string key, Cell cell)
        {
            var (below, comma) = (0L, key.Length > 0 ? "," : "");
            for (var i = 0; i < Bounds.Length; i++)
            {
                below += cell.Buckets[i];
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{key}{comma}le=\"{Bounds[i]}\"}} {below}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{{key}{comma}le=\"+Inf\"}} {cell.Count}\n{Name}_sum{Braced(key)} {cell.Sum}\n{Name}_count{Braced(key)} {cell.Count}\n");
        }

        private object? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, int label)
        {
            if (label < labels.Length)
            {
                foreach (var tag in tags)
                {
                    if (tag.Key == labels[label])
                    {
                        return tag.Value;
                    }
                }
            }

            return null;
        }

        private string Labels(LabelValues values) => string.Join(',', labels.Zip((object?[])[values.First, values.Second, values.Third])
            .Where(l => l.Second is not null).Select(l => $"{l.First.Replace('.', '_')}=\"{Escaped(Convert.ToString(l.Second, CultureInfo.InvariantCulture)!)}\""));

        private static string Braced(string key) => key.Length > 0 ? "{" + key + "}" : "";

        private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }
}
