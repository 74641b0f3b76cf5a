using Candor.Audit;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Audit;

/// <summary>What is odd and what is not, as pure functions.</summary>
public sealed class AnomalyRulesTests
{
    private static readonly DateTimeOffset Monday = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly AnomalySettings Settings = new() { BulkCustomers = 20, Denials = 10 };

    [Fact]
    public void Many_customers_within_an_hour_are_bulk_and_the_same_many_over_a_day_are_not()
    {
        var fast = Looks(25, i => Monday.AddMinutes(i * 2));
        var found = Assert.Single(Judge(fast));
        Assert.Equal((AnomalyRules.Bulk, 25L, 25), (found.Rule, found.Amount, found.Entries.Count));
        Assert.Empty(Judge(Looks(25, i => Monday.AddMinutes(i * 10))));
        Assert.Empty(Judge(Looks(19, i => Monday.AddMinutes(i))));
    }

    [Fact]
    public void The_same_customer_again_and_again_is_not_bulk() => Assert.DoesNotContain(Judge(Looks(100, i => Monday.AddSeconds(i * 20), customer: _ => 7)), a => a.Rule == AnomalyRules.Bulk);

    [Fact]
    public void What_is_usual_for_the_person_or_for_the_others_is_not_bulk()
    {
        // Ten customers an hour, on ten days before.
        var before = Enumerable.Range(1, 10).SelectMany(d => Looks(10, i => Monday.AddDays(-d).AddMinutes(i * 5), customer: i => d * 1000 + i)).ToList();
        var busy = before.Concat(Looks(28, i => Monday.AddMinutes(i * 2), first: 5_000)).ToList();
        Assert.Empty(Judge(busy, fresh: 5_000));
        Assert.Equal(10, Assert.Single(Judge([.. before, .. Looks(30, i => Monday.AddMinutes(i * 2 - 1), first: 5_000)], fresh: 5_000)).Usual);
        Assert.Empty(AnomalyRules.Judge("staff:a", Looks(25, i => Monday.AddMinutes(i * 2)), 0, 10, Settings));
    }

    [Fact]
    public void A_look_at_night_is_odd_unless_the_person_works_then()
    {
        var night = Monday.AddHours(17);
        var one = Assert.Single(Judge([Look(1, night)]));
        Assert.Equal((AnomalyRules.OddHours, "2026-06-02"), (one.Rule, one.Window));
        Assert.Empty(Judge([.. Enumerable.Range(1, 3).Select(d => Look(d, night.AddDays(-d))), Look(9, night.AddMinutes(50))], fresh: 9));
        Assert.Single(Judge([.. Enumerable.Range(1, 2).Select(d => Look(d, night.AddDays(-d))), Look(9, night)], fresh: 9));
        Assert.Empty(AnomalyRules.Judge("staff:a", [Look(1, night)], 0, 0, Settings with { Hours = null }));
        Assert.Single(Judge([Look(1, new DateTimeOffset(2026, 6, 7, 12, 0, 0, TimeSpan.Zero))])); // a Sunday
    }

