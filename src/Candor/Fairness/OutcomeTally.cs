using System.Runtime.InteropServices;
using System.Text;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>One way to divide people: by a column, or by several together.</summary>
public sealed record Grouping(IReadOnlyList<string> Columns)
{
    public string Name => string.Join(" × ", Columns);

    /// <summary>A column, or several joined with <c>*</c>; a column with a <c>*</c> in its name is quoted as <c>'a*b'</c>.</summary>
    public static Grouping Parse(string text) => new(
        text.Length > 2 && text[0] == '\'' && text[^1] == '\'' ? [text[1..^1]] : text.Split('*', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Counts decisions by group as they come. Memory grows with the number of groups, not of people.</summary>
public sealed class OutcomeTally
{
    /// <summary>Groups of one grouping, and values of one column.</summary>
    public const int MaxGroups = 1_000_000;

    private readonly ValueNames[] columns;
    private readonly GroupCells[] groupings;
    private readonly ScoreTally[]? scores;

    /// <param name="hasScores">Scores are counted too, which takes more memory.</param>
    public OutcomeTally(IReadOnlyList<Grouping> groupings, bool hasScores)
    {
        Groupings = groupings;
        Columns = [.. groupings.SelectMany(g => g.Columns).Distinct()];
        columns = [.. Columns.Select(c => new ValueNames(c))];
        this.groupings = [.. groupings.Select(g => new GroupCells(g, [.. g.Columns.Select(c => Columns.ToList().IndexOf(c))]))];
        scores = hasScores ? [.. groupings.Select(_ => new ScoreTally())] : null;
    }

    public IReadOnlyList<Grouping> Groupings { get; }

    /// <summary>All columns that a grouping names, each once.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>People counted.</summary>
    public long Count { get; private set; }

    /// <summary>The number of a value in a column, for <see cref="Add"/>. Spaces around it and the way accents are encoded make no difference; an empty one is "not given".</summary>
    public int NumberOf(int column, ReadOnlySpan<char> value) => columns[column].NumberOf(value);

    /// <summary>Counts one person.</summary>
    /// <param name="values">Their value of each of <see cref="Columns"/>, by its number.</param>
    /// <param name="score">A finite number, or null when it is not known.</param>
    public void Add(ReadOnlySpan<int> values, bool decision, bool? truth, double? score = null)
    {
        Count++;
        for (var i = 0; i < groupings.Length; i++)
        {
            var group = groupings[i].GroupOf(values);
            groupings[i].Add(group, decision, truth);
            if (score is { } s)
            {
                scores![i].Add(group, s, truth);
            }
        }
    }

    /// <summary>The groups of a grouping in the order in which they first came.</summary>
    public IReadOnlyList<(IReadOnlyList<string?> Values, OutcomeCounts Counts)> GroupsOf(int grouping) =>
        [.. groupings[grouping].All().Select(g => ((IReadOnlyList<string?>)[.. g.Values.Select((v, i) => columns[groupings[grouping].Ordinals[i]].TextOf(v))], g.Counts))];

    internal ScoreTally? ScoresOf(int grouping) => scores?[grouping];

    /// <summary>The different values of a column.</summary>
    private sealed class ValueNames(string column)
    {
        private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        private readonly List<string?> texts = [];

        public string? TextOf(int number) => texts[number];

        public int NumberOf(ReadOnlySpan<char> value) =>
            numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(value, out var number) ? number : Added(value.ToString());

        private int Added(string asWritten)
        {
            if (numbers.Count >= MaxGroups)
            {
                throw TooMany(column);
            }

            var text = asWritten.Trim();
            text = text.IsNormalized() ? text : text.Normalize(NormalizationForm.FormC);
            if (!numbers.TryGetValue(text, out var number))
            {
                number = numbers[text] = texts.Count;
                texts.Add(text.Length == 0 ? null : text);
            }

            return numbers[asWritten] = number;
        }
    }

    /// <summary>The groups of one grouping. Those of several columns are found pair by pair.</summary>
    private sealed class GroupCells(Grouping grouping, int[] ordinals)
    {
        private readonly Dictionary<long, int>[] pairs = [.. ordinals.Skip(1).Select(_ => new Dictionary<long, int>())];
        private readonly List<(int Before, int Value)>[] parts = [.. ordinals.Skip(1).Select(_ => new List<(int, int)>())];
        private readonly List<OutcomeCounts> counts = [];

        public int[] Ordinals => ordinals;

        public int GroupOf(ReadOnlySpan<int> values)
        {
            var group = values[ordinals[0]];
            for (var i = 0; i < pairs.Length; i++)
            {
                var value = values[ordinals[i + 1]];
                ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs[i], ((long)group << 32) | (uint)value, out var exists);
                if (!exists)
                {
                    pair = parts[i].Count < MaxGroups ? parts[i].Count : throw TooMany(grouping.Name);
                    parts[i].Add((group, value));
                }

                group = pair;
            }

            return group;
        }

        public void Add(int group, bool decision, bool? truth)
        {
            while (counts.Count <= group)
            {
                counts.Add(default);
            }

            ref var cell = ref CollectionsMarshal.AsSpan(counts)[group];
            cell = cell.With(decision, truth);
        }

        public IEnumerable<(int[] Values, OutcomeCounts Counts)> All() => counts.Select((c, g) => (ValuesOf(g), c));

        private int[] ValuesOf(int group)
        {
            var values = new int[ordinals.Length];
            for (var i = parts.Length - 1; i >= 0; i--)
            {
                (group, values[i + 1]) = parts[i][group];
            }

            values[0] = group;
            return values;
        }
    }

    private static Fault TooMany(string what) => new(FaultKind.Invalid, "fairness/too-many-groups",
        $"`{Name.Shown(what)}` has more than `{MaxGroups}` different values; a group is something that many people share, so name another column.");
}
