namespace Candor.Fairness;

/// <summary>What is measured of a group. The reference figures' names stand in <see cref="Rates"/>.</summary>
public enum Rate
{
    /// <summary>Who got a yes, of all.</summary>
    Selection,
    /// <summary>Who got a yes, of those for whom yes was right.</summary>
    TruePositive,
    /// <summary>Who got a yes, of those for whom no was right.</summary>
    FalsePositive,
    /// <summary>Who got a no, of those for whom yes was right.</summary>
    FalseNegative,
    /// <summary>Who got a no, of those for whom no was right.</summary>
    TrueNegative,
    /// <summary>Right decisions, of all whose truth is known.</summary>
    Accuracy,
    /// <summary>Right ones, of those who got a yes.</summary>
    Precision,
    /// <summary>Right ones, of those who got a no.</summary>
    NegativePredictive,
    /// <summary>Wrong ones, of those who got a yes.</summary>
    FalseDiscovery,
    /// <summary>Wrong ones, of those who got a no.</summary>
    FalseOmission,
    /// <summary>For whom yes is right, of all whose truth is known.</summary>
    Base,
}

/// <summary>The rates and how they are called in reports for machines.</summary>
public static class Rates
{
    public static IReadOnlyList<Rate> All { get; } = Enum.GetValues<Rate>();

    /// <summary>The ones that two groups are compared by.</summary>
    public static IReadOnlyList<Rate> Compared { get; } = [Rate.Selection, Rate.TruePositive, Rate.FalsePositive];

    public static string NameOf(Rate rate) => rate switch
    {
        Rate.Selection => "selectionRate",
        Rate.TruePositive => "tpr",
        Rate.FalsePositive => "fpr",
        Rate.FalseNegative => "fnr",
        Rate.TrueNegative => "tnr",
        Rate.Accuracy => "accuracy",
        Rate.Precision => "precision",
        Rate.NegativePredictive => "npv",
        Rate.FalseDiscovery => "fdr",
        Rate.FalseOmission => "for",
        _ => "baseRate",
    };
}

/// <summary>How the decisions of a group came out.</summary>
/// <param name="Count">People with a decision.</param>
/// <param name="Selected">Of them, those who got a yes. Truth may be unknown for some, so this can be more than the true and false positives.</param>
/// <remarks><c>default</c> is a group of nobody.</remarks>
public readonly record struct OutcomeCounts(long Count, long Selected, long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    /// <summary>People whose truth is known.</summary>
    public long Known => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    public static OutcomeCounts operator +(OutcomeCounts a, OutcomeCounts b) => new(
        a.Count + b.Count, a.Selected + b.Selected, a.TruePositives + b.TruePositives, a.FalsePositives + b.FalsePositives,
        a.TrueNegatives + b.TrueNegatives, a.FalseNegatives + b.FalseNegatives);

    public static OutcomeCounts operator -(OutcomeCounts a, OutcomeCounts b) => new(
        a.Count - b.Count, a.Selected - b.Selected, a.TruePositives - b.TruePositives, a.FalsePositives - b.FalsePositives,
        a.TrueNegatives - b.TrueNegatives, a.FalseNegatives - b.FalseNegatives);

    public static OutcomeCounts Add(OutcomeCounts left, OutcomeCounts right) => left + right;

    public static OutcomeCounts Subtract(OutcomeCounts left, OutcomeCounts right) => left - right;

    /// <summary>These counts and one person more.</summary>
    public OutcomeCounts With(bool decision, bool? truth) => new(
        Count + 1, Selected + (decision ? 1 : 0),
        TruePositives + (decision && truth == true ? 1 : 0), FalsePositives + (decision && truth == false ? 1 : 0),
        TrueNegatives + (!decision && truth == false ? 1 : 0), FalseNegatives + (!decision && truth == true ? 1 : 0));

    public Proportion Of(Rate rate) => rate switch
    {
        Rate.Selection => new(Selected, Count),
        Rate.TruePositive => new(TruePositives, TruePositives + FalseNegatives),
        Rate.FalsePositive => new(FalsePositives, FalsePositives + TrueNegatives),
        Rate.FalseNegative => new(FalseNegatives, TruePositives + FalseNegatives),
        Rate.TrueNegative => new(TrueNegatives, FalsePositives + TrueNegatives),
        Rate.Accuracy => new(TruePositives + TrueNegatives, Known),
        Rate.Precision => new(TruePositives, TruePositives + FalsePositives),
        Rate.NegativePredictive => new(TrueNegatives, TrueNegatives + FalseNegatives),
        Rate.FalseDiscovery => new(FalsePositives, TruePositives + FalsePositives),
        Rate.FalseOmission => new(FalseNegatives, TrueNegatives + FalseNegatives),
        _ => new(TruePositives + FalseNegatives, Known),
    };
}
