using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>One member of staff as the people page shows them.</summary>
/// <param name="Tone"><c>yes</c>, <c>wait</c> or <c>no</c>.</param>
/// <param name="IsOverBudget">They have opened as many customers in the last hour as the budget has.</param>
public sealed record PersonView(string StaffId, string Name, string Email, string State, string Tone, string Roles, string Training, string LastSeen, string Budget, bool IsOverBudget)
{
    public static PersonView Of(AdminView view, StaffChanges.Member m, ReadBudget.Use? use, int budget, DateTimeOffset now)
    {
        var (state, tone) = m.DisabledAtUs is not null ? ("disabled", "no") : m.HasFactor ? ("active", "yes") : ("not-set-up", "wait");
        var training = m.TrainingUntilUs is not { } until ? view.T("people.training.none")
            : view.T(until > Micros.From(now) ? "people.training.until" : "people.training.lapsed", ("day", view.Day(LastDay(until))));
        return new PersonView(
            m.StaffId, m.Name, m.Email ?? view.T("people.no-email"), view.T("people.state." + state), tone, view.Roles(m.RoleList), training,
            m.LastSeenUs is { } seen ? view.Time(seen) : view.T("people.never"),
            view.T(use?.Allowed > budget ? "people.budget.raised" : "people.budget", ("n", view.Number(use?.Customers ?? 0)), ("most", view.Number(use?.Allowed ?? budget))), use?.Customers >= budget);
    }

    /// <summary>The last day on which it counts.</summary>
    public static DateTimeOffset LastDay(long untilUs) => Micros.ToInstant(untilUs - 1);
}

/// <summary>All members of staff.</summary>
public sealed record AdminPeople(AdminView View, IReadOnlyList<PersonView> People);

/// <summary>One member of staff with what can be changed.</summary>
public sealed record AdminPerson(AdminView View, StaffChanges.Member Member, PersonView Person, IReadOnlyList<Proposal> Waiting);

/// <summary>Somebody new.</summary>
public sealed record AdminInvitation(AdminView View);
