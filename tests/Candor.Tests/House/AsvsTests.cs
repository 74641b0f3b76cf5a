using System.Globalization;
using System.Text.RegularExpressions;
using Sylvan.Data.Csv;

namespace Candor.Tests.House;

/// <summary>docs/asvs.csv: OWASP ASVS 5.0.0, levels 1 and 2. Every requirement stands there once, and what it names as evidence exists.</summary>
public sealed partial class AsvsTests
{
    /// <summary>The requirements of level 1 and, after the bar, of level 2, by section; counted and copied from the standard's own list.</summary>
    private const string Ids =
        """
        1.1|1-2 1.2 1-5|6-9 1.3 1-2|3-11 1.4|1-3 1.5 1|2
        2.1 1|2-3 2.2 1-2|3 2.3 1|2-4 2.4|1
        3.2 1-2| 3.3 1|2-4 3.4 1-2|3-6 3.5 1-3|4-5 3.7|1-2
        4.1 1|2-3 4.2|1 4.3|1-2 4.4 1|2-4
        5.1|1 5.2 1-2|3 5.3 1-2| 5.4|1-3
        6.1 1|2-3 6.2 1-8|9-12 6.3 1-2|3-4 6.4 1-2|3-4 6.5|1-5 6.6|1-3 6.8|1-4
        7.1|1-3 7.2 1-4| 7.3|1-2 7.4 1-2|3-5 7.5|1-2 7.6|1-2
        8.1 1|2 8.2 1-2|3 8.3 1| 8.4|1
        9.1 1-3| 9.2 1|2-4
        10.1|1-2 10.2|1-2 10.3|1-4 10.4 1-5|6-11 10.5|1-5 10.6|1-2 10.7|1-3
        11.1|1-2 11.2|1-3 11.3 1-2|3 11.4 1|2-4 11.5|1 11.6|1
        12.1 1|2-3 12.2 1-2| 12.3|1-4
        13.1|1 13.2|1-5 13.3|1-2 13.4 1|2-5
        14.1|1-2 14.2 1|2-4 14.3 1|2-3
        15.1 1|2-3 15.2 1|2-3 15.3 1|2-7
        16.1|1 16.2|1-5 16.3|1-4 16.4|1-3 16.5|1-3
        17.1|1 17.2|1-4 17.3|1-2
        """;

    private static readonly string[] Statuses = ["met", "partly", "not met"];

    private sealed record Row(string Id, string Level, string Chapter, string Requirement, string Applies, string Status, string Evidence, string Note)
    {
        public IEnumerable<string> Named => Evidence.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IReadOnlyList<Row> Rows { get; } = Read();

    [Fact]
    public void All_253_requirements_stand_there_once_with_their_level()
    {
        var expected = Expected().Order().ToList();
        Assert.Equal((253, 70), (expected.Count, expected.Count(e => e.EndsWith(" 1", StringComparison.Ordinal))));
        Assert.Equal(expected, Rows.Select(r => $"{r.Id} {r.Level}").Order());
    }

    [Fact]
    public void What_does_not_apply_says_why_and_what_is_not_met_says_what_is_missing() => Offences.None(Rows.Where(r => r.Applies switch
    {
        "no" => r.Status != "not applicable" || r.Note.Length < 10,
        "yes" => !Statuses.Contains(r.Status) || (r.Status != "met" && r.Note.Length < 10) || (r.Status == "met" && !r.Named.Any()) || r.Requirement.Length < 10 || r.Chapter.Length == 0,
        _ => true,
    }).Select(r => r.Id));

    [Fact]
    public void Every_named_test_exists()
    {
        var browser = Repository.Files("tests/Candor.Browser", ".cs").ToDictionary(f => Path.GetFileNameWithoutExtension(f), Repository.Read);
        Offences.None(
            from row in Rows
            from name in row.Named
            where !name.StartsWith("docs/", StringComparison.Ordinal)
            where !(name.StartsWith("Candor.Browser.", StringComparison.Ordinal) ? IsInBrowser(browser, name) : IsTest(name))
            select $"{row.Id}: {name}");
    }

    [Fact]
    public void Every_named_page_and_anchor_exists() => Offences.None(
        from row in Rows
        from name in row.Named
        where name.StartsWith("docs/", StringComparison.Ordinal)
        let parts = name.Split('#')
        where !File.Exists(Repository.Path(parts[0])) || (parts.Length == 2 && !Anchors(parts[0]).Contains(parts[1]))
        select $"{row.Id}: {name}");

    /// <summary>A method of a test class, generic ones without their arity.</summary>
    private static bool IsTest(string name)
    {
        var (type, method) = (name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
        return typeof(AsvsTests).Assembly.GetTypes().Where(t => t.FullName!.Split('`')[0] == type)
            .Any(t => t.GetMethod(method)?.GetCustomAttributes(inherit: true).Any(a => a is FactAttribute) == true);
    }

    private static bool IsInBrowser(Dictionary<string, string> files, string name) => name.Split('.') is [_, _, var type, var method]
        && files.TryGetValue(type, out var source) && Regex.IsMatch(source, $@"public async Task {Regex.Escape(method)}\(");

    /// <summary>Headings as the anchors that pages on the web give them.</summary>
    private static HashSet<string> Anchors(string page) => [.. Heading().Matches(Repository.Read(page))
        .Select(m => NoAnchor().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    private static IEnumerable<string> Expected()
    {
        foreach (Match section in Section().Matches(Ids))
        {
            foreach (var (list, level) in new[] { (section.Groups[2].Value, 1), (section.Groups[3].Value, 2) })
            {
                var ends = list.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
                for (var i = ends.Length == 0 ? 1 : ends[0]; ends.Length > 0 && i <= ends[^1]; i++)
                {
                    yield return $"{section.Groups[1].Value}.{i} {level}";
                }
            }
        }
    }

    private static List<Row> Read()
    {
        using var csv = CsvDataReader.Create(new StringReader(Repository.Read("docs/asvs.csv")));
        Assert.Equal(["id", "level", "chapter", "requirement", "applies", "status", "evidence", "note"], Enumerable.Range(0, csv.FieldCount).Select(csv.GetName));
        var rows = new List<Row>();
        while (csv.Read())
        {
            rows.Add(new Row(csv.GetString(0), csv.GetString(1), csv.GetString(2), csv.GetString(3), csv.GetString(4), csv.GetString(5), csv.GetString(6), csv.GetString(7)));
        }

        return rows;
    }

    [GeneratedRegex(@"(\d+\.\d+) ?([\d-]*)\|([\d-]*)")]
    private static partial Regex Section();

    [GeneratedRegex(@"(?m)^#+ (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} -]")]
    private static partial Regex NoAnchor();
}
