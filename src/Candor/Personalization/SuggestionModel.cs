using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>What is held of one customer for one kind of suggestions.</summary>
/// <param name="Events">All that counts, by time, then in the order it came.</param>
/// <param name="Hidden">Items of which this customer wants nothing used.</param>
/// <param name="UntilUs">Exclusive end of the consent; null: until withdrawn.</param>
/// <param name="Kept">How long an event counts; null: as long as the person is a customer.</param>
internal sealed record CustomerPart(IReadOnlyList<ShopEvent> Events, IReadOnlySet<string> Hidden, long? UntilUs, Period? Kept)
{
    /// <summary>The instant from which less than this counts.</summary>
    public long DueUs => Math.Min(UntilUs ?? long.MaxValue, Events.Count > 0 && Kept is not null ? KeptUntilUs(Events[0]) : long.MaxValue);

    public CustomerPart Without(string item) => this with
    {
        Events = [.. Events.Where(e => e.Item != item)],
        Hidden = Hidden.Append(item).ToHashSet(StringComparer.Ordinal),
    };

    public CustomerPart With(IEnumerable<ShopEvent> more)
    {
        ShopEvent[] events = [.. Events, .. Hidden.Count == 0 ? more : more.Where(e => !Hidden.Contains(e.Item))];
        // Most come in their order, and sorting is half of the work then.
        return this with { Events = IsInOrder(events) ? events : [.. events.OrderBy(e => e.TimeUs)] };
    }

    /// <summary>What still counts at an instant; null when nothing does.</summary>
    public CustomerPart? At(long nowUs) => UntilUs <= nowUs ? null
        : Kept is null || Events.Count == 0 || KeptUntilUs(Events[0]) > nowUs ? this : this with { Events = [.. Events.Where(e => KeptUntilUs(e) > nowUs)] };

    private static bool IsInOrder(ShopEvent[] events)
    {
        for (var i = 1; i < events.Length; i++)
        {
            if (events[i].TimeUs < events[i - 1].TimeUs)
            {
                return false;
            }
        }

        return true;
    }

    private long KeptUntilUs(ShopEvent e) => Micros.From(Kept!.After(Micros.ToInstant(e.TimeUs)));
}

/// <summary>The live models of this process: visits, baskets, and what is held of whom.</summary>
/// <remarks>One writer at a time; answers read the indexes, each of which lets any number of readers in between writes.
/// INVARIANT: an index holds of a customer what their part holds, no more and no less.</remarks>
internal sealed class SuggestionModel : IDisposable
{
    private readonly Lock writing = new();
    private readonly Dictionary<(string Customer, SuggestionKind Kind), CustomerPart> parts = [];
    private readonly PriorityQueue<(string Customer, SuggestionKind Kind), long> due = new();

    public SessionIndex Visits { get; } = new();

    public SessionIndex Baskets { get; } = new();

    public BasketIndex Buyers { get; } = new(new BasketSettings());

    /// <summary>How many parts are held.</summary>
    public int Count
    {
        get
        {
            lock (writing)
            {
                return parts.Count;
            }
        }
    }

    public CustomerPart? Find(string customer, SuggestionKind kind)
    {
        lock (writing)
        {
            return parts.GetValueOrDefault((customer, kind));
        }
    }

