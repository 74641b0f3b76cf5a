using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Gate;

/// <summary>One right: who may read which data point for which purpose, when the customer's choices allow it.</summary>
/// <param name="Who">A role of staff, or the name of a service.</param>
public sealed record RightsRow(string Who, bool IsService, Purpose Purpose, DataPoint DataPoint, Necessity Necessity);

/// <summary>All rights that a catalog gives, as one table. What is not in it, nobody may read.</summary>
/// <remarks>The gate does not look here; a test compares the two for every role, purpose and data point.</remarks>
public static class RightsTable
{
    /// <summary>Every right, by purpose, then by who, then by data point.</summary>
    public static IReadOnlyList<RightsRow> Of(PurposeCatalog catalog) =>
    [
        .. from purpose in catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal)
           from who in purpose.Roles.Order(StringComparer.Ordinal).Select(r => (Name: r, IsService: false)).Concat(purpose.Services.Order(StringComparer.Ordinal).Select(s => (Name: s, IsService: true)))
           from dataPoint in catalog.DataPointsOf(purpose)
           select new RightsRow(who.Name, who.IsService, purpose, dataPoint, purpose.Uses[dataPoint.Id]),
    ];
}
