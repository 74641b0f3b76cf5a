namespace Candor.Personalization;

/// <summary>Repeats an evaluation with shorter retention and fewer data points, on the same questions with the same settings.</summary>
internal sealed class LessDataSearch(ShopRecords records, EvaluationPlan plan)
{
    /// <summary>The outcome of one set: its gain on each question, and how many records it has.</summary>
    private sealed record Trial(string DataPoints, int Percent, double Days, long Records, IReadOnlyList<double> Gains);

    /// <param name="training">Visits before those that are judged.</param>
    public LessData? ForVisits(SessionSettings settings, IReadOnlyList<VisitRecord> training, IReadOnlyList<VisitQuestion> questions, Action<double> progress)
    {
        var until = training.Max(v => v.EndUs);
        var shoppers = records.Baskets.ToLookup(b => b.Customer, StringComparer.Ordinal);
        var baskets = records.Baskets.Where(b => b.TimeUs <= until).Select(b => new VisitRecord($"{b.Customer}/{b.Key}", b.Items, [.. b.Items.Select(_ => b.TimeUs)])).ToList();
        string[] points = training.Any(v => v.Customer is { } c && shoppers.Contains(c)) ? [LessData.Both, LessData.Views, LessData.Purchases] : [LessData.Views];
        var trials = new List<Trial>();
        foreach (var (point, percent) in points.SelectMany(p => LessData.Percents.Select(s => (p, s))))
        {
            var (from, days) = Window(training.Min(v => v.EndUs), until, percent);
            var used = (point == LessData.Purchases ? baskets : training).Where(v => v.EndUs >= from).ToList();
            using var index = SessionEvaluation.Index(used);
            var tally = SessionEvaluation.Run(index, settings, questions, point == LessData.Both ? (customer, nowUs) => BoughtLately(shoppers[customer], nowUs) : null);
            var extra = point == LessData.Both ? baskets.Where(b => b.EndUs >= from).Sum(b => (long)b.Items.Count) : 0;
            trials.Add(new Trial(point, percent, days, used.Sum(v => (long)v.Items.Count) + extra, tally.Gains));
            progress(trials.Count / (double)(points.Length * LessData.Percents.Count));
        }

        return Compare(LessData.Visits, trials, [.. questions.Select(q => q.Visit)]);
    }

    public LessData? ForNeeds(BasketSettings settings, IReadOnlyList<BasketRecord> training, IReadOnlyList<BasketRecord> targets, Action<double> progress)
    {
        var until = targets.ToDictionary(t => t.Customer, t => t.TimeUs, StringComparer.Ordinal);
        var views = records.Visits.Where(v => v.Customer is { } c && v.EndUs < until.GetValueOrDefault(c, long.MaxValue))
            .Select(v => new BasketRecord(v.Customer!, v.Key, [.. v.Items.Distinct(StringComparer.Ordinal)], v.EndUs)).ToList();
        string[] points = views.Count > 0 ? [LessData.Purchases, LessData.Views] : [LessData.Purchases];
        var (first, last) = (training.Min(b => b.TimeUs), targets.Max(t => t.TimeUs));
        var trials = new List<Trial>();
        foreach (var (point, percent) in points.SelectMany(p => LessData.Percents.Select(s => (p, s))))
        {
            // What is kept is counted back from the day of each target, as retention does.
            var (from, days) = Window(first, last, percent);
            var kept = last - from;
            var used = (point == LessData.Views ? views : training).Where(b => b.TimeUs >= until.GetValueOrDefault(b.Customer, last) - kept).ToList();
            using var index = BasketEvaluation.Index(used, settings);
            trials.Add(new Trial(point, percent, days, used.Sum(b => (long)b.Items.Count), BasketEvaluation.Judge(index, targets).Gains));
            progress(trials.Count / (double)(points.Length * LessData.Percents.Count));
        }

        return Compare(LessData.Needs, trials, [.. Enumerable.Range(0, targets.Count)]);
    }

    private static (long FromUs, double Days) Window(long firstUs, long lastUs, int percent)
    {
        var kept = (long)((lastUs - firstUs) * (percent / 100.0));
        return (lastUs - kept, kept / SessionRanking.MicrosPerDay);
    }

    private static HashSet<string> BoughtLately(IEnumerable<BasketRecord> baskets, long nowUs) => baskets
        .Where(b => b.TimeUs <= nowUs && b.TimeUs > nowUs - OwnSide.BoughtWithin.TotalMicroseconds).SelectMany(b => b.Items).ToHashSet(StringComparer.Ordinal);

    private LessData? Compare(string model, List<Trial> trials, int[] clusters)
    {
        var full = Sums(trials[0].Gains, clusters);
        if (full.Sum() == 0)
        {
            return null;
        }

        var sets = trials.ConvertAll(t =>
        {
            var sums = Sums(t.Gains, clusters);
            var (low, high) = Interval(sums, full);
            return new DataSet(t.DataPoints, t.Percent, t.Days, t.Records, sums.Sum() / t.Gains.Count, sums.Sum() / full.Sum(), low, high);
        });
        return new LessData(model, clusters.Length, sets, sets.Where(s => s.Finding == LessDataFinding.Keeps).MinBy(s => s.Records)!);
    }

    private static double[] Sums(IReadOnlyList<double> gains, int[] clusters)
    {
        var sums = new double[clusters.Length == 0 ? 0 : clusters.Max() + 1];
        for (var i = 0; i < gains.Count; i++)
        {
            sums[clusters[i]] += gains[i];
        }

        return sums;
    }

    /// <summary>95 % interval of the ratio of two sums, both over the same visits or customers, drawn anew with replacement (paired bootstrap, percentiles).</summary>
    private (double Low, double High) Interval(double[] some, double[] full)
    {
        var (dice, ratios) = (new Random(plan.Seed), new double[plan.Resamples]);
        for (var r = 0; r < ratios.Length; r++)
        {
            var (above, below) = (0.0, 0.0);
            for (var i = 0; i < full.Length; i++)
            {
                var drawn = dice.Next(full.Length);
                above += some[drawn];
                below += full[drawn];
            }

            ratios[r] = below == 0 ? 1 : above / below;
        }

        Array.Sort(ratios);
        return (ratios[(int)(ratios.Length * 0.025)], ratios[Math.Min(ratios.Length - 1, (int)(ratios.Length * 0.975))]);
    }
}
