using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>One thing that is wrong in a catalog file, or that should be looked at.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based.</param>
/// <param name="Text">What was found and what is allowed, in one sentence or two.</param>
/// <param name="IsWarning">The catalog can be used as it stands.</param>
public sealed record CatalogMistake(string File, long Line, long Column, string Text, bool IsWarning = false)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {(IsWarning ? "warning: " : "")}{Text}";
}

/// <summary>All mistakes of a catalog file, thrown at once so that they can be mended at once.</summary>
public static class CatalogMistakes
{
    /// <summary>Where the mistakes stand in <see cref="Exception.Data"/>.</summary>
    private const string Key = "mistakes";

    internal static Fault ToFault(IReadOnlyList<CatalogMistake> mistakes)
    {
        var fault = new Fault(FaultKind.Invalid, "catalog/mistakes", string.Join('\n', mistakes));
        fault.Data[Key] = mistakes;
        return fault;
    }

    /// <summary>The mistakes that a fault of the reader carries; empty for other faults.</summary>
    public static IReadOnlyList<CatalogMistake> Of(Fault fault) => fault.Data[Key] as IReadOnlyList<CatalogMistake> ?? [];
}
