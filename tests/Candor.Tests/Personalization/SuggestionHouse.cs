using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Collection;
using Candor.Tests.Reads;
using Candor.Vault;

namespace Candor.Tests.Personalization;

/// <summary>The modules that suggestions need, with the ready catalog <c>shop</c>, as one node of an installation.</summary>
internal sealed class SuggestionHouse : IDisposable
{
    public required Database Db { get; init; }

    public required CollectionHouse Shop { get; init; }

    public required Suggestions Suggestions { get; init; }

    /// <summary>Key of the service `shop`; a test that lasts longer than a key makes another.</summary>
    public required CallerToken Token { get; set; }

    public ReadHouse House => Shop.House;

    public static async Task<SuggestionHouse> BuildAsync(Database db, CancellationToken ct, CollectionHouse? beside = null)
    {
        var shop = beside ?? await CollectionHouse.BuildAsync(db, ct);
        var h = shop.House;
        if (beside is null)
        {
            await h.ApplyCatalogAsync(db, Candor.Tests.Catalog.ShopCatalog.Yaml, "test", ct);
        }

        var suggestions = new Suggestions(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access, h.Read, h.SystemReads);
        if (beside is null)
        {
            suggestions.Join(h.Choices, shop.Events);
        }

        await suggestions.LoadAsync(null, ct);
        return new SuggestionHouse { Db = db, Shop = shop, Suggestions = suggestions, Token = shop.Token };
    }

    /// <summary>A customer who has agreed to both kinds of suggestions.</summary>
    public async Task<CustomerKey> AgreeingAsync(string reference, CancellationToken ct, params string[] purposes)
    {
        var key = await Db.WriteAsync(tx => House.Vault.CreateCustomerAsync(tx, reference, ct), ct);
        var notice = ReadHouse.Notice(await House.CatalogAsync(Db, ct));
        foreach (var purpose in purposes is [] ? ["in-session-recommendations", "next-needs"] : purposes)
        {
            Assert.NotNull((await House.Choices.GiveAsync(Token, reference, PurposeId.Parse(purpose), notice, "test", ct)).Changed);
        }

        return key;
    }

    public Task ViewAsync(string customer, string session, CancellationToken ct, params string[] items) => StoreAsync(customer, "pageViews", session, items, i => new { product = i, session, price = 9.99, category = "things" }, ct);

    public Task BuyAsync(string customer, string order, CancellationToken ct, params string[] items) => StoreAsync(customer, "purchases", order, items, i => new { product = i, invoiceNumber = order, total = 123.45 }, ct);

    public async Task StoreAsync(string customer, string dataPoint, string group, string[] items, Func<string, object> data, CancellationToken ct)
    {
        var now = Db.Clock.GetUtcNow();
        var events = items.Select((item, i) => new IncomingEvent(customer, dataPoint, $"{group}-{i}-{item}", now.AddSeconds(i - items.Length), JsonSerializer.SerializeToElement(data(item)))).ToList();
        var outcome = await Shop.Events.StoreAsync(Token, events, ct);
        Assert.Null(outcome!.Refused);
        Assert.All(outcome.Answers, a => Assert.Equal(EventResult.Stored, a.Result));
    }

    public async Task<SuggestionAnswer> AskAsync(string customer, CancellationToken ct, string purpose = "in-session-recommendations") =>
        (await Suggestions.RecommendAsync(Token, customer, PurposeId.Parse(purpose), null, 10, true, ct))!.Answer!;

    public Task<CustomerChoices.Outcome> WithdrawAsync(string customer, CancellationToken ct, string purpose = "in-session-recommendations") =>
        House.Choices.WithdrawAsync(Token, customer, PurposeId.Parse(purpose), "test", "en", ct);

    public async Task<CallerToken> SignInAsync(CustomerId customer, CancellationToken ct) =>
        CallerToken.Parse(await Db.WriteAsync(tx => House.Access.OpenCustomerSessionAsync(tx, customer, ct), ct));

    public void Dispose() => Suggestions.Dispose();
}
