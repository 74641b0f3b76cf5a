using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>The sentences of notices and receipts in one language, from <c>Wording/&lt;language&gt;.txt</c>; or of another set of texts of the same form.</summary>
public sealed class Wording
{
    private static readonly ConcurrentDictionary<(Assembly Assembly, string Resource), Wording> Loaded = new();

    private readonly FrozenDictionary<string, string> texts;

    private Wording(string language, FrozenDictionary<string, string> texts) => (Language, this.texts) = (language, texts);

    public string Language { get; }

    /// <summary>The languages there is wording for, such as <c>de</c> and <c>en</c>.</summary>
    public static IReadOnlyList<string> Languages { get; } =
        [.. typeof(Wording).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("wording/", StringComparison.Ordinal)).Select(n => n["wording/".Length..]).Order(StringComparer.Ordinal)];

    /// <exception cref="Fault">Invalid <c>consent/no-wording</c>.</exception>
    public static Wording In(string language) => Languages.Contains(language)
        ? Of(typeof(Wording).Assembly, "wording/" + language, language)
        : throw new Fault(FaultKind.Invalid, "consent/no-wording",
            $"There is wording for {string.Join(", ", Languages.Select(l => $"`{l}`"))}, got `{Name.Shown(language)}`.");

    /// <summary>Texts that lie in an assembly under a resource's name, which must exist.</summary>
    public static Wording Of(Assembly assembly, string resource, string language) =>
        Loaded.GetOrAdd((assembly, resource), static (key, language) => Load(key.Assembly.GetManifestResourceStream(key.Resource)!, language), language);

    /// <summary>Reads texts: one a line, <c>name = text</c>; lines that start with # are notes.</summary>
    public static Wording Load(Stream stream, string language)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var texts = reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(" = ", 2))
            .ToFrozenDictionary(pair => pair[0], pair => pair[1].Normalize(NormalizationForm.FormC), StringComparer.Ordinal);
        return new Wording(language, texts);
    }

    /// <summary>The names of all texts, for checking that languages agree.</summary>
    public IEnumerable<string> Names => texts.Keys;

    /// <summary>A text with its blanks filled.</summary>
    public string Text(string name, params ReadOnlySpan<(string Blank, string Value)> values)
    {
        var template = texts[name];
        if (values.IsEmpty)
        {
            return template;
        }

        var filled = new StringBuilder(template.Length + 64);
        var at = 0;
        // One pass, so that a value which looks like a blank stays as it is.
        for (var open = template.IndexOf('{', at); open >= 0; open = template.IndexOf('{', at))
        {
            var close = template.IndexOf('}', open);
            filled.Append(template, at, open - at).Append(ValueOf(template[(open + 1)..close], values));
            at = close + 1;
        }

        return filled.Append(template, at, template.Length - at).ToString();
    }

    /// <summary>A period in words, such as <c>1 year and 6 months</c>.</summary>
    public string Period(Period period)
    {
        var parts = new List<string>(3);
        Add("year", period.Months / 12);
        Add("month", period.Months % 12);
        Add("day", period.Days);
        return List(parts);

        void Add(string unit, int count)
        {
            if (count > 0)
            {
                parts.Add(count == 1 ? Text($"period.{unit}.one") : Text($"period.{unit}.many", ("n", count.ToString(CultureInfo.InvariantCulture))));
            }
        }
    }

    /// <summary>Items as a phrase: <c>a, b and c</c>.</summary>
    public string List(IReadOnlyList<string> items) => items.Count < 2
        ? string.Concat(items)
        : Text("list.and", ("most", string.Join(", ", items.Take(items.Count - 1))), ("last", items[^1]));

    private static string ValueOf(string blank, ReadOnlySpan<(string Blank, string Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (name == blank)
            {
                return value;
            }
        }

        throw new ArgumentException($"The text has a blank {blank} that nothing fills.");
    }
}
