using Candor.Kernel;

namespace Candor.Staff;

/// <summary>One thing that is wrong in a training file.</summary>
/// <param name="Line">1-based.</param>
/// <param name="Text">What was found and what is allowed.</param>
public sealed record TrainingMistake(string File, int Line, string Text)
{
    public override string ToString() => $"{File}:{Line}: {Text}";
}

/// <summary>All mistakes of the training files, gathered so that they can be mended at once.</summary>
internal sealed class TrainingMistakes
{
    private readonly List<TrainingMistake> found = [];

    public IReadOnlyList<TrainingMistake> Found => found;

    public void Add(string file, int line, string text) => found.Add(new TrainingMistake(file, line, text));

    /// <exception cref="Fault">Invalid <c>staff/training-mistakes</c>: one line for each.</exception>
    public void ThrowIfAny()
    {
        if (found.Count > 0)
        {
            throw new Fault(FaultKind.Invalid, "staff/training-mistakes", string.Join('\n', found));
        }
    }
}
