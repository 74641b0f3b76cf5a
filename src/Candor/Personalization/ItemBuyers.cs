namespace Candor.Personalization;

/// <summary>The customers who bought one item, with the weight it has for each, in no order.</summary>
internal sealed class ItemBuyers
{
    private int[] slots = new int[4];
    private double[] weights = new double[4];

    /// <summary>Number of customers.</summary>
    public int Count { get; private set; }

    /// <summary>Number of baskets with the item, of all customers.</summary>
    public int Baskets { get; private set; }

    public ReadOnlySpan<int> Slots => slots.AsSpan(0, Count);

    public ReadOnlySpan<double> Weights => weights.AsSpan(0, Count);

    public IEnumerable<(int Slot, double Weight)> All() => Enumerable.Range(0, Count).Select(i => (slots[i], weights[i]));

    public void Add(int slot, double weight, int baskets)
    {
        if (Count == slots.Length)
        {
            Array.Resize(ref slots, Count * 2);
            Array.Resize(ref weights, Count * 2);
        }

        (slots[Count], weights[Count]) = (slot, weight);
        Count++;
        Baskets += baskets;
    }

    public void Remove(int slot, int baskets)
    {
        var at = Slots.IndexOf(slot);
        Count--;
        (slots[at], weights[at]) = (slots[Count], weights[Count]);
        (slots[Count], weights[Count]) = (0, 0);
        Baskets -= baskets;
    }
}
