using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>What a customer was sent before, as far as it counts for the next time.</summary>
/// <param name="SentAt">The last reminder of any kind.</param>
/// <param name="RefusalsAskedAt">The last one that asked again about what was refused.</param>
/// <param name="ExpiryAskedAt">The last one that asked about consents that run out.</param>
internal sealed record ReminderState(DateTimeOffset? SentAt = null, DateTimeOffset? RefusalsAskedAt = null, DateTimeOffset? ExpiryAskedAt = null)
{
    public ReminderState After(ReminderMail mail, DateTimeOffset now) => new(
        now, mail.Ask.Count > 0 ? now : RefusalsAskedAt, mail.Template == TemplateBlanks.ConsentExpiring ? now : ExpiryAskedAt);
}

/// <summary>One mail for everything that is due.</summary>
/// <param name="Expiring">Consents that run out soon.</param>
/// <param name="Ask">Refusals that may be asked about again.</param>
internal sealed record ReminderMail(string Template, IReadOnlyList<PurposeId> Expiring, IReadOnlyList<PurposeId> Ask);

/// <summary>When a customer is reminded, and of what. Pure: no clock, no storage.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>What is on is reminded of after <c>remindEvery</c>, counted from the choice or from the last mail of any kind, whichever is later. A mail names all that is on, so one is enough for all.</item>
/// <item>A consent that runs out is asked about once: 30 days before, or when half of its time is over if that is later.</item>
/// <item>A refusal is asked about after <c>askAgainAfter</c>, counted from the refusal or from the last time it was asked about; never without it. It goes with the next reminder where there is one to come. What
/// was withdrawn is not asked about by mail.</item>
/// </list>
/// </remarks>
internal static class ReminderPlan
{
    /// <summary>How long before its end a consent is asked about.</summary>
    public static readonly TimeSpan BeforeExpiry = TimeSpan.FromDays(30);

    /// <summary>The purposes resting on consent that count now.</summary>
    public static IReadOnlySet<PurposeId> On(ActiveCatalog catalog, IReadOnlyList<Choice> choices, CustomerId customer, DateTimeOffset now) => choices
        .Where(c => c.State == ConsentState.Given && catalog.Catalog.Purposes.TryGetValue(c.Purpose, out var purpose) && purpose is { Active: true, Basis: LegalBasis.Consent }
            && Permit.WhyNotThisCustomer(purpose, new CustomerState(customer, c, catalog.ConsentSince.GetValueOrDefault(c.Purpose), IsRestricted: false), now) is null)
        .Select(c => c.Purpose).ToHashSet();

    /// <summary>True when this was refused and <c>askAgainAfter</c> is over.</summary>
    public static bool MayAsk(ActiveCatalog catalog, IReadOnlyList<Choice> choices, PurposeId purpose, DateTimeOffset now) =>
        choices.FirstOrDefault(c => c.Purpose == purpose) is { } choice && AskAt(catalog, choice, null) <= now;

    /// <summary>The next instant at which something is due; null: never.</summary>
    public static DateTimeOffset? Next(ActiveCatalog catalog, IReadOnlyList<Choice> choices, CustomerId customer, ReminderState state, DateTimeOffset now)
    {
        var counting = On(catalog, choices, customer, now);
        var reminders = Reminders(catalog, choices, counting, state).ToList();
        var all = reminders.Concat(Expiries(choices, counting, state).Select(e => e.At));
        return (reminders.Count > 0 ? all : all.Concat(choices.Select(c => AskAloneAt(catalog, c, state)).OfType<DateTimeOffset>())).Cast<DateTimeOffset?>().Min();
    }

    /// <summary>The mail that is due now; null when none is.</summary>
    public static ReminderMail? At(ActiveCatalog catalog, IReadOnlyList<Choice> choices, CustomerId customer, ReminderState state, DateTimeOffset now)
    {
        if (!(Next(catalog, choices, customer, state, now) <= now))
        {
            return null;
        }

        var counting = On(catalog, choices, customer, now);
        PurposeId[] expiring = [.. Expiries(choices, counting, state).Where(e => e.At <= now).Select(e => e.Purpose)];
        PurposeId[] ask = [.. choices.Where(c => AskAt(catalog, c, state.RefusalsAskedAt) <= now).Select(c => c.Purpose)];
        var template = expiring.Length > 0 ? TemplateBlanks.ConsentExpiring
            : Reminders(catalog, choices, counting, state).Any(r => r <= now) ? TemplateBlanks.Reminder : TemplateBlanks.AskAgain;
        return new ReminderMail(template, expiring, ask);
    }

    private static IEnumerable<DateTimeOffset> Reminders(ActiveCatalog catalog, IReadOnlyList<Choice> choices, IReadOnlySet<PurposeId> counting, ReminderState state) =>
        from choice in choices
        where counting.Contains(choice.Purpose)
        let every = catalog.Catalog.Purposes[choice.Purpose].RemindEvery
        where every is not null
        select every.After(Later(Micros.ToInstant(choice.ChangedAtUs), state.SentAt));

    private static IEnumerable<(PurposeId Purpose, DateTimeOffset At)> Expiries(IReadOnlyList<Choice> choices, IReadOnlySet<PurposeId> counting, ReminderState state) =>
        from choice in choices
        where counting.Contains(choice.Purpose) && choice.ExpiresAtUs is not null
        let end = Micros.ToInstant(choice.ExpiresAtUs!.Value)
        let begin = Micros.ToInstant(choice.ChangedAtUs)
        let at = Later(begin + ((end - begin) / 2), end - BeforeExpiry)
        where !(state.ExpiryAskedAt >= at)
        select (choice.Purpose, at);

    private static DateTimeOffset? AskAt(ActiveCatalog catalog, Choice choice, DateTimeOffset? askedAt) =>
        choice.State == ConsentState.Refused && catalog.Catalog.Purposes.TryGetValue(choice.Purpose, out var purpose) && purpose is { Active: true, Basis: LegalBasis.Consent }
            ? purpose.AskAgainAfter?.After(Later(Micros.ToInstant(choice.ChangedAtUs), askedAt))
            : null;

    /// <summary>A mail of its own counts from the last mail of any kind.</summary>
    private static DateTimeOffset? AskAloneAt(ActiveCatalog catalog, Choice choice, ReminderState state) =>
        AskAt(catalog, choice, state.SentAt is { } sent ? Later(sent, state.RefusalsAskedAt) : state.RefusalsAskedAt);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;
}
