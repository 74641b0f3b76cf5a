using System.Collections.Frozen;

namespace Candor.Catalog;

/// <summary>A text in the languages of the catalog.</summary>
public sealed class LocalizedText : IEquatable<LocalizedText>
{
    private readonly FrozenDictionary<string, string> texts;
    private readonly string fallback;

    internal LocalizedText(IReadOnlyList<KeyValuePair<string, string>> texts)
    {
        this.texts = texts.ToFrozenDictionary(StringComparer.Ordinal);
        fallback = texts[0].Value;
    }

    /// <summary>Languages that it was given in; empty key for a text without language.</summary>
    public IEnumerable<string> Languages => texts.Keys;

    /// <summary>The text in a language (ISO 639-1), or in the first one given when that language is missing.</summary>
    public string In(string language) => texts.TryGetValue(language, out var text) ? text : fallback;

    /// <summary>The same on one line: where it stands in a document it begins no heading of its own.</summary>
    public string OnOneLine(string language) => string.Join(' ', In(language).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public bool Equals(LocalizedText? other) => other is not null && texts.Count == other.texts.Count && texts.All(t => other.texts.TryGetValue(t.Key, out var text) && text == t.Value);

    public override bool Equals(object? obj) => Equals(obj as LocalizedText);

    public override int GetHashCode() => fallback.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => fallback;
}
