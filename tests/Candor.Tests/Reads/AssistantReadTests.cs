using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Reads;

/// <summary>A catalog with a service of AI assistants.</summary>
internal static class AssistantReads
{
    public const string Service = "assistant";

    public static string Yaml { get; } = With("");

    /// <summary>The catalog, with more data points for AI assistance.</summary>
    public static string With(string more) =>
        $$"""
        organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en] }
        dataPoints:
          email:     { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }
          phone:     { kind: field, label: Phone number, category: TelephoneNumber, retention: while-customer }
          purchases: { kind: history, label: Purchase history, category: PurchasesAndSpendingHabit, retention: P2Y }
          pageViews: { kind: history, label: Pages you looked at, category: Interest, retention: P90D }
        purposes:
          help:        { label: Help, why: So that we can help you., basis: contract, uses: { email: high, purchases: high }, services: [assistant], needsCase: true }
          suggestions: { label: Ideas, why: So that we can show you ideas., basis: consent, consentLasts: P9M, uses: { pageViews: high, purchases: medium }, services: [shop, assistant] }
          news:        { label: News, why: So that we can send you news., basis: consent, consentLasts: P9M, uses: { email: high }, services: [assistant] }
          quality:     { label: Better, why: So that we can learn., basis: legitimate-interest, uses: { purchases: medium }, services: [assistant] }
          draft:       { label: Later, why: Not decided yet., basis: consent, consentLasts: P6M, uses: { purchases: high }, services: [assistant], active: false }
          shop-only:   { label: Orders, why: So that we can send them., basis: contract, uses: { purchases: high }, services: [shop] }
          ai-assistance: { label: AI, why: So that an AI assistant can help., basis: consent, consentLasts: P6M, uses: { purchases: medium{{more}} }, services: [assistant] }
        """;
}

public sealed class AssistantReadOnSqlite : AssistantReadTests<Sqlite>;

public sealed class AssistantReadOnPostgres : AssistantReadTests<Postgres>;

