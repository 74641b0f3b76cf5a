using Candor.Catalog;
using Candor.Governance;
using Candor.Server.Pages.Admin;

namespace Candor.Server.Pages.Governance;

/// <summary>One initiative in a list.</summary>
/// <param name="Tone"><c>yes</c>, <c>wait</c> or <c>no</c>.</param>
public sealed record InitiativeLine(string Id, string Title, string State, string Tone, string By, string When);

/// <summary>A purpose of the catalog, and what its use rests on.</summary>
/// <param name="Initiative">Id to link to; null for none.</param>
public sealed record GroundView(string Purpose, string Ground, string? Initiative, string Until, bool IsLive);

/// <summary>All initiatives, and what the purposes in use rest on.</summary>
public sealed record InitiativeList(AdminView View, IReadOnlyList<InitiativeLine> Waiting, IReadOnlyList<InitiativeLine> Decided, IReadOnlyList<GroundView> Grounds, string Mode);

/// <summary>The form for an initiative, new or still a draft.</summary>
/// <param name="Id">Null for a new one.</param>
public sealed record InitiativeEdit(AdminView View, string? Id, InitiativeForm Form, IReadOnlyList<(string Id, string Label)> Purposes);

/// <summary>One step in the history of an initiative.</summary>
/// <param name="Said">Words, where they are for people.</param>
public sealed record StepView(string What, string By, string When, string? Said);

/// <summary>A purpose as an initiative would have it.</summary>
public sealed record UseView(string Title, IReadOnlyList<FactView> Facts);

/// <summary>One initiative, with what its reader may do about it.</summary>
/// <param name="Changes">What its catalog text changes.</param>
/// <param name="Uses">The purposes that are new or wider, as they would be.</param>
/// <param name="MayCheck">The reader may fill in the self-check.</param>
/// <param name="MayApply">It is approved, its text is not the catalog that counts, and the reader may make it so.</param>
public sealed record InitiativeShown(
    AdminView View, Initiative Initiative, InitiativeLine Line, IReadOnlyList<FactView> Facts, IReadOnlyList<CatalogChange> Changes, IReadOnlyList<UseView> Uses, VoteView? Votes, IReadOnlyList<StepView> Steps,
    bool IsOwn, bool IsVoting, bool IsSeated, bool MayCheck, bool MayBeginReview, bool MayApply, string? Waiting);

/// <summary>The votes of a round.</summary>
/// <param name="Others">Who may vote and has not.</param>
public sealed record VoteView(string Summary, IReadOnlyList<StepView> Ballots, IReadOnlyList<string> Others, IReadOnlyList<string> Conflicted);

/// <summary>The page on which a member of the committee votes and decides.</summary>
/// <param name="CanDecide">There are votes enough.</param>
/// <param name="Outcome">What the votes say.</param>
public sealed record InitiativeVote(AdminView View, Initiative Initiative, VoteView Votes, bool IsConflicted, bool IsReview, bool CanDecide, bool IsYes, string Outcome, string Earliest, string NextYear);

/// <summary>The self-check of the owner.</summary>
public sealed record SelfCheckPageView(AdminView View, Initiative Initiative, string Earliest, string NextYear);

/// <summary>The committee and how it decides.</summary>
/// <param name="Seats">Name of the seat, and of who has it.</param>
public sealed record CommitteeShown(AdminView View, CommitteeSetup Setup, IReadOnlyList<FactView> Seats, bool MayChange);

/// <summary>The form that changes it.</summary>
/// <param name="Seats">Name of each seat and the staff id of who has it; empty for nobody.</param>
/// <param name="People">Who could have a seat.</param>
public sealed record CommitteeEdit(AdminView View, CommitteeSetup Setup, IReadOnlyList<(string Name, string StaffId)> Seats, IReadOnlyList<(string Id, string Name)> People);
