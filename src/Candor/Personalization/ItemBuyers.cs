namespace Candor.Personalization;

/// <summary>The customers who bought one item, with the weight it has for each, by the time of their newest basket, whatever is in that.</summary>
internal sealed class ItemBuyers(Comparison<int> ties) : TimedList<ItemBuyers.Entry>(ties)
{
    /// <summary>One customer.</summary>
    /// <param name="TimeUs">Time of their newest basket.</param>
    public readonly record struct Entry(long TimeUs, int Slot, double Weight) : ITimed;

    /// <summary>Number of baskets with the item, of all customers.</summary>
    public int Baskets { get; set; }
}
