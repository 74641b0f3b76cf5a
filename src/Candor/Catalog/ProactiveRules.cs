using System.Collections.Frozen;
using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>What Candor notices by itself for customers, and how often it may speak up. All of it is off unless the catalog says so.</summary>
public sealed record ProactiveRules
{
    public IReadOnlyList<ProactiveRule> Rules { get; init; } = [];

    /// <summary>Most messages that all rules together may send to one customer in a period; null: no limit but that of each rule.</summary>
    public MessageCap? MessagesAtMost { get; init; }

    /// <summary>How often an item is suggested in one visit before it is taken for unwanted; null: as often as it fits.</summary>
    public int? ItemShownAtMost { get; init; }

    /// <summary>Same rules, whatever their order.</summary>
    public bool Means(ProactiveRules other) =>
        MessagesAtMost == other.MessagesAtMost && ItemShownAtMost == other.ItemShownAtMost && Rules.Count == other.Rules.Count && Rules.All(r => other.Rules.Any(r.Means));
}

/// <summary>Most messages to one customer.</summary>
/// <param name="Count">1 to 100.</param>
public sealed record MessageCap(int Count, Period Per);

/// <summary>One thing that is noticed.</summary>
/// <param name="History">What is looked at.</param>
/// <param name="LinesFor">The purpose for whose reads it becomes a line in the agent's brief; null: none.</param>
/// <param name="MessagesFor">The purpose for which it is read, and for which the customer is written to; null: nobody is.</param>
public abstract record ProactiveRule(DataPointId History, PurposeId? LinesFor, PurposeId? MessagesFor)
{
    /// <summary>Its member of <c>proactive</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The histories that it looks at.</summary>
    public virtual IReadOnlyList<DataPointId> Histories => [History];

    public virtual bool Means(ProactiveRule other) => Equals(other);
}

/// <summary>An order that is still open after the day it was promised for.</summary>
/// <param name="EndedBy">The history that says that an order was delivered; null: the same one.</param>
/// <param name="After">How long an order without a promised day may be open.</param>
public sealed record LateOrderRule(DataPointId History, PurposeId? LinesFor, PurposeId? MessagesFor, DataPointId? EndedBy, Period After) : ProactiveRule(History, LinesFor, MessagesFor)
{
    public const string Member = "lateOrders";

    public override string Name => Member;

    public override IReadOnlyList<DataPointId> Histories => EndedBy is null || EndedBy == History ? [History] : [History, EndedBy];
}

/// <summary>A customer who had to ask about the same thing again and again.</summary>
/// <param name="Times">From how many contacts on, 2 to 100.</param>
public sealed record RepeatedContactRule(DataPointId History, PurposeId? LinesFor, int Times, Period Within) : ProactiveRule(History, LinesFor, null)
{
    public const string Member = "repeatedContacts";

    public override string Name => Member;
}

/// <summary>Something that is used up, or a subscription that ends.</summary>
/// <param name="Before">How long before its end it is noticed.</param>
/// <param name="Lasts">How long an item, or the items of a category, last; what is not named goes by the customer's own intervals.</param>
public sealed record RunningOutRule(DataPointId History, PurposeId? LinesFor, PurposeId? MessagesFor, Period Before, FrozenDictionary<string, Period> Lasts) : ProactiveRule(History, LinesFor, MessagesFor)
{
    public const string Member = "runningOut";

    public override string Name => Member;

    public override bool Means(ProactiveRule other) => other is RunningOutRule o && o with { Lasts = Lasts } == this
        && o.Lasts.Count == Lasts.Count && Lasts.All(l => o.Lasts.TryGetValue(l.Key, out var p) && p == l.Value);
}

/// <summary>A cart that was left. There is no line about it: staff have no business in it.</summary>
/// <param name="After">How long it was left.</param>
/// <param name="AtMostEvery">The shortest time between two reminders to one customer.</param>
public sealed record LeftCartRule(DataPointId History, PurposeId MessagesFor, Delay After, Period AtMostEvery) : ProactiveRule(History, null, MessagesFor)
{
    public const string Member = "leftCarts";

    public override string Name => Member;
}
