using Candor.Fairness;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Fairness;

public sealed class DiscreteLaplaceTests
{
    [Theory]
    [InlineData(500, 1)]
    [InlineData(1000, 1)]
    [InlineData(1000, 3)]
    public void Draws_have_the_stated_distribution(long milliEpsilon, int sensitivity)
    {
        const int Draws = 40_000;
        var (noise, random) = (DiscreteLaplace.Of(milliEpsilon, sensitivity), new SplitMix64(3));
        var seen = Enumerable.Range(0, Draws).Select(_ => (long)noise.Draw(bound => random.NextBelow((int)bound))).CountBy(x => x).ToDictionary();
        var cells = Enumerable.Range(-40, 81).Select(x => (Seen: seen.GetValueOrDefault(x), Expected: Draws * noise.Probability(x))).Where(c => c.Expected >= 5).ToList();
        var chi = cells.Sum(c => Math.Pow(c.Seen - c.Expected, 2) / c.Expected);
        Assert.True(Distributions.ChiSquareTail(chi, cells.Count - 1) > 1e-4, $"chi-square {chi} with {cells.Count - 1} degrees");
    }

    [Fact]
    public void Noise_from_the_system_s_randomness_is_centred()
    {
        var noise = DiscreteLaplace.Of(1000);
        var mean = Enumerable.Range(0, 5000).Select(_ => (double)noise.Draw()).Average();
        // Six standard errors: fails once in 500 million runs.
        Assert.InRange(mean, -6 * Math.Sqrt(noise.Variance / 5000), 6 * Math.Sqrt(noise.Variance / 5000));
    }

    [Fact]
    public void The_budget_is_spent_and_never_overdrawn() => Gen.Long[1, 400].List[1, 30].Sample(costs =>
    {
        var budget = new PrivacyBudget(1000);
        foreach (var cost in costs)
        {
            var before = budget;
            if (cost <= before.Left)
            {
                budget = budget.Spend(cost);
                Assert.Equal(before.Spent + cost, budget.Spent);
            }
            else
            {
                Assert.Equal("fairness/budget-spent", Assert.Throws<Fault>(() => budget.Spend(cost)).What);
            }
        }

        Assert.InRange(budget.Spent, 0, budget.Total);
    });

    [Fact]
    public void A_release_that_the_budget_does_not_allow_gives_no_number()
    {
        var (noisy, after) = new PrivacyBudget(1500).Release([10, 20], 1000);
        Assert.Equal((2, 1000L), (noisy.Count, after.Spent));
        Assert.Throws<Fault>(() => after.Release([10], 1000));
        Assert.Throws<Fault>(() => DiscreteLaplace.Of(0));
        Assert.Throws<Fault>(() => DiscreteLaplace.Of(1000, 0));
    }

    [Fact]
    public void No_hidden_cell_can_be_worked_out_from_the_totals() =>
        Gen.Int[0, 30].Array2D[Gen.Int[2, 4], Gen.Int[2, 4]].Sample(cells =>
        {
            var counts = new long[cells.GetLength(0), cells.GetLength(1)];
            for (var r = 0; r < counts.GetLength(0); r++)
            {
                for (var c = 0; c < counts.GetLength(1); c++)
                {
                    counts[r, c] = cells[r, c];
                }
            }

            var table = new CountTable(counts);
            var hidden = table.Suppress(5);
            for (var r = 0; r < counts.GetLength(0); r++)
            {
                for (var c = 0; c < counts.GetLength(1); c++)
                {
                    Assert.True(counts[r, c] is 0 or >= 5 || hidden[r, c]);
                }
            }

            Assert.True(table.IsSafe(hidden, 5) || hidden.Cast<bool>().All(h => h));
        });
}
