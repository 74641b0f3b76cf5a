using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.SignIn;
using Candor.Server.Web;
using Candor.SignIn;
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
        pages.MapDemoStaff();
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

    private static async Task<IResult> SignInAsync(SignInWays signIn, ShopSigner signer, ShopSession shop, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var reference = form["reference"].ToString();
        if (!SampleShop.DemoCustomers.Any(c => c.Reference == reference))
        {
            throw new Fault(FaultKind.NotFound, "server/no-such-customer", "That is none of the sample customers.");
        }

        // As a real shop does: it signs a token for its customer, and Candor checks it with the shop's public key.
        var outcome = await signIn.Tokens.SignInAsync(await signer.SignAsync(reference, http.RequestAborted), LocalPath.Home, SignInRoutes.ClientOf(http), http.RequestAborted);
        var token = outcome.Session ?? throw new Fault(FaultKind.NotFound, "server/no-such-customer", "This sample customer has been erased.");
        shop.Open(http, reference);
        http.Response.Cookies.Append(CallerAuthentication.Cookie, token, Forms.Cookie());
        return TypedResults.Redirect("/me");
    }
}
