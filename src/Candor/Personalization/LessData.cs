namespace Candor.Personalization;

/// <summary>What a smaller set of data comes to.</summary>
public enum LessDataFinding
{
    /// <summary>Even the low end of the interval keeps the quality.</summary>
    Keeps,
    /// <summary>The interval holds the limit: there are too few lists to tell.</summary>
    Unclear,
    /// <summary>Even the high end does not keep it.</summary>
    Loses,
}

/// <summary>A set of data and how good suggestions are with it alone.</summary>
/// <param name="DataPoints">What is used: <c>views</c>, <c>purchases</c> or both.</param>
/// <param name="Percent">Part of the time that is kept, the newest.</param>
/// <param name="Days">The same in days.</param>
/// <param name="Records">Views and purchased items that are used.</param>
/// <param name="Quality">NDCG.</param>
/// <param name="Ratio">Quality against that of the full set.</param>
/// <param name="Low">Low end of the 95 % interval of the ratio, by drawing visits or customers anew.</param>
/// <param name="High">High end of it.</param>
public sealed record DataSet(string DataPoints, int Percent, double Days, long Records, double Quality, double Ratio, double Low, double High)
{
    /// <summary>In words, such as <c>views, newest 12.5 days (25 %)</c>.</summary>
    public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{DataPoints}, {(Percent == 100 ? "all" : "newest")} {Days:0.#} days");

    /// <summary>True when views, or purchases, are in it.</summary>
    public bool Holds(string dataPoint) => DataPoints == dataPoint || DataPoints == LessData.Both;

    public LessDataFinding Finding => Low >= LessData.Kept ? LessDataFinding.Keeps : High < LessData.Kept ? LessDataFinding.Loses : LessDataFinding.Unclear;
}

/// <summary>The answer to "can the same be achieved with less data?", measured.</summary>
/// <param name="Model">Which suggestions it is about.</param>
/// <param name="Lists">How many lists were judged.</param>
/// <param name="Sets">The full set first.</param>
/// <param name="Smallest">The set with the fewest records that keeps the quality beyond doubt.</param>
public sealed record LessData(string Model, int Lists, IReadOnlyList<DataSet> Sets, DataSet Smallest)
{
    /// <summary>Part of the quality of the full set that a smaller one has to keep.</summary>
    public const double Kept = 0.99;

    /// <summary>As <see cref="Model"/>: suggestions from a visit, and next needs.</summary>
    public const string Visits = "visit";
    public const string Needs = "next needs";

    /// <summary>As <see cref="DataSet.DataPoints"/>.</summary>
    public const string Views = "views";
    public const string Purchases = "purchases";
    public const string Both = "views and purchases";

    /// <summary>The set with all of the time and without views, or without purchases; null when it was not tried.</summary>
    /// <param name="dataPoint"><see cref="Views"/> or <see cref="Purchases"/>.</param>
    public DataSet? Without(string dataPoint) => Sets.FirstOrDefault(s => s.Percent == 100 && !s.Holds(dataPoint));

    /// <summary>Parts of the time that are tried, in percent.</summary>
    public static IReadOnlyList<int> Percents { get; } = [100, 75, 50, 25, 12, 6];

    /// <summary>What events may hold that no model reads; leaving it out cannot change a suggestion.</summary>
    public static IReadOnlyList<string> NotRead { get; } = ["category (only compared with neverSuggest)", "price and amount", "text"];
}
