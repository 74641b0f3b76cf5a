using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Governance;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Governance;

public sealed class InitiativesOnSqlite : InitiativesTests<Sqlite>;

public sealed class InitiativesOnPostgres : InitiativesTests<Postgres>;

/// <summary>Nothing new is done with data before it was decided on, and nothing goes on past its review.</summary>
public abstract class InitiativesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private GovernanceHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await GovernanceHouse.BuildAsync(Db, Ct);
        await house.House.AddCustomerAsync(Db, "ada", Ct);
    }

    [Fact]
    public async Task A_new_use_waits_for_the_committee_counts_until_its_review_and_is_confirmed_or_ended()
    {
        await house.SeatAsync(3, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()), Ct);
        Assert.Equal("governance/initiative-not-approved", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), id)));
        await house.DoAsync(house.Mia, (tx, token) => house.Initiatives.CommentAsync(tx, token, id, "Last year people thanked us.", Ct), Ct);
        await house.VoteAsync(id, "cyyna", Ct);
        Assert.Equal("governance/conflict-of-interest", await WhatAsync(() => house.DecideAsync(id, "", 30, Ct)));
        var decided = await house.DecideAsync(id, "Nobody under 18.", 30, Ct, by: 1);
        Assert.Equal((InitiativeState.ApprovedWithConditions, "Nobody under 18."), (decided.State, decided.Conditions));
        Assert.Equal(ReasonCode.UnknownPurpose, await house.AskAsync("ada", "greetings", Ct));
        await ApplyAsync(GovernanceHouse.WithGreetings(), id);
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));

        Clock.SetUtcNow(decided.ReviewAt!.Value - TimeSpan.FromMicroseconds(1));
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Equal(ReasonCode.PurposeNotActive, await house.AskAsync("ada", "greetings", Ct));
        Assert.Equal(new Decision.Denied(ReasonCode.PurposeNotActive), (await SystemReadAsync("greetings")).Decision);
        Assert.Equal(InitiativeState.DueForReview, (await house.GetAsync(id, Ct)).StateAt(Clock.GetUtcNow()));

        await house.VoteAsync(id, "yyyyy", Ct);
        await house.DecideAsync(id, "", 90, Ct);
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
        Assert.IsType<Decision.Allowed>((await SystemReadAsync("greetings")).Decision);
        await house.DoAsync(house.Members[2], (tx, token) => house.Initiatives.BeginReviewAsync(tx, token, id, "A customer complained.", Ct), Ct);
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
        await house.VoteAsync(id, "nnyyn", Ct);
        Assert.Equal(InitiativeState.Ended, (await house.DecideAsync(id, "", 90, Ct)).State);
        Assert.Equal(ReasonCode.PurposeNotActive, await house.AskAsync("ada", "greetings", Ct));
        Assert.Equal("governance/not-in-this-state", await WhatAsync(() => house.VoteAsync(id, "y", Ct)));
    }

    [Fact]
    public async Task What_counted_before_anybody_could_decide_is_adopted_and_says_so()
    {
        await house.SeatAsync(3, Ct);
        var approvals = await Db.ReadAsync(tx => PurposeApprovals.AllAsync(tx, Ct), Ct);
        Assert.Equal(["bookkeeping", "newsletter", "quality", "suggestions", "support"], approvals.Select(a => a.Purpose));
        Assert.All(approvals, a => Assert.Equal((ApprovalGround.Adoption, null, null), (a.Ground, a.Initiative, a.UntilUs)));
    }

    [Fact]
    public async Task Once_there_is_a_committee_words_are_no_decision_and_an_approval_covers_what_was_seen_and_nothing_else()
    {
        await ApplyAsync(ReadHouse.Yaml(widened: true), "Board, 3 May");
        Assert.Equal(ApprovalGround.Reference, (await Db.ReadAsync(tx => PurposeApprovals.AllAsync(tx, Ct), Ct)).Single(a => a.Purpose == "newsletter").Ground);
        await ApplyAsync(ReadHouse.Yaml(widened: false), null);
        await house.SeatAsync(2, Ct);
        Assert.Equal("governance/decision-is-no-initiative", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), "Board, 3 May")));
        Assert.Equal("catalog/widening-needs-decision", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), null)));
        var idea = await ApprovedAsync(GovernanceHouse.Form(null, null));
        Assert.Equal("governance/initiative-without-catalog", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), idea)));
        var id = await ApprovedAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()));
        foreach (var other in (string[])[GovernanceHouse.WithGreetings(services: "shop, mailer"), GovernanceHouse.WithGreetings(uses: "email: high, phone: low"), ReadHouse.Yaml(widened: true)])
        {
            Assert.Equal("governance/not-covered", await WhatAsync(() => ApplyAsync(other, id)));
        }

        Assert.Equal(ReasonCode.UnknownPurpose, await house.AskAsync("ada", "greetings", Ct));
        await ApplyAsync(GovernanceHouse.WithGreetings(why: "So that we can greet you."), id);
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
        // Taken out and put back: it is new again, and the same approval covers it while it lasts.
        await ApplyAsync(ReadHouse.Yaml(widened: false), null);
        Assert.Equal("governance/decision-is-no-initiative", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), "again")));
        Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal("governance/initiative-not-approved", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), id)));
    }

    [Fact]
    public async Task From_the_page_an_approved_initiative_counts_at_once_and_words_wait_for_a_second_person_and_for_the_committee()
    {
        var early = await house.AsAsync(house.Alma, (tx, token) => house.Changes.SubmitAsync(tx, token, ReadHouse.Yaml(widened: true), 1, "Board, 3 May", Ct), Ct);
        Assert.NotNull(early);
        await house.SeatAsync(2, Ct);
        Assert.Equal("governance/decision-is-no-initiative", await WhatAsync(() => house.AsAsync(house.Ansel, (tx, token) => house.Eyes.ApproveAsync(tx, token, early.Id, Ct), Ct)));
        var id = await ApprovedAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()));
        Assert.Null(await house.AsAsync(house.Alma, (tx, token) => house.Changes.SubmitAsync(tx, token, GovernanceHouse.WithGreetings(), 1, id, Ct), Ct));
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
        Assert.Contains((await Db.ReadAsync(tx => InitiativeRows.StepsAsync(tx, id, Ct), Ct)), s => s is { Kind: StepKind.Applied, Said: "2" });
    }

    [Fact]
    public async Task Less_can_be_decided_on_too_and_what_counts_in_its_name_is_what_was_decided()
    {
        await house.SeatAsync(2, Ct);
        Assert.Equal("governance/nothing-changes", await WhatAsync(() => house.OpenAsync(GovernanceHouse.Form(null, ReadHouse.Yaml(widened: false)), Ct)));
        var id = await house.OpenAsync(GovernanceHouse.Form(null, Kept("P30D")), Ct);
        Assert.Equal("governance/initiative-not-approved", await WhatAsync(() => SubmitAsync(Kept("P30D"), id)));
        await house.VoteAsync(id, "yyyyy", Ct);
        await house.DecideAsync(id, "", 30, Ct);
        Assert.Equal("governance/not-covered", await WhatAsync(() => SubmitAsync(Kept("P20D"), id)));
        Assert.Equal("governance/not-covered", await WhatAsync(() => ApplyAsync(Kept("P20D"), id)));
        Assert.Null(await SubmitAsync(Kept("P30D"), id));
        Assert.Contains(await Db.ReadAsync(tx => InitiativeRows.StepsAsync(tx, id, Ct), Ct), s => s is { Kind: StepKind.Applied, Said: "2" });
        Assert.Equal((2, id), await NewestAsync());
        // Less needs nobody: words are enough, or nothing.
        await ApplyAsync(Kept("P20D"), "The days were more than we use.");
        Assert.Null(await SubmitAsync(Kept("P10D"), ""));
        Assert.Equal((4, null), await NewestAsync());

        static string Kept(string days) => ReadHouse.Yaml(widened: false).Replace("P90D", days, StringComparison.Ordinal);
        Task<Proposal?> SubmitAsync(string text, string decision) => house.AsAsync(house.Alma, async (tx, token) =>
            await house.Changes.SubmitAsync(tx, token, text, (await house.House.Catalogs.GetActiveAsync(tx, Ct)).Version, decision, Ct), Ct);
        Task<(long, string?)> NewestAsync() => Db.ReadAsync(async tx => (await house.House.Catalogs.HistoryAsync(tx, Ct))[^1] is var row ? (row.Version, row.Decision) : default, Ct);
    }

    [Fact]
    public async Task A_use_that_is_there_can_be_put_to_the_vote_and_a_no_ends_it()
    {
        await house.SeatAsync(2, Ct);
        var ada = (await Db.ReadAsync(tx => house.House.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "ada", Ct), Ct))!;
        await house.House.GiveAsync(Db, ada.Id, "newsletter", Ct);
        Assert.IsType<Decision.Allowed>((await SystemReadAsync("newsletter")).Decision);
        var id = await house.OpenAsync(GovernanceHouse.Form("newsletter", null), Ct);
        Assert.IsType<Decision.Allowed>((await SystemReadAsync("newsletter")).Decision);
        await house.VoteAsync(id, "nnyya", Ct);
        Assert.Equal(InitiativeState.Rejected, (await house.DecideAsync(id, "", 30, Ct)).State);
        Assert.Equal(new Decision.Denied(ReasonCode.PurposeNotActive), (await SystemReadAsync("newsletter")).Decision);
        await ApprovedAsync(GovernanceHouse.Form("newsletter", null));
        Assert.IsType<Decision.Allowed>((await SystemReadAsync("newsletter")).Decision);
    }

    [Fact]
    public async Task Where_nobody_else_is_a_self_check_counts_after_a_day_of_waiting()
    {
        await house.SetAsync(CommitteeMode.OnePerson, 0, [], Ct);
        await Db.WriteAsync(tx => house.House.Access.DisableStaffAsync(tx, house.Ansel, "test", Ct), Ct);
        Assert.Equal("governance/decision-is-no-initiative", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), "I think so")));
        var id = await house.OpenAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()), Ct);
        var review = DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime).AddDays(100);
        Assert.Equal("governance/bad-answers", await WhatAsync(() => CheckAsync(id, ["yes", "yes", "", "yes", "yes"], review)));
        await CheckAsync(id, ["a", "b", "c", "d", "e"], review);
        Clock.Advance(FourEyes.AloneWait - TimeSpan.FromMicroseconds(1));
        await house.Eyes.RunDueAsync(Db, Ct);
        Assert.Equal("governance/initiative-not-approved", await WhatAsync(() => ApplyAsync(GovernanceHouse.WithGreetings(), id)));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        await house.Eyes.RunDueAsync(Db, Ct);
        await ApplyAsync(GovernanceHouse.WithGreetings(), id);
        Assert.Null(await house.AskAsync("ada", "greetings", Ct));
    }

    [Fact]
    public async Task A_committee_decides_and_no_self_check_beside_it()
    {
        await house.SeatAsync(2, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form(null, GovernanceHouse.WithGreetings()), Ct);
        Assert.Equal("governance/committee-decides", await WhatAsync(() => CheckAsync(id, ["a", "b", "c", "d", "e"], DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime).AddDays(9))));
    }

    [Fact]
    public async Task A_vote_changes_until_the_decision_late_voters_have_three_days_and_after_it_nothing_changes()
    {
        await house.SeatAsync(3, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form(null, null), Ct);
        Assert.Equal("governance/not-in-this-state", await WhatAsync(() => house.DoAsync(house.Mia, (tx, token) => house.Initiatives.ReviseAsync(tx, token, id, GovernanceHouse.Form(null, null), Ct), Ct)));
        await house.VoteAsync(id, "yy", Ct);
        Assert.Equal("governance/cannot-decide", await WhatAsync(() => house.DecideAsync(id, "", 30, Ct)));
        await house.VoteAsync(id, "n n", Ct);
        Assert.Equal("governance/cannot-decide", await WhatAsync(() => house.DecideAsync(id, "", 30, Ct)));
        Clock.Advance(VoteCount.VotingLasts);
        // One yes, two no; the first vote was changed.
        Assert.Equal(InitiativeState.Rejected, (await house.DecideAsync(id, "", 30, Ct)).State);
        foreach (var act in (Func<Task>[])[() => house.VoteAsync(id, "y", Ct), () => house.DecideAsync(id, "", 30, Ct), () => CommentAsync(id), () => house.DoAsync(house.Mia, (tx, token) => house.Initiatives.WithdrawAsync(tx, token, id, Ct), Ct)])
        {
            Assert.Equal("governance/not-in-this-state", await WhatAsync(act));
        }
    }

    [Fact]
    public async Task Only_seats_vote_and_a_lost_role_or_an_old_second_factor_does_not()
    {
        await house.SeatAsync(2, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form(null, null), Ct);
        Assert.Equal("staff/not-allowed", await WhatAsync(() => house.DoAsync(house.Alma, (tx, token) => house.Initiatives.VoteAsync(tx, token, id, StepKind.VoteYes, "x", Ct), Ct)));
        var guest = await house.AddAsync("Guest", CommitteeSetup.MemberRole, Ct);
        Assert.Equal("governance/no-seat", await WhatAsync(() => house.DoAsync(guest, (tx, token) => house.Initiatives.VoteAsync(tx, token, id, StepKind.VoteYes, "x", Ct), Ct)));
        await house.VoteAsync(id, "yyyyy", Ct);
        await Db.WriteAsync(tx => house.House.Access.DisableStaffAsync(tx, house.Members[1], "test", Ct), Ct);
        var (initiative, steps) = (await house.GetAsync(id, Ct), await Db.ReadAsync(tx => InitiativeRows.StepsAsync(tx, id, Ct), Ct));
        Assert.Equal((4, 4), await Db.ReadAsync(async tx => await Initiatives.CountAsync(tx, initiative, steps, Ct) is var c ? (c.Yes, c.Entitled.Count) : default, Ct));
    }

    [Fact]
    public async Task Every_step_is_in_the_log_with_who_and_none_with_the_words()
    {
        await house.SeatAsync(2, Ct);
        var id = await house.OpenAsync(GovernanceHouse.Form("newsletter", null), Ct);
        await CommentAsync(id);
        await house.VoteAsync(id, "cyyyy", Ct);
        await house.DecideAsync(id, "Only on Sundays.", 30, Ct, by: 1);
        var events = await Db.ReadAsync(async tx => (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e).Event).ToList(), Ct);
        var said = events.Where(e => e.Subject?.EndsWith(":" + id, StringComparison.Ordinal) == true).Select(e => (What: e.Subject!.Split(':')[0], e.Actor)).ToHashSet();
        Assert.Equal<IEnumerable<(string, string)>>(
            new HashSet<(string, string)>(
            [
                ("initiative-proposed", "staff:" + house.Mia), ("initiative-opened", "staff:" + house.Mia), ("initiative-comment", "staff:" + house.Mia),
                ("initiative-conflict", "staff:" + house.Members[0]), ("initiative-approved", "staff:" + house.Members[1]), .. house.Members.Skip(1).Select(m => ("initiative-vote-yes", "staff:" + m)),
            ]).Order(), said.Order());
        Assert.DoesNotContain(events, e => e.Reason?.Contains("Sundays", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_committee_is_changed_by_two_people_and_needs_able_members()
    {
        var seats = CommitteeSetup.UsualSeats.Zip(house.Members, (s, m) => new CommitteeSeat(s, m)).ToList();
        foreach (var (wrong, quorum, what) in (IReadOnlyList<(List<CommitteeSeat>, int, string)>)
            [(seats, 1, "governance/bad-quorum"), (seats, 6, "governance/bad-quorum"), (seats[..1], 2, "governance/bad-seats"), ([.. seats, seats[0]], 2, "governance/bad-seats"), ([.. seats, new CommitteeSeat("art", house.Mia)], 2, "governance/bad-seats")])
        {
            Assert.Equal(what, await WhatAsync(() => house.AsAsync(house.Alma, (tx, token) => house.Committee.ProposeAsync(tx, token, CommitteeMode.Committee, quorum, wrong, Ct), Ct)));
        }

        await house.AsAsync(house.Alma, (tx, token) => house.Committee.ProposeAsync(tx, token, CommitteeMode.Committee, 2, seats, Ct), Ct);
        Assert.Equal(CommitteeMode.Elsewhere, (await Db.ReadAsync(tx => CommitteeOffice.FindAsync(tx, Ct), Ct)).Mode);
        await house.SeatAsync(3, Ct);
        Assert.Equal((CommitteeMode.Committee, 3), await Db.ReadAsync(async tx => await CommitteeOffice.FindAsync(tx, Ct) is var s ? (s.Mode, s.Quorum) : default, Ct));
    }

    private async Task<string> ApprovedAsync(InitiativeForm form)
    {
        var id = await house.OpenAsync(form, Ct);
        await house.VoteAsync(id, "yyyyy", Ct);
        await house.DecideAsync(id, "", 30, Ct);
        return id;
    }

    private Task CommentAsync(string id) => house.DoAsync(house.Mia, (tx, token) => house.Initiatives.CommentAsync(tx, token, id, "Let us ask them.", Ct), Ct);

    private Task CheckAsync(string id, string[] answers, DateOnly review) => house.AsAsync(house.Alma, (tx, token) => house.Checks.ProposeAsync(tx, token, id, answers, review, Ct), Ct);

    private Task<ActiveCatalog> ApplyAsync(string yaml, string? decision) => house.House.ApplyCatalogAsync(Db, yaml, decision, Ct);

    private async Task<SystemRead.Outcome> SystemReadAsync(string purpose) => await house.House.SystemReads.RunAsync(new SystemRead.Question(
        "test", "test", (await Db.ReadAsync(tx => house.House.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "ada", Ct), Ct))!.Id, [DataPointId.Parse("email")], PurposeId.Parse(purpose)), Ct);

    private static async Task<string> WhatAsync(Func<Task> work) => (await Assert.ThrowsAsync<Fault>(work)).What;
}
