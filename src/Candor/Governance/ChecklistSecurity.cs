using Candor.Audit;
using Candor.Backup;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Are accounts, keys and backups in order?</summary>
internal static class ChecklistSecurity
{
    /// <summary>An API key that was not used for so many days is probably not needed.</summary>
    private const int IdleKeyDays = 90;

    /// <summary>Without a schedule a backup is expected every two days.</summary>
    private const double PlainDays = 2;
    private const int LateFactor = 3;

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("two-factors", ChecklistArea.Security, "/admin/people", FactorsAsync),
        new("training", ChecklistArea.Security, "/staff/training/overview", TrainingAsync),
        new("keys-in-use", ChecklistArea.Security, "/admin/keys", KeysAsync),
        new("root-key", ChecklistArea.Security, "/admin/encryption", RootKeyAsync),
        new("old-keys", ChecklistArea.Security, "/admin/encryption", OldKeysAsync),
        new("backups", ChecklistArea.Security, "/admin/backups", BackupsAsync),
    ];

    private static async ValueTask<ChecklistFinding> FactorsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var people = (await StaffChanges.PeopleAsync(tx, ct)).Where(p => p.DisabledAtUs is null).ToList();
        return people.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(people.Count(p => p.HasFactor), people.Count);
    }

    private static async ValueTask<ChecklistFinding> TrainingAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var people = await TrainingOverview.OfAllAsync(tx, ct);
        return people.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(people.Count(p => p.IsTrained(tx.Now)), people.Count);
    }

    private static async ValueTask<ChecklistFinding> KeysAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var live = (await from.Access.KeysAsync(tx, ct)).Where(k => k.IsLive(tx.NowUs)).ToList();
        var since = tx.Now.AddDays(-IdleKeyDays);
        return live.Count == 0 ? ChecklistFinding.DoesNotApply()
            : ChecklistFinding.OfShare(live.Count(k => k.LastUsedDay >= ApiKeys.DayOf(since) || k.CreatedAtUs >= Micros.From(since)), live.Count);
    }

    private static ValueTask<ChecklistFinding> RootKeyAsync(Transaction tx, ChecklistSources from, CancellationToken ct) =>
        ValueTask.FromResult(from.IsRootKeyApart() ? ChecklistFinding.Of(ChecklistAnswer.Yes, "") : ChecklistFinding.Of(ChecklistAnswer.No, "beside"));

    private static async ValueTask<ChecklistFinding> OldKeysAsync(Transaction tx, ChecklistSources from, CancellationToken ct) =>
        ChecklistFinding.OfWaiting((await from.Backups.DestroyableAsync(tx, ct)).Count, isTooLong: false);

    private static async ValueTask<ChecklistFinding> BackupsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (await BackupRows.LastAsync(tx, ct) is not { } last)
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var days = last.Every is { } every ? 2 * Period.Parse(every).ApproximateDays : PlainDays;
        return ChecklistFinding.OfAge(tx.Now - last.BeganAt, (int)Math.Ceiling(days), (int)Math.Ceiling(LateFactor * days));
    }
}

/// <summary>Is the log whole, seen by somebody outside, and does anybody look at what stands in it?</summary>
internal static class ChecklistWatch
{
    /// <summary>A pass of the self-check begins every day.</summary>
    private const int CheckDays = 2;
    private const int CheckLateDays = 7;

    /// <summary>What looks odd, and emergencies, are looked into within a week.</summary>
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private const int MostOpen = 1_000;

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("log-whole", ChecklistArea.Security, "/governance/log/proofs", WholeAsync),
        new("log-witness", ChecklistArea.Security, "/governance/log/proofs", WitnessAsync),
        new("anomalies", ChecklistArea.Security, "/governance/anomalies", AnomaliesAsync),
        new("emergencies", ChecklistArea.Security, "/desk/emergencies", EmergenciesAsync),
        new("incidents", ChecklistArea.Security, "/governance/incidents", IncidentsAsync),
    ];

    private static async ValueTask<ChecklistFinding> WholeAsync(Transaction tx, ChecklistSources from, CancellationToken ct) =>
        await LogWalks.FindAsync(tx, LogSelfCheck.Walk, ct) is not { } walk ? ChecklistFinding.Of(ChecklistAnswer.No, "never")
            : walk.Finding is not null ? ChecklistFinding.Of(ChecklistAnswer.No, "broken")
            : walk.FinishedAt is { } finished ? ChecklistFinding.OfAge(tx.Now - finished, CheckDays, CheckLateDays)
            : ChecklistFinding.Of(ChecklistAnswer.No, "never");

    private static async ValueTask<ChecklistFinding> WitnessAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var all = await from.Witnesses.StateAsync(tx, ct);
        return all.Count == 0 ? ChecklistFinding.Of(ChecklistAnswer.No, "none")
            : ChecklistFinding.OfShare(all.Count(w => w.Problem is null && w.CosignedAt > tx.Now.AddDays(-1)), all.Count);
    }

    private static async ValueTask<ChecklistFinding> AnomaliesAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var open = await AnomalyBook.ListAsync(tx, onlyOpen: true, MostOpen, ct);
        return ChecklistFinding.OfWaiting(open.Count, open.Any(a => a.FoundAt < tx.Now - Week));
    }

    private static async ValueTask<ChecklistFinding> IncidentsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var open = (await Incidents.ListAsync(tx, ct)).Where(i => i.ClosedAt is null).ToList();
        return ChecklistFinding.OfWaiting(open.Count, open.Any(i => i.AuthorityAsOf(tx.Now) == TellingState.Overdue));
    }

    private static async ValueTask<ChecklistFinding> EmergenciesAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var (open, oldest) = await Desk.Emergencies.UncheckedAsync(tx, ct);
        return open == 0 && !(await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Any(p => p is { Active: true, Emergency: true })
            ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfWaiting(open, oldest < tx.Now - Week);
    }
}
