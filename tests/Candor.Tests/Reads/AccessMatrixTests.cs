using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Storage;

namespace Candor.Tests.Reads;

public sealed class AccessMatrixOnSqlite : AccessMatrixTests<Sqlite>;

public sealed class AccessMatrixOnPostgres : AccessMatrixTests<Postgres>;

/// <summary>Role x purpose x data point x consent x MFA x training x session, every case through the whole path of a read,
/// against <see cref="AccessOracle"/>, which shares no code with the gate.</summary>
public abstract class AccessMatrixTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int LeastCases = 20_000;

    [Fact]
    public async Task Every_combination_is_decided_as_the_oracle_says()
    {
        var house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions { CustomersPerHour = 10_000 }, Ct);
        var actors = await MatrixActors.CreateAsync(Db, house, Clock, ["expired"], Ct);
        await MatrixCustomers.CreateEarlyAsync(Db, house, Ct);
        Clock.Advance(TimeSpan.FromDays(200));
        actors.AddRange(await MatrixActors.CreateAsync(Db, house, Clock, ["live", "revoked", "disabled"], Ct));
        var customers = await MatrixCustomers.CreateAsync(Db, house, Ct);
        Clock.Advance(TimeSpan.FromMinutes(2));
        var cases = (from actor in actors
                     from customer in customers
                     from purpose in AccessOracle.Purposes
                     from asked in AccessOracle.Askings
                     from @case in new[] { null, "T-1001" }
                     select new MatrixCase(actor, customer, purpose, asked, @case)).Where((_, i) => i % MatrixActors.Thinning == 0).ToList();
        Assert.True(cases.Count >= LeastCases, $"only {cases.Count} cases");

        var wrong = new System.Collections.Concurrent.ConcurrentBag<string>();
        var reasons = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = Db.IsClustered ? 16 : 128, CancellationToken = Ct }, async (c, ct) =>
        {
            var expected = AccessOracle.Expect(c);
            var actual = Describe(await house.Read.RunAsync(c.Request(), ct));
            reasons.AddOrUpdate(expected.Split('|')[0], 1, (_, n) => n + 1);
            if (expected != actual)
            {
                wrong.Add($"{c}: expected {expected}, got {actual}");
            }
        });

        Assert.Empty(wrong.Take(10));
        // The read budget has a test of its own; everything else must have been met here.
        Assert.Equal(
            Enum.GetValues<ReasonCode>().Where(r => r != ReasonCode.OverReadBudget).Select(r => r.Code()).Append("allowed").Order(),
            reasons.Keys.Order());
        Assert.Equal(cases.Count, await house.CountEntriesAsync(Db, Ct));
    }

    /// <summary><c>allowed|opened data points|withheld data points</c>, or the reason code.</summary>
    private static string Describe(ReadOutcome? outcome) => outcome!.Decision switch
    {
        Decision.Allowed allowed => $"allowed|{string.Join(',', outcome.Opened!.DataPoints.Select(d => d.Value).Order(StringComparer.Ordinal))}|"
            + string.Join(',', allowed.Withheld.Select(w => w.DataPoint.Value).Order(StringComparer.Ordinal)),
        Decision.Denied denied => denied.Reason.Code(),
        _ => throw new InvalidOperationException("There is no third answer."),
    };
}
