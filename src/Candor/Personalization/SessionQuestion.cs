namespace Candor.Personalization;

/// <summary>What is asked of the session model.</summary>
/// <param name="Viewed">Items of the current visit in order, at least one; the newest <see cref="MaxViewed"/> count.</param>
/// <param name="NowUs">The instant of the question.</param>
/// <param name="Count">How many suggestions, 1 to 100.</param>
public sealed record SessionQuestion(IReadOnlyList<string> Viewed, long NowUs, int Count)
{
    public const int MaxViewed = 50;

    /// <summary>Customer and key of the current visit when the index holds it already: a visit is not its own neighbour.</summary>
    public (string Customer, string Key)? OwnVisit { get; init; }

    /// <summary>Items that are not suggested and that do not suggest.</summary>
    public IReadOnlySet<string>? LeftOut { get; init; }

    /// <summary>Items that are not suggested but may suggest, such as what was bought just now.</summary>
    public IReadOnlySet<string>? NotSuggested { get; init; }

    /// <summary>Whether an item of the current visit may be suggested again. On a shop page it may not.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>Whether the parts of each score are worked out as well.</summary>
    public bool Explained { get; init; }
}

/// <summary>One suggestion.</summary>
/// <param name="Score">Above 0; comparable within one answer only.</param>
/// <param name="SimilarVisits">How many visits of others, or earlier ones of this customer, carried it.</param>
/// <param name="Parts">Which items of the current visit carried which part of the score, most first; the parts add up to 1. Empty unless asked for.</param>
public sealed record Suggestion(string Item, double Score, int SimilarVisits, IReadOnlyList<ScorePart> Parts)
{
    /// <summary>It stands before others that score higher, so that rarer items are shown too (<see cref="SessionSettings.RareShare"/>).</summary>
    public bool IsMoved { get; init; }
}

/// <summary>The part that one item carried, above 0 and up to 1.</summary>
public sealed record ScorePart(string Item, double Share);
