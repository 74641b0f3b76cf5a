namespace Candor.Tests.House;

/// <summary>The files of this repository, found by walking up from the test binary.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", ".git", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    /// <summary>A test data file, which lies beside the repository and is not part of it.</summary>
    public static string Shared(string relative) => System.IO.Path.Combine(Root, "..", "shared", relative);

    public static string Read(string relative) => File.ReadAllText(Path(relative));

    /// <summary>Relative paths of the files with one of these endings below a folder, sorted; build outputs left out.</summary>
    public static IReadOnlyList<string> Files(string folder, params string[] endings)
    {
        var found = new List<string>();
        Collect(new DirectoryInfo(Path(folder)), endings, found);
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>The C# files of the domain with the module, which is the first folder below <c>src/Candor</c>.</summary>
    public static IEnumerable<(string Module, string File, CSharpText Text)> Domain() =>
        Files("src/Candor", ".cs").Select(f => (f.Split('/')[2], f, CSharpText.Of(Read(f))));

    private static void Collect(DirectoryInfo folder, string[] endings, List<string> found)
    {
        if (!folder.Exists || NotOurs.Contains(folder.Name))
        {
            return;
        }

        found.AddRange(folder.EnumerateFiles().Where(f => endings.Any(e => f.Name.EndsWith(e, StringComparison.Ordinal)))
            .Select(f => System.IO.Path.GetRelativePath(Root, f.FullName)));
        foreach (var child in folder.EnumerateDirectories())
        {
            Collect(child, endings, found);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Candor.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder.FullName;
    }
}
