using System.Text.RegularExpressions;
using Candor.Storage;

namespace Candor.Tests.House;

/// <summary>Which module may name which other one. A change here is a design decision and gets a page in docs/decisions.</summary>
public sealed partial class ModuleTableTests
{
    private static readonly string[] AllAbove = ["*"];

    // In order: "all above" means the rows before. Everyone may use Kernel.
    private static readonly (string Module, string[] MayUse)[] Table =
    [
        ("Kernel", []),
        ("Storage", []),
        ("Catalog", ["Storage"]),
        ("Consent", ["Storage", "Catalog"]),
        ("Audit", ["Storage"]),
        ("Staff", ["Storage", "Audit"]),
        ("Gate", ["Catalog", "Consent", "Staff"]),
        ("Vault", ["Storage", "Gate"]),
        ("Reads", AllAbove),
        ("Messages", AllAbove),
        ("SignIn", AllAbove),
        ("Collection", AllAbove),
        ("Personalization", AllAbove),
        ("Rights", AllAbove),
        ("Desk", AllAbove),
        ("Backup", AllAbove),
        ("Fairness", AllAbove),
        ("Export", AllAbove),
        ("Governance", AllAbove),
        // Counts what all others do; nobody reads it.
        ("Trust", AllAbove),
    ];

    [Fact]
    public void A_module_names_only_the_modules_that_the_table_allows_it()
    {
        var types = typeof(Database).Assembly.GetTypes().Where(t => t.Namespace?.StartsWith("Candor.", StringComparison.Ordinal) == true && !t.IsNested)
            .Select(t => (Module: t.Namespace!.Split('.')[1], t.Name)).ToHashSet();
        var offences =
            from file in Repository.Domain()
            from Match match in Names().Matches(file.Text.Code)
            let named = match.Groups["module"].Value
            where match.Groups["candor"].Success || types.Contains((named, match.Groups["type"].Value))
            where !MayName(file.Module, named)
            select $"{file.File} names `{named}`";
        Offences.None(offences);
    }

    [Fact]
    public void Every_folder_of_the_domain_is_a_module_of_the_table()
    {
        var folders = Directory.GetDirectories(Repository.Path("src/Candor")).Select(Path.GetFileName).Except(["bin", "obj"]);
        Offences.None(folders.Except(Table.Select(r => r.Module)));
    }

    [Fact]
    public void Every_type_lives_in_the_namespace_of_its_folder()
    {
        var offences =
            from file in Repository.Domain()
            where !Regex.IsMatch(file.Text.Code, $@"(?m)^namespace Candor\.{file.Module};\s*$")
            select file.File;
        Offences.None(offences);
    }

    [Fact]
    public void The_domain_knows_no_web_framework() =>
        Assert.DoesNotContain(typeof(Database).Assembly.GetReferencedAssemblies(), a => a.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));

    [Fact]
    public void The_client_depends_on_nothing_but_the_framework() =>
        Assert.DoesNotContain("Reference Include", Repository.Read("src/Candor.Client/Candor.Client.csproj"), StringComparison.Ordinal);

    private static bool MayName(string module, string named)
    {
        var row = Array.FindIndex(Table, r => r.Module == module);
        var other = Array.FindIndex(Table, r => r.Module == named);
        return other < 0 || named == module || named == "Kernel"
            || (Table[row].MayUse == AllAbove ? other < row : Table[row].MayUse.Contains(named));
    }

    [GeneratedRegex(@"(?<![\w.])(?<candor>Candor\.)?(?<module>[A-Z]\w+)(?:\.(?<type>[A-Z]\w+))?")]
    private static partial Regex Names();
}