    /// <summary>How an erased customer is named to other nodes: four digits of the id, so that few have to be compared, and the SHA-256 of it.</summary>
    public static string DigestOf(string customer) => customer[..4] + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(customer)));

    /// <summary>The customer of a digest; null when nothing is held of them.</summary>
    public string? FindByDigest(string digest)
    {
        lock (writing)
        {
            return parts.Keys.Select(k => k.Customer).FirstOrDefault(c => c.AsSpan(0, 4).SequenceEqual(digest.AsSpan(0, 4)) && DigestOf(c) == digest);
        }
    }

    /// <summary>Puts a part in place of the one held, or takes that out; answers what was held.</summary>
    public CustomerPart? Put(string customer, SuggestionKind kind, CustomerPart? part)
    {
        lock (writing)
        {
            var held = parts.GetValueOrDefault((customer, kind));
            if (part is null)
            {
                parts.Remove((customer, kind));
            }
            else
            {
                parts[(customer, kind)] = part;
                if (part.DueUs is var end and < long.MaxValue && part.DueUs != held?.DueUs)
                {
                    due.Enqueue((customer, kind), end);
                }
            }

            Index(customer, kind, held?.Events ?? [], part?.Events ?? []);
            if (part is not null)
            {
                parts[(customer, kind)] = part with { Events = Shared(kind, part.Events) };
            }

            return held;
        }
    }

    /// <summary>While the models are made from the store: see <see cref="SessionIndex.BeginFill"/>.</summary>
    public void BeginFill()
    {
        Visits.BeginFill();
        Baskets.BeginFill();
        Buyers.BeginFill();
    }

    public void EndFill()
    {
        Visits.EndFill();
        Baskets.EndFill();
        Buyers.EndFill();
    }

    /// <summary>Takes out what no longer counts: consents whose time is over, and events past their retention.</summary>
    public void ForgetDue(long nowUs)
    {
        lock (writing)
        {
            while (due.TryPeek(out var whose, out var end) && end <= nowUs)
            {
                due.Dequeue();
                if (parts.TryGetValue(whose, out var part) && part.DueUs <= nowUs)
                {
                    Put(whose.Customer, whose.Kind, part.At(nowUs));
                }
            }
        }
    }

    public void Clear()
    {
        lock (writing)
        {
            foreach (var (customer, kind) in parts.Keys.ToList())
            {
                Put(customer, kind, null);
            }

            due.Clear();
        }
    }

    /// <summary>Everything that is held, in an order that does not depend on who came when.</summary>
    public string Dump() => string.Join("\n--\n", Visits.Dump(), Baskets.Dump(), Buyers.Dump());

    public void Dispose()
    {
        Visits.Dispose();
        Baskets.Dispose();
        Buyers.Dispose();
    }

    /// <summary>The same events with texts that are in memory once: items as the index names them, as long as it does, and groups from one event to the next.</summary>
    private ShopEvent[] Shared(SuggestionKind kind, IReadOnlyList<ShopEvent> events)
    {
        var items = (kind == SuggestionKind.Visit ? Visits : Baskets).Items;
        var shared = new ShopEvent[events.Count];
        for (var i = 0; i < shared.Length; i++)
        {
            var e = events[i];
            var group = i > 0 && shared[i - 1].Group == e.Group ? shared[i - 1].Group : e.Group;
            shared[i] = new ShopEvent(items.TryFind(e.Item, out var number) ? items.Name(number) : e.Item, group, e.TimeUs);
        }

        return shared;
    }

    private void Index(string customer, SuggestionKind kind, IReadOnlyList<ShopEvent> before, IReadOnlyList<ShopEvent> now)
    {
        var old = GroupsOf(before);
        var changed = GroupsOf(now).Where(g => !old.Remove(g.Key, out var same) || !same.SequenceEqual(g.Value)).ToList();
        foreach (var gone in old.Keys)
        {
            _ = kind == SuggestionKind.Visit ? Visits.Remove(customer, gone) : Baskets.Remove(customer, gone) & Buyers.RemoveBasket(customer, gone);
        }

        foreach (var (key, events) in changed)
        {
            (kind == SuggestionKind.Visit ? Visits : Baskets).Put(customer, key, events.ConvertAll(e => e.Item), events[^1].TimeUs);
        }

        if (kind == SuggestionKind.Needs && changed.Count > 0)
        {
            Buyers.PutMany(customer, changed.Select(g => (g.Key, g.Value.Select(e => e.Item), g.Value[^1].TimeUs)));
        }
    }

    /// <summary>Visits or orders, each with its events in their order; the events of one mostly follow each other.</summary>
    private static Dictionary<string, List<ShopEvent>> GroupsOf(IReadOnlyList<ShopEvent> events)
    {
        var groups = new Dictionary<string, List<ShopEvent>>(StringComparer.Ordinal);
        List<ShopEvent>? last = null;
        foreach (var e in events)
        {
            if (last is null || last[0].Group != e.Group)
            {
                last = CollectionsMarshal.GetValueRefOrAddDefault(groups, e.Group, out _) ??= [];
            }

            last.Add(e);
        }

        return groups;
    }
}
