using Candor.Kernel;

namespace Candor.Gate;

/// <summary>A data point that was asked for and is not given.</summary>
public readonly record struct Withheld(DataPointId DataPoint, ReasonCode Reason);

/// <summary>What the gate says. There is no third answer.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Yes, for the data points of <paramref name="Permit"/>; the others that were asked for are withheld.</summary>
    public sealed record Allowed(Permit Permit, IReadOnlyList<Withheld> Withheld) : Decision;

    /// <summary>No, to all of it.</summary>
    public sealed record Denied(ReasonCode Reason) : Decision;
}
