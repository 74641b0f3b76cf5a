using Candor.Audit;
using Candor.Governance;
using CsCheck;

namespace Candor.Tests.Governance;

/// <summary>The sample of an internal audit: of every stratum, none twice, each as likely as any other, and the same again for the same seed.</summary>
public sealed class AuditDrawTests
{
    private static readonly Gen<IReadOnlyDictionary<AuditStratum, IReadOnlyList<long>>> Logs =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 40], Gen.Int[0, 12], Gen.Int[0, 300]).Select((emergencies, refused, odd, ordinary) => Log(emergencies, refused, odd, ordinary));

    private static IReadOnlyDictionary<AuditStratum, IReadOnlyList<long>> Log(params int[] populations)
    {
        // Strata lie among each other in the log.
        var places = Enum.GetValues<AuditStratum>().ToDictionary(s => s, s => (IReadOnlyList<long>)[.. Enumerable.Range(0, populations[(int)s]).Select(i => 4L * i + (long)s)]);
        return places;
    }

    [Fact]
    public void None_is_drawn_twice_all_are_of_the_log_and_the_sample_is_as_large_as_asked_or_all_there_is() => Gen.Select(Logs, Gen.ULong, Gen.Int[5, 200]).Sample((places, seed, size) =>
    {
        var drawn = AuditDraw.Draw(places, seed, size);
        Assert.Equal(drawn.Count, drawn.Select(d => d.Index).Distinct().Count());
        Assert.All(drawn, d => Assert.Contains(d.Index, places[d.Stratum]));
        Assert.Equal(Math.Min(size, places.Values.Sum(p => p.Count)), drawn.Count);
        Assert.Equal(drawn, drawn.OrderBy(d => d.Index));
    });

    [Fact]
    public void Every_stratum_that_is_there_is_in_the_sample_with_its_fifth_or_whole() => Gen.Select(Logs, Gen.ULong, Gen.Int[5, 200]).Sample((places, seed, size) =>
    {
        var drawn = AuditDraw.Draw(places, seed, size).GroupBy(d => d.Stratum).ToDictionary(g => g.Key, g => g.Count());
        foreach (var (stratum, there) in places.Where(p => p.Value.Count > 0))
        {
            Assert.True(drawn.GetValueOrDefault(stratum) >= Math.Min(there.Count, size / 5), $"{stratum}: {drawn.GetValueOrDefault(stratum)} of {there.Count} in {size}");
        }
    });

    [Fact]
    public void The_same_seed_draws_the_same_and_another_one_another() => Gen.Select(Gen.ULong, Gen.ULong).Where((a, b) => a != b).Sample((seed, other) =>
    {
        var places = Log(5, 30, 5, 3_000);
        Assert.Equal(AuditDraw.Draw(places, seed, 40), AuditDraw.Draw(places, seed, 40));
        Assert.NotEqual(AuditDraw.Draw(places, seed, 40), AuditDraw.Draw(places, other, 40));
    }, iter: 200);

    [Fact]
    public void Within_a_stratum_each_is_as_likely_as_any_other()
    {
        const int Draws = 4_000;
        const int Ordinary = 50;
        var counts = new int[Ordinary];
        foreach (var access in Enumerable.Range(0, Draws).SelectMany(seed => AuditDraw.Draw(Log(0, 0, 0, Ordinary), (ulong)seed, 10)))
        {
            counts[access.Index / 4]++;
        }

        // Each is in a draw with chance 1/5. For draws without replacement the statistic is scaled by (N-1)/(N-n), then it is chi-squared with 49 degrees of freedom; 94.6 is its quantile of 0.9999.
        var expected = Draws * 10.0 / Ordinary;
        var chi = counts.Sum(c => (c - expected) * (c - expected) / expected) * (Ordinary - 1) / (Ordinary - 10);
        Assert.InRange(chi, 18, 94.6);
    }

    [Theory]
    [InlineData(AuditKind.Read, "staff:a", "emergency", true, AuditStratum.Emergency)]
    [InlineData(AuditKind.Deny, "staff:a", "emergency", true, AuditStratum.Emergency)]
    [InlineData(AuditKind.Deny, "key:a", null, false, AuditStratum.Refused)]
    [InlineData(AuditKind.Read, "staff:odd", null, true, AuditStratum.Odd)]
    [InlineData(AuditKind.Export, "key:a", null, true, AuditStratum.Ordinary)]
    [InlineData(AuditKind.Read, "staff:a", "log-search", true, AuditStratum.Ordinary)]
    [InlineData(AuditKind.Export, "staff:a", "log-export", false, null)]
    [InlineData(AuditKind.Read, "customer", null, true, null)]
    [InlineData(AuditKind.Read, "system:reminders", null, true, null)]
    [InlineData(AuditKind.Admin, "staff:a", null, true, null)]
    public void An_entry_is_of_one_stratum_or_no_access(AuditKind kind, string actor, string? subject, bool hasCustomer, AuditStratum? stratum) => Assert.Equal(
        stratum, AuditDraw.StratumOf(7, new AuditEvent { Kind = kind, Actor = actor, Subject = subject, CustomerRef = hasCustomer ? new byte[16] : null }, new HashSet<long>(actor == "staff:odd" ? [7] : [])));
}
