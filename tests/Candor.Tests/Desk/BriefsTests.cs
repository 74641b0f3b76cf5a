using System.Text;
using System.Text.Json;
using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Desk;

public sealed class BriefsOnSqlite : BriefsTests<Sqlite>;

public sealed class BriefsOnPostgres : BriefsTests<Postgres>;

public abstract class BriefsTests<TEngine> : DeskTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_brief_has_who_what_is_open_and_what_is_withheld_each_with_its_source()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await Desk.Shop.StoreAsync("c-1", "serviceContacts", "q", ["Where is it?"], q => new { question = q, answered = false }, Ct);
        await Desk.Shop.StoreAsync("c-1", "purchases", "late", ["scarf"], i => new { product = i, item = "Scarf", status = "delayed" }, Ct);
        var brief = await Desk.BriefAsync(await Desk.VisitAsync("c-1", Ct), Ct);
        Assert.Equal("\"Ada Brook\"", Text(brief.Find("Name")!));
        Assert.Equal(["purchases", "serviceContacts"], brief.Open.Select(o => o.DataPoint.Id.Value).Order(StringComparer.Ordinal));
        Assert.Equal(2, brief.Purchases.Count);
        Assert.All(brief.Fields.Concat(brief.Purchases).Concat(brief.Contacts), line => Assert.Equal("shop", line.Value.Source));
        // The catalog declares these and the purpose does not use them.
        Assert.Equal(["address", "carts", "pageViews"], brief.Withheld.Select(w => w.DataPoint.Value));
        Assert.All(brief.Withheld, w => Assert.Equal(ReasonCode.NotForThisPurpose, w.Reason));
        Assert.Equal(["deliveries", "language"], brief.Missing.Select(m => m.Value));
        Assert.Equal(ReasonCode.NoConsent, brief.Needs!.Withheld);
        Assert.NotEqual(brief.Entry, brief.Needs.Entry);
    }

    [Fact]
    public async Task Each_opening_is_a_new_read_by_the_rules_of_its_moment()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await GiveNeedsAsync("c-1");
        await Desk.Shop.BuyAsync("c-1", "o-2", Ct, "tea", "jam");
        var visit = await Desk.VisitAsync("c-1", Ct);
        var first = await Desk.BriefAsync(visit, Ct);
        Assert.Null(first.Needs!.Withheld);
        Assert.NotEmpty(first.Needs.Items);
        Assert.NotNull((await Desk.Shop.WithdrawAsync("c-1", Ct, "next-needs")).Changed);
        var second = await Desk.BriefAsync(visit, Ct);
        Assert.Equal(ReasonCode.ConsentWithdrawn, second.Needs!.Withheld);
        Assert.Empty(second.Needs.Items);
        Assert.Equal(4, new[] { first.Entry, second.Entry, first.Needs.Entry, second.Needs.Entry }.Distinct().Count());
        Assert.Equal(Candor.Consent.ConsentState.Withdrawn, second.Choices.Single(c => c.Purpose == DeskHouse.Needs).State);
    }

    [Fact]
    public async Task What_the_rules_notice_stands_in_the_brief_and_ends_with_its_reason()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await StoreAgoAsync("purchases", "o-1", 9, new { invoiceNumber = "MT-0001-02", product = "scarf", total = 99.95 });
        for (var i = 1; i <= 3; i++)
        {
            await StoreAgoAsync("serviceContacts", $"q-{i}", i, new { question = "Where is it?", order = "MT-0001-02", answered = true });
        }

        var visit = await Desk.VisitAsync("c-1", Ct);
        var brief = await Desk.BriefAsync(visit, Ct);
        Assert.Equal(
            [("lateOrders", "MT-0001-02", "purchases", 1), ("repeatedContacts", "MT-0001-02", "serviceContacts", 3)],
            brief.Noticed.Select(n => (n.Rule, n.About, n.Source.Value, n.Times)));
        Assert.DoesNotContain("99.95", string.Join(' ', brief.Noticed), StringComparison.Ordinal);
        await StoreAgoAsync("deliveries", "d-1", 0, new { invoiceNumber = "MT-0001-02", status = "delivered" });
        Assert.Equal(["repeatedContacts"], (await Desk.BriefAsync(visit, Ct)).Noticed.Select(n => n.Rule));
    }

    [Fact]
    public async Task What_runs_out_is_noticed_only_where_the_customer_agreed()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        foreach (var days in (int[])[61, 41, 21])
        {
            await StoreAgoAsync("purchases", $"o-{days}", days, new { invoiceNumber = $"o-{days}", product = "jam", item = "Damson jam", status = "delivered" });
        }

        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.Empty((await Desk.BriefAsync(visit, Ct)).Needs!.Noticed);
        await GiveNeedsAsync("c-1");
        var brief = await Desk.BriefAsync(visit, Ct);
        Assert.Equal(("runningOut", "Damson jam", DeskHouse.Needs, 3), brief.Needs!.Noticed.Select(n => (n.Rule, n.About, n.Purpose, n.Times)).Single());
        Assert.Empty(brief.Noticed);
        Assert.NotNull((await Desk.Shop.WithdrawAsync("c-1", Ct, "next-needs")).Changed);
        Assert.Empty((await Desk.BriefAsync(visit, Ct)).Needs!.Noticed);
    }

    [Fact]
    public async Task A_role_removed_since_a_case_missing_or_a_restriction_ends_it_at_the_next_opening()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        await Desk.BriefAsync(visit, Ct);
        await Desk.Finder.ChangeReasonAsync(Desk.Agent, visit, DeskHouse.Support, " ", Ct);
        Assert.Equal((ReasonCode.NoCase, false), await RefusedAsync(visit));
        await Desk.Finder.ChangeReasonAsync(Desk.Agent, visit, DeskHouse.Newsletter, "T-1", Ct);
        Assert.Equal((ReasonCode.RoleNotAllowed, false), await RefusedAsync(visit));
        await Desk.Finder.ChangeReasonAsync(Desk.Agent, visit, DeskHouse.Support, "T-1", Ct);
        await Desk.RestrictAsync(key, Ct);
        Assert.Equal((ReasonCode.Restricted, true), await RefusedAsync(visit));
        await Db.WriteAsync(tx => Desk.House.Access.ChangeStaffAsync(tx, Desk.AgentId, ["auditor"], false, "test", Ct), Ct);
        Assert.Equal((ReasonCode.RoleNotAllowed, false), await RefusedAsync(visit));
    }

    [Fact]
    public async Task An_emergency_opens_it_marked_and_tells_the_customer_and_the_officers_once()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        await GiveNeedsAsync("c-1");
        await Desk.RestrictAsync(key, Ct);
        var (_, officer) = await Desk.AddStaffAsync("Pia", "privacy-officer", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.Equal("desk/bad-emergency", (await Assert.ThrowsAsync<Fault>(() => Desk.Emergencies.DeclareAsync(Desk.Agent, visit, "too short", Ct))).What);
        Assert.Null(await Desk.Emergencies.DeclareAsync(Desk.Agent, visit, "The caller says that medicine is in the parcel.", Ct));
        var brief = await Desk.BriefAsync(visit, Ct);
        Assert.True(brief.IsEmergency);
        Assert.Equal(["address", "carts", "pageViews"], brief.Withheld.Select(w => w.DataPoint.Value));
        // It is for the purpose that the catalog marks, and for no other.
        Assert.Equal(ReasonCode.Restricted, brief.Needs!.Withheld);
        await Desk.BriefAsync(visit, Ct);
        Assert.Equal(1, await Desk.CountAsync("SELECT count(*) FROM outbox WHERE template = 'emergency-look'", Ct));
        Assert.Equal(1, await Desk.CountAsync("SELECT count(*) FROM staff_mail WHERE template = 'emergency-access'", Ct));
        Assert.Equal(2, (await Desk.LogAsync(Ct)).Count(e => e is { Kind: Candor.Audit.AuditKind.Read, Subject: "emergency" }));
        Assert.DoesNotContain("medicine", await Desk.LogTextAsync(Ct), StringComparison.Ordinal);

        var own = new Candor.Reads.OwnData(Db, new Candor.Reads.OwnAccess(Desk.House.Catalogs, Desk.House.Vault, Desk.House.Access), Desk.House.Ledger, Desk.House.Log, Desk.House.Vault);
        var looks = (await own.LooksAsync(await Desk.Shop.SignInAsync(key.Id, Ct), null, 50, false, Ct))!.Found;
        Assert.Equal(2, looks.Count(l => l.Emergency == "The caller says that medicine is in the parcel." && l.Case == "T-1"));
        await CheckAsync(officer);
    }

    [Fact]
    public async Task An_emergency_is_over_after_an_hour_and_when_another_reason_is_named()
    {
        await Desk.RestrictAsync(await Desk.AddCustomerAsync("c-1", Ct), Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        await Desk.Emergencies.DeclareAsync(Desk.Agent, visit, "The caller says that medicine is in the parcel.", Ct);
        await Desk.BriefAsync(visit, Ct);
        Clock.Advance(TimeSpan.FromMinutes(29));
        await Desk.BriefAsync(visit, Ct);
        Clock.Advance(TimeSpan.FromMinutes(29));
        await Desk.BriefAsync(visit, Ct);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((ReasonCode.Restricted, true), await RefusedAsync(visit));
        await Desk.Emergencies.DeclareAsync(Desk.Agent, visit, "The caller says that medicine is in the parcel.", Ct);
        await Desk.BriefAsync(visit, Ct);
        Assert.Equal(2, await Desk.CountAsync("SELECT count(*) FROM outbox WHERE template = 'emergency-look'", Ct));
        await Desk.Finder.ChangeReasonAsync(Desk.Agent, visit, DeskHouse.Support, "T-1", Ct);
        Assert.Equal((ReasonCode.Restricted, true), await RefusedAsync(visit));
    }

    [Fact]
    public async Task By_reference_a_program_gets_no_more_than_its_own_purposes_allow()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await Desk.Briefs.OfReferenceAsync(Desk.Shop.Token, "c-1", null, "T-1", Ct))!.Refused);
        var brief = (await Desk.Briefs.OfReferenceAsync(Desk.Agent, "c-1", null, "T-1", Ct))!.Brief!;
        Assert.Equal(DeskHouse.Support, brief.Purpose.Id);
        Assert.Equal(ReasonCode.NoCase, (await Desk.Briefs.OfReferenceAsync(Desk.Agent, "c-1", null, null, Ct))!.Refused);
        Assert.Equal(ReasonCode.NoSuchCustomer, (await Desk.Briefs.OfReferenceAsync(Desk.Agent, "ghost", null, "T-1", Ct))!.Refused);
        Assert.Null(await Desk.Briefs.OfReferenceAsync(Candor.Staff.CallerToken.Parse("cds_" + new string('A', 43)), "c-1", null, "T-1", Ct));
    }

    private async Task CheckAsync(Candor.Staff.CallerToken officer)
    {
        Assert.Null(await Desk.Emergencies.ListAsync(Desk.Agent, 10, Ct));
        var read = Assert.Single((await Desk.Emergencies.ListAsync(officer, 10, Ct))!);
        Assert.Null(await Desk.Emergencies.ShowAsync(Desk.Agent, read.Id, Ct));
        Assert.Equal("The caller says that medicine is in the parcel.", (await Desk.Emergencies.ShowAsync(officer, read.Id, Ct))!.Reason);
        Assert.False(await Desk.Emergencies.CloseAsync(Desk.Agent, read.Id, true, "Fine.", Ct));
        Assert.True(await Desk.Emergencies.CloseAsync(officer, read.Id, false, "There was no medicine.", Ct));
        Assert.Equal("desk/not-yours-to-check", (await Assert.ThrowsAsync<Fault>(() => Desk.Emergencies.CloseAsync(officer, read.Id, true, "Changed my mind.", Ct))).What);
        var shown = (await Desk.Emergencies.ShowAsync(officer, read.Id, Ct))!;
        Assert.Equal((false, "There was no medicine."), (shown.Read.WasJustified, shown.Finding));
        Assert.Equal(2, (await Desk.LogAsync(Ct)).Count(e => e is { Kind: Candor.Audit.AuditKind.Read, Subject: "emergency-check", CustomerRef: not null }));
    }

    private async Task<(ReasonCode? Refused, bool MayEmergency)> RefusedAsync(string visit) =>
        await Desk.Briefs.OfVisitAsync(Desk.Agent, visit, Ct) is { Brief: null } outcome ? (outcome.Refused, outcome.MayEmergency) : (null, false);

    private async Task GiveNeedsAsync(string reference) => Assert.NotNull((await Desk.House.Choices.GiveAsync(
        Desk.Shop.Token, reference, DeskHouse.Needs, Candor.Tests.Reads.ReadHouse.Notice(await Desk.House.CatalogAsync(Db, Ct)), "test", Ct)).Changed);

    private async Task StoreAgoAsync(string dataPoint, string id, int days, object data) => Assert.Equal(Candor.Collection.EventResult.Stored, (await Desk.Shop.Shop.Events.StoreAsync(
        Desk.Shop.Token, [new("c-1", dataPoint, id, Clock.GetUtcNow().AddDays(-days), JsonSerializer.SerializeToElement(data))], Ct))!.Answers.Single().Result);

    private static string Text(BriefLine line) => Encoding.UTF8.GetString(line.Value.Json.Span);
}