    [Theory]
    [InlineData("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-06-01T06:00Z", true)]
    [InlineData("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-06-01T05:59Z", false)]
    [InlineData("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-12-01T06:59Z", false)] // winter
    [InlineData("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-12-01T07:00Z", true)]
    [InlineData("Mon-Fri 08:00-18:00 Europe/Berlin", "2026-06-06T10:00Z", false)] // a Saturday
    [InlineData("Sun 10:00-24:00 UTC", "2026-06-07T23:59Z", true)]
    [InlineData("Mon-Sun 22:00-06:00 UTC", "2026-06-01T03:00Z", true)]
    [InlineData("Mon-Sun 22:00-06:00 UTC", "2026-06-01T12:00Z", false)]
    public void Business_hours_are_local(string hours, string instant, bool open) =>
        Assert.Equal(open, BusinessHours.Parse(hours).IsOpen(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("")]
    [InlineData("Mon-Fri")]
    [InlineData("Fri-Mon 08:00-18:00 UTC")]
    [InlineData("Mon-Fri 8-18 UTC")]
    [InlineData("Mon-Fri 08:00-18:00 Europe/Nowhere")]
    public void Anything_else_is_refused(string hours) => Assert.Equal("audit/bad-hours", Assert.Throws<Fault>(() => BusinessHours.Parse(hours)).What);

    [Fact]
    public void Limits_are_read_by_name()
    {
        Assert.Equal(new AnomalySettings { BulkCustomers = 40, Denials = 20 }.ToString(), new AnomalySettings().With("bulk=40 denials=20").ToString());
        Assert.All((string[])["bulk", "bulk=0", "bulk=-1", "bulk=x", "other=3"], l => Assert.Equal("audit/bad-limits", Assert.Throws<Fault>(() => new AnomalySettings().With(l)).What));
    }

    [Fact]
    public void One_customer_too_often_counts_separate_looks()
    {
        Assert.Empty(Judge(Looks(7, i => Monday.AddHours(i), customer: _ => 7)));
        Assert.Equal((AnomalyRules.SameCustomer, 8L), Assert.Single(Judge(Looks(8, i => Monday.AddHours(i), customer: _ => 7))) is var a ? (a.Rule, a.Amount) : default);
        Assert.Empty(Judge(Looks(60, i => Monday.AddMinutes(i), customer: _ => 7)));
        Assert.Empty(Judge(Looks(12, i => Monday.AddDays(i > 5 ? i + 1 : i), customer: _ => 7).Where(a => a.At.DayOfWeek != DayOfWeek.Sunday).ToList()));
    }

    [Fact]
    public void Many_denials_emergencies_and_looks_after_new_roles_are_found()
    {
        Assert.Equal(AnomalyRules.Denials, Assert.Single(Judge(Looks(10, i => Monday.AddMinutes(i), what: Acts.Deny))).Rule);
        Assert.Empty(Judge(Looks(9, i => Monday.AddMinutes(i), what: Acts.Deny)));
        Assert.Empty(Judge(Looks(10, i => Monday.AddMinutes(i * 7), what: Acts.Deny)));
        Assert.Equal(AnomalyRules.Emergencies, Assert.Single(Judge(Looks(3, i => Monday.AddDays(i), what: Acts.Emergency))).Rule);
        var change = new Act(100, Micros.From(Monday), Acts.Roles, null, null);
        var after = Looks(5, i => Monday.AddHours(i + 1), first: 101, purpose: "newsletter");
        Assert.Equal((AnomalyRules.AfterRoles, 6), Assert.Single(Judge([Look(1, Monday.AddDays(-3)), change, .. after])) is var a ? (a.Rule, a.Entries.Count) : default);
        Assert.Empty(Judge([Look(1, Monday.AddDays(-3)), change, .. Looks(5, i => Monday.AddHours(i + 1), first: 101)]));
        Assert.Empty(Judge([change, .. Looks(4, i => Monday.AddHours(i + 1), first: 101)]));
    }

    [Fact]
    public void A_program_is_judged_by_its_own_history()
    {
        var hours = Enumerable.Range(0, 24).Select(h => new ProgramHour(h, 900, 1, h * 1000, h * 1000 + 999)).ToList();
        Assert.Empty(AnomalyRules.JudgeProgram("key:a", [.. hours, new ProgramHour(24, 5_000, 1, 24_000, 30_000)], 24, Settings));
        Assert.Equal((AnomalyRules.Bulk, 900L), Assert.Single(AnomalyRules.JudgeProgram("key:a", [.. hours, new ProgramHour(24, 9_000, 1, 24_000, 33_000)], 24, Settings)) is var a ? (a.Rule, a.Usual) : default);
        Assert.Empty(AnomalyRules.JudgeProgram("key:a", [new ProgramHour(24, 90_000, 1, 0, 90_000)], 0, Settings));
        Assert.Equal(AnomalyRules.Denials, Assert.Single(AnomalyRules.JudgeProgram("key:a", [new ProgramHour(24, 5, 100, 0, 105)], 0, Settings)).Rule);
    }

    // Of any history: what is judged in one go is what is judged bit by bit, entries are in the history, and nothing old is judged anew.
    [Fact]
    public void Judging_bit_by_bit_finds_the_same() => Gen.Select(Gen.Int[0, 600], Gen.Int[1, 12], Any(Acts.Read, Acts.Read, Acts.Read, Acts.Deny, Acts.Emergency, Acts.Roles)).Array[0, 120].Sample(steps =>
    {
        var (acts, at) = (new List<Act>(), Monday);
        foreach (var (minutes, customer, what) in steps)
        {
            at = at.AddMinutes(minutes / 4);
            acts.Add(new Act(acts.Count, Micros.From(at), what, what == Acts.Roles ? null : customer, "support"));
        }

        var settings = new AnomalySettings { BulkCustomers = 5, SameCustomer = 4, Denials = 3, AfterRoles = 2 };
        var whole = AnomalyRules.Judge("staff:a", acts, 0, 0, settings);
        var parts = Enumerable.Range(0, acts.Count).SelectMany(i => AnomalyRules.Judge("staff:a", [.. acts.Take(i + 1)], i, 0, settings)).ToList();
        Assert.Superset(whole.Select(Name).ToHashSet(), parts.Select(Name).ToHashSet());
        Assert.All(whole, a => Assert.Equal(parts.Where(p => Name(p) == Name(a)).Max(p => p.Amount), Math.Max(a.Amount, parts.Where(p => Name(p) == Name(a)).Max(p => p.Amount))));
        Assert.All(whole.Concat(parts), a => Assert.All(a.Entries, e => Assert.InRange(e, 0, acts.Count - 1)));
        Assert.Empty(AnomalyRules.Judge("staff:a", acts, acts.Count, 0, settings));
    });

    private static string Name(Anomaly a) => $"{a.Rule} {a.Window}";

    private static IReadOnlyList<Anomaly> Judge(IReadOnlyList<Act> acts, long fresh = 0) => AnomalyRules.Judge("staff:a", acts, fresh, 0, Settings);

    private static Act Look(long index, DateTimeOffset at) => new(index, Micros.From(at), Acts.Read, index, "support");

    private static List<Act> Looks(int count, Func<int, DateTimeOffset> at, Func<int, long>? customer = null, long first = 0, string what = Acts.Read, string purpose = "support") =>
        [.. Enumerable.Range(0, count).Select(i => new Act(first + i, Micros.From(at(i)), what, customer?.Invoke(i) ?? first + i, purpose))];

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
