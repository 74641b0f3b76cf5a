namespace Candor.Personalization;

/// <summary>Purchases by customer, and who else bought the same things.</summary>
/// <remarks>
/// Each customer's part depends on that customer alone: a list of baskets and a vector made of them. Taking it out leaves what would be there had they never
/// come; counts over customers are whole numbers. One writer at a time and any number of readers, as in <see cref="SessionIndex"/>.
/// </remarks>
public sealed class BasketIndex : IDisposable
{
    /// <summary>Newest baskets of a customer that are kept.</summary>
    public const int MaxBaskets = 400;

    private const int AtOnce = 64;

    private readonly OneWriter turn = new();
    private readonly Comparison<int> ties;
    private bool filling;
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly Stack<int> free = new();
    private readonly ItemTable items = new();
    private readonly List<Shopper?> shoppers = [];
    private double[] squaredNorms = new double[64];
    private ItemBuyers?[] buyers = new ItemBuyers?[64];

    public BasketIndex(BasketSettings settings) =>
        (Settings, ties) = (settings, (a, b) => string.CompareOrdinal(shoppers[a]!.Key, shoppers[b]!.Key));

    public BasketSettings Settings { get; private set; }

    /// <summary>Number of customers.</summary>
    public int Count => slots.Count;

    /// <summary>Number of different items.</summary>
    public int ItemCount => items.Count;

    internal ItemTable Items => items;

    internal Shopper? Find(string customer) => slots.TryGetValue(customer, out var slot) ? shoppers[slot] : null;

    internal int SlotOf(string customer) => slots[customer];

    /// <summary>As <see cref="Shopper.SquaredNorm"/>, close together for a look at many.</summary>
    internal ReadOnlySpan<double> SquaredNorms => squaredNorms;

    internal Shopper ShopperAt(int slot) => shoppers[slot]!;

    /// <summary>Slots of customers are below this.</summary>
    internal int ShopperEnd => shoppers.Count;

    internal ItemBuyers BuyersOf(int item) => buyers[item]!;

    /// <summary>Puts one basket of a customer in place of what was held under its key.</summary>
    /// <param name="bought">At least one item; repeats count once.</param>
    public void Put(string customer, string key, IEnumerable<string> bought, long timeUs) => PutMany(customer, [(key, bought, timeUs)]);

