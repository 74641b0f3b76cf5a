namespace Candor.Personalization;

/// <summary>The visits that hold one item, oldest first; visits of the same instant in the order of their keys.</summary>
internal sealed class VisitList(Comparison<int> ties) : TimedList<VisitList.Entry>(ties)
{
    /// <summary>One visit. What a search needs first stands here, so that it walks through memory in order.</summary>
    /// <param name="Distinct">Number of different items in the visit.</param>
    public readonly record struct Entry(long TimeUs, int Slot, int Distinct) : ITimed;

    /// <summary>Number of different customers among them.</summary>
    public int Customers { get; set; }
}
