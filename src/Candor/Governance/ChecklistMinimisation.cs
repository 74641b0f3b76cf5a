using Candor.Storage;

namespace Candor.Governance;

/// <summary>Is no more held than is needed, and no longer?</summary>
internal static class ChecklistMinimisation
{
    /// <summary>Days within which it was measured what less data would cost: a quarter; then, for as long again, partly.</summary>
    private const int Quarter = 92;

    /// <summary>Days after which a run of the retention is missed, and after which it fails.</summary>
    private const int RunDays = 2;
    private const int RunLateDays = 7;

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("data-used", ChecklistArea.Minimisation, "/governance/minimisation", UsedAsync),
        new("less-data", ChecklistArea.Minimisation, "/governance/minimisation", LessAsync),
        new("retention-run", ChecklistArea.Minimisation, "/governance/retention", RunAsync),
        new("retention-left", ChecklistArea.Minimisation, "/governance/retention", LeftAsync),
        new("values-clean", ChecklistArea.Minimisation, "/governance/minimisation", ValuesAsync),
    ];

    /// <summary>Data points that something speaks for taking away are not counted as used.</summary>
    private static async ValueTask<ChecklistFinding> UsedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var audit = await MinimisationAudit.LoadAsync(tx, from.Catalogs, from.Evaluations, ct);
        var all = audit.Catalog.Catalog.DataPoints.Count;
        var doubtful = audit.Advice.Select(a => a.DataPoint).OfType<Kernel.DataPointId>().Distinct().Count();
        return ChecklistFinding.OfShare(all - doubtful, all);
    }

    private static async ValueTask<ChecklistFinding> LessAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (!(await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Any(p => p is { Active: true, MakesSuggestions: true }))
        {
            return ChecklistFinding.DoesNotApply();
        }

        return await from.Evaluations.FindNewestAsync(tx, ct) is { } newest ? ChecklistFinding.OfAge(tx.Now - newest.At, Quarter, 2 * Quarter) : ChecklistFinding.Of(ChecklistAnswer.No, "never");
    }

    private static async ValueTask<ChecklistFinding> RunAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (await RetentionWalk.FindAsync(tx, ct) is not { } walk)
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var finding = ChecklistFinding.OfAge(tx.Now - walk.StartedAt, RunDays, RunLateDays);
        return walk.Failed > 0 && finding.Answer == ChecklistAnswer.Yes
            ? ChecklistFinding.Of(ChecklistAnswer.Partial, "failed", ("customers", walk.Failed)) : finding;
    }

    private static async ValueTask<ChecklistFinding> LeftAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (await RetentionWalk.FindCountsAsync(tx, ct) is not { } counted)
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var left = counted.Counts.Sum(c => c.Values - c.Waiting);
        return ChecklistFinding.Of(left == 0 ? ChecklistAnswer.Yes : ChecklistAnswer.No, "", ("left", left), ("waiting", counted.Counts.Sum(c => c.Waiting)));
    }

    private static async ValueTask<ChecklistFinding> ValuesAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        // Rules are kept from the first look on.
        if (await ValueWalk.FindAsync(tx, ct) is not { Rules.Length: > 0 })
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var found = await ValueMarks.CountAsync(tx, ct);
        var numbers = found.Where(f => f.Kind is FoundKind.Card or FoundKind.NationalId or FoundKind.BankAccount).Sum(f => f.Values);
        var others = found.Sum(f => f.Values) - numbers;
        return ChecklistFinding.Of(numbers > 0 ? ChecklistAnswer.No : others > 0 ? ChecklistAnswer.Partial : ChecklistAnswer.Yes, "", ("numbers", numbers), ("others", others));
    }
}
