using System.Globalization;
using Candor.Audit;
using Candor.Reads;

namespace Candor.Server.Pages.Me;

/// <summary>One look, or one that was refused.</summary>
/// <param name="Refused">Why it was refused; null when it was allowed.</param>
/// <param name="Case">The case it belongs to; null when there was none.</param>
/// <param name="Emergency">The reason of an emergency, in the words of whoever looked; null when it was none.</param>
/// <param name="Removal">No look but a removal, and why: <c>removed</c> because its time was over, or <c>cleaned</c> because it should not have been there; null for a look.</param>
public sealed record LookView(string Entry, string Time, string Who, string For, string What, string? Refused, string? Case, string? Emergency, string? Removal);

/// <summary>The looks of one day.</summary>
public sealed record LookDay(string Day, IReadOnlyList<LookView> Looks);

/// <summary>Who looked, in words.</summary>
public sealed class MeLooks
{
    /// <summary>More kinds of data than these are counted, not named.</summary>
    private const int Named = 6;

    public MeLooks(MeView view, OwnData.Looks looks, bool withOwn, bool isFirst)
    {
        (View, WithOwn, IsFirst) = (view, withOwn, isFirst);
        Days = [.. looks.Found.GroupBy(l => view.Words.Day(l.Entry.At)).Select(g => new LookDay(g.Key, [.. g.Select(Of)]))];
        Earlier = looks.Before is { } before ? string.Create(CultureInfo.InvariantCulture, $"/me/looks?before={before}{(withOwn ? "&own=1" : "")}") : null;
    }

    public MeView View { get; }

    public bool WithOwn { get; }

    public bool IsFirst { get; }

    public IReadOnlyList<LookDay> Days { get; }

    public string? Earlier { get; }

    private LookView Of(OwnData.Look look)
    {
        var (words, e) = (View.Words, look.Entry.Event);
        var what = e.DataPoints.Count switch
        {
            0 => words.TOr("looked." + e.Subject?.Split(':')[0], "looked.nothing"),
            > Named => words.Count("kinds", e.DataPoints.Count),
            _ => words.List(e.DataPoints.Select(words.LabelOf)),
        };
        return new LookView(look.Entry.Id, words.Clock(look.Entry.At), words.Who(look), words.For(e), what, e.Kind == AuditKind.Deny ? words.Reason(look) : null, look.Case, look.Emergency,
            e.Kind != AuditKind.Erase ? null : e.Reason == OwnData.ValuesCleaned ? "cleaned" : "removed");
    }
}
