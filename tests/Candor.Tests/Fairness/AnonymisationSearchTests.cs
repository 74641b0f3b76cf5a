using System.Globalization;
using Candor.Fairness;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Fairness;

public sealed class AnonymisationSearchTests
{
    private static readonly IReadOnlyList<string> Ages = [.. Enumerable.Range(0, 60).Select(a => a.ToString(CultureInfo.InvariantCulture))];
    private static readonly IReadOnlyList<string> Codes = ["1010", "1011", "1020", "1120", "2010", "2011"];

    private static readonly IReadOnlyList<GeneralisationHierarchy> Hierarchies =
        [GeneralisationHierarchy.Age("age", Ages), GeneralisationHierarchy.Postcode("code", Codes), GeneralisationHierarchy.KeepOrHide("sex", ["f", "m"])];

    [Fact]
    public void Nothing_in_the_whole_lattice_loses_less_than_what_is_found() =>
        Gen.Select(Gen.Select(Gen.Int[0, 59], Gen.Int[0, 5], Gen.Int[0, 1], Gen.Int[0, 3]).Array[1, 60], Gen.Int[1, 6], Gen.Double[0, 0.4], Gen.Int[1, 3], Gen.Bool).Sample((people, k, suppressed, l, hasT) =>
        {
            var search = new AnonymisationSearch(Hierarchies, [[.. people.Select(p => p.Item1)], [.. people.Select(p => p.Item2)], [.. people.Select(p => p.Item3)]], [.. people.Select(p => p.Item4)]);
            var goal = new AnonymityGoal(k, suppressed, l, hasT ? 0.4 : null);
            var found = search.Find(goal, TestContext.Current.CancellationToken);
            var all = (from a in Enumerable.Range(0, Hierarchies[0].Levels.Count) from b in Enumerable.Range(0, Hierarchies[1].Levels.Count) from c in Enumerable.Range(0, 2)
                       select search.At([a, b, c], goal)).OfType<Anonymisation>().ToList();
            Assert.Equal(all.Count > 0, found is not null);
            Assert.True(found is null || Math.Abs(all.Min(f => f.Loss) - found.Loss) < 1e-9, $"{found}");
            Assert.True(found is null || found.K >= k || found.Classes == 0);
        }, iter: 300);

    [Fact]
    public void Ready_hierarchies_become_coarser_step_by_step()
    {
        Assert.Equal(["34", "30-34", "30-39", "20-39", "*"], Path(GeneralisationHierarchy.Age("a", ["34"])));
        Assert.Equal(["2026-03-14", "2026-03", "2026", "2020s", "*"], Path(GeneralisationHierarchy.Date("d", ["2026-03-14"])));
        Assert.Equal(["sw1a 1aa", "SW1A1A*", "SW1A1*", "SW1A*", "SW1*", "SW*", "S*", "*"], Path(GeneralisationHierarchy.Postcode("p", ["sw1a 1aa"])));
        Assert.Equal(["de", "Europe", "*"], Path(GeneralisationHierarchy.Country("c", ["de"])));
        Assert.Equal(["unknown", "unknown", "*"], Path(GeneralisationHierarchy.Country("c", ["unknown"])));

        static IEnumerable<string> Path(GeneralisationHierarchy h) => h.Levels.Select(l => l[0]);
    }

    [Fact]
    public void A_hierarchy_that_takes_apart_what_it_put_together_is_refused() =>
        Assert.Equal("fairness/bad-hierarchy", Assert.Throws<Fault>(() => GeneralisationHierarchy.Of("x", ["a", "b"], _ => "all", v => v)).What);

    [Fact]
    public void Records_of_nobody_or_of_one_person_are_measured()
    {
        var nobody = ReidentificationRisk.OfSizes([]);
        Assert.Equal((0L, 0L, null, null, null), (nobody.Records, nobody.K, nobody.HighestRisk, nobody.AverageRisk, nobody.Separation));
        var one = new AnonymisationSearch(Hierarchies, [[3], [0], [1]]);
        Assert.Null(one.Find(new AnonymityGoal(2, 0), TestContext.Current.CancellationToken));
        Assert.Equal(1, one.Find(new AnonymityGoal(2, 1), TestContext.Current.CancellationToken)!.Loss);
    }
}
