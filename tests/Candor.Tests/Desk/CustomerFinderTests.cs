using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Desk;

public sealed class CustomerFinderOnSqlite : CustomerFinderTests<Sqlite>;

public sealed class CustomerFinderOnPostgres : CustomerFinderTests<Postgres>;

public abstract class CustomerFinderTests<TEngine> : DeskTest<TEngine>
    where TEngine : IEngine, new()
{
    // The catalog's country is GB, so a number without one is a British number.
    [Theory]
    [InlineData("c-1", "reference")]
    [InlineData(" C-1@Customers.example ", "email")]
    [InlineData("+44 7700 900123", "phone")]
    [InlineData("07700 900123", "phone")]
    [InlineData("0044 (0)7700-900123", "phone")]
    [InlineData("MT-0001-01", "order")]
    [InlineData("mt-0001 -01", "order")]
    public async Task A_customer_is_found_by_what_they_say_however_it_is_typed(string text, string kind)
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await Desk.AddCustomerAsync("c-2", Ct, "+44 7700 900999", "MT-0002-01");
        Assert.Equal("c-1@customers.example", Email(await Desk.BriefAsync(await Desk.VisitAsync(text, Ct), Ct)));
        Assert.Contains((await Desk.LogAsync(Ct)), e => e is { Kind: AuditKind.Read, CustomerRef: not null } && e.Subject == "look-up:" + kind);
    }

    [Theory]
    [InlineData("c-")]
    [InlineData("%")]
    [InlineData("*")]
    [InlineData("c-_")]
    [InlineData("@customers.example")]
    [InlineData("customers.example")]
    [InlineData("0770")]
    [InlineData("900123")]
    [InlineData("MT-0001")]
    [InlineData("' OR 1=1 --")]
    public async Task There_is_no_finding_by_parts(string text)
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        Assert.Equal((null, null), await FindAsync(text));
    }

    [Fact]
    public async Task A_number_that_two_customers_share_finds_neither()
    {
        await Desk.AddCustomerAsync("c-1", Ct, order: "SAME");
        Assert.NotNull((await FindAsync("SAME")).Visit);
        await Desk.AddCustomerAsync("c-2", Ct, "+44 7700 900999", "SAME");
        Assert.Equal((null, null), await FindAsync("SAME"));
    }

    [Fact]
    public async Task A_look_up_is_logged_found_or_not_and_without_what_was_typed()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        foreach (var text in new[] { "c-1@customers.example", "ghost@customers.example", "07700 900123", "MT-0001-01", "GHOST-ORDER-9" })
        {
            await FindAsync(text);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var looks = (await Desk.LogAsync(Ct)).Where(e => e.Subject?.StartsWith("look-up:", StringComparison.Ordinal) == true).ToList();
        Assert.Equal([true, false, true, true, false], looks.Select(e => e.CustomerRef is not null));
        Assert.All(looks.Where(e => e.CustomerRef is null), e => Assert.Equal((AuditKind.Deny, "no-such-customer"), (e.Kind, e.Reason)));
        var log = await Desk.LogTextAsync(Ct);
        Assert.All(new[] { "ghost", "customers.example", "900123", "MT-0001", "GHOST-ORDER", "T-1" }, secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Guessing_uses_up_the_budget_of_the_hour_for_looks_and_reads()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await Desk.AddCustomerAsync("c-2", Ct, "+44 7700 900999", "MT-0002-01");
        var visit = await Desk.VisitAsync("c-1", Ct);
        for (var i = 0; i < 59; i++)
        {
            Assert.Equal((null, null), await FindAsync($"guess-{i}"));
        }

        // The customer opened before may be opened again; nobody else, and nothing more is looked for.
        Assert.NotNull((await FindAsync("c-1")).Visit);
        Assert.NotNull((await Desk.Briefs.OfVisitAsync(Desk.Agent, visit, Ct))!.Brief);
        Assert.Equal((null, (ReasonCode?)ReasonCode.OverReadBudget), await FindAsync("guess-60"));
        Assert.Equal((null, (ReasonCode?)ReasonCode.OverReadBudget), await FindAsync("c-2"));
        Assert.Equal(ReasonCode.OverReadBudget, (await Desk.Briefs.OfReferenceAsync(Desk.Agent, "c-2", null, "T-1", Ct))!.Refused);
        Clock.Advance(TimeSpan.FromHours(1));
        var (_, again) = await Desk.AddStaffAsync("Sam2", "agent", Ct);
        Assert.NotNull((await FindAsync("c-1", again)).Visit);
    }

    [Fact]
    public async Task Only_an_agent_with_second_factor_and_training_may_look()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        foreach (var (roles, mfa, trained, reason) in new[]
        {
            ("marketing analyst privacy-officer committee-member auditor administrator", true, true, ReasonCode.RoleNotAllowed),
            ("agent", false, true, ReasonCode.MfaRequired), ("agent", true, false, ReasonCode.TrainingLapsed),
        })
        {
            var (_, token) = await Desk.AddStaffAsync(roles, roles, Ct, mfa, trained);
            Assert.Equal((null, (ReasonCode?)reason), await FindAsync("c-1", token));
            Assert.Null(await Desk.Finder.RecentAsync(token, 10, Ct));
        }

        Assert.Equal((null, (ReasonCode?)ReasonCode.RoleNotAllowed), await FindAsync("c-1", Desk.Shop.Token));
    }

    [Fact]
    public async Task A_visit_is_of_use_to_its_agent_alone_and_for_a_day()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        var (_, other) = await Desk.AddStaffAsync("Other", "agent", Ct);
        Assert.Equal("desk/no-such-visit", (await Assert.ThrowsAsync<Fault>(() => Desk.Briefs.OfVisitAsync(other, visit, Ct))).What);
        Assert.Equal("T-1", Assert.Single((await Desk.Finder.RecentAsync(Desk.Agent, 10, Ct))!).Case);
        Assert.Empty((await Desk.Finder.RecentAsync(other, 10, Ct))!);
        Clock.Advance(TimeSpan.FromDays(1));
        var session = Candor.Staff.CallerToken.Parse(await Db.WriteAsync(tx => Desk.House.Access.OpenStaffSessionAsync(tx, Desk.AgentId, tx.Now, Ct), Ct));
        Assert.Equal("desk/no-such-visit", (await Assert.ThrowsAsync<Fault>(() => Desk.Briefs.OfVisitAsync(session, visit, Ct))).What);
        Assert.Empty((await Desk.Finder.RecentAsync(session, 10, Ct))!);
    }

    [Fact]
    public async Task Erasing_takes_the_look_ups_with_it()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        await Desk.VisitAsync("c-1", Ct);
        await Db.WriteAsync(async tx =>
        {
            await Candor.Desk.Emergencies.EraseAsync(tx, key.Id, Ct);
            await OrderIndex.EraseAsync(tx, key.Id, null, Ct);
            await Desk.House.Vault.ShredAsync(tx, key.Id, Ct);
        }, Ct);
        foreach (var text in new[] { "c-1", "c-1@customers.example", "07700 900123", "MT-0001-01" })
        {
            Assert.Equal((null, null), await FindAsync(text));
        }

        Assert.Equal(0, await Desk.CountAsync("SELECT (SELECT count(*) FROM order_look_up) + (SELECT count(*) FROM desk_visit) + (SELECT count(*) FROM customer_lookup)", Ct));
    }

    // How orders from before the catalog named a number get into the index: they are sent again.
    [Fact]
    public async Task An_order_that_comes_again_is_no_second_record_but_is_found_from_then_on()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await Db.WriteAsync(async tx => { await tx.RunAsync("DELETE FROM order_look_up", null, Ct); }, Ct);
        Assert.Equal((null, null), await FindAsync("MT-0001-01"));
        var outcome = await Desk.Shop.Shop.Events.StoreAsync(Desk.Shop.Token,
            [new Candor.Collection.IncomingEvent("c-1", "purchases", "MT-0001-01-0-tea", Clock.GetUtcNow().AddMinutes(-1), System.Text.Json.JsonElement.Parse("""{"product":"tea","invoiceNumber":"MT-0001-01"}"""))], Ct);
        Assert.Equal(Candor.Collection.EventResult.Duplicate, outcome!.Answers[0].Result);
        Assert.NotNull((await FindAsync("MT-0001-01")).Visit);
    }

    private async Task<(string? Visit, ReasonCode? Refused)> FindAsync(string text, Candor.Staff.CallerToken? token = null) =>
        await Desk.Finder.FindAsync(token ?? Desk.Agent, text, DeskHouse.Support, "T-1", Ct) is { } found ? (found.Visit, found.Refused) : throw new InvalidOperationException("nobody's token");

    private static string Email(Candor.Desk.Brief brief) => System.Text.Encoding.UTF8.GetString(brief.Find("EmailAddress")!.Value.Json.Span).Trim('"');
}
