namespace Candor.Kernel;

/// <summary>What a caller can do about a fault; the server maps each to one HTTP status.</summary>
public enum FaultKind
{
    /// <summary>The request is wrong as it stands: 400.</summary>
    Invalid,
    /// <summary>What was named does not exist: 404.</summary>
    NotFound,
    /// <summary>It contradicts what is stored: 409.</summary>
    Conflict,
    /// <summary>It existed and was erased: 410.</summary>
    Erased,
    /// <summary>Try again later; nothing was done: 503.</summary>
    Unavailable,
}

/// <summary>Something went wrong that the caller can act on. Denials are not faults: they are answers.</summary>
/// <param name="kind">What the caller can do about it.</param>
/// <param name="what">Stable name, <c>module/what-happened</c>; published as <c>urn:candor:module/what-happened</c>.</param>
/// <param name="message">One sentence: the caller's value in backticks, the bound that was broken. Never personal data.</param>
public sealed class Fault(FaultKind kind, string what, string message, Exception? inner = null) : Exception(message, inner)
{
    public FaultKind Kind { get; } = kind;

    public string What { get; } = what;
}
