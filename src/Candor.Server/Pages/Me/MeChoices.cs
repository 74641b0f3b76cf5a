using Candor.Catalog;
using Candor.Reads;
using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>The preferences, in words: first what the customer decides, then what they cannot.</summary>
public sealed class MeChoices(MeView view, OwnData.Choices choices, IReadOnlyList<PurposeData.Unneeded> collected, DateTimeOffset now)
{
    private readonly IReadOnlyList<PurposeView> all =
        [.. view.Words.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Basis != LegalBasis.Consent).ThenBy(p => p.Label.In(view.Words.Language), StringComparer.Ordinal)
            .Select(p => PurposeView.Of(p, choices, collected, view, now))];

    public MeView View { get; } = view;

    public IEnumerable<PurposeView> Yours => all.Where(p => p.Fixed is null);

    public IEnumerable<PurposeView> Ours => all.Where(p => p.Fixed is not null);

    public bool IsAnyOn => Yours.Any(p => p.IsOn);

    /// <summary>Told while every use is stopped.</summary>
    public string? Restricted { get; } = choices.RestrictedSince is { } since ? view.Words.T("note.restricted", ("day", view.Words.Day(since))) : null;
}
