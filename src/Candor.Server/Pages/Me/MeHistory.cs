using System.Globalization;
using Candor.Catalog;
using Candor.Reads;

namespace Candor.Server.Pages.Me;

/// <summary>One page of a history, in words.</summary>
public sealed class MeHistory
{
    public const int PerPage = 25;

    public MeHistory(MeView view, OwnData.Values values, DataPoint d, int page)
    {
        (View, Id, Label) = (view, d.Id.Value, view.Words.Label(d));
        var held = values.Held.FirstOrDefault(h => h.DataPoint == d.Id);
        Lines = [.. values.Opened.Values.Select(v => MeData.Line(view.Words, d, v))];
        Facts = MeData.Facts(view.Words, d, held, Lines.Select(l => l.Source));
        Count = view.Words.Count("records", held?.Records ?? 0);
        Newer = page > 1 ? Link(page - 1) : null;
        Older = (held?.Records ?? 0) > (long)page * PerPage ? Link(page + 1) : null;
    }

    public MeView View { get; }

    public string Id { get; }

    public string Label { get; }

    public IReadOnlyList<LineView> Lines { get; }

    public IReadOnlyList<PartView> Facts { get; }

    public string Count { get; }

    public string? Newer { get; }

    public string? Older { get; }

    private string Link(int page) => string.Create(CultureInfo.InvariantCulture, $"/me/data/{Id}?page={page}");
}
