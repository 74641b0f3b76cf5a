using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Staff;

public sealed class StaffSignInOnSqlite : StaffSignInTests<Sqlite>;

public sealed class StaffSignInOnPostgres : StaffSignInTests<Postgres>;

/// <summary>Codes that count once, and factors that are never the last to go.</summary>
public abstract class StaffSignInTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private StaffHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await StaffHouse.BuildAsync(Db, Ct);
    }

    [Fact]
    public async Task Of_fifty_submissions_of_one_code_one_passes()
    {
        var (_, staffId, secret) = await house.EnrolAsync("sam", "agent", Ct);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var code = house.CodeOf(secret);
        var passed = await FiftyAsync(_ => Db.WriteAsync(async tx => await house.Factors.UseTotpAsync(tx, (await house.Factors.FindAsync(tx, staffId, Ct))!, code, Ct), Ct));
        Assert.Single(passed, p => p);
    }

    [Fact]
    public async Task Of_fifty_submissions_of_one_recovery_code_one_passes()
    {
        var (session, staffId, _) = await house.EnrolAsync("sam", "agent", Ct);
        var codes = await house.Own.NewRecoveryCodesAsync(CallerToken.Parse(session), Ct);
        var passed = await FiftyAsync(_ => Db.WriteAsync(async tx => await house.Factors.UseRecoveryCodeAsync(tx, staffId, codes[3].ToString(), Ct), Ct));
        Assert.Single(passed, p => p);
        Assert.Equal(9, await Db.ReadAsync(tx => house.Factors.CodesLeftAsync(tx, staffId, Ct), Ct));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_fifty_sign_ins_with_one_code_one_gets_a_session(bool isRecovery)
    {
        var (session, _, secret) = await house.EnrolAsync("sam", "agent", Ct);
        var recovery = (await house.Own.NewRecoveryCodesAsync(CallerToken.Parse(session), Ct))[0].ToString();
        Clock.Advance(TimeSpan.FromMinutes(1));
        var code = isRecovery ? recovery : house.CodeOf(secret);
        var steps = new List<string>();
        for (var i = 0; i < 50; i++)
        {
            steps.Add((await house.SignIn.CheckPasswordAsync("sam@shop.example", StaffHouse.Password, StaffHouse.Client(i), Ct)).Step!);
        }

        // Each in a network and with a right password of its own, so that nothing but the code itself holds them back.
        var outcomes = await FiftyAsync(i => house.SignIn.CheckCodeAsync(steps[i], code, StaffHouse.Client(i), Ct));
        Assert.Single(outcomes, o => o.Session is not null);
        Assert.All(outcomes.Where(o => o.Session is null), o => Assert.Contains(o.Trouble, new StaffTrouble?[] { StaffTrouble.Wrong, StaffTrouble.Spent }));
    }

    [Fact]
    public async Task A_code_older_than_the_last_one_used_counts_no_more()
    {
        var (_, staffId, secret) = await house.EnrolAsync("sam", "agent", Ct);
        Clock.Advance(TimeSpan.FromMinutes(1));
        var (before, now) = (house.CodeOf(secret), "");
        Clock.Advance(TotpCode.Step);
        now = house.CodeOf(secret);
        Assert.True(await UseAsync(staffId, now));
        Assert.False(await UseAsync(staffId, before));
        Assert.False(await UseAsync(staffId, now));
    }

    [Fact]
    public async Task The_code_that_set_the_authenticator_up_does_not_sign_in()
    {
        var (_, staffId, secret) = await house.EnrolAsync("sam", "agent", Ct);
        Assert.False(await UseAsync(staffId, house.CodeOf(secret)));
    }

    [Fact]
    public async Task Old_hashes_are_made_anew_at_sign_in()
    {
        var (_, staffId, _) = await house.EnrolAsync("sam", "agent", Ct);
        var old = PasswordHash.Of(StaffHouse.Password, 1024, 1, 1).ToString();
        await Db.WriteAsync(async tx => await tx.RunAsync("UPDATE staff_secret SET password_hash = @old", new { old }, Ct), Ct);
        Assert.NotNull((await house.SignIn.CheckPasswordAsync("sam@shop.example", StaffHouse.Password, StaffHouse.Client(1), Ct)).Step);
        var account = await Db.ReadAsync(tx => house.Factors.FindAsync(tx, staffId, Ct), Ct);
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", account!.PasswordHash, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_factor_is_never_removed()
    {
        var (session, _, _) = await house.EnrolAsync("sam", "agent", Ct);
        Assert.Equal("staff/last-factor", (await Assert.ThrowsAsync<Fault>(() => house.Own.RemoveCodesAsync(CallerToken.Parse(session), Ct))).What);
        session = await house.Own.AddPasskeyAsync(CallerToken.Parse(session), Passkey(1), Ct);
        session = await house.Own.AddPasskeyAsync(CallerToken.Parse(session), Passkey(2), Ct);
        await house.Own.RemoveCodesAsync(CallerToken.Parse(session), Ct);
        var keys = (await house.Own.FindAsync(CallerToken.Parse(session), Ct))!.Passkeys;
        await house.Own.RemovePasskeyAsync(CallerToken.Parse(session), keys[0].PasskeyRef, Ct);
        Assert.Equal("staff/last-factor", (await Assert.ThrowsAsync<Fault>(() => house.Own.RemovePasskeyAsync(CallerToken.Parse(session), keys[1].PasskeyRef, Ct))).What);
    }

    [Fact]
    public async Task Factors_are_changed_within_five_minutes_of_one_and_not_later()
    {
        var (session, _, _) = await house.EnrolAsync("sam", "agent", Ct);
        Clock.Advance(StaffSignIn.StepUpLasts - TimeSpan.FromMicroseconds(1));
        session = await house.Own.AddPasskeyAsync(CallerToken.Parse(session), Passkey(1), Ct);
        Clock.Advance(StaffSignIn.StepUpLasts);
        foreach (var change in new Func<CallerToken, Task>[]
        {
            t => house.Own.AddPasskeyAsync(t, Passkey(2), Ct), t => house.Own.RemoveCodesAsync(t, Ct), t => house.Own.BeginCodesAsync(t, Ct), t => house.Own.NewRecoveryCodesAsync(t, Ct),
            t => house.Own.KeepCodesAsync(t, StaffHouse.Password, "000000", [], Ct), t => house.Own.ChangePasswordAsync(t, StaffHouse.Password, "other words entirely here", [], Ct),
        })
        {
            Assert.Equal("staff/confirm-first", (await Assert.ThrowsAsync<Fault>(() => change(CallerToken.Parse(session)))).What);
        }
    }

    [Fact]
    public async Task A_changed_password_ends_every_other_session_and_is_told()
    {
        var told = new List<string>();
        house.Own.AlsoTell((_, _, what, _) =>
        {
            told.Add(what);
            return ValueTask.CompletedTask;
        });
        var (session, staffId, _) = await house.EnrolAsync("sam", "agent", Ct);
        var other = await Db.WriteAsync(tx => house.Access.OpenStaffSessionAsync(tx, staffId, tx.Now, Ct), Ct);
        var token = CallerToken.Parse(session);
        Assert.Equal((null, true), await house.Own.ChangePasswordAsync(token, "not the present one", "four grey geese by a pond", [], Ct));
        Assert.Equal((PasswordTrouble.TooCommon, false), await house.Own.ChangePasswordAsync(token, StaffHouse.Password, "password123456", [], Ct));
        Assert.Equal((null, false), await house.Own.ChangePasswordAsync(token, StaffHouse.Password, "four grey geese by a pond", [], Ct));
        Assert.True((await house.ActorAsync(other, Ct))!.IsRevoked);
        Assert.False((await house.ActorAsync(session, Ct))!.IsRevoked);
        Assert.Equal(StaffTrouble.Wrong, (await house.SignIn.CheckPasswordAsync("sam@shop.example", StaffHouse.Password, StaffHouse.Client(1), Ct)).Trouble);
        Assert.Equal(["password-and-authenticator-set", "password-changed"], told);
    }

    [Fact]
    public async Task Nothing_secret_lies_in_the_database()
    {
        var (session, staffId, secret) = await house.EnrolAsync("sam", "agent", Ct);
        var codes = await house.Own.NewRecoveryCodesAsync(CallerToken.Parse(session), Ct);
        var kept = await Db.ReadAsync(async tx => await tx.QueryAsync<byte[]>("SELECT totp_sealed FROM staff_secret UNION ALL SELECT code_mark FROM staff_recovery_code", null, Ct), Ct);
        Assert.Equal(11, kept.Count);
        Assert.All(kept, k => Assert.Equal(-1, k.AsSpan().IndexOf(secret)));
        Assert.All(codes, c => Assert.DoesNotContain(kept, k => k.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(c.Value)) >= 0));
        // Sealed for one person: moved to another, it opens nothing.
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(() => Db.ReadAsync(async tx =>
            await house.Factors.UseTotpAsync(tx, (await house.Factors.FindAsync(tx, staffId, Ct))! with { StaffId = "other" }, "000000", Ct), Ct));
    }

    private static NewPasskey Passkey(byte id) => new([id], [id], 0, ["internal"], false, false, "Key " + id);

    private Task<bool> UseAsync(string staffId, string code) =>
        Db.WriteAsync(async tx => await house.Factors.UseTotpAsync(tx, (await house.Factors.FindAsync(tx, staffId, Ct))!, code, Ct), Ct);

    private static Task<T[]> FiftyAsync<T>(Func<int, Task<T>> submit) => Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => submit(i))));
}
