using Candor.Audit;
using Candor.Backup;
using Candor.Catalog;
using Candor.Personalization;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>What a question of the checklist is about.</summary>
public enum ChecklistArea
{
    Consent,
    Minimisation,
    Security,
    PurposeLimitation,
    Rights,
    Bias,
    Governance,
}

/// <summary>How a question is answered; the order is from worst to best, and what does not apply stands outside it.</summary>
public enum ChecklistAnswer
{
    No,
    Partial,
    Yes,
    NotApplicable,
}

/// <summary>An answer with what it rests on.</summary>
/// <param name="Figures">Counts by name, as the texts of the answer name them; never anything about a person.</param>
/// <param name="Case">Which of the question's sentences tells the figures; empty for the usual one.</param>
public sealed record ChecklistFinding(ChecklistAnswer Answer, IReadOnlyDictionary<string, long> Figures, string Case = "")
{
    public static ChecklistFinding Of(ChecklistAnswer answer, string which, params ReadOnlySpan<(string Name, long Value)> figures)
    {
        var named = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, value) in figures)
        {
            named[name] = value;
        }

        return new ChecklistFinding(answer, named, which);
    }

    /// <summary>All: yes. Half of them or more: partial. Fewer: no.</summary>
    public static ChecklistFinding OfShare(long some, long all) =>
        Of(some >= all ? ChecklistAnswer.Yes : 2 * some >= all ? ChecklistAnswer.Partial : ChecklistAnswer.No, "", ("some", some), ("all", all));

    /// <summary>Nothing is left to do: yes. Something is, but not for long: partial. For too long: no.</summary>
    public static ChecklistFinding OfWaiting(long open, bool isTooLong) =>
        Of(open == 0 ? ChecklistAnswer.Yes : isTooLong ? ChecklistAnswer.No : ChecklistAnswer.Partial, "", ("open", open));

    /// <summary>The sentence <c>na</c> says why.</summary>
    public static ChecklistFinding DoesNotApply() => Of(ChecklistAnswer.NotApplicable, "na");

    /// <summary>By age in days: up to the first bound yes, up to the second partial, then no.</summary>
    public static ChecklistFinding OfAge(TimeSpan age, int yes, int partial) =>
        Of(age.TotalDays <= yes ? ChecklistAnswer.Yes : age.TotalDays <= partial ? ChecklistAnswer.Partial : ChecklistAnswer.No, "", ("days", (long)age.TotalDays));
}

/// <summary>Where the evidence is.</summary>
/// <param name="IsRootKeyApart">Whether the root key lies elsewhere than the data it opens.</param>
public sealed record ChecklistSources(
    CatalogRegister Catalogs, AuditLog Log, AccessRegister Access, DpiaRegister Dpias, EvaluationRegister Evaluations, BackupStore Backups, Witnesses Witnesses, Func<bool> IsRootKeyApart);

/// <summary>Answers a question from what is there now. Nobody can tick it.</summary>
public delegate ValueTask<ChecklistFinding> ChecklistLook(Transaction tx, ChecklistSources from, CancellationToken ct);

/// <summary>A question of the checklist.</summary>
/// <param name="Id">Also the name of its texts.</param>
/// <param name="Path">The page that does what is missing.</param>
public sealed record ChecklistQuestion(string Id, ChecklistArea Area, string Path, ChecklistLook Look);

/// <summary>A question with its answer.</summary>
public sealed record ChecklistLine(ChecklistQuestion Question, ChecklistFinding Finding);

/// <summary>The checklist of the ethics of data, answered from live evidence.</summary>
public sealed class Checklist(ChecklistSources sources)
{
    /// <summary>All questions, by area.</summary>
    public static readonly IReadOnlyList<ChecklistQuestion> Questions =
        [.. ChecklistConsent.All, .. ChecklistMinimisation.All, .. ChecklistSecurity.All, .. ChecklistWatch.All, .. ChecklistPurposes.All, .. ChecklistRights.All, .. ChecklistBias.All, .. ChecklistGovernance.All];

    /// <summary>Answers all questions, in their order, from one view of the database.</summary>
    public async ValueTask<IReadOnlyList<ChecklistLine>> LookAsync(Transaction tx, CancellationToken ct)
    {
        var lines = new List<ChecklistLine>();
        foreach (var question in Questions)
        {
            lines.Add(new ChecklistLine(question, await question.Look(tx, sources, ct)));
        }

        return lines;
    }

    /// <summary>An answer fell when it is worse than before, or when something began to apply and is not done at all.</summary>
    public static bool HasFallen(ChecklistAnswer before, ChecklistAnswer now) => now != ChecklistAnswer.NotApplicable && now < before
        && (before != ChecklistAnswer.NotApplicable || now == ChecklistAnswer.No);
}
