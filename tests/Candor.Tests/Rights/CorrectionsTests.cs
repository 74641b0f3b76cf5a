using System.Text.Json;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Rights;
using Candor.Staff;
using Candor.Tests.Reads;
using Candor.Tests.Storage;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Rights;

public sealed class CorrectionsOnSqlite : CorrectionsTests<Sqlite>;

public sealed class CorrectionsOnPostgres : CorrectionsTests<Postgres>;

public abstract class CorrectionsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly DataPointId Email = DataPointId.Parse("email");
    private static readonly DataPointId Phone = DataPointId.Parse("phone");
    private ReadHouse house = null!;
    private Corrections corrections = null!;
    private CorrectionDesk desk = null!;
    private CustomerKey ada = null!;
    private CallerToken session = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        var yaml = ReadHouse.Yaml(widened: false).Replace("category: TelephoneNumber", "correctionNeedsApproval: true, category: TelephoneNumber", StringComparison.Ordinal)
            .Replace("uses: { email: high, purchases: high }", "uses: { email: high, phone: high, purchases: high }", StringComparison.Ordinal);
        await house.ApplyCatalogAsync(Db, yaml, "test", Ct);
        var outbox = new Outbox(house.Vault);
        corrections = new Corrections(Db, new OwnAccess(house.Catalogs, house.Vault, house.Access), house.Ledger, house.Log, house.Vault, house.Index, outbox);
        desk = new CorrectionDesk(Db, house.Catalogs, house.Ledger, house.Log, house.Vault, house.Access, corrections, outbox);
        ada = await house.AddCustomerAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
    }

    [Fact]
    public async Task A_correction_counts_at_once_moves_the_look_up_and_says_who_gave_it()
    {
        await CorrectAsync(Email, "ada@new.example");
        Assert.Equal(CorrectionState.Done, (await CorrectAsync(Email, "  ada@newer.example "))!.State);
        var field = (await corrections.ShowAsync(session, Email, Ct))!;
        Assert.Equal(("\"ada@newer.example\"", Corrections.Source), (Text(field.Value!.Json), field.Value.Source));
        Assert.Equal(
            [("\"ada@new.example\"", "\"ada@newer.example\""), ("\"ada@customers.example\"", "\"ada@new.example\"")], field.Corrections.Select(c => (Text(c.Former!.Value), Text(c.Proposed))));
        Assert.Equal(ada.Id, (await FindAsync("ada@newer.example"))!.Id);
        Assert.Null(await FindAsync("ada@new.example"));
        Assert.Equal(AuditKind.Collect, (await NewestAsync(AuditKind.Collect)).Event.Kind);
    }

    [Fact]
    public async Task The_former_address_is_told_of_a_new_one()
    {
        await CorrectAsync(Email, "ada@new.example");
        Assert.Equal(1, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM farewell WHERE template = 'address-changed'", null, Ct), Ct));
        await CorrectAsync(Email, "ada@new.example");
        Assert.Equal(1, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM farewell", null, Ct), Ct));
    }

    [Fact]
    public async Task Where_the_catalog_says_so_a_correction_waits_and_a_later_one_takes_its_place()
    {
        await CorrectAsync(Phone, "+44 7700 900001");
        await CorrectAsync(Phone, "+44 7700 900002");
        var field = (await corrections.ShowAsync(session, Phone, Ct))!;
        Assert.Null(field.Value);
        Assert.Equal([CorrectionState.Replaced, CorrectionState.Waiting], field.Corrections.Select(c => c.State).Order().Reverse());
        Assert.Equal(Phone, Assert.Single((await corrections.WaitingAsync(session, Ct))!).DataPoint);
        Assert.Equal(AuditKind.Request, (await NewestAsync(AuditKind.Request)).Event.Kind);
    }

    [Fact]
    public async Task An_officer_approves_and_the_value_counts_from_then()
    {
        var id = await WaitAsync("+44 7700 900001");
        var officer = await StaffAsync("privacy-officer");
        Assert.Equal("\"+44 7700 900001\"", Text((await desk.ShowAsync(officer, id, Ct)).Correction!.Proposed));
        Assert.Equal(CorrectionState.Approved, (await desk.ApproveAsync(officer, id, Ct)).Correction!.State);
        var field = (await corrections.ShowAsync(session, Phone, Ct))!;
        Assert.Equal(("\"+44 7700 900001\"", CorrectionState.Approved), (Text(field.Value!.Json), Assert.Single(field.Corrections).State));
        Assert.Equal(1, await QueuedAsync());
        await Assert.ThrowsAsync<Fault>(() => desk.ApproveAsync(officer, id, Ct));
        Assert.Equal(1, await QueuedAsync());
    }

    [Fact]
    public async Task A_refusal_keeps_the_old_value_and_gives_the_customer_the_reason()
    {
        var id = await WaitAsync("+44 7700 900001");
        var agent = await StaffAsync("agent");
        await Assert.ThrowsAsync<Fault>(() => desk.RefuseAsync(agent, id, " ", Ct));
        Assert.Equal(CorrectionState.Refused, (await desk.RefuseAsync(agent, id, "This number has too few digits.", Ct)).Correction!.State);
        var field = (await corrections.ShowAsync(session, Phone, Ct))!;
        Assert.Null(field.Value);
        Assert.Equal("This number has too few digits.", Assert.Single(field.Corrections).Reason);
    }

    [Theory]
    [InlineData("marketing", true, ReasonCode.RoleNotAllowed)]
    [InlineData("agent", false, ReasonCode.MfaRequired)]
    public async Task Who_may_not_decide_sees_nothing_and_it_stands_in_the_log(string role, bool mfa, ReasonCode expected)
    {
        var id = await WaitAsync("+44 7700 900001");
        var outcome = await desk.ApproveAsync(await StaffAsync(role, mfa), id, Ct);
        Assert.Equal((null, expected), (outcome.Correction, outcome.Refused));
        Assert.Equal(expected.Code(), (await NewestAsync(AuditKind.Deny)).Event.Reason);
        Assert.Single((await corrections.WaitingAsync(session, Ct))!);
        Assert.Equal(default, await desk.ApproveAsync(CallerToken.Parse("cds_" + new string('A', 43)), id, Ct));
    }

    [Fact]
    public async Task A_session_of_nobody_or_of_staff_corrects_nothing()
    {
        foreach (var token in new[] { await StaffAsync("privacy-officer"), CallerToken.Parse("cds_" + new string('A', 43)) })
        {
            Assert.Null(await corrections.ShowAsync(token, Email, Ct));
            Assert.Null(await corrections.CorrectAsync(token, Email, JsonSerializer.SerializeToElement("x@y.example"), Ct));
            Assert.Null(await corrections.WaitingAsync(token, Ct));
        }

        Assert.Equal("\"ada@customers.example\"", Text((await corrections.ShowAsync(session, Email, Ct))!.Value!.Json));
    }

    [Fact]
    public async Task An_address_of_somebody_else_is_refused_and_nothing_changes()
    {
        var ben = await house.AddCustomerAsync(Db, "ben", Ct);
        var other = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ben.Id, Ct), Ct));
        await corrections.CorrectAsync(other, Email, JsonSerializer.SerializeToElement("ben@new.example"), Ct);
        Assert.Equal("vault/taken", (await Assert.ThrowsAsync<Fault>(() => CorrectAsync(Email, "BEN@new.example"))).What);
        var field = (await corrections.ShowAsync(session, Email, Ct))!;
        Assert.Equal("\"ada@customers.example\"", Text(field.Value!.Json));
        Assert.Empty(field.Corrections);
    }

    [Fact]
    public async Task Any_value_is_stored_as_it_is_or_refused_with_a_fault_and_never_half() =>
        await Gen.Select(Gen.String[0, 600], Gen.Bool).SampleAsync(async (text, isEmail) =>
        {
            var value = isEmail ? text + "@x.example" : text;
            try
            {
                await CorrectAsync(Email, value);
                Assert.Equal(value.Trim(), JsonSerializer.Deserialize<string>((await corrections.ShowAsync(session, Email, Ct))!.Value!.Json.Span));
            }
            catch (Fault fault)
            {
                Assert.NotEqual(FaultKind.Unavailable, fault.Kind);
                // A short value may stand in a message by chance, and an empty one stands in all.
                Assert.True(value.Length <= 20 || !fault.Message.Contains(value, StringComparison.Ordinal), fault.Message);
            }
        }, iter: 60, threads: 1);

    private static string Text(ReadOnlyMemory<byte> json) => $"\"{JsonSerializer.Deserialize<string>(json.Span)}\"";

    private Task<Corrections.Outcome?> CorrectAsync(DataPointId dataPoint, string value)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        return corrections.CorrectAsync(session, dataPoint, JsonSerializer.SerializeToElement(value), Ct);
    }

    private async Task<string> WaitAsync(string phone)
    {
        await CorrectAsync(Phone, phone);
        return Assert.Single(await desk.ListAsync(10, Ct)).Id;
    }

    private async Task<CustomerKey?> FindAsync(string email) => await Db.ReadAsync(async tx => await house.Vault.FindCustomerAsync(tx, BlindIndex.Email, email, Ct), Ct);

    private Task<long> QueuedAsync() =>
        Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM outbox WHERE template = 'correction-decided'", null, Ct), Ct);

    private async Task<AuditEntry> NewestAsync(AuditKind kind) =>
        (await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 1, Ct, e => e.Kind == kind), Ct))[0];

    private async Task<CallerToken> StaffAsync(string role, bool mfa = true) => CallerToken.Parse(await Db.WriteAsync(async tx =>
        await house.Access.OpenStaffSessionAsync(tx, await house.Access.AddStaffAsync(tx, "Sam", [role], tx.Now.AddYears(1), "test", Ct), mfa ? tx.Now : null, Ct), Ct));
}
