using System.Collections.Frozen;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>One possible answer.</summary>
public sealed record TrainingAnswer(string Text, bool IsRight);

/// <summary>One question. It is answered rightly when exactly the right answers are marked.</summary>
/// <param name="Explanation">Told with the result, whatever was answered.</param>
/// <param name="Line">Where it stands in its file, 1-based.</param>
public sealed record TrainingQuestion(string Text, IReadOnlyList<TrainingAnswer> Answers, string Explanation, int Line)
{
    /// <summary>More than one answer is right, and all of them are to be marked.</summary>
    public bool HasSeveral => Answers.Count(a => a.IsRight) > 1;
}

/// <summary>A module in one language.</summary>
/// <param name="Html">The text to read, made from Markdown without any HTML of its own.</param>
/// <param name="Hash">SHA-256 of the file, 64 hex characters: what exactly somebody was shown.</param>
public sealed record TrainingText(string Language, string Title, string Html, IReadOnlyList<TrainingQuestion> Questions, string Hash);

/// <summary>What one audience has to have passed.</summary>
/// <param name="Audience">A role, or <see cref="Everybody"/>.</param>
/// <param name="Text">Compared byte by byte; another edition has to be taken anew.</param>
public sealed record TrainingEdition(string Audience, string Text)
{
    public const string Everybody = "*";
}

/// <summary>Something that staff must know, with the questions that show it.</summary>
public sealed record TrainingModule
{
    /// <summary>Names that the pages need for themselves.</summary>
    public static readonly IReadOnlyList<string> Reserved = ["overview", "certificate"];

    public required string Id { get; init; }

    /// <summary>How long it counts after it was passed.</summary>
    public required Period Validity { get; init; }

    /// <summary>Share of the questions that must be answered rightly, in percent; 1 to 100.</summary>
    public required int PassMark { get; init; }

    /// <summary>Roles it is required for; empty: for everybody.</summary>
    public FrozenSet<string> Roles { get; init; } = [];

    /// <summary>About how long it takes; 1 to 240.</summary>
    public int Minutes { get; init; } = 10;

    public required IReadOnlyList<TrainingEdition> Editions { get; init; }

    /// <summary>By language; English is there or stands in for nothing: the first is taken where a language is missing.</summary>
    public required IReadOnlyList<TrainingText> Texts { get; init; }

    public bool IsRequiredFor(IReadOnlySet<string> roles) => Roles.Count == 0 || Roles.Overlaps(roles);

    public TrainingText In(string language) => Texts.FirstOrDefault(t => t.Language == language) ?? Texts.FirstOrDefault(t => t.Language == "en") ?? Texts[0];

    /// <summary>Does this many right answers of this many questions pass?</summary>
    public bool IsPassed(int right, int questions) => right * 100 >= PassMark * questions;
}