/// <summary>The path of a read for an AI assistant: each reason, the budget, withdrawal at once, and what the log and the customer are told.</summary>
public abstract class AssistantReadTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int Budget = 3;
    private const string Ai = "ai-assistance";
    private ReadHouse house = null!;
    private CallerToken assistant = null!;
    private CallerToken service = null!;
    private string keyId = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions { CustomersPerHour = 1 }, Ct);
        await house.ApplyCatalogAsync(Db, AssistantReads.Yaml, "test", Ct);
        var made = await Db.WriteAsync(tx => house.Access.CreateKeyAsync(
            tx, AssistantReads.Service, [], [], TimeSpan.FromDays(360), "test", Ct, assistant: new AssistantMark("Help desk helper", Budget)), Ct);
        (assistant, keyId) = (CallerToken.Parse(made.Text), made.KeyId);
        service = CallerToken.Parse((await Db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, AssistantReads.Service, [], ["consents"], TimeSpan.FromDays(360), "test", Ct), Ct)).Text);
    }

    [Fact]
    public async Task It_reads_with_both_consents_and_only_what_ai_assistance_covers()
    {
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        await house.GiveAsync(Db, ada.Id, "suggestions", Ct);
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("ada", "suggestions"));
        // The same read by a program that is no assistant, and of another purpose by the assistant.
        Assert.Null(await WhyNotAsync("ada", "suggestions", service));
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("ada", "help"));
        await house.GiveAsync(Db, ada.Id, Ai, Ct);
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("ada", "news"));
        var read = (await house.Read.RunAsync(Request(assistant, "ada", "suggestions"), Ct))!;
        var allowed = Assert.IsType<Decision.Allowed>(read.Decision);
        Assert.Equal(["purchases"], allowed.Permit.DataPoints.Select(d => d.Value));
        Assert.Equal([new Withheld(DataPointId.Parse("pageViews"), ReasonCode.NotForThisPurpose)], allowed.Withheld);
        Assert.Equal(["purchases"], read.Opened!.Values.Select(v => v.DataPoint.Value));
        Assert.Null(await WhyNotAsync("ada", "help"));
        Assert.Null(await WhyNotAsync("ada", Ai));
    }

    [Fact]
    public async Task Each_reason_is_given_where_it_holds()
    {
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        foreach (var purpose in new[] { "suggestions", "news", Ai })
        {
            await house.GiveAsync(Db, ada.Id, purpose, Ct);
        }

        Assert.Null(await WhyNotAsync("ada", "suggestions"));
        Assert.Equal(ReasonCode.UnknownPurpose, await WhyNotAsync("ada", "nothing"));
        Assert.Equal(ReasonCode.PurposeNotActive, await WhyNotAsync("ada", "draft"));
        Assert.Equal(ReasonCode.RoleNotAllowed, await WhyNotAsync("ada", "shop-only"));
        Assert.Equal(ReasonCode.NotForThisPurpose, await WhyNotAsync("ada", "news"));
        Assert.Equal(ReasonCode.NoCase, (await house.Read.RunAsync(Request(assistant, "ada", "help") with { Case = null }, Ct))!.ShownReason);
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("nobody", "help"));
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("nobody", "quality"));
        await Db.WriteAsync(tx => house.Ledger.RestrictAsync(tx, ada.Id, "test", "en", Ct), Ct);
        Assert.Equal(ReasonCode.Restricted, await WhyNotAsync("ada", "help"));
        await Db.WriteAsync(tx => house.Ledger.LiftRestrictionAsync(tx, ada.Id, "test", "en", Ct), Ct);
        await house.Choices.ObjectAsync(service, "ada", PurposeId.Parse("quality"), "test", "en", Ct);
        Assert.Equal(ReasonCode.Objected, await WhyNotAsync("ada", "quality"));
        Clock.SetUtcNow(Period.Parse("P6M").After(Clock.GetUtcNow()) - TimeSpan.FromMicroseconds(1));
        Assert.Null(await WhyNotAsync("ada", "suggestions"));
        Clock.Advance(TimeSpan.FromMicroseconds(1));
        // The purpose's own consent lasts on; that to AI assistance is over.
        Assert.Equal(ReasonCode.ConsentExpired, await WhyNotAsync("ada", "suggestions"));
        Assert.Null(await WhyNotAsync("ada", "suggestions", service));
        await house.GiveAsync(Db, ada.Id, Ai, Ct);
        await house.ApplyCatalogAsync(Db, AssistantReads.With(", phone: low"), "test", Ct);
        Assert.Equal(ReasonCode.ConsentOutdated, await WhyNotAsync("ada", "suggestions"));
        Assert.Null(await WhyNotAsync("ada", "suggestions", service));
        await house.GiveAsync(Db, ada.Id, Ai, Ct);
        await house.Choices.WithdrawAsync(service, "ada", PurposeId.Parse(Ai), "test", "en", Ct);
        Assert.Equal(ReasonCode.ConsentWithdrawn, await WhyNotAsync("ada", "suggestions"));
        Assert.Equal(ReasonCode.ConsentWithdrawn, await WhyNotAsync("ada", "help"));
        await Db.WriteAsync(tx => house.Access.RevokeKeyAsync(tx, keyId, "test", Ct), Ct);
        Assert.Equal(ReasonCode.SessionEnded, await WhyNotAsync("ada", "suggestions"));
    }

    [Theory]
    [InlineData("active: false")]
    [InlineData("gone")]
    public async Task Without_the_purpose_in_the_catalog_it_reads_nobody_and_cannot_tell_who_is_known(string how)
    {
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        await house.GiveAsync(Db, ada.Id, Ai, Ct);
        var line = AssistantReads.Yaml.Split('\n').Single(l => l.TrimStart().StartsWith(Ai, StringComparison.Ordinal));
        await house.ApplyCatalogAsync(Db, AssistantReads.Yaml.Replace(line, how == "gone" ? "" : line.Replace(" }", ", active: false }", StringComparison.Ordinal).Replace("medium, active: false }", "medium }", StringComparison.Ordinal), StringComparison.Ordinal), "test", Ct);
        foreach (var customer in new[] { "ada", "nobody" })
        {
            Assert.Equal(ReasonCode.PurposeNotActive, await WhyNotAsync(customer, "help"));
        }
    }

    [Fact]
    public async Task It_opens_only_so_many_different_customers_in_an_hour()
    {
        for (var i = 0; i <= Budget; i++)
        {
            var one = await house.AddCustomerAsync(Db, $"c{i}", Ct);
            await house.GiveAsync(Db, one.Id, Ai, Ct);
        }

        for (var i = 0; i < Budget; i++)
        {
            Assert.Null(await WhyNotAsync($"c{i}", "help"));
            Assert.Null(await WhyNotAsync($"c{i}", "help"));
        }

        Assert.Equal(ReasonCode.OverReadBudget, await WhyNotAsync($"c{Budget}", "help"));
        Assert.Null(await WhyNotAsync("c0", "help"));
        Assert.Equal(0, await Db.ReadAsync(async tx => (await tx.FindAsync<long?>("SELECT count(*) FROM read_raise", null, Ct)) ?? 0, Ct));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await WhyNotAsync($"c{Budget}", "help"));
    }

    [Fact]
    public async Task What_it_read_and_what_it_was_refused_is_in_the_log_and_the_customer_sees_its_name()
    {
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        Assert.Equal(ReasonCode.NoConsent, await WhyNotAsync("ada", "help"));
        await house.GiveAsync(Db, ada.Id, Ai, Ct);
        Assert.Null(await WhyNotAsync("ada", "help"));
        await house.Read.RunAsync(Request(service, "ada", "help"), Ct);
        var session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
        var looks = (await house.Own.LooksAsync(session, null, 10, false, Ct))!.Found;
        Assert.Equal(
            [(null, AuditKind.Read, null), ("Help desk helper", AuditKind.Read, null), ("Help desk helper", AuditKind.Deny, "no-consent")],
            looks.Select(l => (l.Assistant, l.Entry.Event.Kind, l.Entry.Event.Reason)));
        Assert.Equal("key:" + keyId, looks[1].Entry.Event.Actor);
        Assert.Null((await house.Own.OverviewAsync(session, Ct))!.LastLook!.Assistant);
        Assert.Null(await WhyNotAsync("ada", "help"));
        Assert.Equal("Help desk helper", (await house.Own.OverviewAsync(session, Ct))!.LastLook!.Assistant);
    }

    [Theory]
    [InlineData("", 60, "", "staff/bad-assistant-name")]
    [InlineData(" Helper", 60, "", "staff/bad-assistant-name")]
    [InlineData("Two\nlines", 60, "", "staff/bad-assistant-name")]
    [InlineData("Helper", 0, "", "staff/bad-assistant-budget")]
    [InlineData("Helper", 10_001, "", "staff/bad-assistant-budget")]
    [InlineData("Helper", 60, "consents", "staff/assistant-reads-only")]
    public async Task What_no_assistant_can_be_is_refused_with_what_is_allowed(string name, int hourly, string may, string what)
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync(tx => house.Access.CreateKeyAsync(
            tx, "other", [], may.Length > 0 ? [may] : [], TimeSpan.FromDays(1), "test", Ct, assistant: new AssistantMark(name, hourly)), Ct));
        Assert.Equal((FaultKind.Invalid, what), (fault.Kind, fault.What));
    }

    private static ReadRequest Request(CallerToken token, string reference, string purpose) => new(token, reference, PurposeId.Parse(purpose), [], "T-1");

    private async Task<ReasonCode?> WhyNotAsync(string reference, string purpose, CallerToken? token = null) =>
        (await house.Read.RunAsync(Request(token ?? assistant, reference, purpose), Ct))!.ShownReason;
}
