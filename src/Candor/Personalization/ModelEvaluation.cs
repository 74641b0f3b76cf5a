namespace Candor.Personalization;

/// <summary>One line of an evaluation.</summary>
/// <param name="Model">What was measured, in plain words.</param>
/// <param name="ListLength">Length of the list that was judged.</param>
public sealed record EvaluationLine(string Model, int ListLength, EvaluationResult Result);

/// <summary>What an evaluation of a shop's own data found.</summary>
/// <param name="Visits">Settings found for suggestions from a visit; null when there are too few visits.</param>
/// <param name="Needs">Settings found for next needs; null when there are too few purchases.</param>
public sealed record EvaluationReport(IReadOnlyList<EvaluationLine> Lines, SessionSettings? Visits, BasketSettings? Needs);

/// <summary>Measures suggestions on what the models hold: split by time, settings from the older part alone, judged on the newer part, beside what is popular.</summary>
public static class ModelEvaluation
{
    /// <summary>Part of the visits, the newest, that is judged.</summary>
    public const double JudgedOn = 0.1;

    /// <summary>Fewest visits, or customers with two orders, from which anything is said.</summary>
    public const int Least = 50;

    internal static EvaluationReport Run(SuggestionModel model, IProgress<SettingsTried>? progress)
    {
        var lines = new List<EvaluationLine>();
        var visits = EvaluateVisits(VisitsOf(model.Visits), lines, progress);
        var needs = EvaluateNeeds(BasketsOf(model.Baskets), lines, progress);
        return new EvaluationReport(lines, visits, needs);
    }

    private static SessionSettings? EvaluateVisits(List<VisitRecord> visits, List<EvaluationLine> lines, IProgress<SettingsTried>? progress)
    {
        if (visits.Count < Least)
        {
            return null;
        }

        var (training, test) = VisitRecord.SplitByTime(visits, JudgedOn);
        var found = SettingsSearch.ForSessions(training, progress: progress);
        using var index = SessionEvaluation.Index(training);
        lines.Add(new EvaluationLine("visit, settings found", SessionEvaluation.ListLength, SessionEvaluation.Run(index, found, test)));
        lines.Add(new EvaluationLine("visit, defaults", SessionEvaluation.ListLength, SessionEvaluation.Run(index, new SessionSettings(), test)));
        lines.Add(new EvaluationLine("visit, what is popular", SessionEvaluation.ListLength, SessionEvaluation.Popular(index, test)));
        return found;
    }

    private static BasketSettings? EvaluateNeeds(List<BasketRecord> baskets, List<EvaluationLine> lines, IProgress<SettingsTried>? progress)
    {
        var (training, targets) = BasketEvaluation.Split(baskets);
        if (targets.Count < Least)
        {
            return null;
        }

        var found = SettingsSearch.ForBaskets(training, progress: progress);
        foreach (var (name, settings) in ((string, BasketSettings)[])
            [("next needs, settings found", found), ("next needs, defaults", new()), ("next needs, own top items", BasketSettings.OwnTopItems)])
        {
            using var index = BasketEvaluation.Index(training, settings);
            lines.Add(new EvaluationLine(name, BasketEvaluation.ListLength, BasketEvaluation.Run(index, targets)));
        }

        return found;
    }

    private static List<VisitRecord> VisitsOf(SessionIndex index) => index.Look(held =>
    {
        var list = new List<VisitRecord>();
        foreach (var visit in held.Visits)
        {
            if (visit.Items is { } items)
            {
                list.Add(new VisitRecord($"{visit.Customer}/{visit.Key}", [.. items.Select(held.Items.Name)], [.. items.Select(_ => visit.TimeUs)]));
            }
        }

        return list;
    });

    private static List<BasketRecord> BasketsOf(SessionIndex index) => index.Look(held =>
    {
        var list = new List<BasketRecord>();
        foreach (var basket in held.Visits)
        {
            if (basket.Items is { } items)
            {
                list.Add(new BasketRecord(basket.Customer!, basket.Key!, [.. items.Distinct().Select(held.Items.Name)], basket.TimeUs));
            }
        }

        return list;
    });
}
