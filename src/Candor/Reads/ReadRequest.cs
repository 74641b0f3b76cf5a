using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>One question for personal data.</summary>
/// <param name="Token">Who asks, not yet believed.</param>
/// <param name="Reference">The business's own id of the customer, 1 to 128 characters.</param>
/// <param name="Purpose">What for.</param>
/// <param name="DataPoints">What: at least one, none twice; empty means everything that the purpose uses.</param>
/// <param name="Case">The case the read belongs to, where the purpose needs one; 1 to 64 characters.</param>
/// <param name="HistoryLimit">Newest records to give of each history, 1 to <see cref="MaxHistory"/>.</param>
public sealed record ReadRequest(
    CallerToken Token, string Reference, PurposeId Purpose, IReadOnlyList<DataPointId> DataPoints, string? Case = null, int HistoryLimit = 100)
{
    /// <summary>Most records of one history in one answer.</summary>
    public const int MaxHistory = 10_000;

    /// <summary>For which customers it is only asked whether it may be done: no data point of theirs is loaded, and the log entry names none. Null: for nobody.</summary>
    public Func<CustomerId, bool>? DecisionOnly { get; init; }

    /// <summary>Characters of the reason of an emergency, at least and at most.</summary>
    public const int MinEmergency = 20;
    public const int MaxEmergency = 500;

    /// <summary>Why somebody is in danger, in the words of whoever asks, <see cref="MinEmergency"/> to <see cref="MaxEmergency"/> characters; null: it is no emergency.</summary>
    public string? Emergency { get; init; }

    /// <summary>Look-up digest that stands for <see cref="Reference"/> where the caller does not know it; null: the reference counts.</summary>
    internal byte[]? Digest { get; init; }

    /// <summary>What else is loaded in the read's own transaction once it is allowed; not in clear.</summary>
    internal Func<Transaction, CustomerKey, ActiveCatalog, ValueTask>? Also { get; init; }
}

/// <summary>What came of a read.</summary>
/// <param name="Decision">The gate's answer.</param>
/// <param name="Opened">The permitted data, in clear; null when denied.</param>
/// <param name="Entry">Id of the log entry.</param>
/// <param name="ShownReason">The reason as this caller may know it; null when allowed.</param>
public sealed record ReadOutcome(Decision Decision, OpenedCustomer? Opened, string Entry, ReasonCode? ShownReason)
{
    /// <summary>What the permit of this read belongs to, for notes of ours about the same customer; null when denied.</summary>
    internal SealedCustomer? Sealed { get; init; }
}
