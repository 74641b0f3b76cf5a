using Candor.Catalog;
using Candor.Reads;
using Candor.Vault;

namespace Candor.Server.Pages.Me;

/// <summary>A kind of data that is held.</summary>
/// <param name="Lines">The value, or the newest records.</param>
/// <param name="More">How many records there are in all; null when all are shown.</param>
/// <param name="Waits">A correction of it is being checked.</param>
public sealed record HeldView(string Id, string Label, bool IsField, IReadOnlyList<LineView> Lines, string? More, IReadOnlyList<PartView> Facts, bool Waits);

/// <summary>One value or record.</summary>
/// <param name="Parts">The most telling first.</param>
/// <param name="When">Empty for a field.</param>
/// <param name="Source">Where a record came from; empty for a field, whose facts say it.</param>
public sealed record LineView(string RecordId, IReadOnlyList<PartView> Parts, string When, string Source);

/// <summary>Everything that is held, in words.</summary>
public sealed class MeData
{
    public MeData(MeView view, OwnData.Values values, IReadOnlySet<string> waiting)
    {
        View = view;
        var held = values.Held.ToDictionary(h => h.DataPoint);
        var all = view.Words.Catalog.DataPoints.Values.OrderBy(d => d.Kind).ThenBy(d => view.Words.Label(d), StringComparer.Ordinal).ToList();
        Held = [.. all.Where(d => held.ContainsKey(d.Id)).Select(d => Of(view.Words, d, held[d.Id], values.Opened.Values, waiting.Contains(d.Id.Value)))];
        NotHeld = [.. all.Where(d => !held.ContainsKey(d.Id) && !view.Words.Catalog.AggregateOnly.Contains(d.Id)).Select(d => view.Words.Label(d))];
        ToGive = [.. all.Where(d => !held.ContainsKey(d.Id) && view.Words.Catalog.BiasAudit?.Uses.ContainsKey(d.Id) == true).Select(d => (d.Id.Value, view.Words.Label(d)))];
    }

    public MeView View { get; }

    public IReadOnlyList<HeldView> Held { get; }

    public IReadOnlyList<string> NotHeld { get; }

    /// <summary>What the customer may give so that it is counted, and has not given.</summary>
    public IReadOnlyList<(string Id, string Label)> ToGive { get; }

    public static HeldView Of(MeWords words, DataPoint d, Held held, IReadOnlyList<OpenedValue> values, bool waits)
    {
        var isField = d.Kind == DataPointKind.Field;
        var own = values.Where(v => v.DataPoint == d.Id).ToList();
        return new HeldView(
            d.Id.Value, words.Label(d), isField, [.. own.Select(v => Line(words, d, v))],
            held.Records > own.Count ? words.Count("records", held.Records) : null,
            Facts(words, d, held, isField ? own.Select(v => words.Source(v.Source)) : []), waits);
    }

    public static LineView Line(MeWords words, DataPoint d, OpenedValue v) =>
        new(v.RecordId, words.Parts(v.Json, d), d.Kind == DataPointKind.Field ? "" : words.Day(v.Time), d.Kind == DataPointKind.Field ? "" : words.Source(v.Source));

    /// <summary>Where from, since when, until when, and what for on which ground.</summary>
    public static IReadOnlyList<PartView> Facts(MeWords words, DataPoint d, Held? held, IEnumerable<string> sources)
    {
        var facts = new List<PartView>();
        var from = sources.Distinct().ToList();
        if (from.Count > 0)
        {
            facts.Add(new(words.T("fact.from"), words.List(from)));
        }

        if (held is not null)
        {
            facts.Add(new(words.T("fact.since"), words.Day(held.First)));
        }

        facts.Add(new(words.T("fact.until"), words.Kept(d) + (words.Hold(d) is { } hold ? ". " + hold : "")));
        var used = words.Catalog.Purposes.Values.Where(p => p.Active && p.Uses.ContainsKey(d.Id)).OrderBy(p => p.Basis)
            .Select(p => $"{p.Label.In(words.Language)} ({words.Basis(p.Basis)})").ToList();
        facts.Add(new(words.T("fact.for"), used.Count == 0 ? words.T("fact.for.nothing") : string.Join(" · ", used), IsWide: true));
        return facts;
    }
}
