using Candor.Fairness;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Export;

/// <summary>The privacy budget of each purpose for each calendar year (UTC), kept so that no second command forgets what the first one spent.</summary>
public static class NoiseLedger
{
    /// <summary>Epsilon for a purpose and year, in thousandths: 3. Whoever needs more counts asks less often or takes more noise.</summary>
    public const long YearlyBudget = 3 * DiscreteLaplace.PerEpsilon;

    /// <summary>What is left this year.</summary>
    public static async ValueTask<PrivacyBudget> FindAsync(Transaction tx, PurposeId purpose, CancellationToken ct) => new(
        YearlyBudget, await tx.FindAsync<long>("SELECT spent FROM noise_budget WHERE purpose = @Value AND year = @year", new { purpose.Value, year = (long)tx.Now.Year }, ct));

    /// <summary>Spends before anything is shown: what is lost on the way to the reader is spent all the same.</summary>
    /// <exception cref="Fault">Conflict <c>fairness/budget-spent</c>; Invalid <c>fairness/bad-noise</c>.</exception>
    public static async ValueTask<PrivacyBudget> SpendAsync(Transaction tx, PurposeId purpose, long milliEpsilon, CancellationToken ct)
    {
        await tx.LockJobAsync("noise-budget", ct);
        var after = (await FindAsync(tx, purpose, ct)).Spend(milliEpsilon);
        await tx.RunAsync(
            "INSERT INTO noise_budget (purpose, year, spent) VALUES (@Value, @year, @Spent) ON CONFLICT (purpose, year) DO UPDATE SET spent = excluded.spent",
            new { purpose.Value, year = (long)tx.Now.Year, after.Spent }, ct);
        return after;
    }
}
