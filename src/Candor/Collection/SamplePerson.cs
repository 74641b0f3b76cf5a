namespace Candor.Collection;

/// <summary>What became of a sample customer's consent to a purpose.</summary>
internal enum SampleFate
{
    Given,
    Renewed,
    Withdrawn,
    Refused,
    Expired,
    ExpiringSoon,
    Never,
}

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.</summary>
internal sealed class SampleRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>A number from 0 up to, not including, <paramref name="end"/>.</summary>
    public int Below(int end)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)end);
        }
    }
}

/// <summary>One made-up customer: number from 1, and habits drawn from their own random numbers.</summary>
internal sealed class SamplePerson(int number, SampleRandom random, DateTimeOffset today, int days)
{
    public int Number { get; } = number;

    public SampleRandom Random { get; } = random;

    public DateTimeOffset Today { get; } = today;

    public string Reference => $"c-{Number:0000}";

    public DateTimeOffset Joined { get; } = today.AddDays(-days - 400 - random.Below(400));

    public int Visits { get; } = 3 + random.Below(25);

    public int Contacts { get; } = random.Below(4);

    /// <summary>Everybody on the shop page of the demo agrees to suggestions, except the last two; the rest is spread evenly.</summary>
    public SampleFate FateOf(string purpose) => purpose == "in-session-recommendations" && Number <= 6
        ? Number switch { 5 => SampleFate.Withdrawn, 6 => SampleFate.Never, _ => SampleFate.Given }
        : ((Number * 7 + purpose.Length * 3) % 10) switch
        {
            < 4 => SampleFate.Given,
            4 => SampleFate.Renewed,
            5 => SampleFate.Withdrawn,
            6 => SampleFate.Refused,
            7 => SampleFate.Expired,
            8 when Number > 6 => SampleFate.ExpiringSoon,
            _ => SampleFate.Never,
        };

    public bool Agrees(string purpose) => FateOf(purpose) is SampleFate.Given or SampleFate.Renewed or SampleFate.ExpiringSoon;

    /// <summary>A time on one of the days from <paramref name="least"/> to <paramref name="most"/> days ago.</summary>
    public DateTimeOffset DayBefore(int least, int most) => Today.AddDays(-least - Random.Below(most - least + 1)).AddSeconds(-Random.Below(36_000));

    /// <summary>Which of the customer's orders, from 1, has not come although it should have; 0: none.</summary>
    public int FindLate(IReadOnlyList<DateTimeOffset> orders) =>
        Number % 40 == 3 && orders.Where(o => o < Today.AddDays(-8) && o > Today.AddDays(-60)).DefaultIfEmpty().Max() is var newest && newest != default ? orders.Index().First(o => o.Item == newest).Index + 1 : 0;

    /// <summary>Consumables come back at their own pace; other things are bought now and then.</summary>
    public IEnumerable<(SampleProduct Product, DateTimeOffset Time, int Quantity)> Purchases()
    {
        for (var favourite = 0; favourite < 2; favourite++)
        {
            var product = SampleShop.Products[Random.Below(SampleShop.Products.Count)];
            var every = product.EveryDays == 0 ? days : product.EveryDays;
            for (var ago = Random.Below(every) + 1; ago < days; ago += every + Random.Below(5))
            {
                yield return (product, Today.AddDays(-ago).AddSeconds(-Random.Below(36_000)), 1 + Random.Below(2));
            }
        }

        for (var i = Random.Below(3); i > 0; i--)
        {
            yield return (SampleShop.Products[Random.Below(SampleShop.Products.Count)], DayBefore(1, days), 1);
        }
    }
}
