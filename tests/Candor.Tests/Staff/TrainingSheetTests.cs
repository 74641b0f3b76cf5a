using Candor.Kernel;
using Candor.Staff;
using CsCheck;

namespace Candor.Tests.Staff;

/// <summary>Every sheet asks everything once, in an order of its own, and is graded by what was marked and not by where it stood.</summary>
public sealed class TrainingSheetTests
{
    private static readonly Gen<string> Sheets = Choice.Of("0123456789abcdef".ToCharArray()).Array[TrainingSheet.IdLength].Select(c => new string(c));

    private static readonly Gen<TrainingQuestion> Questions = Gen.Bool.Array[2, 8].Where(r => r.Contains(true) && r.Contains(false))
        .Select(rights => new TrainingQuestion("?", [.. rights.Select((r, i) => new TrainingAnswer($"a{i}", r))], "!", 1));

    [Fact]
    public void Every_question_and_answer_stands_on_the_sheet_once() => Gen.Select(Sheets, Questions.Array[1, 12]).Sample((sheet, questions) =>
    {
        var order = TrainingSheet.Order(sheet, questions);
        Assert.Equal(Enumerable.Range(0, questions.Length), order.Select(q => q.Question).Order());
        Assert.All(order, q => Assert.Equal(Enumerable.Range(0, questions[q.Question].Answers.Count), q.Answers.Order()));
        Assert.Equal(order.SelectMany(q => q.Answers), TrainingSheet.Order(sheet, questions).SelectMany(q => q.Answers));
    });

    [Fact]
    public void A_question_is_right_when_exactly_the_right_answers_are_marked() => Gen.Select(Sheets, Questions.Array[1, 12], Gen.Int).Sample((sheet, questions, seed) =>
    {
        var (order, chance) = (TrainingSheet.Order(sheet, questions), new Random(seed));
        var marked = order.Select(q => (IReadOnlyList<int>)[.. Enumerable.Range(0, q.Answers.Count).Where(_ => chance.Next(2) == 0).DefaultIfEmpty(0)]).ToList();
        var answers = SheetAnswers.Decode(new SheetAnswers(marked).Encode());
        var graded = TrainingSheet.Grade(sheet, questions, answers);
        for (var i = 0; i < order.Count; i++)
        {
            var question = questions[order[i].Question];
            var isRight = Enumerable.Range(0, order[i].Answers.Count).All(p => question.Answers[order[i].Answers[p]].IsRight == marked[i].Contains(p));
            Assert.Equal(isRight, graded[i]);
        }
    });

    [Fact]
    public void Orders_differ_between_sheets()
    {
        var questions = Enumerable.Range(0, 8).Select(i => new TrainingQuestion($"{i}", [new("a", true), new("b", false), new("c", false)], "!", 1)).ToList();
        var orders = Enumerable.Range(0, 200).Select(i => string.Join(' ', TrainingSheet.Order(i.ToString("x32", null), questions).Select(q => $"{q.Question}{string.Concat(q.Answers)}"))).ToHashSet();
        Assert.Equal(200, orders.Count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0;")]
    [InlineData("0;3")]
    [InlineData("0;-1")]
    [InlineData("0;0;0")]
    public void A_sheet_with_gaps_or_marks_beside_the_boxes_is_refused(string answers)
    {
        TrainingQuestion[] questions = [new("1", [new("a", true), new("b", false)], "!", 1), new("2", [new("a", true), new("b", false)], "!", 1)];
        Assert.Equal("staff/bad-answers", Assert.Throws<Fault>(() => TrainingSheet.Grade(new string('0', 32), questions, SheetAnswers.Decode(answers))).What);
    }
}
