using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Demo;

/// <summary>A signed token of the shop.</summary>
internal sealed record ShopToken(string Token);

/// <summary>What makes the sample shop a shop: products, a cart, orders. An order reaches Candor as a real shop's would: with the shop's key, as events.</summary>
internal static class ShopRoutes
{
    public static void MapShop(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/demo/products/{product}", ProductAsync).AllowAnonymous();
        pages.MapGet("/demo/cart", CartAsync).AllowAnonymous();
        pages.MapPost("/demo/cart", ChangeCartAsync).AllowAnonymous();
        pages.MapPost("/demo/orders", OrderAsync).AllowAnonymous();
        pages.MapGet("/demo/orders/{invoice}", ThanksAsync).AllowAnonymous();
        pages.MapPost("/demo/token", TokenAsync).AllowAnonymous();
    }

    /// <summary>What the shop's pages hand to candor.js: a token that names the customer who is signed in to the shop.</summary>
    private static async Task<IResult> TokenAsync(ShopSigner signer, ShopSession shop, HttpContext http) => shop.TakeUntold(http) is { } reference
        ? TypedResults.Ok(new ShopToken(await signer.SignAsync(reference, http.RequestAborted)))
        : TypedResults.NoContent();

    private static async Task<IResult> ProductAsync(string product, string? added, ShopSession shop, ShopSuggestions suggestions, HttpContext http)
    {
        var (shown, frame) = (GetProduct(product), await shop.FrameAsync(http));
        var beside = await suggestions.BesideAsync(shown, frame.SignedIn?.Reference, http.RequestAborted);
        return new RazorComponentResult<ProductPage>(new { Frame = frame, Product = shown, IsAdded = added is not null, Beside = beside });
    }

    private static async Task<IResult> CartAsync(ShopSession shop, HttpContext http) => new RazorComponentResult<CartPage>(new { Frame = await shop.FrameAsync(http) });

    private static async Task<IResult> ChangeCartAsync(ShopSession shop, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var product = GetProduct(form["product"].ToString());
        if (!int.TryParse(form["more"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var more) || Math.Abs(more) > ShopCart.MaxQuantity)
        {
            throw new Fault(FaultKind.Invalid, "demo/bad-number", $"A cart takes 1 to {ShopCart.MaxQuantity} of a product; got `{Name.Shown(form["more"])}`.");
        }

        shop.Keep(http, shop.Cart(http).With(product, more));
        return TypedResults.LocalRedirect(form["from"] == "product" ? $"/demo/products/{product.Id}?added=1" : "/demo/cart");
    }

    private static async Task<IResult> OrderAsync(CandorHost host, SiteOptions options, ShopSession shop, HttpContext http)
    {
        var cart = shop.Cart(http);
        if (shop.Find(http) is not { } customer || cart.Count == 0)
        {
            return TypedResults.LocalRedirect("/demo/cart");
        }

        var key = options.Demo?.Key ?? throw new Fault(FaultKind.Unavailable, "demo/no-key", "The sample shop has no key of its own here; start it with `candor demo`.");
        var now = host.Database.Clock.GetUtcNow();
        var invoice = $"MT-{RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8)}";
        var events = cart.Lines.Select((line, i) => new IncomingEvent(customer.Reference, "purchases", $"{invoice}-{i + 1}", now, JsonSerializer.SerializeToElement(new
        {
            invoiceNumber = invoice, item = line.Product.Name, product = line.Product.Id, quantity = line.Quantity, total = line.Total, date = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), promised = now.AddDays(4).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        }))).ToList();
        var outcome = await host.Events.StoreAsync(CallerToken.Parse(key), events, http.RequestAborted);
        if (outcome?.Answers.Count != events.Count || outcome.Answers.Any(a => a.Result != EventResult.Stored))
        {
            throw new Fault(FaultKind.Conflict, "demo/not-ordered", "The order was not taken; this sample customer may have been erased, or have all uses stopped. Your cart is as it was.");
        }

        shop.Keep(http, ShopCart.Parse(null));
        return TypedResults.LocalRedirect($"/demo/orders/{invoice}");
    }

    private static async Task<IResult> ThanksAsync(string invoice, ShopSession shop, HttpContext http) => Name.IsValid(invoice)
        ? new RazorComponentResult<ThanksPage>(new { Frame = await shop.FrameAsync(http), Invoice = invoice })
        : throw new Fault(FaultKind.NotFound, "demo/no-such-order", $"There is no order `{Name.Shown(invoice)}`.");

    private static SampleProduct GetProduct(string id) => SampleShop.Products.FirstOrDefault(p => p.Id == id)
        ?? throw new Fault(FaultKind.NotFound, "demo/no-such-product", $"The sample shop has no product `{Name.Shown(id)}`.");
}
