
namespace Candor.Personalization;

/// <summary>Items by number, so that lists of them are lists of int. An item is here as long as something holds it, and leaves with the last one that does.</summary>
/// <remarks>Numbers depend on who came first, so nothing may be ordered by them: ties are broken by <see cref="Compare"/>, which looks at names.
/// A model that has forgotten somebody and one that never saw them may number items differently and must still answer alike.</remarks>
internal sealed class ItemTable
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<string?> names = [];
    private readonly List<int> holders = [];
    private readonly Stack<int> free = new();

    /// <summary>Numbers are 0 up to, not including, this.</summary>
    public int End => names.Count;

    public int Count => numbers.Count;

    public string Name(int number) => names[number]!;

    /// <summary>Names with their numbers, in no order.</summary>
    public IEnumerable<KeyValuePair<string, int>> Held => numbers;

    /// <summary>False for a number that is free.</summary>
    public bool IsHeld(int number) => names[number] is not null;

    public bool TryFind(string name, out int number) => numbers.TryGetValue(name, out number);

    /// <summary>Order of two items by name, byte by byte.</summary>
    public int Compare(int a, int b) => string.CompareOrdinal(names[a], names[b]);

    /// <summary>Takes hold of an item once more.</summary>
    public int Hold(string name)
    {
        if (!numbers.TryGetValue(name, out var number))
        {
            number = NewNumber(name);
            numbers.Add(name, number);
        }

        holders[number]++;
        return number;
    }

    /// <summary>Lets go of an item once; true when that was the last hold and the item is gone.</summary>
    public bool Release(int number)
    {
        if (--holders[number] > 0)
        {
            return false;
        }

        numbers.Remove(names[number]!);
        names[number] = null;
        free.Push(number);
        return true;
    }

    /// <summary>All items with how often each is held, by name.</summary>
    public IEnumerable<(string Name, int Number, int Holders)> All() =>
        numbers.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => (n.Key, n.Value, holders[n.Value]));

    private int NewNumber(string name)
    {
        if (free.TryPop(out var number))
        {
            names[number] = name;
            holders[number] = 0;
            return number;
        }

        names.Add(name);
        holders.Add(0);
        return names.Count - 1;
    }
}
