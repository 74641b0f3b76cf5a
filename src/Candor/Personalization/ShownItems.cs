using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>What was suggested to customers lately, so that nobody is shown the same thing again and again, and so that it can be counted whether what was shown was bought.</summary>
/// <remarks>In this process's memory alone, for an hour after the last answer, and forgotten in the step in which the customer takes consent back: nothing of it is ever stored. Another node
/// knows only what it showed itself.</remarks>
internal sealed class ShownItems(TimeProvider clock)
{
    /// <summary>How long after the last answer it is known what was shown.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Customers that are kept; beyond it whoever was answered longest ago is forgotten.</summary>
    public const int MostCustomers = 100_000;

    private const int MostItems = 500;
    private readonly Lock changing = new();
    private readonly Dictionary<string, Shown> customers = new(StringComparer.Ordinal);

    private sealed class Shown
    {
        public DateTimeOffset At { get; set; }

        public Dictionary<(PurposeId Purpose, string? Visit, string Item), int> Times { get; } = [];
    }

    /// <summary>Notes an answer; answers how many of its items were not shown before for this purpose.</summary>
    public int Note(CustomerId customer, PurposeId purpose, string? visit, IEnumerable<string> items)
    {
        lock (changing)
        {
            var now = clock.GetUtcNow();
            if (!customers.TryGetValue(customer.Value, out var shown) || shown.At + Kept <= now)
            {
                MakeRoom(now);
                customers[customer.Value] = shown = new Shown();
            }

            shown.At = now;
            var fresh = 0;
            foreach (var item in items)
            {
                fresh += shown.Times.Keys.Any(k => k.Purpose == purpose && k.Item == item) ? 0 : 1;
                if (shown.Times.Count < MostItems)
                {
                    shown.Times[(purpose, visit, item)] = shown.Times.GetValueOrDefault((purpose, visit, item)) + 1;
                }
            }

            return fresh;
        }
    }

    /// <summary>Items that were shown at least so often in a visit.</summary>
    public IReadOnlyList<string> PassedOver(CustomerId customer, PurposeId purpose, string? visit, int times)
    {
        lock (changing)
        {
            return Find(customer) is { } shown ? [.. shown.Times.Where(t => t.Key.Purpose == purpose && t.Key.Visit == visit && t.Value >= times).Select(t => t.Key.Item)] : [];
        }
    }

    /// <summary>Which of some items were shown for a purpose, each counted once: they are taken out.</summary>
    public int TakeBought(CustomerId customer, PurposeId purpose, IEnumerable<string> items)
    {
        lock (changing)
        {
            var bought = Find(customer) is { } shown ? items.Distinct(StringComparer.Ordinal).Where(i => shown.Times.Keys.Any(k => k.Purpose == purpose && k.Item == i)).ToList() : [];
            foreach (var key in bought.Count == 0 ? [] : customers[customer.Value].Times.Keys.Where(k => k.Purpose == purpose && bought.Contains(k.Item)).ToList())
            {
                customers[customer.Value].Times.Remove(key);
            }

            return bought.Count;
        }
    }

    /// <summary>Forgets a customer.</summary>
    public void Forget(string customer)
    {
        lock (changing)
        {
            customers.Remove(customer);
        }
    }

    /// <summary>Forgets a customer of whom only the digest is left.</summary>
    public void ForgetDigest(string digest)
    {
        lock (changing)
        {
            if (customers.Keys.FirstOrDefault(c => SuggestionModel.DigestOf(c) == digest) is { } found)
            {
                customers.Remove(found);
            }
        }
    }

    /// <summary>Forgets whoever was not answered for an hour.</summary>
    public void ForgetOld()
    {
        lock (changing)
        {
            var now = clock.GetUtcNow();
            foreach (var (customer, _) in customers.Where(c => c.Value.At + Kept <= now).ToList())
            {
                customers.Remove(customer);
            }
        }
    }

    /// <summary>How many customers are known.</summary>
    public int Count
    {
        get
        {
            lock (changing)
            {
                return customers.Count;
            }
        }
    }

    private Shown? Find(CustomerId customer) => customers.TryGetValue(customer.Value, out var shown) && shown.At + Kept > clock.GetUtcNow() ? shown : null;

    private void MakeRoom(DateTimeOffset now)
    {
        if (customers.Count < MostCustomers)
        {
            return;
        }

        var oldest = customers.Where(c => c.Value.At + Kept <= now).Select(c => c.Key).DefaultIfEmpty(customers.MinBy(c => c.Value.At).Key).ToList();
        oldest.ForEach(c => customers.Remove(c));
    }
}
