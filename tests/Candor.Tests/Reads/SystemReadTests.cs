using System.Text;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Reads;

public sealed class SystemReadOnSqlite : SystemReadTests<Sqlite>;

public sealed class SystemReadOnPostgres : SystemReadTests<Postgres>;

public abstract class SystemReadTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly DataPointId Email = DataPointId.Parse("email");
    private static readonly DataPointId Purchases = DataPointId.Parse("purchases");
    private ReadHouse house = null!;
    private CustomerKey ada = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        ada = await house.AddCustomerAsync(Db, "ada", Ct);
    }

    [Fact]
    public async Task A_job_reads_for_a_purpose_only_while_the_customer_allows_it()
    {
        Assert.Equal(new Decision.Denied(ReasonCode.NoConsent), (await RunAsync("newsletter", Email)).Decision);
        await house.GiveAsync(Db, ada.Id, "newsletter", Ct);
        var read = await RunAsync("newsletter", Email, Purchases);
        Assert.Equal("\"ada@customers.example\"", Encoding.UTF8.GetString(Assert.Single(read.Opened!.Values).Json.Span));
        Assert.Equal([new Withheld(Purchases, ReasonCode.NotForThisPurpose)], ((Decision.Allowed)read.Decision).Withheld);
        await Db.WriteAsync(tx => house.Ledger.WithdrawAsync(tx, ada.Id, PurposeId.Parse("newsletter"), "test", "en", Ct), Ct);
        var denied = await RunAsync("newsletter", Email);
        Assert.Equal(new Decision.Denied(ReasonCode.ConsentWithdrawn), denied.Decision);
        Assert.Null(denied.Opened);
    }

    [Fact]
    public async Task A_job_may_answer_a_customer_about_their_rights_whatever_they_chose()
    {
        await Db.WriteAsync(tx => house.Ledger.RestrictAsync(tx, ada.Id, "test", "en", Ct), Ct);
        Assert.Equal(new Decision.Denied(ReasonCode.Restricted), (await RunAsync("support", Email)).Decision);
        var read = await RunAsync(null, Email);
        Assert.Equal(("ada", 1), (read.Opened!.Reference, read.Opened.Values.Count));
    }

    [Fact]
    public async Task Every_such_read_stands_in_the_log_before_anything_is_open()
    {
        var read = await RunAsync(null, Email);
        var denied = await RunAsync("newsletter", Email);
        var entries = await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 10, Ct), Ct);
        Assert.Equal([(denied.Entry, AuditKind.Deny), (read.Entry, AuditKind.Read)], entries.Select(e => (e.Id, e.Event.Kind)));
        Assert.All(entries, e => Assert.Equal(("system:test", "a-test"), (e.Event.Actor, e.Event.Subject)));
        Assert.Equal("no-consent", entries[0].Event.Reason);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Db.WriteAsync(async tx =>
            house.SystemReads.Open(await house.SystemReads.EvaluateAsync(tx, Question(null, Email), Ct)), Ct));
    }

    [Theory]
    [InlineData(ActorKind.System, "", true)]
    [InlineData(ActorKind.Staff, "privacy-officer", true)]
    [InlineData(ActorKind.Staff, "agent administrator", false)]
    [InlineData(ActorKind.Service, "", false)]
    [InlineData(ActorKind.Customer, "", false)]
    public void Only_candor_and_a_privacy_officer_may_read_to_answer(ActorKind kind, string roles, bool may)
    {
        var now = Clock.GetUtcNow();
        var actor = new ActorState { Kind = kind, Ref = "x", Roles = roles, MfaAt = now, TrainingUntil = now.AddDays(1) };
        var customer = new CustomerState(ada.Id, null, 0, IsRestricted: true);
        Assert.Equal(may, Permit.DecideAnswer(actor, customer, [Email], [], now, 1) is Decision.Allowed);
        Assert.IsType<Decision.Denied>(Permit.DecideAnswer(actor with { IsRevoked = true }, customer, [Email], [], now, 1));
        Assert.IsType<Decision.Denied>(Permit.DecideAnswer(actor, null, [Email], [], now, 1));
        if (kind == ActorKind.Staff)
        {
            Assert.IsType<Decision.Denied>(Permit.DecideAnswer(actor with { MfaAt = null }, customer, [Email], [], now, 1));
            Assert.IsType<Decision.Denied>(Permit.DecideAnswer(actor with { TrainingUntil = now }, customer, [Email], [], now, 1));
        }
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_choice_as_it_was()
    {
        await house.GiveAsync(Db, ada.Id, "newsletter", Ct);
        var key = CallerToken.Parse((await Db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], ["consents"], TimeSpan.FromDays(1), "test", Ct), Ct)).Text);
        house.Choices.AlsoDo((_, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "Not now."));
        await Assert.ThrowsAsync<Fault>(() => house.Choices.WithdrawAsync(key, "ada", PurposeId.Parse("newsletter"), "test", "en", Ct));
        Assert.IsType<Decision.Allowed>((await RunAsync("newsletter", Email)).Decision);
    }

    private SystemRead.Question Question(string? purpose, params DataPointId[] asked) =>
        new("test", "a-test", ada.Id, asked, purpose is null ? null : PurposeId.Parse(purpose));

    private Task<SystemRead.Outcome> RunAsync(string? purpose, params DataPointId[] asked) => house.SystemReads.RunAsync(Question(purpose, asked), Ct);
}
