namespace Candor.Personalization;

/// <summary>Past visits by the items they hold, from which suggestions for a current visit are computed on demand.</summary>
/// <remarks>
/// Nothing is learned ahead: adding a visit puts it into the lists of its items, removing takes it out again, so what remains is what would be there had the
/// visit never come. One writer at a time and any number of readers: a write waits until running readers are through and later ones wait for it, so that when
/// <see cref="Remove"/> returns no answer is under way that still uses the visit.
/// </remarks>
public sealed class SessionIndex : IDisposable
{
    /// <summary>Items of a visit that are kept, the newest ones: longer visits are robots or shop assistants.</summary>
    public const int MaxItems = 200;

    private readonly OneWriter turn = new();
    private readonly Dictionary<string, List<int>> customers = new(StringComparer.Ordinal);
    private readonly Stack<int> free = new();
    private readonly ItemTable items = new();
    private readonly Comparison<int> ties;
    private bool filling;
    private VisitList?[] lists = new VisitList?[64];
    private Visit[] visits = new Visit[64];
    private int count;
    private int end;

    public SessionIndex() => ties = (a, b) => Visit.Compare(visits[a], visits[b]);

    /// <summary>One past visit. The default is a free slot and holds nothing.</summary>
    internal struct Visit
    {
        public string? Customer;
        public string? Key;
        public long TimeUs;
        public int[]? Items;

        /// <summary>Order of visits of the same instant.</summary>
        public static int Compare(in Visit a, in Visit b) =>
            string.CompareOrdinal(a.Customer, b.Customer) is var order && order != 0 ? order : string.CompareOrdinal(a.Key, b.Key);
    }

    /// <summary>Number of visits.</summary>
    public int Count => count;

    /// <summary>Number of customers.</summary>
    public int CustomerCount => customers.Count;

    /// <summary>Number of different items.</summary>
    public int ItemCount => items.Count;

    internal ItemTable Items => items;

    internal ReadOnlySpan<Visit> Visits => visits;

    /// <summary>Visits that hold this item, oldest first.</summary>
    internal VisitList ListOf(int item) => lists[item]!;

    /// <summary>Where a visit is held; -1 when it is not.</summary>
    internal int SlotOf(string customer, string key) => customers.TryGetValue(customer, out var slots) ? SlotOf(slots, key) : -1;

    /// <summary>Puts a visit in place of what was held of this customer under this key.</summary>
    /// <param name="key">Names the visit; visits of the same instant are ordered by customer and key.</param>
    /// <param name="viewed">Items in order, at least one, repeats as they came; of more than <see cref="MaxItems"/> the newest.</param>
    /// <param name="timeUs">Time of the last of them.</param>
    public void Put(string customer, string key, IReadOnlyList<string> viewed, long timeUs) => Change(() =>
    {
        ArgumentOutOfRangeException.ThrowIfZero(viewed.Count);
        Take(customer, key);
        Add(customer, key, viewed, timeUs, inOrder: !filling);
        return true;
    });

    /// <summary>Puts many visits at once; each list is sorted once at the end.</summary>
    public void PutMany(IEnumerable<(string Customer, string Key, IReadOnlyList<string> Viewed, long TimeUs)> many) => Change(() =>
    {
        foreach (var (customer, key, viewed, timeUs) in many)
        {
            Take(customer, key);
            Add(customer, key, viewed, timeUs, inOrder: false);
        }

        foreach (var list in lists)
        {
            list?.Sort();
        }

        return true;
    });

    /// <summary>Removes a visit; false when there is none of this key. When it returns, no answer uses the visit any more.</summary>
    public bool Remove(string customer, string key) => Change(() => Take(customer, key));

    /// <summary>Removes all visits of a customer; false when there are none. When it returns, no answer uses any of them any more.</summary>
    public bool Remove(string customer) => Change(() =>
    {
        if (!customers.TryGetValue(customer, out var slots))
        {
            return false;
        }

        foreach (var key in slots.ConvertAll(s => visits[s].Key!))
        {
            Take(customer, key);
        }

        return true;
    });

    /// <summary>Until <see cref="EndFill"/>, visits are put at the end of the lists: for a model that is made from the store, in no order of time.</summary>
    /// <remarks>Answers go on; until the end they may take an older visit for a newer one. Removing is exact as ever.</remarks>
    internal void BeginFill() => Change(() => filling = true);

    /// <summary>Puts the lists in order, some at a time, so that answers need not wait for all of them.</summary>
    internal void EndFill()
    {
        Change(() => filling = false);
        for (var from = 0; from < lists.Length; from += ListsAtOnce)
        {
            var (first, last) = (from, Math.Min(lists.Length, from + ListsAtOnce));
            Change(() =>
            {
                for (var i = first; i < last; i++)
                {
                    lists[i]?.Sort();
                }

                return true;
            });
        }
    }

