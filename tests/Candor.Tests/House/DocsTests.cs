using System.Diagnostics;
using System.Text.RegularExpressions;
using Candor.Tests.Crash;

namespace Candor.Tests.House;

/// <summary>The documentation speaks of the product alone, and what it tells people to type exists.</summary>
public sealed partial class DocsTests
{
    private static readonly IReadOnlyList<string> Pages =
        [.. Repository.Files("", ".md").Where(f => !f.Contains("/bin/", StringComparison.Ordinal))];

    [Fact]
    public void No_file_names_a_machine_or_a_registry_or_leaves_work_undone()
    {
        string[] places = ["src", "bench", "docs", ".ci"];
        var files = places.SelectMany(p => Repository.Files(p, ".cs", ".razor", ".md", ".sh", ".yaml", ".json", ".props", ".csproj", "run")).Concat(Pages)
            .Concat(["candor", "Directory.Build.props", "Directory.Packages.props"]);
        Offences.None(
            from file in files.Distinct()
            from line in Repository.Read(file).Split('\n')
            let match = Unwanted().Match(line)
            where match.Success
            select $"{file}: {match.Value}");
    }

    [Fact]
    public void Links_between_pages_lead_somewhere() =>
        Offences.None(
            from page in Pages
            from Match link in Link().Matches(Repository.Read(page))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(Repository.Path(page))!, target)
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{page}: {target}");

    [Fact]
    public void Commands_in_the_documentation_exist()
    {
        var known = new Dictionary<string, bool>();
        var offences =
            from page in Pages
            from Match block in Block().Matches(Repository.Read(page))
            from line in block.Groups[1].Value.Split('\n')
            let words = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where words is [var program, ..] && program is "candor" or "./candor"
            let verb = string.Join(' ', words.Skip(1).TakeWhile(w => Verb().IsMatch(w)).Take(words is [_, "audit" or "catalog" or "initiative" or "key" or "staff" or "request" or "correction" or "import" or "export" or "fairness" or "texts" or "training" or "webhook" or "witness", ..] ? 2 : 1))
            where !(known.TryGetValue(verb, out var ok) ? ok : known[verb] = IsVerb(verb))
            select $"{page}: {line.Trim()}";
        Offences.None(offences);
    }

    [Fact]
    public void The_readme_follows_a_read_through_three_files_of_at_most_150_lines()
    {
        var section = Repository.Read("README.md").Split("## Follow a read")[1].Split("\n## ")[0];
        var files = Link().Matches(section).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(3, files.Count);
        Assert.All(files, f => Assert.InRange(Repository.Read(f).Split('\n').Length, 1, 150));
    }

    [Fact]
    public void The_two_commands_are_short_and_executable()
    {
        foreach (var script in (string[])["candor", "test", ".ci/run"])
        {
            Assert.InRange(Repository.Read(script).Split('\n').Length, 1, 60);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Repository.Path(script)).HasFlag(UnixFileMode.UserExecute), $"{script} is not executable.");
        }
    }

    private static bool IsVerb(string verb)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && said.Contains("Usage", StringComparison.OrdinalIgnoreCase)
            && Regex.IsMatch(said, $@"candor\s+{Regex.Escape(verb).Replace(@"\ ", @"\s+", StringComparison.Ordinal)}");
    }

    [GeneratedRegex(@"/work/|/root/|/home/\w|\bTODO\b|\bFIXME\b|\bHACK\b|api\.nuget\.org|registry\.npmjs|deb\.debian\.org|pypi\.org|\.\./shared")]
    private static partial Regex Unwanted();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^[a-z]+$")]
    private static partial Regex Verb();
}
