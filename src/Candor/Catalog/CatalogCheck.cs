using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>What a command about catalogs answers.</summary>
/// <param name="ExitCode">0 fine; 1 found wanting: a mistake or a widening.</param>
/// <param name="Lines">To be printed as they are.</param>
public sealed record CatalogReport(int ExitCode, IReadOnlyList<string> Lines);

/// <summary>The answers of <c>candor catalog check FILE</c> and <c>candor catalog diff OLD NEW</c>.</summary>
public static class CatalogCheck
{
    /// <summary>Mistakes and warnings of a file, each with its place, and a line that sums up.</summary>
    public static CatalogReport Check(string path) => Guarded(() => CheckText(CatalogText.Load(path), path));

    /// <summary>The same for a text that is at hand.</summary>
    public static CatalogReport CheckText(string yaml, string fileName)
    {
        var (catalog, found) = CatalogReader.TryRead(yaml, fileName);
        var warnings = Count(found.Count(f => f.IsWarning), "warning");
        if (catalog is null)
        {
            return new CatalogReport(1, [.. found.Select(f => f.ToString()), $"{fileName}: {Count(found.Count(f => !f.IsWarning), "mistake")}, {warnings}."]);
        }

        var drafts = catalog.Purposes.Values.Count(p => !p.Active);
        return new CatalogReport(0,
        [
            .. found.Select(f => f.ToString()),
            $"{fileName}: {Count(catalog.DataPoints.Count, "data point")}, {Count(catalog.Purposes.Count, "purpose")}{(drafts > 0 ? $" ({Count(drafts, "draft")})" : "")}; no mistakes, {warnings}.",
        ]);
    }

    /// <summary>What changes from one file to the other, each as wider, narrower or wording.</summary>
    public static CatalogReport Diff(string oldPath, string newPath) => Guarded(() =>
        Diff(PurposeCatalog.Read(CatalogText.Load(oldPath), oldPath), PurposeCatalog.Read(CatalogText.Load(newPath), newPath)));

    /// <summary>The same for two catalogs that are at hand.</summary>
    public static CatalogReport Diff(PurposeCatalog from, PurposeCatalog to)
    {
        var changes = CatalogDiff.Told(from, to);
        if (changes.Count == 0)
        {
            return new CatalogReport(0, ["The two catalogs mean the same."]);
        }

        var wider = changes.Count(c => c.IsWidening);
        var narrower = changes.Count(c => c.IsNarrowing);
        return new CatalogReport(wider > 0 ? 1 : 0,
        [
            .. changes.Select(c => $"{(c.IsWidening ? "wider   " : c.IsNarrowing ? "narrower" : "wording ")}  {c.Path}: {c.Description}"),
            $"{Count(changes.Count, "change")}: {wider} wider, {narrower} narrower, {changes.Count - wider - narrower} wording only."
            + (wider > 0 ? " What is wider waits for the committee's decision." : ""),
        ]);
    }

    private static CatalogReport Guarded(Func<CatalogReport> work)
    {
        try
        {
            return work();
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid)
        {
            return new CatalogReport(1, fault.Message.Split('\n'));
        }
    }

    private static string Count(int count, string what) => count switch { 0 => $"no {what}s", 1 => $"1 {what}", _ => $"{count} {what}s" };
}
