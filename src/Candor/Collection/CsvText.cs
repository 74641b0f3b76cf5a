using System.Globalization;
using System.Text;

namespace Candor.Collection;

/// <summary>Values in a CSV file that somebody opens in a spreadsheet.</summary>
public static class CsvText
{
    /// <summary>A table: the header as it is, then the rows with their values escaped. Lines end as RFC 4180 has them.</summary>
    public static string Table(string header, IEnumerable<IEnumerable<string>> rows)
    {
        var text = new StringBuilder(header).Append("\r\n");
        foreach (var row in rows)
        {
            text.AppendJoin(',', row.Select(Escape)).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>Quoted where needed; a text that a spreadsheet would take for a formula gets an apostrophe (OWASP: CSV injection).</summary>
    public static string Escape(string text)
    {
        var safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) && !decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _) ? "'" + text : text;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