    /// <summary>Puts several baskets of one customer, whose vector is made once.</summary>
    public void PutMany(string customer, IEnumerable<(string Key, IEnumerable<string> Bought, long TimeUs)> baskets) => Change(() =>
    {
        var shopper = Find(customer);
        var held = shopper is null ? [] : new SortedDictionary<(long, string), string[]>(shopper.Baskets, Shopper.Order);
        foreach (var (key, bought, timeUs) in baskets)
        {
            if (held.Keys.FirstOrDefault(k => k.Item2 == key) is { Item2: not null } old)
            {
                held.Remove(old);
            }

            held[(timeUs, key)] = [.. bought.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }

        while (held.Count > MaxBaskets)
        {
            held.Remove(held.Keys.First());
        }

        Take(customer);
        Add(customer, held);
        return true;
    });

    /// <summary>Removes one basket; false when there is none of this key.</summary>
    public bool RemoveBasket(string customer, string key) => Change(() =>
    {
        if (Find(customer) is not { } shopper || shopper.Baskets.Keys.All(k => k.Item2 != key))
        {
            return false;
        }

        var held = new SortedDictionary<(long, string), string[]>(shopper.Baskets, Shopper.Order);
        held.Remove(held.Keys.First(k => k.Item2 == key));
        Take(customer);
        Add(customer, held);
        return true;
    });

    /// <summary>Removes a customer with all baskets; false when nothing is held of them. When it returns, no answer uses them any more.</summary>
    public bool Remove(string customer) => Change(() => Take(customer));

    /// <summary>Uses other settings from now on. Customers are weighed anew some at a time, so that answers need not wait for all of them.</summary>
    public void Use(BasketSettings settings)
    {
        var before = Settings;
        Change(() => (Settings = settings) is not null);
        if ((before.GroupSize, before.BasketDecay, before.GroupDecay) == (settings.GroupSize, settings.BasketDecay, settings.GroupDecay))
        {
            return;
        }

        foreach (var some in Look(_ => slots.Keys.ToArray()).Chunk(AtOnce))
        {
            Change(() =>
            {
                foreach (var customer in some)
                {
                    if (Find(customer) is { } shopper)
                    {
                        Take(customer);
                        Add(customer, shopper.Baskets);
                    }
                }

                return true;
            });
        }
    }

    /// <summary>As <see cref="SessionIndex.BeginFill"/>.</summary>
    internal void BeginFill() => Change(() => filling = true);

    /// <summary>As <see cref="SessionIndex.EndFill"/>.</summary>
    internal void EndFill()
    {
        Change(() => filling = false);
        for (var from = 0; from < buyers.Length; from += AtOnce)
        {
            var (first, last) = (from, Math.Min(buyers.Length, from + AtOnce));
            Change(() =>
            {
                for (var i = first; i < last; i++)
                {
                    buyers[i]?.Sort();
                }

                return true;
            });
        }
    }

    /// <summary>Runs a look at the index while no write is under way.</summary>
    internal T Look<T>(Func<BasketIndex, T> look) => turn.Look(this, look);

    /// <summary>Everything that is held, in an order that does not depend on who came when.</summary>
    internal string Dump() => Look(_ =>
    {
        var text = new System.Text.StringBuilder();
        foreach (var (key, slot) in slots.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var shopper = shoppers[slot]!;
            text.Append(key).Append(':').AppendJoin(' ', shopper.Baskets.Select(b => $"{b.Key}={string.Join(',', b.Value)}"))
                .Append('|').AppendJoin(' ', shopper.Items.Zip(shopper.Weights, (i, w) => $"{items.Name(i)}={BitConverter.DoubleToInt64Bits(w):x}"))
                .Append('|').Append(BitConverter.DoubleToInt64Bits(shopper.SquaredNorm)).Append('\n');
        }

        foreach (var (name, number, holders) in items.All())
        {
            text.Append(name).Append('*').Append(holders).Append('/').Append(buyers[number]!.Baskets).Append(':')
                .AppendJoin(' ', buyers[number]!.Entries.ToArray().Select(b => $"{shoppers[b.Slot]!.Key}@{b.TimeUs}={BitConverter.DoubleToInt64Bits(b.Value):x}")).Append('\n');
        }

        return text.ToString();
    });

    public void Dispose() => turn.Dispose();

    private bool Change(Func<bool> change) => turn.Change(change);

    private void Add(string customer, SortedDictionary<(long, string), string[]> held)
    {
        if (held.Count == 0)
        {
            return;
        }

        var names = held.Values.SelectMany(b => b).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var shopper = new Shopper(customer, held, [.. names.Select(items.Hold)], Shopper.Weigh(held, names, Settings));
        if (!free.TryPop(out var slot))
        {
            slot = shoppers.Count;
            shoppers.Add(null);
        }

        if (slot == squaredNorms.Length)
        {
            Array.Resize(ref squaredNorms, squaredNorms.Length * 2);
        }

        (shoppers[slot], squaredNorms[slot]) = (shopper, shopper.SquaredNorm);
        slots.Add(customer, slot);
        if (items.End > buyers.Length)
        {
            Array.Resize(ref buyers, Math.Max(items.End, buyers.Length * 2));
        }

        for (var i = 0; i < names.Length; i++)
        {
            var list = buyers[shopper.Items[i]] ??= new ItemBuyers(ties);
            list.Add(new Timed<double>(shopper.NewestUs, slot, shopper.Weights[i]), inOrder: !filling);
            list.Baskets += shopper.Counts[i];
        }
    }

    private bool Take(string customer)
    {
        if (!slots.Remove(customer, out var slot))
        {
            return false;
        }

        var shopper = shoppers[slot]!;
        for (var i = 0; i < shopper.Items.Length; i++)
        {
            buyers[shopper.Items[i]]!.Remove(shopper.NewestUs, slot);
            buyers[shopper.Items[i]]!.Baskets -= shopper.Counts[i];
            if (items.Release(shopper.Items[i]))
            {
                buyers[shopper.Items[i]] = null;
            }
        }

        (shoppers[slot], squaredNorms[slot]) = (null, 0);
        free.Push(slot);
        return true;
    }
}
