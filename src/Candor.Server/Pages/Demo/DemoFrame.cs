using System.Globalization;
using Candor.Collection;
using Candor.Consent;
using Candor.Server.Web;

namespace Candor.Server.Pages.Demo;

/// <summary>What every page of the sample shop shows around its own content.</summary>
/// <param name="SignedIn">Reference and name of the sample customer who is signed in; null when nobody is.</param>
public sealed record DemoFrame(PageFrame Page, ShopCart Cart, (string Reference, string Name)? SignedIn)
{
    private static readonly CultureInfo Pounds = CultureInfo.GetCultureInfo("en-GB");

    public Wording Text => PageText.In("demo", Page.Language);

    public string NameOf(SampleProduct product) => Text.Text("product." + product.Id);

    /// <summary>What the shop calls a product in a language; null when it is none of its products.</summary>
    public static string? FindName(string product, string language) =>
        SampleShop.Products.Any(p => p.Id == product) ? PageText.In("demo", language).Text("product." + product) : null;

    /// <summary>A price, the same for everybody who asks.</summary>
    public static string Price(decimal pounds) => pounds.ToString("C2", Pounds);
}
