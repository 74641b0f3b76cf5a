using System.Collections.Frozen;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Export;

/// <summary>What is taken out for analysts: one purpose, and data points of it that name nobody by themselves.</summary>
public sealed class ExportPlan
{
    /// <summary>Categories that find a person without further knowledge; no export has them, whatever it is called.</summary>
    private static readonly FrozenSet<string> Identifying = FrozenSet.Create(
        "AccountIdentifier", "Contact", "DeviceBased", "EmailAddress", "FinancialAccount", "IPAddress", "Name", "PhysicalAddress", "TelephoneNumber");

    /// <summary>Whom exports are for; a purpose that does not list the role has another reason.</summary>
    private const string Role = "analyst";

    private ExportPlan(Purpose purpose, IReadOnlyList<DataPoint> dataPoints) => (Purpose, DataPoints) = (purpose, dataPoints);

    public Purpose Purpose { get; }

    public IReadOnlyList<DataPoint> DataPoints { get; }

    /// <summary>Names of the columns: a field by its own, a history as <c>NAME.count</c>, the number of its records.</summary>
    public IReadOnlyList<string> Columns => [.. DataPoints.Select(d => d.Kind == DataPointKind.History ? d.Id.Value + ".count" : d.Id.Value)];

    /// <exception cref="Fault">NotFound <c>export/no-such-purpose</c>; Invalid <c>export/not-for-analysts</c>, <c>export/not-for-this-purpose</c>, <c>export/identifying</c>, <c>export/nothing</c>.</exception>
    public static ExportPlan Of(PurposeCatalog catalog, PurposeId purposeId, IReadOnlyList<DataPointId> dataPoints)
    {
        if (!catalog.Purposes.TryGetValue(purposeId, out var purpose) || !purpose.Active)
        {
            throw new Fault(FaultKind.NotFound, "export/no-such-purpose",
                $"There is no active purpose `{purposeId}`; the catalog has {Names(catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value))}.");
        }

        if (!purpose.Roles.Contains(Role))
        {
            throw new Fault(FaultKind.Invalid, "export/not-for-analysts",
                $"The purpose `{purposeId}` is not for the role `{Role}`, so nothing is taken out for it; such purposes are {Names(catalog.Purposes.Values.Where(p => p.Active && p.Roles.Contains(Role)).Select(p => p.Id.Value))}.");
        }

        var usable = catalog.DataPointsOf(purpose).Where(d => !IsIdentifying(d)).ToList();
        if (dataPoints.FirstOrDefault(d => !purpose.Uses.ContainsKey(d)) is { } foreign)
        {
            throw new Fault(FaultKind.Invalid, "export/not-for-this-purpose", $"The purpose `{purposeId}` does not use `{foreign}`; it can export {Names(usable.Select(d => d.Id.Value))}.");
        }

        if (dataPoints.FirstOrDefault(d => IsIdentifying(catalog.DataPoints[d])) is { } name)
        {
            throw new Fault(FaultKind.Invalid, "export/identifying",
                $"`{name}` finds a person by itself (category `{catalog.DataPoints[name].Category}`), so it leaves in no export; the purpose can export {Names(usable.Select(d => d.Id.Value))}.");
        }

        return dataPoints.Count == 0
            ? throw new Fault(FaultKind.Invalid, "export/nothing", $"An export names at least one data point; the purpose can export {Names(usable.Select(d => d.Id.Value))}.")
            : new ExportPlan(purpose, [.. dataPoints.Distinct().Select(d => catalog.DataPoints[d])]);
    }

    /// <summary>Of a history only the number of records leaves.</summary>
    private static bool IsIdentifying(DataPoint dataPoint) => dataPoint.Kind == DataPointKind.Field && Identifying.Contains(dataPoint.Category);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).Select(n => $"`{n}`")) is { Length: > 0 } list ? list : "nothing";
}
