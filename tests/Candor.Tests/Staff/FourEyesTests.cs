using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Staff;

public sealed class FourEyesOnSqlite : FourEyesTests<Sqlite>;

public sealed class FourEyesOnPostgres : FourEyesTests<Postgres>;

/// <summary>What gives rights needs two people; where there is one, it waits a day and the log says so.</summary>
public abstract class FourEyesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly TimeSpan Instant = TimeSpan.FromMicroseconds(1);

    private AuditLog log = null!;
    private AccessRegister access = null!;
    private FourEyes eyes = null!;
    private StaffChanges people = null!;
    private ApiKeys keys = null!;
    private string alma = "";
    private string ansel = "";
    private string sam = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        log = await AuditLog.OpenAsync(Db, "test.example/audit", Ct);
        access = new AccessRegister(log);
        eyes = new FourEyes(access, log);
        people = new StaffChanges(new StaffInvitations(access, log), new TrainingRegister(log), eyes, log);
        keys = new ApiKeys(access, eyes);
        foreach (var kind in people.Kinds.Append(ApiKeys.Proposed))
        {
            eyes.Add(kind);
        }

        (alma, ansel, sam) = (await AddAsync("Alma", "administrator"), await AddAsync("Ansel", "administrator"), await AddAsync("Sam", "agent"));
    }

    [Fact]
    public async Task A_role_counts_when_another_administrator_has_approved_it()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        Assert.Equal("agent", await RolesAsync(sam));
        await ApproveAsync(ansel, proposal.Id);
        Assert.Equal("agent marketing", await RolesAsync(sam));
        Assert.Equal(ProposalState.Applied, (await GetAsync(proposal.Id)).State);
        Assert.Equal<IEnumerable<string>>(
            [$"staff-roles-proposed:{proposal.Id}|staff:{alma}", $"staff-roles-approved:{proposal.Id}|staff:{ansel}", $"staff-roles:{sam}|staff:{ansel}", $"staff-roles-applied:{proposal.Id}|staff:{ansel}"],
            (await EntriesAsync("staff-roles")).OrderBy(e => Array.FindIndex(["-proposed", "-approved", "roles:", "-applied"], part => e.Contains(part, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Nobody_decides_on_what_they_proposed_not_even_for_themselves()
    {
        var proposal = await ProposeRoleAsync(alma, alma, "administrator", "agent");
        Assert.Equal("staff/own-proposal", await WhatAsync(() => ApproveAsync(alma, proposal.Id)));
        Assert.Equal("administrator", await RolesAsync(alma));
        Assert.Equal("staff/not-allowed", await WhatAsync(() => ApproveAsync(sam, proposal.Id)));
        Assert.Equal("administrator", await RolesAsync(alma));
    }

    [Fact]
    public async Task An_approver_who_was_disabled_or_lost_the_role_since_signing_in_does_not_count()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        var third = await AddAsync("Third", "administrator");
        var (anselToken, thirdToken) = (await TokenAsync(ansel), await TokenAsync(third));
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        Assert.Equal("staff/not-allowed", await WhatAsync(() => Db.WriteAsync(async tx => await eyes.ApproveAsync(tx, anselToken, proposal.Id, Ct), Ct)));
        Assert.Null(await Db.WriteAsync(async tx => await people.SetRolesAsync(tx, await TokenAsync(alma, tx), third, [], Ct), Ct));
        Assert.Equal("staff/not-allowed", await WhatAsync(() => Db.WriteAsync(async tx => await eyes.ApproveAsync(tx, thirdToken, proposal.Id, Ct), Ct)));
        Assert.Equal("agent", await RolesAsync(sam));
    }

    [Fact]
    public async Task A_proposal_of_somebody_who_may_not_any_more_cannot_be_approved()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(ansel, tx), alma, Ct), Ct);
        Assert.Equal("staff/proposer-gone", await WhatAsync(() => ApproveAsync(ansel, proposal.Id)));
    }

    [Fact]
    public async Task A_second_factor_of_five_minutes_ago_is_too_old()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        var token = await TokenAsync(ansel);
        Clock.Advance(StaffSignIn.StepUpLasts);
        Assert.Equal("staff/step-up", await WhatAsync(() => Db.WriteAsync(async tx => await eyes.ApproveAsync(tx, token, proposal.Id, Ct), Ct)));
        token = await TokenAsync(ansel);
        Clock.Advance(StaffSignIn.StepUpLasts - Instant);
        await Db.WriteAsync(async tx => await eyes.ApproveAsync(tx, token, proposal.Id, Ct), Ct);
    }

    [Fact]
    public async Task One_person_waits_24_hours_to_the_microsecond_and_the_log_says_so()
    {
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        Clock.Advance(FourEyes.AloneWait - Instant);
        await eyes.RunDueAsync(Db, Ct);
        Assert.Equal("agent", await RolesAsync(sam));
        Clock.Advance(Instant);
        Assert.Equal(1, await eyes.RunDueAsync(Db, Ct));
        Assert.Equal("agent marketing", await RolesAsync(sam));
        var applied = await GetAsync(proposal.Id);
        Assert.Equal((ProposalState.Applied, FourEyes.SinglePerson), (applied.State, applied.DecidedBy));
        Assert.Contains(await EventsAsync(), e => e.Subject == $"staff-roles-approved:{proposal.Id}" && e.Reason == "single-person");
        Assert.Equal(0, await eyes.RunDueAsync(Db, Ct));
    }

    [Fact]
    public async Task The_wait_begins_when_there_is_nobody_else_and_somebody_new_ends_it()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        Clock.Advance(TimeSpan.FromDays(2));
        await eyes.RunDueAsync(Db, Ct);
        Assert.Equal("agent", await RolesAsync(sam));
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        await eyes.RunDueAsync(Db, Ct);
        Clock.Advance(TimeSpan.FromHours(12));
        await AddAsync("New", "administrator");
        await eyes.RunDueAsync(Db, Ct);
        Clock.Advance(TimeSpan.FromHours(13));
        await eyes.RunDueAsync(Db, Ct);
        Assert.Equal("agent", await RolesAsync(sam));
        Assert.Null((await GetAsync(proposal.Id)).AloneSince);
    }

    [Fact]
    public async Task It_can_be_withdrawn_meanwhile_refused_with_a_reason_and_it_expires()
    {
        var (one, two, three) = (await ProposeRoleAsync(alma, sam, "marketing"), await ProposeRoleAsync(alma, sam, "analyst"), await ProposeRoleAsync(alma, sam, "auditor"));
        Assert.Equal("staff/not-own-proposal", await WhatAsync(() => WithdrawAsync(ansel, one.Id)));
        await WithdrawAsync(alma, one.Id);
        Assert.Equal("staff/bad-reason", await WhatAsync(() => RefuseAsync(ansel, two.Id, " ")));
        await RefuseAsync(ansel, two.Id, "Not needed.");
        Assert.Equal("Not needed.", (await GetAsync(two.Id)).Reason);
        Clock.Advance(FourEyes.Life - Instant);
        await eyes.RunDueAsync(Db, Ct);
        Assert.Equal(ProposalState.Waiting, (await GetAsync(three.Id)).State);
        Clock.Advance(Instant);
        Assert.Equal("staff/proposal-over", await WhatAsync(() => ApproveAsync(ansel, three.Id)));
        await eyes.RunDueAsync(Db, Ct);
        Assert.Equal(ProposalState.Expired, (await GetAsync(three.Id)).State);
        foreach (var over in new[] { one, two, three })
        {
            Assert.Equal("staff/proposal-over", await WhatAsync(() => ApproveAsync(ansel, over.Id)));
        }
    }

    [Fact]
    public async Task Of_many_approvals_and_withdrawals_at_once_one_counts()
    {
        for (var round = 0; round < 5; round++)
        {
            await TryAsync(() => Db.WriteAsync(async tx => await people.SetRolesAsync(tx, await TokenAsync(alma, tx), sam, [], Ct), Ct));
            var proposal = await ProposeRoleAsync(alma, sam, "marketing", AccessRegister.KnownRoles[round]);
            var (third, fourth) = (await AddAsync("Third", "administrator"), await AddAsync("Fourth", "administrator"));
            var outcomes = await Task.WhenAll(
                TryAsync(() => ApproveAsync(ansel, proposal.Id)), TryAsync(() => ApproveAsync(third, proposal.Id)), TryAsync(() => RefuseAsync(fourth, proposal.Id, "No.")),
                TryAsync(() => ApproveAsync(ansel, proposal.Id)), TryAsync(() => WithdrawAsync(alma, proposal.Id)));
            Assert.Equal(1, outcomes.Count(o => o));
            Assert.True((await EventsAsync()).Count(e => e.Subject == $"staff-roles-applied:{proposal.Id}") <= 1);
        }
    }

    [Fact]
    public async Task What_takes_rights_away_counts_at_once_but_never_the_last_administrator()
    {
        Assert.Null(await Db.WriteAsync(async tx => await people.SetRolesAsync(tx, await TokenAsync(alma, tx), sam, [], Ct), Ct));
        Assert.Equal("", await RolesAsync(sam));
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        Assert.Equal("staff/last-administrator", await WhatAsync(() => Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), alma, Ct), Ct)));
        Assert.Equal("staff/last-administrator", await WhatAsync(() => Db.WriteAsync(async tx => await people.SetRolesAsync(tx, await TokenAsync(alma, tx), alma, [], Ct), Ct)));
        await Db.WriteAsync(async tx => await people.ProposeEnablingAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        Assert.NotNull((await PersonAsync(ansel)).DisabledAtUs);
    }

    [Fact]
    public async Task What_was_to_change_and_has_changed_is_not_changed()
    {
        var proposal = await ProposeRoleAsync(alma, sam, "agent", "marketing");
        await Db.WriteAsync(async tx => await people.SetRolesAsync(tx, await TokenAsync(ansel, tx), sam, [], Ct), Ct);
        Assert.Equal("staff/moved-on", await WhatAsync(() => ApproveAsync(ansel, proposal.Id)));
        Assert.Equal("", await RolesAsync(sam));
        await Db.WriteAsync(async tx => await people.DisableAsync(tx, await TokenAsync(alma, tx), ansel, Ct), Ct);
        await eyes.RunDueAsync(Db, Ct);
        Clock.Advance(FourEyes.AloneWait);
        await eyes.RunDueAsync(Db, Ct);
        var failed = await GetAsync(proposal.Id);
        Assert.Equal((ProposalState.Failed, "staff/moved-on", ""), (failed.State, failed.Reason, await RolesAsync(sam)));
    }

    [Fact]
    public async Task A_key_is_made_when_its_proposer_collects_it_and_never_twice()
    {
        var wish = new KeyWish("shop", ["support"], ["collect"], 30, ["192.0.2.0/24"]);
        var proposal = await Db.WriteAsync(async tx => await keys.ProposeAsync(tx, await TokenAsync(alma, tx), wish, Ct), Ct);
        Assert.Equal("staff/proposal-over", await WhatAsync(() => CollectAsync(alma, proposal.Id)));
        await ApproveAsync(ansel, proposal.Id);
        Assert.Equal("staff/not-own-proposal", await WhatAsync(() => CollectAsync(ansel, proposal.Id)));
        Assert.Empty(await Db.ReadAsync(tx => access.KeysAsync(tx, Ct), Ct));
        var text = await CollectAsync(alma, proposal.Id);
        Assert.Equal("staff/proposal-over", await WhatAsync(() => CollectAsync(alma, proposal.Id)));
        var key = Assert.Single(await Db.ReadAsync(tx => access.KeysAsync(tx, Ct), Ct));
        Assert.Equal(("shop", "support", "collect", "192.0.2.0/24"), (key.Service, key.Purposes, key.May, key.Networks));
        foreach (var (from, counts) in new[] { ("192.0.2.7", true), ("::ffff:192.0.2.7", true), ("192.0.3.7", false), ("", false) })
        {
            var token = CallerToken.Parse(text) with { From = from.Length > 0 ? System.Net.IPAddress.Parse(from) : null };
            Assert.Equal((from, counts), (from, await Db.ReadAsync(tx => access.FindActorAsync(tx, token, Ct), Ct) is not null));
        }
    }

    [Fact]
    public async Task A_service_has_two_live_keys_at_most()
    {
        for (var i = 0; i < ApiKeys.MostPerService; i++)
        {
            await Db.WriteAsync(tx => access.CreateKeyAsync(tx, "shop", [], [], TimeSpan.FromDays(1), "test", Ct), Ct);
        }

        var wish = new KeyWish("shop", [], [], 30, []);
        Assert.Equal("staff/two-keys", await WhatAsync(() => Db.WriteAsync(async tx => await keys.ProposeAsync(tx, await TokenAsync(alma, tx), wish, Ct), Ct)));
        Clock.Advance(TimeSpan.FromDays(1));
        await Db.WriteAsync(async tx => await keys.ProposeAsync(tx, await TokenAsync(alma, tx), wish, Ct), Ct);
    }

    [Fact]
    public async Task An_invitation_gives_a_link_after_a_second_look_and_the_same_is_not_proposed_twice()
    {
        var proposal = await InviteAsync("nora@shop.example");
        Assert.Equal("staff/already-proposed", await WhatAsync(() => InviteAsync("Nora@shop.example")));
        await ApproveAsync(ansel, proposal.Id);
        var link = await Db.WriteAsync(async tx => await people.CollectLinkAsync(tx, await TokenAsync(alma, tx), proposal.Id, Ct), Ct);
        Assert.True(StaffInvitations.IsToken(link));
        Assert.Equal("staff/email-taken", await WhatAsync(() => InviteAsync("nora@shop.example")));

        Task<Proposal> InviteAsync(string email) =>
            Db.WriteAsync(async tx => await people.ProposeInvitationAsync(tx, await TokenAsync(alma, tx), email, "Nora", ["agent"], Ct), Ct);
    }

    private Task<string> AddAsync(string name, string role) => Db.WriteAsync(tx => access.AddStaffAsync(tx, name, [role], tx.Now.AddYears(1), "test", Ct), Ct);

    private Task<CallerToken> TokenAsync(string staffId) => Db.WriteAsync(tx => TokenAsync(staffId, tx), Ct);

    /// <summary>A session with a second factor of now.</summary>
    private async ValueTask<CallerToken> TokenAsync(string staffId, Candor.Storage.Transaction tx) => CallerToken.Parse(await access.OpenStaffSessionAsync(tx, staffId, tx.Now, Ct));

    private Task<Proposal> ProposeRoleAsync(string by, string staffId, params string[] roles) =>
        Db.WriteAsync(async tx => (await people.SetRolesAsync(tx, await TokenAsync(by, tx), staffId, roles, Ct))!, Ct);

    private Task ApproveAsync(string by, string id) => Db.WriteAsync(async tx => await eyes.ApproveAsync(tx, await TokenAsync(by, tx), id, Ct), Ct);

    private Task RefuseAsync(string by, string id, string reason) => Db.WriteAsync(async tx => await eyes.RefuseAsync(tx, await TokenAsync(by, tx), id, reason, Ct), Ct);

    private Task WithdrawAsync(string by, string id) => Db.WriteAsync(async tx => await eyes.WithdrawAsync(tx, await TokenAsync(by, tx), id, Ct), Ct);

    private Task<string> CollectAsync(string by, string id) => Db.WriteAsync(async tx => await keys.CollectAsync(tx, await TokenAsync(by, tx), id, Ct), Ct);

    private Task<Proposal> GetAsync(string id) => Db.ReadAsync(tx => eyes.GetAsync(tx, id, Ct), Ct);

    private Task<StaffChanges.Member> PersonAsync(string id) => Db.ReadAsync(tx => StaffChanges.GetAsync(tx, id, Ct), Ct);

    private async Task<string> RolesAsync(string id) => (await PersonAsync(id)).Roles;

    private static async Task<string> WhatAsync(Func<Task> work) => (await Assert.ThrowsAsync<Fault>(work)).What;

    private static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Fault)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<AuditEvent>> EventsAsync() => await Db.ReadAsync(async tx =>
        (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e)).Select(e => e.Event).ToList(), Ct);

    private async Task<IReadOnlyList<string>> EntriesAsync(string prefix) =>
        [.. (await EventsAsync()).Where(e => e.Subject?.StartsWith(prefix, StringComparison.Ordinal) == true).Select(e => $"{e.Subject}|{e.Actor}")];
}
