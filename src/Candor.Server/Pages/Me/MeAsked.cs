using Candor.Desk;
using Candor.Reads;

namespace Candor.Server.Pages.Me;

/// <summary>A question in words.</summary>
/// <param name="When">The day on which it was put.</param>
public sealed record AskedView(PurposeView Purpose, string When);

/// <summary>The questions that wait for the customer's answer.</summary>
public sealed class MeAsked(MeView view, IReadOnlyList<AskedQuestion> waiting, OwnData.Choices choices, DateTimeOffset now)
{
    public MeView View { get; } = view;

    public IReadOnlyList<AskedView> Waiting { get; } =
        [.. waiting.DistinctBy(q => q.Purpose).Select(q => new AskedView(PurposeView.Of(view.Words.Catalog.Purposes[q.Purpose], choices, [], view, now), view.Words.Day(q.AskedAt)))];
}
