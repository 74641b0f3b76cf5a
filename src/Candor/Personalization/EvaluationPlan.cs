namespace Candor.Personalization;

/// <summary>How an evaluation goes about it.</summary>
/// <param name="SearchTime">Most time for each of the two searches for settings; the best so far counts when it is over.</param>
public sealed record EvaluationPlan(TimeSpan SearchTime)
{
    /// <summary>Most lists that settings are judged by in the search, evenly spread.</summary>
    public int SearchQuestions { get; init; } = 10_000;

    /// <summary>Most lists that the result is judged by, evenly spread.</summary>
    public int JudgedQuestions { get; init; } = 50_000;

    /// <summary>How often the judged visits or customers are drawn anew for an interval.</summary>
    public int Resamples { get; init; } = 1_000;

    /// <summary>Part of the exposure for rarer items whose cost is measured too (<see cref="SessionSettings.RareShare"/>); 0: none.</summary>
    public double RareShare { get; init; }

    /// <summary>Starts the draws; the same number gives the same report.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Step">What is being done, in plain words.</param>
/// <param name="Share">0 to 1, of all of it.</param>
public sealed record EvaluationProgress(string Step, double Share);
