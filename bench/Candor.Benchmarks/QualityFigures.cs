using System.Globalization;
using Candor.Personalization;

namespace Candor.Benchmarks;

/// <summary>Quality on the public data sets that others report on, by their protocols, with settings that the search finds in the training data alone.</summary>
internal static class QualityFigures
{
    /// <param name="folder">Holds <c>rsc15-100k/train.tsv.gz</c>, <c>rsc15-100k/test.tsv.gz</c> and <c>online-retail/online_retail.csv.gz</c>.</param>
    public static void Run(string folder)
    {
        var train = new ShopFile().Read(Path.Combine(folder, "rsc15-100k", "train.tsv.gz")).Visits;
        var test = new ShopFile().Read(Path.Combine(folder, "rsc15-100k", "test.tsv.gz")).Visits;
        using (var index = SessionEvaluation.Index(train))
        {
            Print("rsc15-100k, settings found", SessionEvaluation.Run(index, SettingsSearch.ForSessions(train), test));
            Print("rsc15-100k, defaults", SessionEvaluation.Run(index, new SessionSettings(), test));
            Print("rsc15-100k, what is popular", SessionEvaluation.Popular(index, test));
        }

        // The rule of the figures to compare with: stock codes whose first five characters are digits.
        var baskets = new ShopFile().Read(Path.Combine(folder, "online-retail", "online_retail.csv.gz")).Baskets
            .Select(b => b with { Items = [.. b.Items.Where(i => i.Length >= 5 && i[..5].All(char.IsAsciiDigit))] }).Where(b => b.Items.Count > 0).ToList();
        var (training, targets) = BasketEvaluation.Split(baskets);
        foreach (var (name, settings) in ((string, BasketSettings)[])
            [("settings found", SettingsSearch.ForBaskets(training)), ("defaults", new()), ("own top items, then everybody's", BasketSettings.OwnTopItems)])
        {
            using var index = BasketEvaluation.Index(training, settings);
            Print($"Online Retail, {name}", BasketEvaluation.Run(index, targets));
            Print($"Online Retail, {name}, of 20", BasketEvaluation.Run(index, targets, 20));
        }
    }

    private static void Print(string what, EvaluationResult r) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-52} lists {r.Questions} hits {r.HitRate:0.0000} MRR {r.Mrr:0.0000} recall {r.Recall:0.0000} NDCG {r.Ndcg:0.0000} p50 {r.P50Ms:0.000} p90 {r.P90Ms:0.000} ms"));
}
