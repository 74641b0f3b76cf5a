namespace Candor.Benchmarks;

/// <summary>Visits and purchases of a shop that does not exist, the same each time: few items are popular (a Zipf-like choice), and neighbours in number go together.</summary>
internal static class MadeUpShop
{
    private const int Items = 50_000;

    /// <summary>Visits of four clicks on average, three to a customer.</summary>
    public static IEnumerable<(string Customer, string Key, IReadOnlyList<string> Viewed, long TimeUs)> Visits(int clicks)
    {
        var dice = new Dice();
        for (var (done, visit) = (0, 0); done < clicks; visit++)
        {
            var length = 1 + dice.Below(7);
            var viewed = Things(dice, length);
            done += length;
            yield return ($"c{visit / 3}", $"v{visit}", viewed, done * 1_000_000L);
        }
    }

    /// <summary>Customers with one to nine baskets of one to nine things, five of each on average.</summary>
    public static IEnumerable<(string Customer, List<(string Key, IEnumerable<string> Bought, long TimeUs)> Baskets)> Customers(int count)
    {
        var dice = new Dice();
        for (var customer = 0; customer < count; customer++)
        {
            var baskets = new List<(string, IEnumerable<string>, long)>();
            for (var (b, end) = (0, 1 + dice.Below(9)); b < end; b++)
            {
                baskets.Add(($"o{b}", Things(dice, 1 + dice.Below(9)), dice.Below(1 << 30) * 20_000L));
            }

            yield return ($"c{customer}", baskets);
        }
    }

    private static string[] Things(Dice dice, int length)
    {
        var first = (int)(Items * Math.Pow(dice.Below(1 << 20) / (double)(1 << 20), 3));
        var things = new string[length];
        for (var i = 0; i < length; i++)
        {
            things[i] = $"i{Math.Min(Items - 1, first + dice.Below(12))}";
        }

        return things;
    }

    /// <summary>A fixed sequence (xorshift64, Marsaglia 2003), so that runs compare; nothing here is secret.</summary>
    private sealed class Dice
    {
        private ulong state = 88_172_645_463_325_252UL;

        public int Below(int end)
        {
            unchecked
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                return (int)(state % (ulong)end);
            }
        }
    }
}
