using Candor.Catalog;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Reads;

namespace Candor.Tests.Fairness;

/// <summary>When a difference between groups is told of, on counts alone.</summary>
public sealed class UseAuditTests
{
    private static readonly DataPointId Age = DataPointId.Parse("ageBand");
    private static readonly PurposeId Visits = PurposeId.Parse("visits");
    private static readonly string[] Groups = ["a", "b", "c", "d"];

    private static UseCounts Counts(params (long Part, long Whole)[] groups) =>
        new(Visits, "suggested", Age, [.. groups.Select((g, i) => new GroupCount("visits|suggested", Age, Groups[i], g.Whole, g.Part, false)), new GroupCount("visits|suggested", Age, null, 500, 20, false)]);

    private static IReadOnlyList<UseFinding> Find(UseCounts now, UseCounts? before = null, double limit = 0.8) =>
        [.. UseAudit.Of(7, [now], before is null ? [] : [before], _ => new FairnessRule(limit)).SelectMany(a => a.Findings)];

    [Fact]
    public void A_group_far_below_the_largest_share_is_found_with_the_figures_of_the_exact_functions()
    {
        var finding = Assert.Single(Find(Counts((90, 100), (50, 100))));
        var both = new TwoGroups(new Proportion(50, 100), new Proportion(90, 100));
        Assert.Equal(new UseFinding(7, Visits, "suggested", Age, "b", FindingKind.Limit, both.Ratio!.Value, 0.8, both.DifferenceInterval(), IsSure: true), finding);
        Assert.Empty(Find(Counts((90, 100), (50, 100)), limit: 0.5));
    }

    // 20 of 500 without a group stand beside: nothing is known of what they share, so nobody is compared with them.
    [Fact]
    public void Whoever_gave_no_group_is_compared_with_nobody() => Assert.Empty(Find(Counts((90, 100), (88, 100))));

    [Fact]
    public void A_group_that_falls_behind_is_found_before_it_breaks_the_limit()
    {
        var (before, now) = (Counts((900, 1000), (900, 1000)), Counts((920, 1000), (800, 1000)));
        var finding = Assert.Single(Find(now, before));
        Assert.Equal(("b", FindingKind.Drift, true), (finding.Group, finding.Kind, finding.IsSure));
        Assert.Equal(-0.12, finding.Value, 12);
        Assert.True(finding.Interval.High < 0 && finding.Interval.Contains(finding.Value));
        Assert.Empty(Find(now, now));
        // It was behind before, and is less so now.
        Assert.Empty(Find(Counts((920, 1000), (850, 1000)), now));
        // Everybody got less: that is another matter.
        Assert.Empty(Find(Counts((500, 1000), (500, 1000)), before));
    }

    // Where all groups are served alike, one week in twenty or fewer may be told of, however many uses and groups there are.
    [Fact]
    public void Chance_alone_is_told_of_in_at_most_one_week_in_twenty()
    {
        const int Weeks = 400;
        var (random, told, pairs) = (new Random(20_260_601), 0, new List<UseCounts>());
        for (var week = 0; week < Weeks; week++)
        {
            List<UseCounts> now = [.. Enumerable.Range(0, 6).Select(use => Draw(use))];
            List<UseCounts> before = [.. Enumerable.Range(0, 6).Select(use => Draw(use))];
            told += UseAudit.Of(week, now, before, _ => new FairnessRule()).Any(a => a.Findings.Any(f => f.IsSure)) ? 1 : 0;
        }

        Assert.InRange(told, 0, Weeks / 20 + 9);

        UseCounts Draw(int use) => Counts([.. Groups.Select(_ => (Drawn(0.1 + 0.15 * use, 40), 40L))]) with { Outcome = "o" + use };
        long Drawn(double share, int of) => Enumerable.Range(0, of).Count(_ => random.NextDouble() < share);
    }

    [Fact]
    public void The_interval_of_a_change_holds_the_true_one_about_as_often_as_it_says()
    {
        const int Draws = 4000;
        var (random, held) = (new Random(7), 0);
        for (var i = 0; i < Draws; i++)
        {
            var now = new TwoGroups(new Proportion(Drawn(0.5, 80), 80), new Proportion(Drawn(0.6, 120), 120));
            var before = new TwoGroups(new Proportion(Drawn(0.55, 90), 90), new Proportion(Drawn(0.55, 60), 60));
            held += now.ChangeSince(before).Interval.Contains(-0.1) ? 1 : 0;
        }

        Assert.InRange((double)held / Draws, 0.94, 0.965);

        long Drawn(double share, int of) => Enumerable.Range(0, of).Count(_ => random.NextDouble() < share);
    }
}
