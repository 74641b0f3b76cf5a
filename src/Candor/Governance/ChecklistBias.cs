using Candor.Catalog;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Are people treated alike, and does what is done for them help them?</summary>
internal static class ChecklistBias
{
    /// <summary>Weeks in which findings count.</summary>
    private const int FindingWeeks = 4;

    /// <summary>The newest week counted is at most so old, then partly.</summary>
    private const int FreshWeeks = 2;
    private const int LateWeeks = 4;
    private const int MostPauses = 1_000;

    /// <summary>A pause is decided on within two weeks.</summary>
    private static readonly TimeSpan PauseDecided = TimeSpan.FromDays(14);

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("bias-counted", ChecklistArea.Bias, "/governance/fairness", CountedAsync),
        new("bias-findings", ChecklistArea.Bias, "/governance/fairness", FindingsAsync),
        new("bias-pauses", ChecklistArea.Bias, "/governance/fairness", PausesAsync),
        new("models-audited", ChecklistArea.Bias, "/governance/models", ModelsAsync),
        new("benefit-measured", ChecklistArea.Bias, "/admin/catalog", BenefitAsync),
    ];

    private static async ValueTask<ChecklistFinding> CountedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var catalog = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog;
        if (!catalog.Purposes.Values.Any(ChecklistPurposes.IsAutomatic))
        {
            return ChecklistFinding.DoesNotApply();
        }

        if (catalog.BiasAudit is null)
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "none");
        }

        if (await FairnessBook.WeeksAsync(tx, 1, ct) is not [var newest])
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var weeks = Week.Of(tx.Now) - newest;
        return ChecklistFinding.Of(weeks <= FreshWeeks ? ChecklistAnswer.Yes : weeks <= LateWeeks ? ChecklistAnswer.Partial : ChecklistAnswer.No, "", ("weeks", weeks));
    }

    private static async ValueTask<ChecklistFinding> FindingsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if ((await FairnessBook.WeeksAsync(tx, 1, ct)).Count == 0)
        {
            return ChecklistFinding.DoesNotApply();
        }

        var found = await FairnessBook.FindingsAsync(tx, Week.Of(tx.Now) - FindingWeeks, ct);
        var sure = found.Count(f => f.IsSure);
        return ChecklistFinding.Of(sure > 0 ? ChecklistAnswer.No : found.Count > 0 ? ChecklistAnswer.Partial : ChecklistAnswer.Yes, "", ("found", found.Count), ("sure", sure));
    }

    private static async ValueTask<ChecklistFinding> PausesAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var open = (await UsePauses.ListAsync(tx, MostPauses, ct)).Where(p => p.EndedAt is null).ToList();
        return open.Count == 0 && !(await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Any(p => p.Active && p.Fairness.OnBreach == OnBreach.Pause)
            ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfWaiting(open.Count, open.Any(p => p.PausedAt < tx.Now - PauseDecided));
    }

    private static async ValueTask<ChecklistFinding> ModelsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (!(await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Any(p => p is { Active: true, MakesSuggestions: true }))
        {
            return ChecklistFinding.DoesNotApply();
        }

        return await from.Evaluations.FindInUseAsync(tx, ct) is not { } used ? ChecklistFinding.Of(ChecklistAnswer.Partial, "defaults")
            : ChecklistFinding.Of(used.Audit is null ? ChecklistAnswer.No : ChecklistAnswer.Yes, used.Audit is null ? "unaudited" : "", ("version", used.Number));
    }

    private static async ValueTask<ChecklistFinding> BenefitAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var suggesting = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values
            .Where(p => p is { Active: true, MakesSuggestions: true, Basis: LegalBasis.Consent or LegalBasis.LegitimateInterest }).ToList();
        return suggesting.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(suggesting.Count(p => p.HoldOutPercent > 0), suggesting.Count);
    }
}

/// <summary>Does somebody decide, and does somebody look?</summary>
internal static class ChecklistGovernance
{
    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("decided-here", ChecklistArea.Governance, "/governance/committee", DecidedAsync),
        new("audited", ChecklistArea.Governance, "/governance/audits", AuditedAsync),
    ];

    /// <summary>Yes while nothing is late: the next audit, the review of the last, the findings.</summary>
    private static async ValueTask<ChecklistFinding> AuditedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        if (await InternalAuditRows.NewestAsync(tx, 1, ct) is not [var last])
        {
            return ChecklistFinding.Of(ChecklistAnswer.No, "never");
        }

        var findings = (await InternalAuditRows.OpenFindingsAsync(tx, ct)).Count(f => f.IsOverdue(tx.Now));
        var isLate = last.IsOverdue(tx.Now) || (last.ClosedAt is not null && (await InternalAuditRows.PlanAsync(tx, ct)).After(last.DrawnAt) + InternalAudits.ReviewWithin <= tx.Now);
        return ChecklistFinding.Of(isLate ? ChecklistAnswer.No : findings > 0 ? ChecklistAnswer.Partial : ChecklistAnswer.Yes, "", ("days", (long)(tx.Now - last.DrawnAt).TotalDays), ("late", findings));
    }

    private static async ValueTask<ChecklistFinding> DecidedAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var setup = await CommitteeOffice.FindAsync(tx, ct);
        return setup.Mode switch
        {
            CommitteeMode.Committee => ChecklistFinding.Of(ChecklistAnswer.Yes, "", ("seats", setup.Seats.Count)),
            CommitteeMode.OnePerson => ChecklistFinding.Of(ChecklistAnswer.Partial, "one"),
            _ => ChecklistFinding.Of(ChecklistAnswer.No, "elsewhere"),
        };
    }
}
