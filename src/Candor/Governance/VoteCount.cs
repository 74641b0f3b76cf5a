namespace Candor.Governance;

/// <summary>The vote of one member that counts.</summary>
public sealed record Ballot(CommitteeSeat Member, StepKind Vote, string? Reason, DateTimeOffset At);

/// <summary>The votes of one round, counted. Pure.</summary>
/// <param name="Entitled">Who may vote: everybody with a seat, an account and the role, and no conflict of interest declared in this round.</param>
/// <param name="Conflicted">Who declared a conflict of interest; their vote is void and they do not count for the quorum.</param>
/// <param name="Ballots">The newest vote of each who may vote.</param>
/// <param name="Quorum">Votes that are needed, abstentions among them.</param>
public sealed record VoteCount(IReadOnlyList<CommitteeSeat> Entitled, IReadOnlyList<CommitteeSeat> Conflicted, IReadOnlyList<Ballot> Ballots, int Quorum)
{
    /// <summary>How long those who have not voted may still do so before a decision goes without them.</summary>
    public static readonly TimeSpan VotingLasts = TimeSpan.FromHours(72);

    public int Yes => Ballots.Count(b => b.Vote == StepKind.VoteYes);

    public int No => Ballots.Count(b => b.Vote == StepKind.VoteNo);

    public int Abstained => Ballots.Count(b => b.Vote == StepKind.VoteAbstain);

    public bool HasQuorum => Quorum > 0 && Ballots.Count >= Quorum;

    public bool AllVoted => Ballots.Count == Entitled.Count;

    /// <summary>More said yes than no. A tie is a no.</summary>
    public bool IsYes => Yes > No;

    /// <summary>It can be decided: there are enough votes, and everybody has voted or had three days for it.</summary>
    public bool CanDecide(DateTimeOffset since, DateTimeOffset now) => HasQuorum && (AllVoted || since + VotingLasts <= now);

    /// <summary>Counts the steps of a round.</summary>
    /// <param name="able">Staff ids of those whose account and role still let them vote.</param>
    public static VoteCount Of(CommitteeSetup setup, IReadOnlySet<string> able, IEnumerable<InitiativeStep> steps, long round)
    {
        var ofRound = steps.Where(s => s.Round == round).OrderBy(s => s.Position).ToList();
        var conflicted = setup.Seats.Where(m => ofRound.Any(s => s.Kind == StepKind.Conflict && s.StaffId == m.StaffId)).ToList();
        var entitled = setup.Seats.Where(m => able.Contains(m.StaffId)).Except(conflicted).ToList();
        var ballots =
            from member in entitled
            let last = ofRound.LastOrDefault(s => s.StaffId == member.StaffId && s.Kind is StepKind.VoteYes or StepKind.VoteNo or StepKind.VoteAbstain)
            where last is not null
            select new Ballot(member, last.Kind, last.Said, last.At);
        return new VoteCount(entitled, conflicted, [.. ballots], setup.Quorum);
    }
}
