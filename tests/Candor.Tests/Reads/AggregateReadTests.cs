using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Export;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Catalog;
using Candor.Tests.Fairness;
using Candor.Tests.Storage;
using Candor.Vault;
using CsCheck;

namespace Candor.Tests.Reads;

/// <summary>Whatever anybody asks the gate, what is only counted comes out of one rule.</summary>
public sealed class AggregateOnlyTests
{
    private static readonly PurposeCatalog Catalog = PurposeCatalog.Read(ShopCatalog.Audited, "shop.yaml");
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly Gen<ActorState> Actors = Gen.Select(Gen.Enum<ActorKind>(), OneOf("agent", "analyst", "privacy-officer", "administrator", "marketing agent analyst privacy-officer administrator auditor"), OneOf("shop", "mailer", "assistant"), Gen.Bool)
        .Select((kind, roles, service, isWell) => new ActorState
        {
            Kind = kind, Ref = "x", Roles = roles, Service = kind == ActorKind.Service ? service : null, MfaAt = isWell ? Now : null, TrainingUntil = Now.AddDays(isWell ? 1 : -1), ExpiresAt = Now.AddDays(1),
        });

    private static readonly Gen<Purpose> Purposes = Gen.Select(OneOf([.. Catalog.Purposes.Values]), Gen.Bool, Gen.Bool).Select((p, isEmergency, isActive) => p with
    {
        // Also as no reader would let it pass: the gate does not lean on the reader.
        Emergency = p.Emergency || isEmergency, Active = p.Active || isActive, Roles = p.BiasAudit && isEmergency ? ["agent", "analyst"] : p.Roles, Services = p.BiasAudit && isEmergency ? ["shop"] : p.Services,
    });

    private static readonly Gen<ReadQuestion> Questions = Gen.Select(Actors, Purposes, Gen.Enum<ConsentState>(), Gen.Bool).Select((actor, purpose, state, isRestricted) => new ReadQuestion(
        actor, purpose, Approval.Lasting, new CustomerState(CustomerId.Parse(new string('a', 32)), new Choice(purpose.Id, state, 1, 1, "", 0, null), 0, isRestricted), [.. Catalog.DataPoints.Keys], "T-1", Now, 1));

    [Fact]
    public void No_rule_but_the_one_for_counting_opens_what_is_only_counted()
    {
        var counted = 0;
        Questions.Sample(q =>
        {
            Func<ReadQuestion, Decision>[] rules = [Permit.DecideRead, Permit.DecideLegalDuty, Permit.DecideEmergency];
            Assert.All(rules, rule => AssertCloses(rule(q)));
            if (q.Actor.Kind != ActorKind.System)
            {
                AssertCloses(Permit.DecideAnswer(q.Actor, q.Customer, q.Asked, Catalog.AggregateOnly, Now, 1));
            }

            // The one that does gives nothing else, to Candor alone, and only while the customer agrees.
            if (Permit.DecideAggregate(q) is Decision.Allowed { Permit: var permit })
            {
                Interlocked.Increment(ref counted);
                Assert.Equal((ActorKind.System, true, ConsentState.Given, false), (q.Actor.Kind, q.Purpose!.BiasAudit, q.Customer!.Choice!.State, q.Customer.IsRestricted));
                Assert.Equal(Catalog.AggregateOnly.Order(Comparer<DataPointId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))), permit.DataPoints.OrderBy(d => d.Value, StringComparer.Ordinal));
            }
        }, iter: 20_000);
        Assert.True(counted > 10, $"{counted} counted");
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void AssertCloses(Decision decision)
    {
        if (decision is Decision.Allowed { Permit: var permit })
        {
            Assert.DoesNotContain(permit.DataPoints, Catalog.AggregateOnly.Contains);
        }
    }
}

public sealed class AggregateReadOnSqlite : AggregateReadTests<Sqlite>;

public sealed class AggregateReadOnPostgres : AggregateReadTests<Postgres>;

