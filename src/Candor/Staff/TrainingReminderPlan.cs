namespace Candor.Staff;

/// <summary>How far somebody was reminded.</summary>
/// <param name="Until">The end that this is about; null: training is missing.</param>
/// <param name="Anchor">From where days are counted: the end, or when it was first noticed that training is missing.</param>
/// <param name="LastDay">The last day of the plan that was mailed, relative to the anchor; null for none.</param>
/// <param name="MailedAt">The last mail, about this end or one before it.</param>
public sealed record TrainingReminderMark(DateTimeOffset? Until, DateTimeOffset Anchor, int? LastDay, DateTimeOffset? MailedAt);

/// <summary>When a member of staff is reminded of training. Pure: no clock, no storage.</summary>
/// <remarks>30, 7 and 1 days before it ends, when it has ended, and then once a week three times. What is missing altogether is asked for after a day and then weekly, three times. A step that was missed is
/// not made up for, at most one mail goes out in 24 hours, and none after the training is done.</remarks>
public static class TrainingReminderPlan
{
    /// <summary>Days relative to the end.</summary>
    public static readonly IReadOnlyList<int> Days = [-30, -7, -1, 0, 7, 14, 21];

    private static readonly IReadOnlyList<int> DaysWhenMissing = [1, 8, 15, 22];

    public static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    /// <summary>What to keep, and whether a mail goes out now.</summary>
    /// <param name="mark">What was kept the last time; null for the first.</param>
    /// <param name="until">Exclusive end of the training as it stands now; null: missing.</param>
    public static (TrainingReminderMark Mark, bool IsDue) Next(TrainingReminderMark? mark, DateTimeOffset? until, DateTimeOffset now)
    {
        var kept = mark is not null && mark.Until == until ? mark : new TrainingReminderMark(until, until ?? now, null, mark?.MailedAt);
        var day = (until is null ? DaysWhenMissing : Days).Cast<int?>().LastOrDefault(d => kept.Anchor.AddDays(d!.Value) <= now);
        return day is null || day <= kept.LastDay || kept.MailedAt + Pause > now
            ? (kept, false)
            : (kept with { LastDay = day, MailedAt = now }, true);
    }
}
