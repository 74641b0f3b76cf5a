using System.Globalization;
using System.Text;
using Candor.Gate;

namespace Candor.Server.Web;

/// <summary>How many reads were allowed and denied since the start. Counts only: no customer, no actor.</summary>
internal static class Counters
{
    private static readonly ReasonCode[] Reasons = Enum.GetValues<ReasonCode>();
    private static readonly long[] Denials = new long[Reasons.Length];
    private static long allowed;

    public static void Allowed() => Interlocked.Increment(ref allowed);

    public static void Denied(ReasonCode reason) => Interlocked.Increment(ref Denials[(int)reason]);

    /// <summary>Prometheus text format.</summary>
    public static string Text()
    {
        var text = new StringBuilder("# HELP candor_reads_total Gated reads by outcome.\n# TYPE candor_reads_total counter\n");
        text.Append(CultureInfo.InvariantCulture, $"candor_reads_total{{outcome=\"allowed\"}} {Interlocked.Read(ref allowed)}\n");
        foreach (var reason in Reasons)
        {
            text.Append(CultureInfo.InvariantCulture, $"candor_reads_total{{outcome=\"{reason.Code()}\"}} {Interlocked.Read(ref Denials[(int)reason])}\n");
        }

        return text.ToString();
    }
}
