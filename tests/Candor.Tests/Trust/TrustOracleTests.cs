using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Candor.Fairness;
using Candor.Tests.House;
using Candor.Trust;
using Sylvan.Data.Csv;

namespace Candor.Tests.Trust;

/// <summary>The figures of trust against those that other programs made from the same data.</summary>
public sealed class TrustOracleTests
{
    private static readonly JsonElement Oracle = JsonDocument.Parse(File.ReadAllText(Repository.Shared("oracles/trust-metrics.json"))).RootElement;

    public static TheoryData<string> NpsCases => [.. Oracle.GetProperty("nps").EnumerateObject().Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(NpsCases))]
    public void Net_promoter_score(string name)
    {
        var expected = Oracle.GetProperty("nps").GetProperty(name);
        var score = Nps(name);
        Assert.Equal(expected.GetProperty("n").GetInt64(), score.Answers);
        Assert.Equal((expected.GetProperty("promoters").GetInt64(), expected.GetProperty("passives").GetInt64(), expected.GetProperty("detractors").GetInt64()), (score.Promoters, score.Passives, score.Detractors));
        Assert.Equal(expected.GetProperty("nps").GetDouble(), score.Value!.Value, 1e-9);
        Assert.Equal(expected.GetProperty("standard_error").GetDouble(), score.StandardError!.Value, 1e-9);
        var adjusted = expected.EnumerateObject().First(p => p.Name.StartsWith("adjusted", StringComparison.Ordinal)).Value;
        Assert.Equal(adjusted[0].GetDouble(), score.Unbounded().Low, 1e-9);
        Assert.Equal(adjusted[1].GetDouble(), score.Unbounded().High, 1e-9);
        var interval = score.Interval()!.Value;
        Assert.Equal((Math.Max(-100, score.Unbounded().Low), Math.Min(100, score.Unbounded().High)), (interval.Low, interval.High));
    }

    [Fact]
    public void Difference_of_two_net_promoter_scores()
    {
        var expected = Oracle.GetProperty("nps_difference");
        var (points, interval, p) = Nps(expected.GetProperty("a").GetString()!).DifferenceTo(Nps(expected.GetProperty("b").GetString()!))!.Value;
        Assert.Equal(expected.GetProperty("difference").GetDouble(), points, 1e-9);
        Assert.Equal(expected.GetProperty("p").GetDouble(), p, 1e-12);
        Assert.Equal(expected.GetProperty("ci95")[0].GetDouble(), interval.Low, 1e-9);
        Assert.Equal(expected.GetProperty("ci95")[1].GetDouble(), interval.High, 1e-9);
    }

    [Fact]
    public void Score_of_the_statements_about_trust()
    {
        var expected = Oracle.GetProperty("trust_scale");
        var score = TrustScore.Of([.. expected.GetProperty("responses").EnumerateArray().Select(r => (IReadOnlyList<int>)[.. r.EnumerateArray().Select(v => v.GetInt32())])])!;
        Assert.Equal(expected.GetProperty("mean_score_0_100").GetDouble(), score.Mean, 1e-9);
        Assert.Equal(expected.GetProperty("se").GetDouble(), score.StandardError!.Value, 1e-9);
        Assert.Equal(expected.GetProperty("cronbach_alpha").GetDouble(), score.Alpha!.Value, 1e-9);
        Assert.Equal(expected.GetProperty("top2box").GetDouble(), score.TopTwo, 1e-9);
    }

    [Fact]
    public void Retention_of_a_real_shop_by_month()
    {
        var expected = Oracle.GetProperty("retention_online_retail");
        var months = RealMonths();
        var table = RetentionTable.Of(months.Values, months.Values.Max(m => m.Max()));
        Assert.Equal(expected.GetProperty("customers").GetInt64(), table.Cohorts.Sum(c => c.Size));
        var cohorts = expected.GetProperty("cohorts").EnumerateObject().ToList();
        Assert.Equal(cohorts.Count, table.Cohorts.Count);
        foreach (var (cohort, of) in table.Cohorts.Zip(cohorts))
        {
            Assert.Equal(Numbers(of.Value, "bounded"), cohort.Active);
            Assert.Equal(Numbers(of.Value, "unbounded"), cohort.ActiveOrLater);
        }

        foreach (var pooled in expected.GetProperty("pooled_month_k").EnumerateObject())
        {
            var after = table.After(int.Parse(pooled.Name, CultureInfo.InvariantCulture));
            Assert.Equal((pooled.Value.GetProperty("active").GetInt64(), pooled.Value.GetProperty("eligible").GetInt64()), (after.Part, after.Whole));
        }
    }

    [Fact]
    public void Survival_of_real_subscribers_and_the_log_rank_test()
    {
        var expected = Oracle.GetProperty("kaplan_meier_telco");
        var people = Subscribers();
        Same(expected.GetProperty("all"), [.. people.Select(p => p.Tenure)]);
        foreach (var gender in expected.GetProperty("by_gender").EnumerateObject())
        {
            Same(gender.Value, [.. people.Where(p => p.Gender == gender.Name).Select(p => p.Tenure)]);
        }

        foreach (var senior in expected.GetProperty("by_senior").EnumerateObject())
        {
            Same(senior.Value, [.. people.Where(p => p.Senior == senior.Name).Select(p => p.Tenure)]);
        }

        SameTest(expected.GetProperty("logrank_gender(Female)"), people.ToLookup(p => p.Gender == "Female", p => p.Tenure));
        SameTest(expected.GetProperty("logrank_senior(1)"), people.ToLookup(p => p.Senior == "1", p => p.Tenure));
    }

    [Fact]
    public void Of_nobody_nothing_is_said()
    {
        Assert.Null(default(NetPromoterScore).Value);
        Assert.Null(default(NetPromoterScore).Interval());
        Assert.Null(default(NetPromoterScore).DifferenceTo(new NetPromoterScore(1, 1, 1)));
        Assert.Null(TrustScore.Of([]));
        Assert.Null(TrustScore.Of([[5, 5]])!.Interval);
        Assert.Null(TrustScore.Of([[5, 5], [5, 5]])!.Alpha);
        Assert.Empty(RetentionTable.Of([], 5).Cohorts);
        Assert.Null(RetentionTable.Of([[1, 2]], 5).After(9).Value);
        Assert.Empty(SurvivalCurve.Of([]).Steps);
        Assert.Null(SurvivalCurve.Compare([], [new Tenure(1, true)]));
        var gone = Assert.Single(SurvivalCurve.Of([new Tenure(1, true), new Tenure(1, true)]).Steps);
        Assert.Equal((0, 0), (gone.Survival, gone.StandardError));
    }

    private static NetPromoterScore Nps(string name) =>
        NetPromoterScore.Of([.. Oracle.GetProperty("nps").GetProperty(name).GetProperty("histogram_0..10").EnumerateArray().Select(v => v.GetInt64())]);

    private static List<long> Numbers(JsonElement cohort, string start) =>
        [.. cohort.EnumerateObject().First(p => p.Name.StartsWith(start, StringComparison.Ordinal)).Value.EnumerateArray().Select(v => v.GetInt64())];

    private static void Same(JsonElement expected, IReadOnlyList<Tenure> tenures)
    {
        var curve = SurvivalCurve.Of(tenures);
        foreach (var month in expected.EnumerateObject())
        {
            var step = curve.At(int.Parse(month.Name, CultureInfo.InvariantCulture))!;
            Assert.Equal(month.Value.GetProperty("at_risk").GetInt64(), step.AtRisk);
            Assert.Equal(month.Value.GetProperty("survival").GetDouble(), step.Survival, 1e-9);
            Assert.InRange(step.Survival, step.Interval.Low, step.Interval.High);
        }
    }

    private static void SameTest(JsonElement expected, ILookup<bool, Tenure> groups)
    {
        var (observed, due, chi, p) = SurvivalCurve.Compare([.. groups[true]], [.. groups[false]])!.Value;
        Assert.Equal(expected.GetProperty("observed").GetDouble(), observed);
        Assert.Equal(expected.GetProperty("expected").GetDouble(), due, 1e-6);
        Assert.Equal(expected.GetProperty("chi2").GetDouble(), chi, 1e-6);
        Assert.Equal(0, Math.Log(p / expected.GetProperty("p").GetDouble()), 1e-6);
    }

    private static List<(string Gender, string Senior, Tenure Tenure)> Subscribers() =>
        [.. Rows("datasets/telco-churn/telco-churn.csv.gz").Select(r => (r("gender"), r("SeniorCitizen"), new Tenure(double.Parse(r("tenure"), CultureInfo.InvariantCulture), r("Churn") == "Yes")))
            .Where(p => p.Item3.Time > 0)];

    private static Dictionary<string, HashSet<int>> RealMonths()
    {
        var months = new Dictionary<string, HashSet<int>>();
        foreach (var row in Rows("datasets/online-retail/online_retail.csv.gz"))
        {
            if (row("CustomerID").Length > 0 && row("InvoiceNo")[0] != 'C' && double.Parse(row("Quantity"), CultureInfo.InvariantCulture) > 0 && double.Parse(row("UnitPrice"), CultureInfo.InvariantCulture) > 0)
            {
                var day = DateTime.Parse(row("InvoiceDate"), CultureInfo.InvariantCulture);
                (months.TryGetValue(row("CustomerID"), out var held) ? held : months[row("CustomerID")] = []).Add(day.Year * 12 + day.Month);
            }
        }

        return months;
    }

    private static IEnumerable<Func<string, string>> Rows(string file)
    {
        using var csv = CsvDataReader.Create(new StreamReader(new GZipStream(File.OpenRead(Repository.Shared(file)), CompressionMode.Decompress)));
        while (csv.Read())
        {
            yield return column => csv.GetString(csv.GetOrdinal(column));
        }
    }
}
