using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Candor.Kernel;

/// <summary>What can be measured from outside: spans and counts. Nobody listens unless the server is told to, and then this costs a look at a flag.</summary>
/// <remarks>INVARIANT: a name or value that is given here comes from our own source or from the active catalog, never from a request: who looks after the server is not who may see customers.</remarks>
public static class Measures
{
    /// <summary>Name of the meter and of the source of spans.</summary>
    public const string Name = "Candor";

    public static readonly ActivitySource Spans = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>Entries handed to the log, those of steps that were then not kept included.</summary>
    public static readonly Counter<long> Appended = Meter.CreateCounter<long>("candor.log.appended", "{entry}", "Entries handed to the log.");
}
