using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Candor.Storage;

namespace Candor.Tests.House;

/// <summary>The shape of methods and names.</summary>
public sealed partial class ShapeTests
{
    private static readonly Type[] Types = [.. typeof(Database).Assembly.GetTypes().Where(t => !t.IsDefined(typeof(CompilerGeneratedAttribute)) && t.Namespace?.StartsWith("Candor", StringComparison.Ordinal) == true)];

    // A group step takes the transaction alone: a commit under way is not cancelled. Optional parameters stand after the token.
    [Fact]
    public void A_method_that_touches_storage_takes_a_transaction_first_and_a_token_last()
    {
        var offences =
            from type in Types
            where type.Namespace != "Candor.Storage"
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where !method.Name.Contains('<', StringComparison.Ordinal) && !method.IsSpecialName
            let parameters = method.GetParameters()
            where parameters.Any(p => p.ParameterType == typeof(Transaction))
            let isAsync = typeof(Task).IsAssignableFrom(method.ReturnType) || method.ReturnType.Name.StartsWith("ValueTask", StringComparison.Ordinal)
            where parameters[0].ParameterType != typeof(Transaction) || (isAsync && parameters.Length > 1 && parameters.Last(p => !p.IsOptional).ParameterType != typeof(CancellationToken))
            select $"{type.Name}.{method.Name}";
        Offences.None(offences);
    }

    [Fact]
    public void No_type_is_named_after_a_pattern_or_after_its_module()
    {
        var offences =
            from type in Types
            where !type.IsNested || type.IsNestedPublic
            where PatternName().IsMatch(type.Name) || type.Name == type.Namespace!.Split('.')[^1]
            select type.FullName;
        Offences.None(offences);
    }

    [Fact]
    public void No_interface_has_a_single_implementation()
    {
        var offences =
            from type in Types
            where type.IsInterface && Types.Count(t => t.IsClass && type.IsAssignableFrom(t)) < 2
            select type.FullName;
        Offences.None(offences);
    }

    [Fact]
    public void A_file_is_named_after_a_type_in_it_and_no_two_share_a_name()
    {
        string[] several = ["Ids", "Program", "GlobalUsings"];
        var files = Repository.Files("src/Candor", ".cs").Concat(Repository.Files("src/Candor.Server", ".cs")).ToList();
        var offences =
            from file in files
            let name = Path.GetFileName(file).Split('.')[0]
            where !several.Contains(name) && !Regex.IsMatch(Repository.Read(file), $@"\b(?:class|record|struct|interface|enum|delegate [\w<>]+)\s+{name}\b")
            select file;
        Offences.None(offences);
        Offences.None(files.GroupBy(Path.GetFileName).Where(g => g.Count() > 1).SelectMany(g => g));
    }

    [Fact]
    public void Banned_calls_are_errors_and_nobody_switches_that_off()
    {
        var build = Repository.Read("Directory.Build.props");
        Assert.Contains("BannedSymbols.txt", build, StringComparison.Ordinal);
        Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", build, StringComparison.Ordinal);
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", build, StringComparison.Ordinal);
        Assert.DoesNotContain("RS0030", build, StringComparison.Ordinal);
        var banned = Repository.Read("BannedSymbols.txt");
        Assert.All(
            ["P:System.DateTime.Now;", "P:System.DateTime.UtcNow;", "P:System.DateTimeOffset.UtcNow;", "P:System.DateTimeOffset.Now;", "M:System.Guid.NewGuid;", "M:System.Random.#ctor;"],
            symbol => Assert.Contains(symbol, banned, StringComparison.Ordinal));
        Offences.None(Repository.Files("src", ".cs", ".csproj").Where(f => Repository.Read(f).Contains("RS0030", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_commands_write_to_the_console()
    {
        var offences =
            from file in Repository.Files("src", ".cs")
            where !file.StartsWith("src/Candor.Server/Commands/", StringComparison.Ordinal) && file != "src/Candor.Server/Program.cs"
            where ConsoleUse().IsMatch(CSharpText.Of(Repository.Read(file)).Code)
            select file;
        Offences.None(offences);
    }

    [Fact]
    public void A_suppression_carries_its_reason()
    {
        var offences =
            from file in Repository.Files("src", ".cs")
            from line in Repository.Read(file).Split('\n')
            where line.Contains("#pragma warning disable", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal)
            select $"{file}: {line.Trim()}";
        Offences.None(offences);
    }

    [GeneratedRegex("(?:Manager|Helpers?|(?<!Fault)Handler|Dto|Impl|Utils?|Utilities|Extensions)$")]
    private static partial Regex PatternName();

    [GeneratedRegex(@"(?<![\w.])(?:System\.)?(?:Ansi)?Console\.(?:Write|Read|Out|Error|In\b|Markup|Prompt)")]
    private static partial Regex ConsoleUse();
}
