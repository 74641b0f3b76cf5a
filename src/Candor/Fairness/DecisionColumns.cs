using Candor.Kernel;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Candor.Fairness;

/// <summary>Which column of a file of decisions is what.</summary>
/// <param name="Decision">What was decided.</param>
/// <param name="DecisionYes">The value that means yes, everything else being no; 1, true and yes unless set.</param>
/// <param name="Truth">What was right, where it is known; null when the file does not say.</param>
/// <param name="TruthYes">As <paramref name="DecisionYes"/>.</param>
/// <param name="Score">The number that the decision was made from; null when the file does not say.</param>
/// <param name="Groups">A column each, or several joined with <c>*</c> for their intersection. At least one.</param>
public sealed record DecisionColumns(string Decision, string? DecisionYes, string? Truth, string? TruthYes, string? Score, IReadOnlyList<string> Groups)
{
    public IReadOnlyList<Grouping> Groupings => [.. Groups.Select(Grouping.Parse)];

    /// <exception cref="Fault">Invalid <c>fairness/bad-columns</c>.</exception>
    public static DecisionColumns Read(string yaml, string fileName)
    {
        try
        {
            var document = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<Document?>(yaml);
            return document is { Decision: { Length: > 0 } decision, Groups: { Count: > 0 } groups } && groups.All(g => g is { Length: > 0 })
                ? new DecisionColumns(decision, document.DecisionYes, document.Truth, document.TruthYes, document.Score, groups)
                : throw Wrong(fileName, 1, "`decision` and at least one of `groups` are needed");
        }
        catch (YamlException e)
        {
            throw Wrong(fileName, e.Start.Line, (e.InnerException?.Message ?? e.Message).TrimEnd('.'));
        }
    }

    private static Fault Wrong(string file, long line, string what) =>
        new(FaultKind.Invalid, "fairness/bad-columns", $"{file}:{line}: {what}; allowed are `decision`, `decisionYes`, `truth`, `truthYes`, `score` and `groups`. docs/fairness.md has an example.");

    private sealed class Document
    {
        public string? Decision { get; set; }

        public string? DecisionYes { get; set; }

        public string? Truth { get; set; }

        public string? TruthYes { get; set; }

        public string? Score { get; set; }

        public List<string>? Groups { get; set; }
    }
}
