namespace Candor.Personalization;

/// <summary>The customers who bought one item, with the weight it has for each, by the time of their newest basket, whatever is in that.</summary>
internal sealed class ItemBuyers(Comparison<int> ties) : TimedList<double>(ties)
{
    /// <summary>Number of baskets with the item, of all customers.</summary>
    public int Baskets { get; set; }
}
