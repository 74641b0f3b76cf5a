using Candor.Catalog;

namespace Candor.Tests.Catalog;

/// <summary>The ready catalog of a shop without lots, so that every customer who agreed gets suggestions, as often as they ask.</summary>
public static class ShopCatalog
{
    public static string Yaml { get; } = ReadyCatalogs.Text("shop").Replace("holdOut: 10", "holdOut: 0", StringComparison.Ordinal).Replace("  itemShownAtMost: 5\n", "", StringComparison.Ordinal);

    /// <summary>The same with its bias audit switched on, and with suggestions from a visit paused when they fail.</summary>
    public static string Audited { get; } = Yaml.Replace("    biasAudit: true\n    active: false\n", "    biasAudit: true\n", StringComparison.Ordinal)
        .Replace("    uses: { pageViews: high, purchases: medium }\n", "    uses: { pageViews: high, purchases: medium }\n    fairness: { onBreach: pause }\n", StringComparison.Ordinal);
}
