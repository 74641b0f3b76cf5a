using System.Globalization;
using System.Reflection;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>How the values of a column become coarser, level by level: 34, 30-34, 30-39, 20-39, any.</summary>
public sealed class GeneralisationHierarchy
{
    /// <summary>What stands for every value.</summary>
    public const string Any = "*";

    private static readonly Lazy<Dictionary<string, string>> Continents = new(ReadContinents);

    private GeneralisationHierarchy(string column, IReadOnlyList<string> values, IReadOnlyList<Func<string, string>> steps)
    {
        Column = column;
        Levels = [.. steps.Prepend(v => v).Append(_ => Any).Select(step => (IReadOnlyList<string>)[.. values.Select(step)])];
    }

    public string Column { get; }

    /// <summary>By level, then by value: what it is shown as. Level 0 is the value itself, the last one is <see cref="Any"/>.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Levels { get; }

    /// <param name="values">All values that there may be, each once. How many of them share a label is how much that label hides.</param>
    /// <param name="steps">From fine to coarse; each must keep together what the one before puts together.</param>
    /// <exception cref="Fault">Invalid <c>fairness/bad-hierarchy</c>.</exception>
    public static GeneralisationHierarchy Of(string column, IReadOnlyList<string> values, params IReadOnlyList<Func<string, string>> steps)
    {
        var made = new GeneralisationHierarchy(column, values, steps);
        for (var level = 1; level < made.Levels.Count; level++)
        {
            var split = made.Levels[level - 1].Zip(made.Levels[level]).Distinct().GroupBy(p => p.First).FirstOrDefault(g => g.Count() > 1);
            if (split is not null)
            {
                throw new Fault(FaultKind.Invalid, "fairness/bad-hierarchy",
                    $"Level {level} of `{Name.Shown(column)}` takes `{Name.Shown(split.Key)}` apart again; a coarser level keeps together what the finer one does.");
            }
        }

        return made;
    }

    /// <summary>Values that are only kept or hidden.</summary>
    public static GeneralisationHierarchy KeepOrHide(string column, IReadOnlyList<string> values) => Of(column, values);

    /// <summary>Whole years, in bands of 5, 10 and 20 from 0. What is no number is a band of its own.</summary>
    public static GeneralisationHierarchy Age(string column, IReadOnlyList<string> values) => Of(column, values, Band(5), Band(10), Band(20));

    /// <summary>Dates such as 2026-03-14: by month, year and decade. What is no date is a value of its own.</summary>
    public static GeneralisationHierarchy Date(string column, IReadOnlyList<string> values) => Of(column, values,
        v => Day(v) is { } d ? d.ToString("yyyy-MM", CultureInfo.InvariantCulture) : v,
        v => Day(v) is { } d ? d.ToString("yyyy", CultureInfo.InvariantCulture) : v,
        v => Day(v) is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Year / 10}0s") : v);

    /// <summary>Postcodes, from the right one character more hidden at each level. The spaces in them do not count.</summary>
    public static GeneralisationHierarchy Postcode(string column, IReadOnlyList<string> values)
    {
        var longest = values.Select(v => Packed(v).Length).DefaultIfEmpty(0).Max();
        return Of(column, values, [.. Enumerable.Range(1, Math.Max(0, longest - 1)).Select(hidden => (Func<string, string>)(v =>
        {
            var kept = Math.Max(0, longest - hidden);
            return Packed(v) is var code && code.Length > kept ? code[..kept] + Any : code;
        }))]);
    }

    /// <summary>Countries by their two-letter code (ISO 3166-1), by continent (UN M49). What is no code is a value of its own.</summary>
    public static GeneralisationHierarchy Country(string column, IReadOnlyList<string> values) =>
        Of(column, values, v => Continents.Value.GetValueOrDefault(v.Trim().ToUpperInvariant(), v));

    /// <summary>The hierarchy that is called so.</summary>
    /// <param name="how"><c>age</c>, <c>date</c>, <c>postcode</c> or <c>country</c>; null: values are kept or hidden.</param>
    /// <exception cref="Fault">Invalid <c>fairness/bad-hierarchy</c>.</exception>
    public static GeneralisationHierarchy Named(string column, IReadOnlyList<string> values, string? how) => how switch
    {
        null => KeepOrHide(column, values),
        "age" => Age(column, values),
        "date" => Date(column, values),
        "postcode" => Postcode(column, values),
        "country" => Country(column, values),
        _ => throw new Fault(FaultKind.Invalid, "fairness/bad-hierarchy", $"A column becomes coarser as `age`, `date`, `postcode` or `country`, got `{Name.Shown($"{column}={how}")}`."),
    };

    private static Func<string, string> Band(int width) => v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var age)
        ? string.Create(CultureInfo.InvariantCulture, $"{age / width * width}-{age / width * width + width - 1}") : v;

    private static DateOnly? Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string Packed(string code) => code.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    private static Dictionary<string, string> ReadContinents()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("fairness/continents")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':', StringSplitOptions.TrimEntries))
            .SelectMany(parts => parts[1].Split(' ').Select(code => (code, parts[0])))
            .ToDictionary(p => p.code, p => p.Item2, StringComparer.Ordinal);
    }
}
