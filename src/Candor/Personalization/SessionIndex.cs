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

    private readonly ReaderWriterLockSlim gate = new(LockRecursionPolicy.NoRecursion);
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly Stack<int> free = new();
    private readonly ItemTable items = new();
    private VisitList?[] lists = new VisitList?[64];
    private Visit[] visits = new Visit[64];
    private int end;

    /// <summary>One past visit. The default is a free slot and holds nothing.</summary>
    internal struct Visit
    {
        public string? Key;
        public long TimeUs;
        public int[]? Items;
    }

    /// <summary>Number of visits.</summary>
    public int Count => slots.Count;

    /// <summary>Number of different items.</summary>
    public int ItemCount => items.Count;

    internal ItemTable Items => items;

    internal ReadOnlySpan<Visit> Visits => visits;

    /// <summary>Visits that hold this item, oldest first.</summary>
    internal VisitList ListOf(int item) => lists[item]!;

    internal int SlotOf(string? key) => key is not null && slots.TryGetValue(key, out var slot) ? slot : -1;

    /// <summary>Puts a visit in place of what was held under this key.</summary>
    /// <param name="key">Names the visit; visits of the same instant are ordered by it.</param>
    /// <param name="viewed">Items in order, at least one, repeats as they came; of more than <see cref="MaxItems"/> the newest.</param>
    /// <param name="timeUs">Time of the last of them.</param>
    public void Put(string key, IReadOnlyList<string> viewed, long timeUs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(viewed.Count);
        gate.EnterWriteLock();
        try
        {
            Take(key);
            Add(key, viewed, timeUs, inOrder: true);
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    /// <summary>Puts many visits at once; each list is sorted once at the end.</summary>
    public void PutMany(IEnumerable<(string Key, IReadOnlyList<string> Viewed, long TimeUs)> many)
    {
        gate.EnterWriteLock();
        try
        {
            foreach (var (key, viewed, timeUs) in many)
            {
                Take(key);
                Add(key, viewed, timeUs, inOrder: false);
            }

            foreach (var list in lists)
            {
                list?.Sort(visits);
            }
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    /// <summary>Removes a visit; false when there is none of this key. When it returns, no answer uses the visit any more.</summary>
    public bool Remove(string key)
    {
        gate.EnterWriteLock();
        try
        {
            return Take(key);
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    /// <summary>Runs a look at the index while no write is under way.</summary>
    internal T Look<T>(Func<SessionIndex, T> look)
    {
        gate.EnterReadLock();
        try
        {
            return look(this);
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Everything that is held, in an order that does not depend on who came when: two indexes that hold the same give the same text.</summary>
    internal string Dump() => Look(_ =>
    {
        var text = new System.Text.StringBuilder();
        foreach (var (key, slot) in slots.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            text.Append(key).Append('@').Append(visits[slot].TimeUs).Append(':').AppendJoin(',', visits[slot].Items!.Select(items.Name)).Append('\n');
        }

        foreach (var (name, number, holders) in items.All())
        {
            text.Append(name).Append('*').Append(holders).Append(':').AppendJoin(',', lists[number]!.Entries.ToArray().Select(e => $"{visits[e.Slot].Key}@{e.TimeUs}/{e.Distinct}")).Append('\n');
        }

        return text.ToString();
    });

    /// <summary>True when free slots and free item numbers hold nothing.</summary>
    internal bool FreePlacesAreEmpty() => Look(_ => free.All(s => visits[s] is { Key: null, TimeUs: 0, Items: null })
        && visits.AsSpan(end).ToArray().All(v => v.Key is null) && lists.Index().All(l => l.Item is null || (l.Index < items.End && l.Item.Count > 0)));

    public void Dispose() => gate.Dispose();

    private void Add(string key, IReadOnlyList<string> viewed, long timeUs, bool inOrder)
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

        visits[slot] = new Visit { Key = key, TimeUs = timeUs, Items = held };
        slots.Add(key, slot);
        if (items.End > lists.Length)
        {
            Array.Resize(ref lists, Math.Max(items.End, lists.Length * 2));
        }

        var distinct = Distinct(held);
        for (var i = 0; i < held.Length; i++)
        {
            if (held.AsSpan(0, i).Contains(held[i]))
            {
                continue;
            }

            var list = lists[held[i]] ??= new VisitList();
            list.Add(new VisitList.Entry(timeUs, slot, distinct), visits, inOrder);
        }
    }

    private bool Take(string key)
    {
        if (!slots.Remove(key, out var slot))
        {
            return false;
        }

        var visit = visits[slot];
        for (var i = 0; i < visit.Items!.Length; i++)
        {
            var item = visit.Items[i];
            if (!visit.Items.AsSpan(0, i).Contains(item))
            {
                lists[item]!.Remove(visit.TimeUs, slot, visits);
            }
        }

        foreach (var item in visit.Items)
        {
            if (items.Release(item))
            {
                lists[item] = null;
            }
        }

        visits[slot] = default;
        free.Push(slot);
        return true;
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
