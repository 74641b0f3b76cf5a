using System.Reflection;
using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>Catalogs that ship, to begin from, and the JSON Schema that editors complete them by.</summary>
public static class ReadyCatalogs
{
    public const string SchemaFile = "candor.schema.json";

    public static readonly IReadOnlyList<string> Names = ["shop", "services", "minimal"];

    /// <summary>Text of a ready catalog.</summary>
    public static string Text(string name) => Names.Contains(name)
        ? Resource(name + ".yaml")
        : throw new Fault(FaultKind.Invalid, "catalog/no-such-ready-catalog", $"Ready catalogs are {Spelling.List(Names)}; got `{Name.Shown(name)}`.");

    public static string Schema() => Resource(SchemaFile);

    private static string Resource(string file)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("catalog/" + file)!);
        return reader.ReadToEnd();
    }
}
