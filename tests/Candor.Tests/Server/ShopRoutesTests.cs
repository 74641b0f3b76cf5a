using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Pages.Demo;
using Candor.Server.Web;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Server;

public sealed class ShopRoutesOnSqlite : ShopRoutesTests<Sqlite>;

public sealed class ShopRoutesOnPostgres : ShopRoutesTests<Postgres>;

/// <summary>The sample shop takes orders as a real shop does.</summary>
public abstract class ShopRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly DemoKeys keys = new("", "", "c-0001");

    internal override SiteOptions Options => base.Options with { Demo = keys with { Key = Key } };

    [Fact]
    public async Task An_order_becomes_part_of_the_customers_purchases()
    {
        await AddCustomerAsync("c-0001");
        var cookies = await SignInAsync("c-0001");
        cookies += "; " + CookieOf(await FormAsync("/demo/cart", "product=tea-assam&more=2", cookies), "__Host-cart");
        var ordered = await FormAsync("/demo/orders", "", cookies);
        Assert.Equal(302, ordered.Status);
        Assert.StartsWith("/demo/orders/MT-", ordered.Message.Headers.Location!.ToString(), StringComparison.Ordinal);
        var held = await GetAsync("/v1/customers/c-0001?purpose=order-fulfilment&fields=purchases");
        var purchase = Assert.Single(held.Json.GetProperty("fields").GetProperty("purchases").EnumerateArray()).GetProperty("data");
        Assert.Equal((2, 13.00m), (purchase.GetProperty("quantity").GetInt32(), purchase.GetProperty("total").GetDecimal()));
    }

    [Theory]
    [InlineData("c-0001.AAAA")]
    [InlineData("c-0001")]
    [InlineData("c-9999.AAAA")]
    public async Task Nobody_orders_for_somebody_else_with_a_made_up_cookie(string cookie)
    {
        await AddCustomerAsync("c-0001");
        var answer = await FormAsync("/demo/orders", "", $"__Host-shop={cookie}; __Host-cart=tea-assam:1");
        Assert.Equal("/demo/cart", answer.Message.Headers.Location!.ToString());
        Assert.False((await GetAsync("/v1/customers/c-0001?purpose=order-fulfilment&fields=purchases")).Json.GetProperty("fields").TryGetProperty("purchases", out _));
    }

    [Theory]
    [InlineData("product=nothing&more=1", 404)]
    [InlineData("product=tea-assam&more=many", 400)]
    [InlineData("product=tea-assam&more=9999", 400)]
    [InlineData("", 404)]
    public async Task A_cart_refuses_what_it_cannot_hold(string form, int status) => Assert.Equal(status, (await FormAsync("/demo/cart", form, "")).Status);

    [Fact]
    public void Any_cookie_reads_as_some_cart_and_a_cart_reads_as_itself()
    {
        Gen.String.Sample(text => ShopCart.Parse(text).Lines.All(l => l.Quantity is > 0 and <= ShopCart.MaxQuantity));
        Gen.Select(Gen.Int[0, SampleShop.Products.Count - 1], Gen.Int[-25, 25]).Array.Sample(steps =>
        {
            var cart = steps.Aggregate(ShopCart.Parse(null), (c, s) => c.With(SampleShop.Products[s.Item1], s.Item2));
            Assert.Equal(cart.Lines, ShopCart.Parse(cart.ToString()).Lines);
            Assert.Equal(cart.Lines.Sum(l => l.Product.Price * l.Quantity), cart.Total);
        });
    }

    private async Task<string> SignInAsync(string reference)
    {
        var answer = await FormAsync("/demo/sign-in", "reference=" + reference, "");
        return CookieOf(answer, "__Host-shop");
    }

    private Task<Answer> FormAsync(string path, string form, string cookies) =>
        SendAsync("POST", path, form, "", "application/x-www-form-urlencoded", ("Cookie", cookies), ("Sec-Fetch-Site", "same-origin"));

    private static string CookieOf(Answer answer, string name) =>
        answer.Message.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith(name + "=", StringComparison.Ordinal)).Split(';')[0];
}
