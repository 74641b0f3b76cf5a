namespace Candor.Personalization;

/// <summary>One line of an evaluation.</summary>
/// <param name="Model">What was measured, in plain words.</param>
/// <param name="ListLength">Length of the list that was judged.</param>
public sealed record EvaluationLine(string Model, int ListLength, EvaluationResult Result);

/// <summary>What it costs to give rarer items a part of the exposure, on the visits that the settings were not found on.</summary>
/// <param name="Share">As <see cref="SessionSettings.RareShare"/>.</param>
public sealed record ExposureCost(double Share, EvaluationResult Without, EvaluationResult With);

/// <summary>What an evaluation of a shop's own data found.</summary>
/// <param name="Visits">Settings to use for suggestions from a visit; null when there are too few visits.</param>
/// <param name="Needs">Settings to use for next needs; null when there are too few purchases.</param>
public sealed record EvaluationReport(IReadOnlyList<EvaluationLine> Lines, SessionSettings? Visits, BasketSettings? Needs)
{
    /// <summary>Version of Candor that measured.</summary>
    public required string Version { get; init; }

    public required DataSize Data { get; init; }

    /// <summary>How many settings were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>Whether the smaller sets of data do as well.</summary>
    public required IReadOnlyList<LessData> LessData { get; init; }

    /// <summary>For suggestions from a visit; null when it was not asked for, or there are too few visits.</summary>
    public ExposureCost? Exposure { get; init; }

    /// <summary>What whoever reads this must know, one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>Measures suggestions on a shop's data: split by time, settings from the older part alone, judged on the newer part, beside what is popular; then with less data.</summary>
public sealed class ModelEvaluation
{
    /// <summary>Part of the visits, the newest, that is judged.</summary>
    public const double JudgedOn = 0.1;

    /// <summary>Fewest visits, or customers with two orders, from which anything is said.</summary>
    public const int Least = 50;

    private readonly ShopRecords records;
    private readonly EvaluationPlan plan;
    private readonly IProgress<EvaluationProgress>? progress;
    private readonly EvaluatedCustomers? customers;
    private readonly List<EvaluationLine> lines = [];
    private readonly List<LessData> less = [];
    private readonly List<string> notes = [];
    private ExposureCost? exposure;
    private int tried;

    private ModelEvaluation(ShopRecords records, EvaluationPlan plan, IProgress<EvaluationProgress>? progress, EvaluatedCustomers? customers) =>
        (this.records, this.plan, this.progress, this.customers) = (records, plan, progress, customers);

    /// <param name="customers">Is told who is in the models and how lists came out for them; null: nobody asks.</param>
    public static EvaluationReport Run(ShopRecords records, EvaluationPlan plan, IProgress<EvaluationProgress>? progress, EvaluatedCustomers? customers = null)
    {
        var run = new ModelEvaluation(records, plan, progress, customers);
        customers?.Hold(records);
        var visits = run.EvaluateVisits();
        var needs = run.EvaluateNeeds();
        return new EvaluationReport(run.lines, visits, needs)
        {
            Version = typeof(ModelEvaluation).Assembly.GetName().Version!.ToString(3),
            Data = DataSize.Of(records),
            Tried = run.tried,
            LessData = run.less,
            Exposure = run.exposure,
            Notes = run.notes,
        };
    }

