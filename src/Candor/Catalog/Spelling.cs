namespace Candor.Catalog;

/// <summary>Lists of names in messages, and the name that was probably meant.</summary>
internal static class Spelling
{
    /// <summary>Names that one message lists; past it a list helps nobody.</summary>
    private const int MaxListed = 40;

    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MaxListed).Select(n => $"`{n}`")) + (names.Count > MaxListed ? $" and {names.Count - MaxListed} more" : "");

    /// <summary>" Did you mean …?" when one allowed name is at most two edits away; else nothing.</summary>
    public static string Nearest(string found, IEnumerable<string> allowed)
    {
        var best = allowed.Select(a => (Name: a, Distance: Distance(found, a))).OrderBy(a => a.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= 2 && best.Distance < found.Length ? $" Did you mean `{best.Name}`?" : "";
    }

    /// <summary>Levenshtein distance, ignoring case; no more than three matters.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
        {
            return int.MaxValue;
        }

        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (previous, diagonal) = (i, i - 1);
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                (previous, diagonal, row[j - 1]) = (Math.Min(Math.Min(row[j], previous) + 1, diagonal + (same ? 0 : 1)), row[j], previous);
            }

            row[b.Length] = previous;
        }

        return row[b.Length];
    }
}
