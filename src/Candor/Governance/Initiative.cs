using Candor.Kernel;

namespace Candor.Governance;

/// <summary>How an initiative stands.</summary>
public enum InitiativeState
{
    /// <summary>Its proposer still writes on it.</summary>
    Draft,
    /// <summary>Its words are fixed; it is discussed and decided on.</summary>
    Open,
    Approved,
    ApprovedWithConditions,
    Rejected,
    /// <summary>Taken back by its proposer before it was decided on.</summary>
    Withdrawn,
    /// <summary>It was approved, and the date of its review has come: nothing that rests on it is used until it is confirmed.</summary>
    DueForReview,
    /// <summary>It was approved, and a review ended it.</summary>
    Ended,
}

/// <summary>What happened to an initiative.</summary>
public enum StepKind
{
    Proposed,
    Revised,
    Opened,
    Comment,
    Conflict,
    VoteYes,
    VoteNo,
    VoteAbstain,
    SelfCheck,
    Approved,
    Rejected,
    ReviewBegun,
    Confirmed,
    Ended,
    Withdrawn,
    /// <summary>A version of the catalog that rests on it counts.</summary>
    Applied,
}

/// <summary>A proposed new use in plain words, as somebody fills it in.</summary>
/// <param name="Data">Which data it needs.</param>
/// <param name="Helps">Whom it helps, and how.</param>
/// <param name="Harms">Who could be hurt, and how.</param>
/// <param name="Purpose">The purpose of the catalog that is to be decided on as it stands; null for none.</param>
/// <param name="CatalogText">The catalog as it would be; null for none. Only an initiative that has it covers another catalog.</param>
public sealed record InitiativeForm(string Title, string What, string Why, string Data, string Helps, string Harms, string? Purpose, string? CatalogText)
{
    public const int MaxTitle = 120;
    public const int MaxText = 4_000;

    /// <summary>The form with blanks at the ends taken off.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-initiative</c>, naming the part.</exception>
    public InitiativeForm Checked()
    {
        Check("title", Title, MaxTitle);
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("what", What), ("why", Why), ("data", Data), ("helps", Helps), ("harms", Harms)])
        {
            Check(name, text, MaxText);
        }

        return new InitiativeForm(
            Title.Trim(), What.Trim(), Why.Trim(), Data.Trim(), Helps.Trim(), Harms.Trim(),
            string.IsNullOrWhiteSpace(Purpose) ? null : Purpose.Trim(), string.IsNullOrWhiteSpace(CatalogText) ? null : CatalogText.ReplaceLineEndings("\n"));
    }

    private static void Check(string name, string text, int most)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > most)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-initiative", $"The part `{name}` has 1 to `{most}` characters; got `{text.Trim().Length}`.");
        }
    }
}

/// <summary>A proposed new use of data, or less of one, from its first words to its last review.</summary>
/// <param name="BasedOn">The version of the catalog that <see cref="InitiativeForm.CatalogText"/> is compared with.</param>
/// <param name="ProposedBy">Staff id.</param>
/// <param name="State">As it was last decided; <see cref="StateAt"/> looks at the date of the review too.</param>
/// <param name="Round">1 until the first decision, 2 until the first review is decided, and so on; each has votes of its own.</param>
/// <param name="RoundBegunAt">Since when this round is voted on; null before it begins.</param>
/// <param name="ReviewAt">Exclusive end of the approval.</param>
public sealed record Initiative(
    string Id, InitiativeForm Form, long BasedOn, string ProposedBy, DateTimeOffset CreatedAt, InitiativeState State, long Round, DateTimeOffset? RoundBegunAt, DateTimeOffset? DecidedAt,
    string? Conditions, DateTimeOffset? ReviewAt)
{
    /// <summary>It was approved and neither ended; its review may be due.</summary>
    public bool WasApproved => State is InitiativeState.Approved or InitiativeState.ApprovedWithConditions;

    public InitiativeState StateAt(DateTimeOffset now) => WasApproved && ReviewAt <= now ? InitiativeState.DueForReview : State;

    public bool IsLive(DateTimeOffset now) => WasApproved && ReviewAt > now;

    /// <summary>Since when its votes count; null when there is nothing to vote on.</summary>
    public DateTimeOffset? VotingSince(DateTimeOffset now) => State == InitiativeState.Open || WasApproved ? RoundBegunAt ?? (ReviewAt <= now ? ReviewAt : null) : null;
}

/// <summary>One thing that happened.</summary>
/// <param name="By">As the log names who did it.</param>
/// <param name="Seat">The seat they had in the committee then; null for none.</param>
public sealed record InitiativeStep(long Position, long Round, StepKind Kind, string By, string? Seat, string? Said, DateTimeOffset At)
{
    /// <summary>Staff id of who did it; null for commands and for Candor itself.</summary>
    public string? StaffId => By.StartsWith("staff:", StringComparison.Ordinal) ? By["staff:".Length..] : null;
}