public abstract class AggregateReadTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private FairnessHouse house = null!;

    private ReadHouse Reads => house.Shop.House;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await FairnessHouse.BuildAsync(Db, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        house.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Counts_are_those_of_everybody_who_agreed_and_small_groups_are_nobodys()
    {
        var cases = new List<CountedCase>();
        string?[] ages = ["under-30", "30-to-49", "50-to-69", "from-70", null, "no-such-value"];
        int[] customers = [14, 11, 10, 9, 3, 2];
        var n = 0;
        foreach (var (age, number) in ages.Zip(customers))
        {
            for (var i = 0; i < number; i++, n++)
            {
                var key = await house.AddAsync($"c-{n}", age, Ct, gender: n % 2 == 0 ? "woman" : "man", agrees: i != 0);
                cases.Add(new CountedCase(key.Id, [("x", i % 3 == 0), ("y", true)]));
            }
        }

        var counts = await CountAsync(cases, perPage: 7);
        // The first of each group did not agree; the group of 10 is one of 9 then, and the one of 9 one of 8.
        Assert.Equal(
            [("under-30", 13L, 4L, false), ("30-to-49", 10L, 3L, false), ("50-to-69", 0L, 0L, true), ("from-70", 0L, 0L, true), (null, 26L, 6L + 3 + 2, false)],
            counts.Where(c => c.About == "x" && c.Attribute == FairnessHouse.Age).Select(c => (c.Group, c.Whole, c.Part, c.IsTooFew)));
        Assert.All(counts.Where(c => c.About == "y"), c => Assert.Equal(c.Whole, c.Part));
        // Each attribute is a count of the same customers.
        Assert.All(counts.GroupBy(c => (c.About, c.Attribute)), g => Assert.Equal(cases.Count, g.Sum(c => c.Whole)));
        Assert.DoesNotContain(counts, c => c.Whole is > 0 and < AggregateRead.MinimumGroup);
    }

    // Who knows how many there are in all could subtract.
    [Fact]
    public async Task So_few_without_a_group_that_a_total_would_give_them_away_take_the_smallest_group_with_them()
    {
        var cases = new List<CountedCase>();
        for (var i = 0; i < 34; i++)
        {
            var key = await house.AddAsync($"c-{i}", i < 20 ? "under-30" : i < 32 ? "30-to-49" : null, Ct);
            cases.Add(new CountedCase(key.Id, [("x", true)]));
        }

        var counts = await CountAsync(cases);
        Assert.Equal(
            [("under-30", 20L, false), ("30-to-49", 0L, true), (null, 14L, false)],
            counts.Where(c => c.Attribute == FairnessHouse.Age).Select(c => (c.Group, c.Whole, c.IsTooFew)));
    }

    [Fact]
    public async Task One_customer_alone_cannot_be_asked_about()
    {
        var ada = await house.AddAsync("ada", "from-70", Ct, "woman");
        var counts = await CountAsync([new CountedCase(ada.Id, [("x", true)])]);
        Assert.All(counts, c => Assert.Equal((true, 0L, 0L), (c.IsTooFew, c.Whole, c.Part)));
    }

    [Fact]
    public async Task A_withdrawal_counts_at_once_and_each_look_has_an_entry_that_the_customer_sees()
    {
        var keys = new List<CustomerKey>();
        for (var i = 0; i < 12; i++)
        {
            keys.Add(await house.AddAsync($"c-{i}", "under-30", Ct));
        }

        var silent = await house.AddAsync("silent", "under-30", Ct, agrees: false);
        List<CountedCase> cases = [.. keys.Append(silent).Select(k => new CountedCase(k.Id, [("x", true)]))];
        Assert.Equal(12, Group(await CountAsync(cases)).Whole + Group(await CountAsync(cases), null).Whole - 1);
        foreach (var i in Enumerable.Range(0, 2))
        {
            await house.Shop.WithdrawAsync($"c-{i}", Ct, FairnessHouse.Audit.Value);
        }

        var counts = await CountAsync(cases);
        // 10 are left, and 3 without a group, who take them along.
        Assert.Equal((13L, true), (Group(counts, null).Whole, Group(counts).IsTooFew));

        var looks = (await Reads.Own.LooksAsync(await house.Shop.SignInAsync(keys[0].Id, Ct), null, 50, withOwn: false, Ct))!.Found;
        Assert.Equal(2, looks.Count(l => l.Entry.Event is { Kind: AuditKind.Read, Actor: "system:test", Subject: AggregateRead.Subject } e && e.Purpose == FairnessHouse.Audit.Value && e.DataPoints.Contains("ageBand")));
        Assert.DoesNotContain((await Reads.Own.LooksAsync(await house.Shop.SignInAsync(silent.Id, Ct), null, 50, withOwn: false, Ct))!.Found, l => l.Entry.Event.Actor == "system:test");
    }

    [Fact]
    public async Task Nobody_reads_it_row_by_row_and_no_export_has_it()
    {
        var ada = await house.AddAsync("ada", "from-70", Ct);
        foreach (var purpose in new[] { "bias-audit", "support", "bookkeeping", "next-needs", "service-quality" })
        {
            var read = await Reads.SystemReads.RunAsync(new SystemRead.Question("test", "x", ada.Id, [FairnessHouse.Age], PurposeId.Parse(purpose)), Ct);
            Assert.IsType<Decision.Denied>(read.Decision);
            Assert.Null(read.Opened);
        }

        Assert.Empty((await Reads.SystemReads.RunAsync(new SystemRead.Question("test", "x", ada.Id, [FairnessHouse.Age]), Ct)).Opened!.Values);
        var asked = await Reads.Read.RunAsync(new ReadRequest(house.Shop.Token, "ada", FairnessHouse.Audit, [FairnessHouse.Age]), Ct);
        Assert.Equal(new Decision.Denied(ReasonCode.RoleNotAllowed), asked!.Decision);
        var catalog = (await Reads.CatalogAsync(Db, Ct)).Catalog;
        Assert.Equal("export/not-for-analysts", Assert.Throws<Fault>(() => ExportPlan.Of(catalog, FairnessHouse.Audit, [FairnessHouse.Age])).What);
        Assert.Equal("export/not-for-this-purpose", Assert.Throws<Fault>(() => ExportPlan.Of(catalog, PurposeId.Parse("service-quality"), [FairnessHouse.Age])).What);

        // The customer does.
        var own = await Reads.Own.ValuesAsync(await house.Shop.SignInAsync(ada.Id, Ct), 3, Ct);
        Assert.Contains(own!.Opened.Values, v => v.DataPoint == FairnessHouse.Age);
    }

    [Fact]
    public async Task A_value_that_the_catalog_does_not_offer_is_refused_by_name_and_not_repeated()
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => PutAsync("""{"ageBand":"thirty-one"}"""));
        Assert.Equal(("collection/unknown-value", "`ageBand` is one of `under-30`, `30-to-49`, `50-to-69`, `from-70`."), (fault.What, fault.Message));
        Assert.Equal("collection/unknown-value", (await Assert.ThrowsAsync<Fault>(() => PutAsync("""{"ageBand":31}"""))).What);
        Assert.Empty((await PutAsync("""{"ageBand":"from-70"}"""))!.Stored);
        await house.AddAsync("bea", null, Ct);
        Assert.Equal([FairnessHouse.Age], (await house.Shop.Shop.Profiles.PutAsync(house.Shop.Token, "bea", System.Text.Json.JsonElement.Parse("""{"ageBand":"from-70"}"""), false, Ct))!.Stored);
    }

    private Task<Candor.Collection.ProfileOutcome?> PutAsync(string json) => house.Shop.Shop.Profiles.PutAsync(house.Shop.Token, "ada", System.Text.Json.JsonElement.Parse(json), false, Ct);

    private static GroupCount Group(IReadOnlyList<GroupCount> counts, string? group = "under-30") => counts.SingleOrDefault(c => c.Attribute == FairnessHouse.Age && c.Group == group) ?? new("x", FairnessHouse.Age, group, 0, 0, false);

    private Task<IReadOnlyList<GroupCount>> CountAsync(List<CountedCase> cases, int perPage = 100) => house.Counting.CountAsync("test", cases.Chunk(perPage).ToAsyncEnumerable(), Ct);
}
