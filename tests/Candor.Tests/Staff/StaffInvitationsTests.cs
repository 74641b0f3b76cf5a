using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Staff;

public sealed class StaffInvitationsOnSqlite : StaffInvitationsTests<Sqlite>;

public sealed class StaffInvitationsOnPostgres : StaffInvitationsTests<Postgres>;

/// <summary>One-time links with which members of staff set up their accounts.</summary>
public abstract class StaffInvitationsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private AccessRegister access = null!;
    private StaffInvitations invitations = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var log = await AuditLog.OpenAsync(Db, "test.example/audit", Ct);
        access = new AccessRegister(log);
        invitations = new StaffInvitations(access, log);
    }

    [Fact]
    public async Task A_link_opens_one_session_without_a_second_factor()
    {
        var token = await InviteAsync();
        Assert.Equal("Sam", (await FindAsync(token))!.Name);
        var sessions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => AcceptAsync(token))));
        var session = Assert.Single(sessions, s => s is not null);
        var actor = await ActorAsync(session!);
        Assert.Equal((ActorKind.Staff, null, "agent", false), (actor!.Kind, actor.MfaAt, actor.Roles, actor.IsRevoked));
        Assert.Null(await FindAsync(token));
    }

    [Fact]
    public async Task A_link_counts_for_72_hours()
    {
        var token = await InviteAsync();
        Clock.Advance(TimeSpan.FromHours(72) - TimeSpan.FromMicroseconds(1));
        Assert.NotNull(await FindAsync(token));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Null(await FindAsync(token));
        Assert.Null(await AcceptAsync(token));
    }

    [Fact]
    public async Task A_fresh_link_ends_the_one_before_and_the_sessions()
    {
        var first = await InviteAsync();
        var session = await AcceptAsync(first);
        var staffId = (await ActorAsync(session!))!.Ref;
        var second = await Db.WriteAsync(tx => invitations.ResetAsync(tx, staffId, "test", Ct), Ct);
        Assert.True((await ActorAsync(session!))!.IsRevoked);
        var third = await Db.WriteAsync(tx => invitations.ResetAsync(tx, staffId, "test", Ct), Ct);
        Assert.Null(await AcceptAsync(second));
        Assert.NotNull(await AcceptAsync(third));
    }

    [Fact]
    public async Task A_disabled_account_has_no_link_and_its_sessions_end()
    {
        var token = await InviteAsync();
        var session = await AcceptAsync(token);
        var staffId = (await ActorAsync(session!))!.Ref;
        var unused = await Db.WriteAsync(tx => invitations.ResetAsync(tx, staffId, "test", Ct), Ct);
        await Db.WriteAsync(tx => access.ChangeStaffAsync(tx, staffId, ["agent"], disabled: true, "test", Ct), Ct);
        Assert.Null(await FindAsync(unused));
        Assert.Null(await AcceptAsync(unused));
        Assert.Equal("staff/disabled", (await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => invitations.ResetAsync(tx, staffId, "test", Ct), Ct))).What);
        await Db.WriteAsync(tx => access.ChangeStaffAsync(tx, staffId, ["agent"], disabled: false, "test", Ct), Ct);
        Assert.True((await ActorAsync(session!))!.IsRevoked);
    }

    [Fact]
    public async Task The_first_administrator_says_who_they_are_once()
    {
        var old = await Db.WriteAsync(tx => invitations.InviteFirstAsync(tx, "system:serve", Ct), Ct);
        var token = await Db.WriteAsync(tx => invitations.InviteFirstAsync(tx, "system:serve", Ct), Ct);
        Assert.Null(await AcceptAsync(old!));
        Assert.Equal("staff/bad-email", (await Assert.ThrowsAsync<Fault>(() => AcceptAsync(token!, "Ann", "nowhere"))).What);
        var actor = await ActorAsync((await AcceptAsync(token!, "Ann", "Ann@Shop.example"))!);
        Assert.Equal("administrator", actor!.Roles);
        // Without a factor there is no administrator yet; with one there is.
        Assert.NotNull(await Db.WriteAsync(tx => invitations.InviteFirstAsync(tx, "system:serve", Ct), Ct));
        await Db.WriteAsync(async tx => await tx.RunAsync(
            """
            INSERT INTO staff_passkey (credential_id, passkey_ref, staff_id, name, public_key, sign_count, transports, is_backup_eligible, is_backed_up, created_at_us)
            VALUES (@key, 'p', @Ref, 'Key', @key, 0, '', 0, 0, 0)
            """, new { key = new byte[] { 1 }, actor.Ref }, Ct), Ct);
        Assert.Null(await Db.WriteAsync(tx => invitations.InviteFirstAsync(tx, "system:serve", Ct), Ct));
    }

    [Theory]
    [InlineData("sam@shop.example", "staff/email-taken")]
    [InlineData("SAM@shop.example ", "staff/email-taken")]
    [InlineData("sam", "staff/bad-email")]
    [InlineData("a b@c", "staff/bad-email")]
    [InlineData("@shop.example", "staff/bad-email")]
    [InlineData("a@b@c", "staff/bad-email")]
    public async Task An_address_is_one_and_has_one_account(string email, string what)
    {
        await InviteAsync();
        var fault = await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => invitations.InviteAsync(tx, email, "Other", ["agent"], "test", Ct), Ct));
        Assert.Equal(what, fault.What);
        Assert.DoesNotContain("shop.example", fault.Message, StringComparison.Ordinal);
    }

    private Task<string> InviteAsync() => Db.WriteAsync(tx => invitations.InviteAsync(tx, "sam@shop.example", "Sam", ["agent"], "test", Ct), Ct);

    private Task<StaffInvitation?> FindAsync(string token) => Db.ReadAsync(tx => invitations.FindAsync(tx, token, Ct), Ct);

    private Task<string?> AcceptAsync(string token, string? name = null, string? email = null) => Db.WriteAsync(tx => invitations.AcceptAsync(tx, token, name, email, null, Ct), Ct);

    private Task<ActorState?> ActorAsync(string session) => Db.ReadAsync(tx => access.FindActorAsync(tx, CallerToken.Parse(session), Ct), Ct);
}
