using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Vault;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Demo;

/// <summary>The sample shop, where anybody may sign in as a sample customer. Mapped by <c>candor demo</c> alone.</summary>
internal static class DemoRoutes
{
    public static void MapDemo(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/demo", DemoAsync).AllowAnonymous();
        pages.MapPost("/demo/sign-in", SignInAsync).AllowAnonymous();
        pages.MapPost("/demo/sign-out", SignOutAsync).AllowAnonymous();
        pages.MapShop();
    }

    private static async Task<IResult> DemoAsync(SiteOptions options, ShopSession shop, HttpContext http) => new RazorComponentResult<DemoPage>(new
    {
        Frame = await shop.FrameAsync(http),
        Keys = options.Demo,
        Address = $"{http.Request.Scheme}://{http.Request.Host}",
    });

    private static async Task<IResult> SignOutAsync(CandorHost host, ShopSession shop, HttpContext http)
    {
        if (http.FindToken() is { KeyId: null } token)
        {
            await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, token, http.RequestAborted), http.RequestAborted);
        }

        shop.Close(http);
        http.Response.Cookies.Delete(CallerAuthentication.Cookie, Forms.Cookie());
        return TypedResults.LocalRedirect("/demo");
    }

    private static async Task<IResult> SignInAsync(CandorHost host, ShopSession shop, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var reference = form["reference"].ToString();
        if (!SampleShop.DemoCustomers.Any(c => c.Reference == reference))
        {
            throw new Fault(FaultKind.NotFound, "server/no-such-customer", "That is none of the sample customers.");
        }

        var token = await host.Database.WriteAsync(async tx =>
        {
            var key = await host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, http.RequestAborted);
            return key is null ? null : await host.Access.OpenCustomerSessionAsync(tx, key.Id, http.RequestAborted);
        }, http.RequestAborted) ?? throw new Fault(FaultKind.NotFound, "server/no-such-customer", "This sample customer has been erased.");
        shop.Open(http, reference);
        http.Response.Cookies.Append(CallerAuthentication.Cookie, token, Forms.Cookie());
        return TypedResults.Redirect("/me");
    }
}
