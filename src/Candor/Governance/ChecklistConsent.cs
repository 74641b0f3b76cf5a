using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Do customers understand what they agree to, and does their no count?</summary>
internal static class ChecklistConsent
{
    /// <summary>Newest entries of the log in which reads after a withdrawal are looked for.</summary>
    public const int Entries = 10_000;

    /// <summary>So long a consent may be over before it is written down.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromHours(1);

    public static IReadOnlyList<ChecklistQuestion> All =>
    [
        new("consent-plain", ChecklistArea.Consent, "/admin/catalog", PlainAsync),
        new("consent-languages", ChecklistArea.Consent, "/admin/catalog", LanguagesAsync),
        new("consent-ends", ChecklistArea.Consent, "/admin/catalog", EndsAsync),
        new("consent-expired", ChecklistArea.Consent, "/admin", ExpiredAsync),
        new("consent-withdrawn", ChecklistArea.Consent, "/governance/log?kind=read", WithdrawnAsync),
    ];

    private static async ValueTask<ChecklistFinding> PlainAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var catalog = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog;
        var grades = catalog.Organisation.Languages.Where(l => l is "en" or "de")
            .SelectMany(l => catalog.Purposes.Values.Where(p => p.Active).Select(p => Readability.Grade(p.Why.In(l), l))).ToList();
        return grades.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(grades.Count(g => !g.IsTooHard), grades.Count);
    }

    private static async ValueTask<ChecklistFinding> LanguagesAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var catalog = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog;
        var languages = catalog.Organisation.Languages;
        var active = catalog.Purposes.Values.Where(p => p.Active).ToList();
        var whole = active.Count(p => IsSaidIn(p.Label, languages) && IsSaidIn(p.Why, languages) && catalog.DataPointsOf(p).All(d => IsSaidIn(d.Label, languages)));
        return ChecklistFinding.OfShare(whole, active.Count);
    }

    private static bool IsSaidIn(LocalizedText text, IReadOnlyList<string> languages) => languages.Count == 1 || languages.All(text.Languages.Contains);

    private static async ValueTask<ChecklistFinding> EndsAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var asked = (await from.Catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Where(p => p is { Active: true, Basis: LegalBasis.Consent }).ToList();
        return asked.Count == 0 ? ChecklistFinding.DoesNotApply() : ChecklistFinding.OfShare(asked.Count(p => p.ConsentLasts is not null), asked.Count);
    }

    private static async ValueTask<ChecklistFinding> ExpiredAsync(Transaction tx, ChecklistSources from, CancellationToken ct) =>
        ChecklistFinding.OfWaiting(await OverdueConsents.CountAsync(tx, tx.Now - Late, ct), isTooLong: true);

    private static async ValueTask<ChecklistFinding> WithdrawnAsync(Transaction tx, ChecklistSources from, CancellationToken ct)
    {
        var (size, _) = await from.Log.HeadAsync(tx, ct);
        var entries = await LogWalks.BetweenAsync(tx, Math.Max(0, size - Entries), size, ct);
        var (replay, late) = (new ConsentReplay(), 0L);
        foreach (var (index, entry) in entries)
        {
            late += replay.Follow(entry.Event, index) is not null ? 1 : 0;
        }

        return ChecklistFinding.Of(late == 0 ? ChecklistAnswer.Yes : ChecklistAnswer.No, "", ("late", late), ("entries", entries.Count));
    }
}
