using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>A question as it stands on a sheet.</summary>
/// <param name="Question">Its place in the module.</param>
/// <param name="Answers">The places of its answers in the module, in the order of the sheet.</param>
public sealed record SheetQuestion(int Question, IReadOnlyList<int> Answers);

/// <summary>What was marked: for each question of the sheet, in its order, the marked places of the sheet, ascending.</summary>
public sealed record SheetAnswers(IReadOnlyList<IReadOnlyList<int>> Marked)
{
    /// <summary>As it is kept for a day: <c>0,2;1;3</c>.</summary>
    internal string Encode() => string.Join(';', Marked.Select(m => string.Join(',', m)));

    internal static SheetAnswers Decode(string text) => new([.. text.Split(';').Select(m => (IReadOnlyList<int>)[.. m.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)])]);
}

/// <summary>The order of questions and answers of one attempt, which follows from the sheet's id. Pure.</summary>
public static class TrainingSheet
{
    /// <summary>Length of a sheet's id: 128 random bits in hex.</summary>
    public const int IdLength = 32;

    public static bool IsId(string? text) => text is { Length: IdLength } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Every question once, each with every answer once.</summary>
    public static IReadOnlyList<SheetQuestion> Order(string sheet, IReadOnlyList<TrainingQuestion> questions) =>
        [.. Shuffled(questions.Count, sheet).Select(q => new SheetQuestion(q, [.. Shuffled(questions[q].Answers.Count, $"{sheet}/{q}")]))];

    /// <summary>Right or not, for each question in the order of the sheet: right when exactly the right answers are marked.</summary>
    /// <exception cref="Fault">Invalid <c>staff/bad-answers</c>: not every question is answered, or something is marked that is not there.</exception>
    public static IReadOnlyList<bool> Grade(string sheet, IReadOnlyList<TrainingQuestion> questions, SheetAnswers answers)
    {
        var order = Order(sheet, questions);
        if (answers.Marked.Count != order.Count || order.Zip(answers.Marked).Any(p => p.Second.Count == 0 || p.Second.Any(m => m < 0 || m >= p.First.Answers.Count)))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-answers", "Every question needs an answer; go back to the questions and mark one or more of what is offered for each.");
        }

        return
        [
            .. order.Zip(answers.Marked).Select(p => p.Second.Select(m => p.First.Answers[m]).ToHashSet()
                .SetEquals(Enumerable.Range(0, p.First.Answers.Count).Where(a => questions[p.First.Question].Answers[a].IsRight))),
        ];
    }

    /// <summary>0 to <paramref name="count"/> - 1 in an order that the seed decides: sorted by SHA-256 of seed and number.</summary>
    private static IEnumerable<int> Shuffled(int count, string seed) => Enumerable.Range(0, count)
        .OrderBy(i => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{i}"))));
}
