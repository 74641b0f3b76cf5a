namespace Candor.Personalization;

/// <summary>How next needs weigh what was bought. Defaults came out of the automatic search.</summary>
/// <remarks>Method and letters: TIFU-kNN (Hu, He, Gao, Zhang 2020, Modeling Personalized Item Frequency Information for Next-basket Recommendation).</remarks>
public sealed record BasketSettings
{
    /// <summary>The customer's own top items, then everybody's: the baseline that anything better has to beat.</summary>
    public static BasketSettings OwnTopItems { get; } = new() { GroupSize = BasketIndex.MaxBaskets, BasketDecay = 1, GroupDecay = 1, Neighbours = 0, OwnShare = 1 };

    /// <summary>How many baskets make a group, counted from the newest (m). 1 or more.</summary>
    public int GroupSize { get; init; } = 100;

    /// <summary>Weight of a basket against the next newer one of its group (rb). Above 0, up to 1.</summary>
    public double BasketDecay { get; init; } = 0.95;

    /// <summary>Weight of a group against the next newer one (rg). Above 0, up to 1.</summary>
    public double GroupDecay { get; init; } = 0.8;

    /// <summary>How many customers who buy alike carry what is new (k). 0: none, everybody's favourites fill up.</summary>
    public int Neighbours { get; init; } = 300;

    /// <summary>How many purchases of the customer's items by others are looked at to find who buys alike, the newest buyers of each item. 1 or more.</summary>
    public int SharedPurchases { get; init; } = 8000;

    /// <summary>Part of the score that comes from the customer's own purchases (alpha). 0 to 1.</summary>
    public double OwnShare { get; init; } = 0.4;
}