    private SessionSettings? EvaluateVisits()
    {
        if (records.Visits.Count < Least)
        {
            return null;
        }

        var (training, test) = VisitRecord.SplitByTime(records.Visits, JudgedOn);
        var found = SettingsSearch.ForSessions(training, every: Every(training.TakeLast(test.Count), plan.SearchQuestions), progress: Searching("visits", 0), budget: plan.SearchTime);
        using var index = SessionEvaluation.Index(training);
        var every = Every(test, plan.JudgedQuestions);
        if (every > 1)
        {
            notes.Add($"Suggestions from a visit are judged on every {every}th list.");
        }

        var questions = SessionEvaluation.Questions(index, test, every);
        var result = Judge(index, found, questions, isWithRare: false);
        lines.Add(new EvaluationLine("visit, settings found", SessionEvaluation.ListLength, result));
        if (plan.RareShare > 0)
        {
            exposure = new ExposureCost(plan.RareShare, result, Judge(index, found with { RareShare = plan.RareShare }, questions, isWithRare: true));
            lines.Add(new EvaluationLine(FormattableString.Invariant($"visit, {plan.RareShare * 100:0.#} % for rarer items"), SessionEvaluation.ListLength, exposure.With));
        }

        lines.Add(new EvaluationLine("visit, defaults", SessionEvaluation.ListLength, SessionEvaluation.Run(index, new SessionSettings(), questions).Result(index.ItemCount, SessionEvaluation.Popularity(index))));
        lines.Add(new EvaluationLine("visit, what is popular", SessionEvaluation.ListLength, SessionEvaluation.Popular(index, test, every)));
        var sets = new LessDataSearch(records, plan).ForVisits(found, training, questions, share => Tell("Visits with less data", 0.3 + share * 0.2));
        less.AddRange(sets is null ? [] : [sets]);
        return found;
    }

    private BasketSettings? EvaluateNeeds()
    {
        var (training, all) = BasketEvaluation.Split(records.Baskets);
        if (all.Count < Least)
        {
            return null;
        }

        var targets = Spread(all, plan.JudgedQuestions);
        var found = SettingsSearch.ForBaskets(training, progress: Searching("purchases", 0.5), budget: plan.SearchTime, mostTargets: plan.SearchQuestions);
        var (own, ownLists) = Judge("next needs, own top items", training, targets, BasketSettings.OwnTopItems);
        var (result, lists) = Judge("next needs, settings found", training, targets, found);
        if (result.Recall * result.Ndcg < own.Recall * own.Ndcg)
        {
            notes.Add("For next needs nothing that was found beats the customer's own top items on the judged baskets, so those are to be used.");
            (found, lists) = (BasketSettings.OwnTopItems, ownLists);
        }

        customers?.Judge(SuggestionKind.Needs, isWithRare: false, targets.Select(t => t.Customer), lists);
        Judge("next needs, defaults", training, targets, new BasketSettings());
        var sets = new LessDataSearch(records, plan).ForNeeds(found, training, targets, share => Tell("Purchases with less data", 0.8 + share * 0.2));
        less.AddRange(sets is null ? [] : [sets]);
        return found;
    }

    private EvaluationResult Judge(SessionIndex index, SessionSettings settings, IReadOnlyList<VisitQuestion> questions, bool isWithRare)
    {
        var tally = SessionEvaluation.Run(index, settings, questions);
        customers?.Judge(SuggestionKind.Visit, isWithRare, questions.Select(q => q.Customer), tally);
        return tally.Result(index.ItemCount, SessionEvaluation.Popularity(index));
    }

    private (EvaluationResult Result, EvaluationTally Tally) Judge(string model, IReadOnlyList<BasketRecord> training, IReadOnlyList<BasketRecord> targets, BasketSettings settings)
    {
        using var index = BasketEvaluation.Index(training, settings);
        var tally = BasketEvaluation.Judge(index, targets);
        var result = tally.Result(index.ItemCount, BasketEvaluation.Popularity(index));
        lines.Add(new EvaluationLine(model, BasketEvaluation.ListLength, result));
        return (result, tally);
    }

    private static int Every(IEnumerable<VisitRecord> visits, int most) => (int)Math.Max(1, visits.Sum(v => v.Items.Count - 1L) / most);

    internal static IReadOnlyList<BasketRecord> Spread(IReadOnlyList<BasketRecord> targets, int most) =>
        Math.Max(1, targets.Count / most) is var every && every == 1 ? targets : [.. targets.Where((_, i) => i % every == 0)];

    private SearchProgress Searching(string what, double from) => new(s =>
    {
        tried++;
        Tell($"Settings for {what}: {s.Count} tried, best {s.Best:0.0000}", from + 0.3 * s.Share);
    });

    private void Tell(string step, double share) => progress?.Report(new EvaluationProgress(step, share));

    /// <summary>Tells at once, on the thread that searches.</summary>
    private sealed class SearchProgress(Action<SettingsTried> tell) : IProgress<SettingsTried>
    {
        public void Report(SettingsTried value) => tell(value);
    }
}
