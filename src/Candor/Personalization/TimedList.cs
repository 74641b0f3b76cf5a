namespace Candor.Personalization;

/// <summary>An entry of a list that is ordered by time. What a search needs first stands here, so that it walks through memory in order.</summary>
/// <param name="Slot">Where the index holds what the entry is about.</param>
internal readonly record struct Timed<T>(long TimeUs, int Slot, T Value);

/// <summary>Entries oldest first; those of the same instant in an order that the index knows.</summary>
/// <remarks>While a list is filled from the store, entries stand in the order in which they came, until <see cref="Sort"/>.</remarks>
/// <param name="ties">Order of two slots of the same instant; never by place.</param>
internal abstract class TimedList<T>(Comparison<int> ties)
{
    private Timed<T>[] entries = new Timed<T>[4];
    private bool sorted = true;

    public int Count { get; private set; }

    public ReadOnlySpan<Timed<T>> Entries => entries.AsSpan(0, Count);

    /// <summary>Adds an entry at its place, or at the end when the list is sorted afterwards.</summary>
    public void Add(Timed<T> entry, bool inOrder)
    {
        if (Count == entries.Length)
        {
            Array.Resize(ref entries, entries.Length + Math.Max(4, entries.Length / 2));
        }

        var at = inOrder && sorted ? Place(entry.TimeUs, entry.Slot) : Count;
        entries.AsSpan(at, Count - at).CopyTo(entries.AsSpan(at + 1));
        entries[at] = entry;
        Count++;
        sorted &= (inOrder && sorted) || Count == 1 || Compare(entries[Count - 2], entry) < 0;
    }

    public void Sort()
    {
        if (!sorted)
        {
            entries.AsSpan(0, Count).Sort(Compare);
            sorted = true;
        }
    }

    /// <summary>Takes out the entry of this slot.</summary>
    public void Remove(long timeUs, int slot)
    {
        var at = sorted ? Place(timeUs, slot) : Array.FindIndex(entries, 0, Count, e => e.Slot == slot);
        entries.AsSpan(at + 1, Count - at - 1).CopyTo(entries.AsSpan(at));
        entries[--Count] = default;
        if (Count < entries.Length / 4 && entries.Length > 16)
        {
            Array.Resize(ref entries, entries.Length / 2);
        }
    }

    /// <summary>Where the entry of this slot stands, or would.</summary>
    private int Place(long timeUs, int slot)
    {
        var (low, high) = (0, Count);
        if (Count > 0 && entries[Count - 1].TimeUs < timeUs)
        {
            return Count;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Compare(entries[middle].TimeUs, entries[middle].Slot, timeUs, slot) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private int Compare(Timed<T> a, Timed<T> b) => Compare(a.TimeUs, a.Slot, b.TimeUs, b.Slot);

    private int Compare(long aUs, int a, long bUs, int b) => aUs != bUs ? aUs.CompareTo(bUs) : a == b ? 0 : ties(a, b);
}
