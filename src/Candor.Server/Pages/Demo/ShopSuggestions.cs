using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Demo;

/// <summary>What the sample shop suggests beside a product.</summary>
/// <param name="IsPersonal">True: made from what this customer allows to be used; false: nothing about anybody in particular was used.</param>
public sealed record SuggestedProducts(bool IsPersonal, IReadOnlyList<SampleProduct> Products);

/// <summary>Asks Candor for suggestions as a real shop would: with the shop's key, for the customer who is signed in to it. Who is not gets what is often bought together.</summary>
internal sealed class ShopSuggestions(CandorHost host, SiteOptions options)
{
    private const int Shown = 4;
    private static readonly PurposeId Purpose = PurposeId.Parse(DemoKeys.Purpose);

    public async Task<SuggestedProducts> BesideAsync(SampleProduct product, string? reference, CancellationToken ct)
    {
        if (reference is not null && options.Demo?.Key is { Length: > 0 } key
            && await host.Suggestions.RecommendAsync(CallerToken.Parse(key), reference, Purpose, null, Shown + 1, false, ct) is { Answer: { } answer })
        {
            return new SuggestedProducts(answer.IsPersonal, Find(answer.Items.Select(i => i.Item), product));
        }

        var together = await host.Suggestions.TogetherAsync(product.Id, Shown, ct);
        return new SuggestedProducts(false, Find(together.Select(t => t.Item), product));
    }

    private static IReadOnlyList<SampleProduct> Find(IEnumerable<string> items, SampleProduct except) =>
        [.. items.Select(i => SampleShop.Products.FirstOrDefault(p => p.Id == i)).OfType<SampleProduct>().Where(p => p != except).Take(Shown)];
}
