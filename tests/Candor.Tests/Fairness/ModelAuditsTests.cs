using Candor.Audit;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Tests.Catalog;
using Candor.Tests.Storage;

namespace Candor.Tests.Fairness;

public sealed class ModelAuditsOnSqlite : ModelAuditsTests<Sqlite>;

public sealed class ModelAuditsOnPostgres : ModelAuditsTests<Postgres>;

/// <summary>Who is in the models, and how their suggestions come out for groups, before anybody is served by them.</summary>
public abstract class ModelAuditsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly EvaluationPlan Quick = new(TimeSpan.FromMilliseconds(1)) { Resamples = 10 };
    private FairnessHouse house = null!;
    private ModelAudits audits = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await FairnessHouse.BuildAsync(Db, Ct);
        var h = house.Shop.House;
        audits = new ModelAudits(Db, h.Catalogs, h.Ledger, h.Vault, house.Counting, house.Shop.Suggestions.Evaluations, new StaffMail(h.Vault), new Uri("https://privacy.shop.example/"));
    }

    public override async ValueTask DisposeAsync()
    {
        house.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Who_is_in_the_models_stands_beside_all_customers_by_what_they_gave_and_small_groups_do_not_show()
    {
        // 40 of 40 young customers are in the models, 10 of 40 old ones, 9 of another group, and 12 who gave nothing.
        await AddAsync("under-30", 40, 40);
        await AddAsync("from-70", 40, 10);
        await AddAsync("30-to-49", 9, 9);
        await AddAsync(null, 12, 6);
        var (_, audit) = await EvaluateAsync();
        var use = audit.Uses.Single(u => u.Purpose == FairnessHouse.Visits.Value);
        Assert.Equal((101, 65, 0.8), (use.Customers, use.InModels, use.MinImpactRatio));
        var rows = audit.Presence(use).Single(t => t.Attribute == FairnessHouse.Age.Value).Rows.ToDictionary(r => r.Group ?? "-");
        Assert.Equal((40, 80, 40, 50), (rows["under-30"].All.Part, rows["under-30"].All.Whole, rows["under-30"].Models.Part, rows["under-30"].Models.Whole));
        Assert.Equal((0.3, true, false), (Math.Round(rows["under-30"].Difference!.Value, 10), rows["under-30"].IsSure, rows["under-30"].IsMissing));
        Assert.Equal((-0.3, true), (Math.Round(rows["from-70"].Difference!.Value, 10), rows["from-70"].IsMissing));
        Assert.True(rows["from-70"].Interval!.Value.High < 0 && rows["from-70"].Interval!.Value.Contains(rows["from-70"].Difference!.Value));
        Assert.Equal((true, 0L), (rows["30-to-49"].IsTooFew, rows["30-to-49"].All.Whole));
        // Not given: 12, and the nine whose group is too small.
        Assert.Equal((21, 15, null), (rows["-"].All.Part, rows["-"].Models.Part, rows["-"].Difference));
        Assert.Contains(audit.Standings(use), c => c is { Group: "in", Whole: 65 });
        Assert.Contains(audit.Standings(use), c => c is { Group: "nothing", Whole: 36 });
        Assert.All(audit.Cells, c => Assert.True(c.Whole == 0 || c.Whole >= AggregateRead.MinimumGroup));
        Assert.All(audit.Cells, c => Assert.Equal(c.Whole == 0, c.IsTooFew));
    }

    [Fact]
    public async Task Each_customer_who_agreed_to_be_counted_has_one_entry_of_the_audit_and_nobody_else_has()
    {
        await AddAsync("under-30", 30, 30);
        await AddAsync("from-70", 20, 20, agrees: false);
        await EvaluateAsync();
        var entries = (await EntriesAsync()).Where(e => e is { Kind: AuditKind.Read, Subject: AggregateRead.Subject }).ToList();
        Assert.Equal((30, 30), (entries.Count, entries.Select(e => Convert.ToHexString(e.CustomerRef!)).Distinct().Count()));
    }

    [Fact]
    public async Task A_shop_without_attributes_sees_for_how_long_its_customers_are_here_and_how_they_stand()
    {
        await house.Shop.House.ApplyCatalogAsync(Db, ShopCatalog.Yaml, "test", Ct);
        await house.Shop.Suggestions.LoadAsync(null, Ct);
        await AddAsync(null, 30, 30, agrees: false);
        Clock.Advance(TimeSpan.FromDays(40));
        await AddAsync(null, 20, 20, agrees: false, name: "new");
        for (var i = 0; i < 15; i++)
        {
            await Db.WriteAsync(tx => house.Shop.House.Vault.CreateCustomerAsync(tx, $"silent-{i}", Ct), Ct);
        }

        var (_, audit) = await EvaluateAsync();
        var use = audit.Uses.Single(u => u.Purpose == FairnessHouse.Visits.Value);
        Assert.All(audit.Cells, c => Assert.True(CustomerBands.IsBand(c.Attribute)));
        var since = audit.Presence(use).Single(t => t.Attribute == CustomerBands.Since).Rows;
        Assert.Equal([("under-30-days", 35L, 20L), ("under-1-year", 30L, 30L)], since.Select(r => (r.Group!, r.All.Part, r.Models.Part)));
        Assert.Contains(audit.Standings(use), c => c is { Group: "never", Whole: 15 });
        Assert.Contains(audit.Results(use, isWithRare: false), t => t is { Outcome: ModelAudit.Hit, Attribute: CustomerBands.Since });
        Assert.Contains(audit.Results(use, isWithRare: false), t => t is { Outcome: ModelAudit.Hit, Attribute: CustomerBands.Records });
        Assert.Empty(audit.Broken(isWithRare: false));
    }

    [Fact]
    public async Task Settings_that_serve_a_group_far_less_wait_and_an_officer_or_the_committee_decides()
    {
        await house.StaffAsync("privacy-officer", Ct);
        await AddUnlikeAsync();
        var (report, audit) = await EvaluateAsync();
        var use = audit.Uses.Single(u => u.Purpose == FairnessHouse.Visits.Value);
        var rows = audit.Results(use, isWithRare: false).Single(t => t is { Outcome: ModelAudit.Hit } && t.Attribute == FairnessHouse.Age.Value).Rows.ToDictionary(r => r.Group ?? "-");
        Assert.Equal((30, GroupStanding.Largest), (rows["under-30"].Count.Part, rows["under-30"].Standing!.Value));
        Assert.Equal((0, GroupStanding.FarBelow, true), (rows["from-70"].Count.Part, rows["from-70"].Standing!.Value, rows["from-70"].IsSure));
        Assert.True(rows["from-70"].ToRest!.Value.DifferenceInterval().High < 0);
        Assert.Contains(audit.Broken(isWithRare: false), f => f is { Group: "from-70", Outcome: ModelAudit.Hit });

        var register = house.Shop.Suggestions.Evaluations;
        var number = await Db.WriteAsync(tx => register.AddAsync(tx, report, audit.ToStored(), Ct), Ct);
        Assert.False(await Db.WriteAsync(tx => audits.ApplyAsync(tx, number, Ct), Ct));
        Assert.Null(await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct));
        Assert.Equal([new OutboxCount("queued", 1)], await Db.ReadAsync(tx => StaffMail.CountsAsync(tx, Ct), Ct));
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(audit), System.Text.Json.JsonSerializer.Serialize(ModelAudit.Of((await Db.ReadAsync(tx => register.FindAsync(tx, number, Ct), Ct))!.Audit!)));

        var (member, other) = (await house.StaffAsync("committee-member", Ct), await house.StaffAsync("administrator analyst", Ct));
        Task DecideAsync(Candor.Staff.ActorState who, string reason) => Db.WriteAsync(tx => audits.DecideAsync(tx, who, number, true, reason, Ct), Ct);
        Assert.Equal("staff/not-allowed", (await Assert.ThrowsAsync<Fault>(() => DecideAsync(other, "It is a new shop for them."))).What);
        Assert.Equal("fairness/bad-reason", (await Assert.ThrowsAsync<Fault>(() => DecideAsync(member, "ok"))).What);
        Assert.Null(await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct));
        await DecideAsync(member, "It is a new shop for them.");
        var used = (await Db.ReadAsync(tx => register.FindInUseAsync(tx, Ct), Ct))!;
        Assert.Equal((number, HoldDecision.Applied, member.Ref, "It is a new shop for them."), (used.Number, used.Hold!.Decision, used.Hold.DecidedBy, used.Hold.Reason));
        var entry = Assert.Single(await EntriesAsync(), e => e.Subject == $"suggestion-settings {number}");
        Assert.Equal(("staff:" + member.Ref, 64), (entry.Actor, entry.Reason!.Length));
    }

    [Fact]
    public async Task Settings_that_serve_all_alike_are_used_at_once()
    {
        await AddAsync("under-30", 30, 30);
        await AddAsync("from-70", 30, 30);
        var (report, audit) = await EvaluateAsync();
        Assert.Empty(audit.Broken(isWithRare: false));
        var number = await Db.WriteAsync(tx => house.Shop.Suggestions.Evaluations.AddAsync(tx, report, audit.ToStored(), Ct), Ct);
        Assert.True(await Db.WriteAsync(tx => audits.ApplyAsync(tx, number, Ct), Ct));
        await house.Shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(report.Visits, house.Shop.Suggestions.Settings.Visits);
        Assert.Empty(await Db.ReadAsync(tx => StaffMail.CountsAsync(tx, Ct), Ct));
    }

    private async Task<(EvaluationReport Report, ModelAudit Audit)> EvaluateAsync()
    {
        var evaluated = new EvaluatedCustomers();
        var report = house.Shop.Suggestions.Evaluate(Quick, null, evaluated);
        return (report, await audits.MakeAsync(evaluated, Ct));
    }

    /// <summary>Customers of one group; those who are in the models walk through the same three items.</summary>
    private async Task AddAsync(string? age, int customers, int inModels, bool agrees = true, string name = "c")
    {
        for (var i = 0; i < customers; i++)
        {
            var reference = $"{name}-{age}-{i}";
            await house.AddAsync(reference, age, Ct, agrees: agrees);
            if (i < inModels)
            {
                Clock.Advance(TimeSpan.FromSeconds(10));
                await house.Shop.ViewAsync(reference, $"s-{reference}", Ct, "tea", "pot", "cup");
            }
        }
    }

    /// <summary>Long ago all walked one way. Of the newest visits, which are held back, the young still do, and the old go where nobody went before.</summary>
    private async Task AddUnlikeAsync()
    {
        foreach (var (age, n) in new[] { ("under-30", 30), ("from-70", 30) })
        {
            await AddAsync(age, n, n);
        }

        for (var v = 0; v < 500; v++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            await house.Shop.ViewAsync($"c-under-30-{v % 30}", $"m-{v}", Ct, "tea", "pot", "cup");
            if (v % 25 == 0)
            {
                await house.Shop.ViewAsync($"c-under-30-{v % 30}", $"l-{v}", Ct, $"odd-{v / 25 % 2}");
            }
        }

        for (var i = 0; i < 30; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            await house.Shop.ViewAsync($"c-under-30-{i}", $"y-{i}", Ct, "tea", "pot", "cup");
            await house.Shop.ViewAsync($"c-from-70-{i}", $"o-{i}", Ct, "odd-0", "odd-1");
        }
    }

    private Task<IReadOnlyList<AuditEvent>> EntriesAsync() => Db.ReadAsync(async tx => (IReadOnlyList<AuditEvent>)
        [.. (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, Ct)).Select(e => AuditEntry.Decode(e).Event)], Ct);
}
