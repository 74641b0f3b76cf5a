using Candor.Staff;

namespace Candor.Tests.Staff;

/// <summary>Fills in sheets as somebody does who knows so much and no more.</summary>
internal static class SheetFilling
{
    /// <param name="right">So many of the first questions are answered rightly, the rest wrongly.</param>
    public static SheetAnswers Of(string sheet, IReadOnlyList<TrainingQuestion> questions, int right) => new(
        [.. TrainingSheet.Order(sheet, questions).Select((q, i) => (IReadOnlyList<int>)[.. Enumerable.Range(0, q.Answers.Count).Where(a => questions[q.Question].Answers[q.Answers[a]].IsRight == (i < right))])]);
}
