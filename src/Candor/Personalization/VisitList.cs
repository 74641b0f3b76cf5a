namespace Candor.Personalization;

/// <summary>The visits that hold one item, oldest first; visits of the same instant in the order of their keys.</summary>
internal sealed class VisitList
{
    private Entry[] entries = new Entry[4];
    private bool sorted = true;

    /// <summary>One visit. What a search needs first stands here, so that it walks through memory in order.</summary>
    /// <param name="Distinct">Number of different items in the visit.</param>
    public readonly record struct Entry(long TimeUs, int Slot, int Distinct);

    public int Count { get; private set; }

    /// <summary>Number of different customers among them.</summary>
    public int Customers { get; set; }

    public ReadOnlySpan<Entry> Entries => entries.AsSpan(0, Count);

    /// <summary>Adds a visit at its place, or at the end when the list is sorted afterwards.</summary>
    public void Add(Entry entry, SessionIndex.Visit[] visits, bool inOrder)
    {
        if (Count == entries.Length)
        {
            Array.Resize(ref entries, entries.Length + Math.Max(4, entries.Length / 2));
        }

        var at = inOrder ? Place(entry.TimeUs, visits[entry.Slot], visits) : Count;
        entries.AsSpan(at, Count - at).CopyTo(entries.AsSpan(at + 1));
        entries[at] = entry;
        Count++;
        sorted &= inOrder || Count == 1 || Compare(entries[Count - 2], entry, visits) < 0;
    }

    public void Sort(SessionIndex.Visit[] visits)
    {
        if (!sorted)
        {
            entries.AsSpan(0, Count).Sort((a, b) => Compare(a, b, visits));
            sorted = true;
        }
    }

    public void Remove(long timeUs, int slot, SessionIndex.Visit[] visits)
    {
        Sort(visits);
        var at = Place(timeUs, visits[slot], visits);
        entries.AsSpan(at + 1, Count - at - 1).CopyTo(entries.AsSpan(at));
        entries[--Count] = default;
        if (Count < entries.Length / 4 && entries.Length > 16)
        {
            Array.Resize(ref entries, entries.Length / 2);
        }
    }

    /// <summary>Where this visit stands, or would.</summary>
    private int Place(long timeUs, in SessionIndex.Visit visit, SessionIndex.Visit[] visits)
    {
        var (low, high) = (0, Count);
        if (Count > 0 && entries[Count - 1].TimeUs < timeUs)
        {
            return Count;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var entry = entries[middle];
            var order = entry.TimeUs != timeUs ? entry.TimeUs.CompareTo(timeUs) : SessionIndex.Visit.Compare(visits[entry.Slot], visit);
            if (order < 0)
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

    internal static int Compare(Entry a, Entry b, SessionIndex.Visit[] visits) =>
        a.TimeUs != b.TimeUs ? a.TimeUs.CompareTo(b.TimeUs) : SessionIndex.Visit.Compare(visits[a.Slot], visits[b.Slot]);
}
