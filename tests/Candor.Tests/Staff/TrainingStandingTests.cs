using System.Collections.Frozen;
using Candor.Kernel;
using Candor.Staff;
using CsCheck;

namespace Candor.Tests.Staff;

/// <summary>Until when training counts: the earliest end of what the roles require.</summary>
public sealed class TrainingStandingTests
{
    private static readonly DateTimeOffset Day = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Long = Day.AddYears(-5);
    private static readonly FrozenSet<string> Agent = FrozenSet.Create("agent");

    [Fact]
    public void The_earliest_end_of_all_required_modules_counts_and_none_when_one_is_missing()
    {
        ModuleTerms[] modules = [Module("a", "P12M"), Module("b", "P6M"), Module("m", "P1M", roles: "marketing")];
        Assert.Equal(Day.AddMonths(6), TrainingStanding.Until(modules, Person(Pass("a", Day), Pass("b", Day))));
        Assert.Null(TrainingStanding.Until(modules, Person(Pass("a", Day))));
        Assert.Null(TrainingStanding.Until(modules, Person(Pass("a", Day), Pass("b", Day)) with { Roles = FrozenSet.Create("agent", "marketing") }));
    }

    [Fact]
    public void The_newest_pass_of_a_module_counts() =>
        Assert.Equal(Day.AddMonths(13), TrainingStanding.Until([Module("a", "P12M")], Person(Pass("a", Day), Pass("a", Day.AddMonths(1)))));

    [Fact]
    public void An_earlier_edition_counts_until_the_grace_is_over_and_never_longer_than_it_would_have()
    {
        var changed = Module("a", "P12M", edition: "2", grace: Day.AddDays(14));
        Assert.Equal(Day.AddDays(14), TrainingStanding.Until([changed], Person(Pass("a", Day))));
        Assert.Equal(Day.AddDays(3), TrainingStanding.Until([changed], Person(Pass("a", Day.AddDays(3).AddMonths(-12)))));
        Assert.Equal(Day.AddMonths(12), TrainingStanding.Until([changed], Person(Pass("a", Day.AddMonths(-3)), Pass("a", Day, "2"))));
        Assert.Null(TrainingStanding.Until([changed], Person()));
    }

    [Fact]
    public void A_module_that_comes_later_leaves_time_to_those_who_worked_here_before_and_to_nobody_else()
    {
        var late = Module("a", "P12M", came: Day, cameGrace: Day.AddDays(14));
        Assert.Equal(Day.AddDays(14), TrainingStanding.Until([late], Person()));
        Assert.Null(TrainingStanding.Until([late], Person() with { Since = Day }));
        Assert.Equal(Day.AddMonths(12), TrainingStanding.Until([late], Person(Pass("a", Day))));
    }

    [Fact]
    public void Rules_of_a_role_that_was_not_asked_about_are_missing()
    {
        var rules = new ModuleTerms("r", Period.Parse("P12M"), [], [new CountingEdition("agent", "1", null, Long, null), new CountingEdition("marketing", "1", null, Long, null)]);
        var asAgent = new TrainingPass("r", new Dictionary<string, string> { ["agent"] = "1" }, Day);
        Assert.Equal(Day.AddMonths(12), TrainingStanding.Until([rules], Person(asAgent)));
        Assert.Null(TrainingStanding.Until([rules], Person(asAgent) with { Roles = FrozenSet.Create("agent", "marketing") }));
    }

    [Fact]
    public void A_certificate_counts_for_its_module_or_for_all()
    {
        ModuleTerms[] modules = [Module("a", "P12M"), Module("b", "P12M")];
        Assert.Null(TrainingStanding.Until(modules, Person() with { Certificates = [new("a", Day.AddDays(9))] }));
        Assert.Equal(Day.AddDays(9), TrainingStanding.Until(modules, Person() with { Certificates = [new("*", Day.AddDays(9))] }));
        Assert.Equal(Day.AddDays(9), TrainingStanding.Until(modules, Person(Pass("b", Day)) with { Certificates = [new("a", Day.AddDays(9))] }));
        Assert.Equal(Day.AddDays(9), TrainingStanding.Until([], Person() with { Certificates = [new("*", Day.AddDays(9))] }));
    }

    // More training never ends access sooner, one role more never lets it last longer.
    [Fact]
    public void More_training_never_ends_sooner_and_more_roles_never_later()
    {
        string[] roles = ["agent", "marketing", "analyst"];
        var passes = Gen.Select(Choice.Of("a", "b", "c"), Gen.Int[-500, 0], Choice.Of("1", "2")).Select(p => Pass(p.Item1, Day.AddDays(p.Item2), p.Item3)).List[0, 8];
        var modules = Gen.Select(Choice.Of("P6M", "P12M"), Choice.Of(roles).Array[0, 2], Choice.Of("1", "2"), Gen.Bool).Array[3].Select(m =>
            m.Select((x, i) => new ModuleTerms("abc"[i].ToString(), Period.Parse(x.Item1), [.. x.Item2], [new CountingEdition("*", x.Item3, x.Item4 ? Day.AddDays(14) : null, Long, null)])).ToList());
        Gen.Select(modules, passes, passes, Choice.Of(roles), Choice.Of(roles)).Sample((terms, some, more, role, another) =>
        {
            var person = new Trainee(FrozenSet.Create(role), Long, some, []);
            var until = TrainingStanding.Until(terms, person) ?? DateTimeOffset.MinValue;
            Assert.True((TrainingStanding.Until(terms, person with { Passes = [.. some, .. more] }) ?? DateTimeOffset.MinValue) >= until);
            if (TrainingStanding.RequiredOf(terms, person.Roles).Any())
            {
                Assert.True((TrainingStanding.Until(terms, person with { Roles = FrozenSet.Create(role, another) }) ?? DateTimeOffset.MinValue) <= until);
            }
        });
    }

    private static ModuleTerms Module(string id, string validity, string? roles = null, string edition = "1", DateTimeOffset? grace = null, DateTimeOffset? came = null, DateTimeOffset? cameGrace = null) =>
        new(id, Period.Parse(validity), roles is null ? [] : FrozenSet.Create(roles), [new CountingEdition("*", edition, grace, came ?? Long, cameGrace)]);

    private static Trainee Person(params TrainingPass[] passes) => new(Agent, Long.AddDays(1), passes, []);

    private static TrainingPass Pass(string module, DateTimeOffset at, string edition = "1") => new(module, new Dictionary<string, string> { ["*"] = edition }, at);
}
