using System.Text.Json;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Storage;

namespace Candor.Tests.Personalization;

public sealed class SuggestionsOnSqlite : SuggestionsTests<Sqlite>;

public sealed class SuggestionsOnPostgres : SuggestionsTests<Postgres>
{
    [Fact]
    public async Task A_node_forgets_before_it_answers_whoever_took_consent_back_on_another()
    {
        using var other = await SuggestionHouse.BuildAsync(Db, Ct, Shop.Shop);
        Assert.Equal(Model.Dump(), other.Suggestions.Model.Dump());
        Assert.Contains("pot", (await other.AskAsync("eve", Ct)).Items.Select(i => i.Item));
        await Shop.WithdrawAsync("ada", Ct);
        Assert.Empty(Personal(await other.AskAsync("eve", Ct)));
        var eve = await IdAsync("eve");
        await Db.WriteAsync(tx => Shop.Suggestions.EraseAsync(tx, eve, Ct), Ct);
        await other.AskAsync("ada", Ct);
        Assert.DoesNotContain(eve.Value, other.Suggestions.Model.Dump(), StringComparison.Ordinal);
        Assert.Equal(Model.Dump(), other.Suggestions.Model.Dump());
    }
}

public abstract class SuggestionsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private protected SuggestionHouse Shop { get; private set; } = null!;

    private protected SuggestionModel Model => Shop.Suggestions.Model;

    /// <summary>Ada viewed tea and a pot; Eve is looking at tea.</summary>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Shop = await SuggestionHouse.BuildAsync(Db, Ct);
        await Shop.AgreeingAsync("ada", Ct);
        await Shop.AgreeingAsync("eve", Ct);
        await Shop.ViewAsync("eve", "e1", Ct, "tea");
        await Shop.ViewAsync("ada", "a1", Ct, "tea", "pot");
    }

    [Fact]
    public async Task Without_a_live_approval_nothing_is_suggested_and_with_one_again()
    {
        var purpose = PurposeId.Parse("in-session-recommendations");
        await Db.WriteAsync(tx => PurposeApprovals.EndAsync(tx, purpose, null, Ct), Ct);
        Assert.Equal(ReasonCode.PurposeNotActive, (await Shop.Suggestions.RecommendAsync(Shop.Token, "eve", purpose, null, 10, true, Ct))!.Refused?.Reason);
        await Db.WriteAsync(tx => PurposeApprovals.SetAsync(tx, purpose, ApprovalGround.Reference, null, null, Ct), Ct);
        Assert.True((await Shop.AskAsync("eve", Ct)).IsPersonal);
    }

    [Fact]
    public async Task An_event_is_in_the_model_when_its_call_returns_and_the_answer_says_what_carried_it()
    {
        var answer = await Shop.AskAsync("eve", Ct);
        var pot = Assert.Single(answer.Items);
        Assert.Equal(("pot", SuggestionReason.ViewedWith, 1), (pot.Item, pot.Reason, pot.SimilarVisits));
        Assert.Equal(new ScorePart("tea", 1), Assert.Single(pot.Because));
        Assert.True(answer.IsPersonal);
        Assert.Equal([DataPointId.Parse("pageViews"), DataPointId.Parse("purchases")], answer.DataPoints);
        Assert.Equal("tea", answer.Counterfactuals[0].WithoutItem);
        Assert.Empty(answer.Counterfactuals[0].Items);
    }

    [Fact]
    public async Task Withdrawal_leaves_a_model_that_never_saw_the_customer()
    {
        var before = Model.Dump();
        await Shop.AgreeingAsync("ben", Ct);
        await Shop.ViewAsync("ben", "b1", Ct, "tea", "mug");
        await Shop.ViewAsync("ben", "b2", Ct, "pot", "jam");
        await Shop.BuyAsync("ben", "o1", Ct, "tea", "jam");
        Assert.NotEqual(before, Model.Dump());
        Assert.Contains("mug", (await Shop.AskAsync("eve", Ct)).Items.Select(i => i.Item));
        await Shop.WithdrawAsync("ben", Ct);
        Assert.DoesNotContain("mug", (await Shop.AskAsync("eve", Ct)).Items.Select(i => i.Item));
        Assert.Contains("o1", Model.Dump(), StringComparison.Ordinal);
        await Shop.WithdrawAsync("ben", Ct, "next-needs");
        Assert.Equal(before, Model.Dump());
        await Shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(before, Model.Dump());
    }

    [Fact]
    public async Task A_choice_that_is_not_kept_changes_no_model()
    {
        var before = Model.Dump();
        Shop.House.Choices.AlsoDo((_, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "No."));
        await Assert.ThrowsAsync<Fault>(() => Shop.WithdrawAsync("ada", Ct));
        Assert.Equal(before, Model.Dump());
    }

    [Fact]
    public async Task Models_made_from_the_store_are_those_that_learned_event_by_event()
    {
        await Shop.BuyAsync("ada", "o1", Ct, "tea", "mug");
        Clock.Advance(TimeSpan.FromMinutes(5));
        await Shop.ViewAsync("ada", "a1", Ct, "jam", "tea");
        var live = Model.Dump();
        await Shop.Suggestions.LoadAsync(null, Ct);
        Assert.Equal(live, Model.Dump());
    }

    [Fact]
    public async Task Consent_given_again_brings_back_what_is_still_stored()
    {
        var before = Model.Dump();
        await Shop.WithdrawAsync("ada", Ct);
        var notice = Candor.Tests.Reads.ReadHouse.Notice(await Shop.House.CatalogAsync(Db, Ct));
        await Shop.House.Choices.GiveAsync(Shop.Shop.Token, "ada", PurposeId.Parse("in-session-recommendations"), notice, "test", Ct);
        await Shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(before, Model.Dump());
    }

    [Fact]
    public async Task A_consent_counts_until_just_before_it_runs_out()
    {
        var start = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromDays(80));
        await Shop.ViewAsync("ada", "a2", Ct, "tea", "pot");
        var until = start.AddMonths(12);
        Clock.Advance(until - Clock.GetUtcNow() - TimeSpan.FromDays(60));
        Shop.Token = await Candor.Tests.Collection.CollectionHouse.KeyAsync(Db, Shop.House, ["collect", "consents"], Ct);
        await Shop.ViewAsync("ada", "a3", Ct, "tea", "pot");
        await Shop.AgreeingAsync("fay", Ct);
        Clock.Advance(until - Clock.GetUtcNow() - TimeSpan.FromMicroseconds(1));
        await Shop.ViewAsync("fay", "f1", Ct, "tea");
        Assert.NotEmpty(Personal(await Shop.AskAsync("fay", Ct)));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Personal(await Shop.AskAsync("fay", Ct)));
        Assert.DoesNotContain("/a3@", Model.Dump(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_past_its_retention_is_forgotten()
    {
        Clock.Advance(TimeSpan.FromDays(89));
        await Shop.ViewAsync("eve", "e2", Ct, "tea");
        Assert.NotEmpty(Personal(await Shop.AskAsync("eve", Ct)));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(Personal(await Shop.AskAsync("eve", Ct)));
        Assert.DoesNotContain("/a1@", Model.Dump(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_consent_there_is_what_is_popular_and_nothing_of_the_customer_is_used()
    {
        foreach (var i in Enumerable.Range(0, Popularity.LeastCustomers))
        {
            await Shop.AgreeingAsync($"c{i}", Ct);
            await Shop.ViewAsync($"c{i}", "v", Ct, "mug", $"own-{i}");
        }

        await Db.WriteAsync(tx => Shop.House.Vault.CreateCustomerAsync(tx, "nobody", Ct), Ct);
        var answer = await Shop.AskAsync("nobody", Ct);
        Assert.Equal((false, ReasonCode.NoConsent), (answer.IsPersonal, answer.WhyNotPersonal));
        Assert.Equal(("mug", SuggestionReason.Popular), (answer.Items[0].Item, answer.Items[0].Reason));
        Assert.DoesNotContain(answer.Items, i => i.Item.StartsWith("own-", StringComparison.Ordinal));
        Assert.Empty(answer.DataPoints);
        Assert.Equal(ReasonCode.NoConsent, (await Shop.AskAsync("no-such-customer", Ct)).WhyNotPersonal);
    }

    [Fact]
    public async Task Who_may_not_read_for_the_purpose_gets_no_suggestions_and_is_logged()
    {
        var key = await Db.WriteAsync(tx => Shop.House.Access.CreateKeyAsync(tx, "mailer", [], [], TimeSpan.FromDays(1), "test", Ct), Ct);
        var outcome = await Shop.Suggestions.RecommendAsync(Candor.Staff.CallerToken.Parse(key.Text), "eve", PurposeId.Parse("next-needs"), null, 5, false, Ct);
        Assert.Equal(ReasonCode.RoleNotAllowed, outcome!.Refused!.Value.Reason);
        var fault = await Assert.ThrowsAsync<Fault>(() => Shop.AskAsync("eve", Ct, "newsletter"));
        Assert.Equal("personalization/not-for-suggestions", fault.What);
    }

    [Fact]
    public async Task A_dismissed_item_is_not_suggested_and_a_hidden_purchase_is_not_used_from_that_moment()
    {
        await Shop.ViewAsync("ada", "a2", Ct, "tea", "mug");
        var token = await Shop.SignInAsync(await IdAsync("eve"), Ct);
        Assert.True(await Shop.Suggestions.WishAsync(token, WishKind.Dismiss, "mug", Ct));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["pot"], (await Shop.Suggestions.OwnAsync(token, SuggestionKind.Visit, 10, Ct))!.Items.Select(i => i.Item));
        Assert.True(await Shop.Suggestions.WishAsync(token, WishKind.Hide, "tea", Ct));
        Assert.Empty(Personal(await Shop.AskAsync("eve", Ct)));
        Assert.DoesNotContain("/e1", Model.Dump(), StringComparison.Ordinal);
        var wishes = await Shop.Suggestions.WishesAsync(token, Ct);
        Assert.Equal([(WishKind.Dismiss, "mug"), (WishKind.Hide, "tea")], wishes.Select(w => (w.Kind, w.Item)));
        await Shop.Suggestions.LoadAsync(null, Ct);
        Assert.DoesNotContain("/e1", Model.Dump(), StringComparison.Ordinal);
        Assert.True(await Shop.Suggestions.TakeBackAsync(token, wishes[1].Id, Ct));
        await Shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(["pot"], Personal(await Shop.AskAsync("eve", Ct)));
    }

    [Fact]
    public async Task Erasing_a_customer_removes_what_is_held_for_suggestions()
    {
        var id = await IdAsync("ada");
        await Shop.Suggestions.WishAsync(await Shop.SignInAsync(id, Ct), WishKind.Dismiss, "mug", Ct);
        await Db.WriteAsync(async tx =>
        {
            await Shop.Suggestions.EraseAsync(tx, id, Ct);
            await Shop.House.Vault.ShredAsync(tx, id, Ct);
        }, Ct);
        await Shop.Suggestions.KeepUpAsync(Ct);
        Assert.DoesNotContain(id.Value, Model.Dump(), StringComparison.Ordinal);
        Assert.Equal(0, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM suggestion_wish", null, Ct), Ct));
    }

    [Fact]
    public async Task Sensitive_items_and_categories_never_suggest_and_are_never_suggested()
    {
        await Shop.StoreAsync("ada", "pageViews", "s", ["test-kit"], i => new { product = i, session = "a1", category = "Medicine" }, Ct);
        await Shop.ViewAsync("ada", "a1", Ct, "intimate");
        Assert.DoesNotContain("test-kit", Model.Dump(), StringComparison.Ordinal);
        Assert.DoesNotContain("intimate", Model.Dump(), StringComparison.Ordinal);
        await Shop.StoreAsync("eve", "pageViews", "s", ["test-kit"], i => new { product = i, session = "e9", category = "medicine" }, Ct);
        Assert.Equal(["pot"], (await Shop.AskAsync("eve", Ct)).Items.Select(i => i.Item));
    }

    [Fact]
    public async Task No_price_or_amount_can_come_out()
    {
        await Shop.BuyAsync("eve", "o1", Ct, "jam");
        foreach (var purpose in (string[])["in-session-recommendations", "next-needs"])
        {
            var text = JsonSerializer.Serialize(await Shop.AskAsync("eve", Ct, purpose));
            Assert.DoesNotContain("9.99", text, StringComparison.Ordinal);
            Assert.DoesNotContain("123.45", text, StringComparison.Ordinal);
        }

        // All numbers that an answer, a line of the brief or the list of an item's page can hold; none is an amount of money.
        Assert.Equal(
            ["Baskets", "Share", "SimilarVisits", "Times", "TimesBought"],
            NumbersIn(typeof(SuggestionAnswer)).Concat(NumbersIn(typeof(ProactiveLine))).Concat(NumbersIn(typeof(Together))).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_customer_paid_changes_no_suggestion()
    {
        foreach (var (price, who) in (IEnumerable<(double, string)>)[(1, "bob"), (9999, "cia")])
        {
            await Shop.AgreeingAsync(who, Ct);
            await Shop.StoreAsync(who, "pageViews", who, ["tea"], i => new { product = i, session = who, price, currency = "GBP" }, Ct);
            await Shop.StoreAsync(who, "purchases", who, ["jam"], i => new { product = i, invoiceNumber = who, total = price, quantity = 1 }, Ct);
        }

        foreach (var purpose in (string[])["in-session-recommendations", "next-needs"])
        {
            string Text(SuggestionAnswer a) => JsonSerializer.Serialize(new { a.IsPersonal, a.Items, a.Counterfactuals });
            Assert.Equal(Text(await Shop.AskAsync("bob", Ct, purpose)), Text(await Shop.AskAsync("cia", Ct, purpose)));
        }
    }

    [Fact]
    public async Task Only_data_points_of_its_purpose_are_used_and_read()
    {
        await Shop.ViewAsync("ada", "a2", Ct, "tea", "mug");
        await Shop.BuyAsync("eve", "o1", Ct, "pot");
        var answer = await Shop.AskAsync("eve", Ct);
        Assert.Equal(["mug"], Personal(answer));
        Assert.Equal(["pageViews", "purchases"], answer.DataPoints.Select(d => d.Value));
        await Shop.House.ApplyCatalogAsync(Db, Candor.Tests.Catalog.ShopCatalog.Yaml.Replace("uses: { pageViews: high, purchases: medium }", "uses: { pageViews: high }", StringComparison.Ordinal), "test", Ct);
        await Shop.Suggestions.KeepUpAsync(Ct);
        answer = await Shop.AskAsync("eve", Ct);
        // What she bought is no longer looked at, not even to leave it out.
        Assert.Equal(["mug", "pot"], Personal(answer).Order(StringComparer.Ordinal));
        Assert.Equal(["pageViews"], answer.DataPoints.Select(d => d.Value));
        Assert.DoesNotContain(answer.Counterfactuals, c => c.WithoutDataPoint == DataPointId.Parse("purchases"));
    }

    /// <summary>Names of the numbers in a record and in whatever it holds.</summary>
    private static IEnumerable<string> NumbersIn(Type type) => type.GetProperties().SelectMany(p =>
    {
        var held = p.PropertyType.IsGenericType ? p.PropertyType.GetGenericArguments()[0] : p.PropertyType;
        return Type.GetTypeCode(held) is >= TypeCode.SByte and <= TypeCode.Decimal && !held.IsEnum ? [p.Name] : held.Namespace == type.Namespace && !held.IsEnum ? NumbersIn(held) : [];
    });

    [Fact]
    public async Task A_catalog_without_the_purpose_leaves_no_model()
    {
        var yaml = Candor.Tests.Catalog.ShopCatalog.Yaml.Replace("dpvPurpose: ProvideProductRecommendations", "dpvPurpose: Personalisation", StringComparison.Ordinal);
        await Shop.House.ApplyCatalogAsync(Db, yaml, "test", Ct);
        Assert.Empty(Personal(await Shop.AskAsync("eve", Ct, "next-needs")));
        await Shop.Suggestions.KeepUpAsync(Ct);
        Assert.DoesNotContain("/a1@", Model.Dump(), StringComparison.Ordinal);
    }

    private protected static IEnumerable<string> Personal(SuggestionAnswer answer) => answer.IsPersonal ? answer.Items.Select(i => i.Item) : [];

    private protected async Task<CustomerId> IdAsync(string reference) =>
        (await Db.ReadAsync(tx => Shop.House.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, reference, Ct), Ct))!.Id;
}
