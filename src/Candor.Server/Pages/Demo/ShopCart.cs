using System.Globalization;
using Candor.Collection;

namespace Candor.Server.Pages.Demo;

/// <summary>One line of a cart.</summary>
public sealed record CartLine(SampleProduct Product, int Quantity)
{
    public decimal Total => Product.Price * Quantity;
}

/// <summary>What a visitor of the sample shop means to buy. It lies in a cookie, which a shop needs to be a shop; the server keeps nothing of it.</summary>
/// <remarks>Written as <c>tea-assam:2,mug-blue:1</c>. What is no product, or no sensible number, is left out.</remarks>
public sealed class ShopCart
{
    public const int MaxQuantity = 20;
    private const int MaxText = 1000;

    private ShopCart(IReadOnlyList<CartLine> lines) => Lines = lines;

    public IReadOnlyList<CartLine> Lines { get; }

    public int Count => Lines.Sum(l => l.Quantity);

    public decimal Total => Lines.Sum(l => l.Total);

    public static ShopCart Parse(string? text)
    {
        var lines = new List<CartLine>();
        foreach (var part in text is { Length: > 0 and <= MaxText } ? text.Split(',') : [])
        {
            if (part.Split(':') is [var id, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity) && quantity is > 0 and <= MaxQuantity
                && SampleShop.Products.FirstOrDefault(p => p.Id == id) is { } product && lines.All(l => l.Product != product))
            {
                lines.Add(new CartLine(product, quantity));
            }
        }

        return new ShopCart(lines);
    }

    /// <summary>The cart with so many more (or fewer) of a product; none of it when nothing is left.</summary>
    public ShopCart With(SampleProduct product, int more)
    {
        var before = Lines.FirstOrDefault(l => l.Product == product)?.Quantity ?? 0;
        var after = Math.Clamp(before + more, 0, MaxQuantity);
        List<CartLine> lines = [.. Lines];
        var at = lines.FindIndex(l => l.Product == product);
        if (at >= 0)
        {
            lines.RemoveAt(at);
        }

        if (after > 0)
        {
            lines.Insert(at < 0 ? lines.Count : at, new CartLine(product, after));
        }

        return new ShopCart(lines);
    }

    public override string ToString() => string.Join(',', Lines.Select(l => string.Create(CultureInfo.InvariantCulture, $"{l.Product.Id}:{l.Quantity}")));
}
