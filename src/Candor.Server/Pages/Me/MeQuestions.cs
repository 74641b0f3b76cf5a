using Candor.Catalog;
using Candor.Collection;
using Candor.Reads;

namespace Candor.Server.Pages.Me;

/// <summary>The form for a question, and the questions so far.</summary>
/// <param name="IsOpen">False where the catalog keeps no questions.</param>
/// <param name="Draft">What the form holds.</param>
/// <param name="Mistake">Why it was not sent; null when nothing is wrong.</param>
/// <param name="Risky">What should not be sent, named; empty when nothing.</param>
/// <param name="Hidden">The draft with what should not be sent made unreadable.</param>
public sealed record MeQuestions(
    MeView View, bool IsOpen, string Draft, string? Mistake, IReadOnlyList<string> Risky, string Hidden, IReadOnlyList<LineView> Asked, string? More, string? HistoryId)
{
    public static MeQuestions Of(MeView view, DataPoint? history, OwnData.Values? values, string draft, string? mistake, IReadOnlyList<RiskyKind> risky) => new(
        view, history is not null, draft, mistake, [.. risky.Select(r => view.Words.T("risky." + r.ToString().ToLowerInvariant()))], RiskyText.Hide(draft),
        history is null || values is null ? [] : [.. values.Opened.Values.Select(v => MeData.Line(view.Words, history, v))],
        history is not null && values?.Held.FirstOrDefault(h => h.DataPoint == history.Id) is { } held && held.Records > values.Opened.Values.Count ? view.Words.Count("records", held.Records) : null,
        history?.Id.Value);
}
