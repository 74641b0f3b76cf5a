namespace Candor.Collection;

/// <summary>A product of the sample shop.</summary>
/// <param name="Price">In pounds.</param>
/// <param name="EveryDays">How often somebody who uses it up buys it again; 0 for things that last.</param>
public sealed record SampleProduct(string Id, string Name, decimal Price, int EveryDays);

/// <summary>How far the sample shop is filled.</summary>
public sealed record SampleProgress(int Customers);

/// <summary>A made-up shop.</summary>
public sealed partial class SampleShop
{
    public static readonly IReadOnlyList<SampleProduct> Products =
    [
        new("tea-assam", "Assam breakfast tea", 6.50m, 28), new("tea-mint", "Peppermint tea", 5.20m, 35), new("coffee-dark", "Dark roast coffee", 9.90m, 21),
        new("coffee-decaf", "Decaf coffee", 10.40m, 30), new("honey", "Heather honey", 7.80m, 45), new("oat-biscuits", "Oat biscuits", 3.60m, 14),
        new("scarf-wool", "Lambswool scarf", 38.00m, 0), new("socks-wool", "Walking socks", 14.50m, 0), new("blanket", "Recycled wool blanket", 69.00m, 0),
        new("mug-blue", "Stoneware mug, blue", 16.00m, 0), new("mug-green", "Stoneware mug, green", 16.00m, 0), new("teapot", "Two-cup teapot", 34.00m, 0),
        new("candle", "Beeswax candle", 12.00m, 40), new("soap", "Oat and milk soap", 4.90m, 25), new("hand-cream", "Hand cream", 8.40m, 50),
        new("notebook", "Dotted notebook", 11.00m, 60), new("pencils", "Set of six pencils", 7.00m, 0), new("apron", "Linen apron", 42.00m, 0),
        new("tray", "Ash serving tray", 48.00m, 0), new("throw", "Checked throw", 55.00m, 0), new("slippers", "Felt slippers", 46.00m, 0),
        new("jam", "Damson jam", 4.80m, 30), new("granola", "Maple granola", 6.20m, 18), new("syrup", "Maple syrup", 8.90m, 40),
    ];

    /// <summary>Customers that the shop page offers to sign in as.</summary>
    public static readonly IReadOnlyList<(string Reference, string Name)> DemoCustomers =
        [("c-0001", "Ada Brook"), ("c-0002", "Ben Carrow"), ("c-0003", "Cleo Dale"), ("c-0004", "Dev Elm"), ("c-0005", "Edie Fenn"), ("c-0006", "Finn Gale"), ("c-0007", "Gia Heath"), ("c-0008", "Hugo Ivers"),
            ("c-0009", "Iris Jessop"), ("c-0010", "Jon Kell"), ("c-0011", "Kit Lark"), ("c-0012", "Lena Marsh"), ("c-0013", "Milo North"), ("c-0014", "Nia Oake"), ("c-0015", "Otto Pike"), ("c-0016", "Pia Quill"),
            ("c-0017", "Quinn Reed"), ("c-0018", "Rosa Stone")];
}
