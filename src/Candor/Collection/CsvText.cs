using System.Globalization;

namespace Candor.Collection;

/// <summary>Values in a CSV file that somebody opens in a spreadsheet.</summary>
public static class CsvText
{
    /// <summary>Quoted where needed; a text that a spreadsheet would take for a formula gets an apostrophe (OWASP: CSV injection).</summary>
    public static string Escape(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) && !decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _) ? "'" + text : text;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
