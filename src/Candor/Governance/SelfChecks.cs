using Candor.Catalog;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>The owner's answers to the questions that a committee would ask.</summary>
/// <param name="Answers">One for each of <see cref="SelfChecks.Questions"/>, in their order.</param>
/// <param name="ReviewOn">First day on which the approval does not count any more.</param>
public sealed record SelfCheckWish(string Initiative, IReadOnlyList<string> Answers, DateOnly ReviewOn);

/// <summary>Decides on initiatives where there is no committee. A second person approves; where there is none, it counts after a day of waiting.</summary>
/// <remarks>The wait, and that it begins when nobody else could decide, is that of <see cref="FourEyes"/>.</remarks>
public sealed class SelfChecks(Initiatives initiatives, FourEyes eyes)
{
    public const string Kind = "initiative-self-check";

    /// <summary>What each seat of a committee asks, as the texts of the pages name it.</summary>
    public static readonly IReadOnlyList<string> Questions = ["legal", "it", "service", "marketing", "product"];

    public ProposalKind Proposed => new(Kind, CommitteeOffice.Roles, false, ApplyAsync);

    /// <summary>Hands in the answers.</summary>
    /// <param name="answers">As many as there are questions, each of 1 to <see cref="Initiatives.MaxSaid"/> characters.</param>
    /// <exception cref="Fault">Conflict <c>governance/committee-decides</c> where there is one; Invalid <c>governance/bad-answers</c> or <c>governance/bad-review-date</c>.</exception>
    public async ValueTask<Proposal> ProposeAsync(Transaction tx, CallerToken token, string id, IReadOnlyList<string> answers, DateOnly? reviewOn, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, CommitteeOffice.Roles, ct);
        var initiative = await EnterAsync(tx, id, ct);
        if (answers.Count != Questions.Count || answers.Any(string.IsNullOrWhiteSpace))
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-answers", $"Each of the `{Questions.Count}` questions has an answer of 1 to `{Initiatives.MaxSaid}` characters.");
        }

        var said = answers.Select(a => Initiatives.CheckSaid(a, isNeeded: true)!).ToList();
        Initiatives.CheckReview(tx.Now, reviewOn);
        var proposal = await eyes.ProposeAsync(tx, token, Kind, new SelfCheckWish(id, said, reviewOn!.Value), ct);
        await initiatives.StepAsync(tx, initiative, StepKind.SelfCheck, actor.LogName, actor.Session, null, string.Join("\n\n", said), ct);
        return proposal;
    }

    private async ValueTask ApplyAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<SelfCheckWish>();
        var initiative = await EnterAsync(tx, wish.Initiative, ct);
        await initiatives.ApproveAsync(tx, initiative, by, null, null, Initiatives.CheckReview(tx.Now, wish.ReviewOn), ct);
    }

    private static async ValueTask<Initiative> EnterAsync(Transaction tx, string id, CancellationToken ct)
    {
        var initiative = await Initiatives.GetLockedAsync(tx, id, ct);
        if ((await CommitteeOffice.FindAsync(tx, ct)).Mode == CommitteeMode.Committee)
        {
            throw new Fault(FaultKind.Conflict, "governance/committee-decides", "There is a committee, and it decides; a self-check counts only where there is none.");
        }

        return initiative.VotingSince(tx.Now) is not null ? initiative
            : throw new Fault(FaultKind.Conflict, "governance/not-in-this-state", $"The initiative is `{InitiativeCover.Word(initiative.StateAt(tx.Now))}`, so there is nothing to decide on.");
    }
}
