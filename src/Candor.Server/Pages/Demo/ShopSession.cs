using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Candor.Collection;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Vault;

namespace Candor.Server.Pages.Demo;

/// <summary>The sample shop's own idea of who is there, apart from Candor's: a real shop has its own sign-in, and vouches for its customers with it.</summary>
/// <remarks>A cookie with the reference and an HMAC-SHA256 over it.</remarks>
internal sealed class ShopSession(CandorHost host)
{
    private const string Cookie = "__Host-shop";
    private const string CartCookie = "__Host-cart";

    /// <summary>Set until the pages have told candor.js who signed in.</summary>
    private const string UntoldCookie = "__Host-untold";

    public void Open(HttpContext http, string reference)
    {
        http.Response.Cookies.Append(Cookie, $"{reference}.{Seal(reference)}", Forms.Cookie());
        http.Response.Cookies.Append(UntoldCookie, "1", Forms.Cookie());
    }

    /// <summary>The customer who has just signed in and of whom the pages do not know yet; told once.</summary>
    public string? TakeUntold(HttpContext http)
    {
        var isUntold = http.Request.Cookies.ContainsKey(UntoldCookie);
        http.Response.Cookies.Delete(UntoldCookie, Forms.Cookie());
        return isUntold ? Find(http)?.Reference : null;
    }

    public void Close(HttpContext http) => http.Response.Cookies.Delete(Cookie, Forms.Cookie());

    /// <summary>The sample customer who is signed in to the shop; null when nobody is.</summary>
    public (string Reference, string Name)? Find(HttpContext http)
    {
        var (reference, seal) = http.Request.Cookies[Cookie]?.Split('.') is [var first, var second] ? (first, second) : ("", "");
        var customer = SampleShop.DemoCustomers.FirstOrDefault(c => c.Reference == reference);
        return customer.Reference is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Seal(reference)), Encoding.UTF8.GetBytes(seal)) ? customer : null;
    }

    public ShopCart Cart(HttpContext http) => ShopCart.Parse(http.Request.Cookies[CartCookie]);

    public void Keep(HttpContext http, ShopCart cart)
    {
        if (cart.Count == 0)
        {
            http.Response.Cookies.Delete(CartCookie, Forms.Cookie());
        }
        else
        {
            http.Response.Cookies.Append(CartCookie, cart.ToString(), Forms.Cookie());
        }
    }

    /// <summary>What every page of the shop shows around its content.</summary>
    public async Task<DemoFrame> FrameAsync(HttpContext http)
    {
        var active = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        return new DemoFrame(PageFrame.Of(http, active.Catalog.Organisation), Cart(http), Find(http));
    }

    private string Seal(string reference) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(host.Keys.Secret(KeyRing.SessionPepper), Encoding.UTF8.GetBytes("sample-shop|" + reference)));
}
