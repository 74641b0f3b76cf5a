using Candor.Gate;
using Candor.Kernel;

namespace Candor.Personalization;

/// <summary>Why something is suggested. Published as <see cref="SuggestionReasons.Code"/>.</summary>
public enum SuggestionReason
{
    /// <summary>People who viewed what you viewed in this visit also viewed it.</summary>
    ViewedWith,
    /// <summary>You bought it before.</summary>
    BoughtBefore,
    /// <summary>People who buy what you buy also buy it.</summary>
    BoughtBySimilar,
    /// <summary>Many people in the shop like it; nothing about you was used.</summary>
    Popular,
}

/// <summary>Reasons as they are written outside.</summary>
public static class SuggestionReasons
{
    /// <summary>The published text, such as <c>viewed-with</c>.</summary>
    public static string Code(this SuggestionReason reason) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
}

/// <summary>One suggestion with its explanation. There is no price in it, and nothing from which one could be made for a person.</summary>
/// <param name="Share">Its part of the whole score of the list, 0 to 1.</param>
/// <param name="Because">Which of the customer's own items carried it, and how much of it; the shares add up to 1. Empty for what is popular.</param>
/// <param name="SimilarVisits">How many visits of people who viewed the same led here; for next needs, how many customers who buy alike bought it.</param>
/// <param name="TimesBought">In how many of the customer's own orders it is.</param>
/// <param name="ExpectedAt">When it is due by the customer's own intervals; null when nothing is known of that.</param>
public sealed record ExplainedItem(
    string Item, SuggestionReason Reason, double Share, IReadOnlyList<ScorePart> Because, int SimilarVisits, int TimesBought, DateTimeOffset? ExpectedAt)
{
    /// <summary>It stands before others that score higher, so that rarer items are shown too.</summary>
    public bool IsMoved { get; init; }
}

/// <summary>What would have been suggested without one thing, by the same model.</summary>
/// <param name="WithoutItem">The item taken out; null when a whole data point is.</param>
/// <param name="WithoutDataPoint">The data point taken out; null when an item is.</param>
/// <param name="Items">What would have been suggested instead, in order.</param>
public sealed record Counterfactual(string? WithoutItem, DataPointId? WithoutDataPoint, IReadOnlyList<string> Items);

/// <summary>A list of suggestions.</summary>
/// <param name="IsPersonal">False: nothing about this person was used.</param>
/// <param name="WhyNotPersonal">Why nothing was used; null when something was, or when there was nothing to use yet.</param>
/// <param name="DataPoints">The data points that were used.</param>
/// <param name="Items">Best first.</param>
/// <param name="Counterfactuals">Empty unless asked for.</param>
/// <param name="Entry">Id of the log entry.</param>
public sealed record SuggestionAnswer(
    PurposeId Purpose, bool IsPersonal, ReasonCode? WhyNotPersonal, IReadOnlyList<DataPointId> DataPoints, IReadOnlyList<ExplainedItem> Items,
    IReadOnlyList<Counterfactual> Counterfactuals, string Entry)
{
    /// <summary>The code of <see cref="IsHeldOut"/> where reason codes stand.</summary>
    public const string HoldOutCode = "hold-out";

    /// <summary>The customer agreed and is in the comparison group: nothing about them was used, so that it can be measured whether suggestions help.</summary>
    public bool IsHeldOut { get; init; }

    /// <summary>The code of <see cref="IsPaused"/> where reason codes stand.</summary>
    public const string PausedCode = "paused";

    /// <summary>The use failed a bias audit and is paused: nothing about anybody is used for it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The visit that it was made for; null: none.</summary>
    internal string? Visit { get; init; }
}
