using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Candor.Catalog;

/// <summary>A purpose, a data point, or another part of the catalog, that uses more of people's data than before.</summary>
/// <param name="Root">Such as <c>purposes.newsletter</c>.</param>
/// <param name="Digest">64 hex characters: SHA-256 over all that widens in it and over what the part then weighs. Whoever has the same digest means the same use.</param>
/// <param name="Changes">What widens.</param>
public sealed record WidenedPart(string Root, string Digest, IReadOnlyList<CatalogChange> Changes)
{
    /// <summary>The parts that widen from one catalog to another, by name.</summary>
    public static IReadOnlyList<WidenedPart> Between(PurposeCatalog from, PurposeCatalog to) =>
    [
        .. CatalogDiff.Told(from, to).Where(c => c.IsWidening).GroupBy(c => RootOf(c.Path)).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new WidenedPart(g.Key, DigestOf(g.Key, g, to), [.. g])),
    ];

    /// <summary>The purposes that are themselves new or wider; not those of which only a data point is.</summary>
    public static IEnumerable<Kernel.PurposeId> PurposesOf(IEnumerable<CatalogChange> changes) =>
        changes.Where(c => c.IsWidening && c.Purpose is { } p && RootOf(c.Path) == "purposes." + p).Select(c => c.Purpose!).Distinct();

    /// <summary>What a purpose uses, in lines that are the same for catalogs that mean the same; wording is left out.</summary>
    public static IEnumerable<string> WeightOf(PurposeCatalog catalog, Purpose p) =>
    [
        $"basis {p.Basis}", $"active {p.Active}", $"case {p.NeedsCase}", $"emergency {p.Emergency}", $"automated {p.AutomatedDecision}", $"class {p.DpvPurpose}", $"lasts {p.ConsentLasts}",
        .. Sorted("uses", p.Uses.Select(u => $"{u.Key} {u.Value}")), .. Sorted("role", p.Roles), .. Sorted("service", p.Services), .. Sorted("recipient", p.Recipients.Select(r => RecipientDiff.OutsideOf(catalog, r) is { } country ? $"{r} in {country}" : r)),
    ];

    /// <summary>What a data point is, the same way.</summary>
    public static IEnumerable<string> WeightOf(DataPoint d) =>
    [
        $"kind {d.Kind}", $"category {d.Category}", $"retention {d.Retention}", $"with {d.CollectedWith}", $"found by {d.FindBy}", $"hold {d.LegalHold?.For}", .. Sorted("keeps", d.LegalHold?.Keeps ?? []),
    ];

    /// <summary>SHA-256 of lines, 64 hex characters.</summary>
    public static string DigestOf(IEnumerable<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    private static string DigestOf(string root, IEnumerable<CatalogChange> changes, PurposeCatalog to)
    {
        var name = root[(root.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var weight = to.Purposes.Values.FirstOrDefault(p => "purposes." + p.Id == root) is { } purpose ? WeightOf(to, purpose)
            : to.DataPoints.Values.FirstOrDefault(d => "dataPoints." + d.Id == root) is { } point ? WeightOf(point)
            : to.Proactive.Rules.FirstOrDefault(r => "proactive." + r.Name == root) is { } rule ? WeightOf(rule) : [];
        return DigestOf(["candor widening 1", root, name, .. changes.Select(c => $"{c.Path}: {c.Description}").Distinct().Order(StringComparer.Ordinal), .. weight]);
    }

    private static IEnumerable<string> WeightOf(ProactiveRule r) =>
        [string.Create(CultureInfo.InvariantCulture, $"lines {r.LinesFor} messages {r.MessagesFor}"), .. Sorted("history", r.Histories.Select(h => h.Value))];

    private static IEnumerable<string> Sorted(string what, IEnumerable<string> values) => values.Order(StringComparer.Ordinal).Select(v => $"{what} {v}");

    private static string RootOf(string path)
    {
        var second = path.IndexOf('.', path.IndexOf('.', StringComparison.Ordinal) + 1);
        return second < 0 ? path : path[..second];
    }
}
