using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Fairness;

/// <summary>What somebody has to be, and to say, who lets a use go on in spite of an audit.</summary>
public static class OfficerDecision
{
    /// <summary>Characters of the reason.</summary>
    public const int MinReason = 10;
    public const int MaxReason = 500;

    /// <summary>Checks who decides and why.</summary>
    /// <param name="actor">As found in this transaction.</param>
    /// <param name="roles">One of them is needed.</param>
    /// <param name="reason">In words, <see cref="MinReason"/> to <see cref="MaxReason"/> characters; about no customer.</param>
    /// <returns>Who, and the reason without blanks around it.</returns>
    /// <exception cref="Fault">Invalid <c>fairness/bad-reason</c>; Conflict <c>staff/not-allowed</c>.</exception>
    internal static (ActorState Actor, string Reason) Check(Transaction tx, ActorState? actor, IReadOnlyList<string> roles, string reason)
    {
        var words = reason.Trim();
        if (words.Length is < MinReason or > MaxReason || words.Any(c => char.IsControl(c) && c is not '\n' and not '\r'))
        {
            throw new Fault(FaultKind.Invalid, "fairness/bad-reason", $"Say in {MinReason} to {MaxReason} characters why, got `{words.Length}`.");
        }

        return actor is not null && actor.IsStaffAt(tx.Now) && roles.Any(actor.HasRole) ? (actor, words)
            : throw new Fault(FaultKind.Conflict, "staff/not-allowed", $"This needs a session of somebody with the role {string.Join(" or ", roles.Select(r => $"`{r}`"))}; sign in again.");
    }
}
