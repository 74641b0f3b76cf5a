using Candor.Consent;

namespace Candor.Server.Pages.Me;

/// <summary>One choice of the past.</summary>
/// <param name="Receipt">Its number; null for events without a receipt.</param>
public sealed record RecordView(string When, string What, string Purpose, string How, long? Receipt);

/// <summary>Every choice that was ever made, in words, newest first.</summary>
public sealed class MeChoiceHistory(MeView view, IReadOnlyList<ConsentRecord> records)
{
    public MeView View { get; } = view;

    public IReadOnlyList<RecordView> Records { get; } = [.. records.Select(r => new RecordView(
        view.Words.Time(r.At), view.Words.T("event." + r.Event.Code()),
        r.Purpose is null ? view.Words.T("purpose.all") : view.Words.Catalog.Purposes.TryGetValue(r.Purpose, out var p) ? p.Label.In(view.Words.Language) : view.Words.T("for.unknown"),
        view.Words.Has("method." + r.Method.Replace(' ', '-')) ? view.Words.T("method." + r.Method.Replace(' ', '-')) : r.Method,
        Receipt.Exists(r.Event) && r.NoticeHash.Length > 0 ? r.Version : null))];
}