    private const int ListsAtOnce = 64;

    private bool Change(Func<bool> change) => turn.Change(change);

    /// <summary>Runs a look at the index while no write is under way.</summary>
    internal T Look<T>(Func<SessionIndex, T> look) => turn.Look(this, look);

    /// <summary>Everything that is held, in an order that does not depend on who came when: two indexes that hold the same give the same text.</summary>
    internal string Dump() => Look(_ =>
    {
        var text = new System.Text.StringBuilder();
        foreach (var visit in customers.Values.SelectMany(c => c).Select(s => visits[s]).OrderBy(v => v.Customer, StringComparer.Ordinal).ThenBy(v => v.Key, StringComparer.Ordinal))
        {
            text.Append(visit.Customer).Append('/').Append(visit.Key).Append('@').Append(visit.TimeUs).Append(':').AppendJoin(',', visit.Items!.Select(items.Name)).Append('\n');
        }

        foreach (var (name, number, holders) in items.All())
        {
            text.Append(name).Append('*').Append(holders).Append('/').Append(lists[number]!.Customers).Append(':')
                .AppendJoin(',', lists[number]!.Entries.ToArray().Select(e => $"{visits[e.Slot].Customer}/{visits[e.Slot].Key}@{e.TimeUs}/{e.Value}")).Append('\n');
        }

        return text.Append(count).ToString();
    });

    /// <summary>True when free slots and free item numbers hold nothing.</summary>
    internal bool FreePlacesAreEmpty() => Look(_ => free.All(s => visits[s] is { Customer: null, Key: null, TimeUs: 0, Items: null })
        && visits.AsSpan(end).ToArray().All(v => v.Key is null) && customers.Values.All(c => c.Count > 0)
        && lists.Index().All(l => l.Item is null || (l.Index < items.End && l.Item.Count > 0)));

    public void Dispose() => turn.Dispose();

    private void Add(string customer, string key, IReadOnlyList<string> viewed, long timeUs, bool inOrder)
    {
        var from = Math.Max(0, viewed.Count - MaxItems);
        var held = new int[viewed.Count - from];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = items.Hold(viewed[from + i]);
        }

        var slot = free.TryPop(out var reused) ? reused : end++;
        if (slot == visits.Length)
        {
            Array.Resize(ref visits, visits.Length * 2);
        }

        if (items.End > lists.Length)
        {
            Array.Resize(ref lists, Math.Max(items.End, lists.Length * 2));
        }

        var mine = customers.TryGetValue(customer, out var slots) ? slots : customers[customer] = new List<int>(1);
        visits[slot] = new Visit { Customer = mine.Count > 0 ? visits[mine[0]].Customer : customer, Key = key, TimeUs = timeUs, Items = held };
        var distinct = Distinct(held);
        for (var i = 0; i < held.Length; i++)
        {
            if (!held.AsSpan(0, i).Contains(held[i]))
            {
                var list = lists[held[i]] ??= new VisitList(ties);
                list.Add(new Timed<int>(timeUs, slot, distinct), inOrder);
                list.Customers += HoldsElsewhere(mine, held[i]) ? 0 : 1;
            }
        }

        mine.Add(slot);
        count++;
    }

    private bool Take(string customer, string key)
    {
        if (SlotOf(customer, key) is var slot && slot < 0)
        {
            return false;
        }

        var mine = customers[customer];
        mine.Remove(slot);
        var visit = visits[slot];
        for (var i = 0; i < visit.Items!.Length; i++)
        {
            var item = visit.Items[i];
            if (!visit.Items.AsSpan(0, i).Contains(item))
            {
                lists[item]!.Remove(visit.TimeUs, slot);
                lists[item]!.Customers -= HoldsElsewhere(mine, item) ? 0 : 1;
            }
        }

        foreach (var item in visit.Items)
        {
            if (items.Release(item))
            {
                lists[item] = null;
            }
        }

        if (mine.Count == 0)
        {
            customers.Remove(customer);
        }

        visits[slot] = default;
        free.Push(slot);
        count--;
        return true;
    }

    private bool HoldsElsewhere(List<int> slots, int item)
    {
        foreach (var slot in slots)
        {
            if (visits[slot].Items.AsSpan().Contains(item))
            {
                return true;
            }
        }

        return false;
    }

    private int SlotOf(List<int> slots, string key)
    {
        foreach (var slot in slots)
        {
            if (visits[slot].Key == key)
            {
                return slot;
            }
        }

        return -1;
    }

    private static int Distinct(ReadOnlySpan<int> held)
    {
        var distinct = 0;
        for (var i = 0; i < held.Length; i++)
        {
            distinct += held[..i].Contains(held[i]) ? 0 : 1;
        }

        return distinct;
    }
}
