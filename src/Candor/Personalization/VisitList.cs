namespace Candor.Personalization;

/// <summary>The visits that hold one item, oldest first, each with its number of different items; visits of the same instant in the order of their keys.</summary>
internal sealed class VisitList(Comparison<int> ties) : TimedList<int>(ties)
{
    /// <summary>Number of different customers among them.</summary>
    public int Customers { get; set; }
}
