using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>Somebody who is to be reminded now.</summary>
/// <param name="Until">Exclusive; null: training is missing.</param>
/// <param name="Modules">What is due: missing, over, or over within 30 days.</param>
public sealed record TrainingReminder(string StaffId, DateTimeOffset? Until, IReadOnlyList<string> Modules);

/// <summary>How far everybody was reminded of training.</summary>
public static class TrainingReminderRows
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    private sealed record Row(string StaffId, long UntilUs, long AnchorUs, long? LastDay, long? MailedAtUs)
    {
        public TrainingReminderMark Mark => new(UntilUs == 0 ? null : Micros.ToInstant(UntilUs), Micros.ToInstant(AnchorUs), (int?)LastDay, Micros.ToInstant(MailedAtUs));
    }

    /// <summary>Who is to be reminded, each marked as reminded in this transaction: mail them in the same one. One node at a time.</summary>
    public static async ValueTask<IReadOnlyList<TrainingReminder>> TakeDueAsync(Transaction tx, CancellationToken ct)
    {
        await tx.LockJobAsync("training-reminder", ct);
        var marks = (await tx.QueryAsync<Row>("SELECT staff_id, until_us, anchor_us, last_day, mailed_at_us FROM training_reminder", null, ct)).ToDictionary(r => r.StaffId, r => r.Mark);
        var due = new List<TrainingReminder>();
        foreach (var person in await TrainingOverview.OfAllAsync(tx, ct))
        {
            var before = marks.GetValueOrDefault(person.StaffId);
            var (mark, isDue) = TrainingReminderPlan.Next(before, person.Until, tx.Now);
            if (mark != before)
            {
                await KeepAsync(tx, person.StaffId, mark, ct);
            }

            if (isDue)
            {
                due.Add(new TrainingReminder(person.StaffId, person.Until, [.. person.Modules.Where(m => m.IsRequired && (m.Until is null || m.Until <= tx.Now + Soon)).Select(m => m.Module)]));
            }
        }

        return due;
    }

    private static async ValueTask KeepAsync(Transaction tx, string staffId, TrainingReminderMark mark, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO training_reminder (staff_id, until_us, anchor_us, last_day, mailed_at_us) VALUES (@staffId, @until, @anchor, @day, @mailed)
        ON CONFLICT (staff_id) DO UPDATE SET until_us = excluded.until_us, anchor_us = excluded.anchor_us, last_day = excluded.last_day, mailed_at_us = excluded.mailed_at_us
        """,
        new { staffId, until = Micros.From(mark.Until) ?? 0, anchor = Micros.From(mark.Anchor), day = (long?)mark.LastDay, mailed = Micros.From(mark.MailedAt) }, ct);
}
