using System.Globalization;
using Candor.Kernel;

namespace Candor.Trust;

/// <summary>What one person answers: the five statements or none of them, how likely they are to recommend the business or nothing, and words or none.</summary>
public sealed record SurveyAnswer
{
    /// <summary>Highest answer on recommending; the lowest is 0.</summary>
    public const int Highest = 10;

    private SurveyAnswer(IReadOnlyList<int> statements, int? recommend, string? text) => (Statements, Recommend, Text) = (statements, recommend, text);

    /// <summary><see cref="SurveyTallies.Statements"/> answers from 1 to 5, or none.</summary>
    public IReadOnlyList<int> Statements { get; }

    /// <summary>0 to 10; null: not answered.</summary>
    public int? Recommend { get; }

    /// <summary>Without what <see cref="SurveyText"/> hides; null: nothing.</summary>
    public string? Text { get; }

    /// <summary>Takes an answer.</summary>
    /// <param name="statements">Empty, or all of them.</param>
    /// <param name="text">As <see cref="SurveyText.Of"/> left it.</param>
    /// <exception cref="Fault">Invalid: <c>trust/not-all-statements</c>, <c>trust/nothing-answered</c>, <c>trust/bad-answer</c>, <c>trust/risky-text</c>.</exception>
    public static SurveyAnswer Of(IReadOnlyList<int> statements, int? recommend, SurveyText text)
    {
        if (statements.Count is not (0 or SurveyTallies.Statements))
        {
            throw new Fault(FaultKind.Invalid, "trust/not-all-statements", $"All {SurveyTallies.Statements} statements are answered, or none; got `{statements.Count}`.");
        }

        if (statements.Any(s => s is < TrustScore.Lowest or > TrustScore.Highest) || recommend is < 0 or > Highest)
        {
            throw new Fault(FaultKind.Invalid, "trust/bad-answer", $"A statement is answered from {TrustScore.Lowest} to {TrustScore.Highest}, and how likely one is to recommend from 0 to {Highest}.");
        }

        if (text.Risky.Count > 0)
        {
            throw new Fault(FaultKind.Invalid, "trust/risky-text", "The text holds a number or a password that is never stored.");
        }

        if (text.Text is { Length: > SurveyText.MaxLength } long_)
        {
            throw new Fault(FaultKind.Invalid, "trust/bad-answer", $"A text has at most {SurveyText.MaxLength} characters; got `{long_.Length}`.");
        }

        return statements.Count == 0 && recommend is null && text.Text is null
            ? throw new Fault(FaultKind.Invalid, "trust/nothing-answered", "Nothing was answered.")
            : new SurveyAnswer([.. statements], recommend, text.Text);
    }

    /// <summary>The rows that it is counted in, without the text.</summary>
    internal IEnumerable<(SurveyKind Kind, string Answers)> Cells()
    {
        if (Statements.Count > 0)
        {
            yield return (SurveyKind.Trust, string.Concat(Statements));
        }

        if (Recommend is { } recommend)
        {
            yield return (SurveyKind.Recommend, recommend.ToString(CultureInfo.InvariantCulture));
        }
    }
}
