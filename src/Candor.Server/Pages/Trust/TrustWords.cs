using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Server.Web;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>The figures of the page about trust in words, for people without training in statistics.</summary>
public sealed class TrustWords(PurposeCatalog catalog, string language)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(language);

    public Wording Texts { get; } = PageText.In("trust", language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    public string Day(DateOnly day) => day.ToString(T("date.day"), culture);

    public string ShortDay(DateOnly day) => day.ToString(T("date.short"), culture);

    public string Month(DateOnly month) => month.ToString("MMMM yyyy", culture);

    public string Span(DateOnly from, DateOnly to) => T("span", ("from", Day(from)), ("to", Day(to)));

    public string Number(long number) => number.ToString("N0", culture);

    /// <summary>A purpose as the catalog calls it; a purpose that it no longer has, by its id.</summary>
    public string About(string about) => about.Length == 0 ? T("all")
        : PurposeId.TryParse(about, null, out var id) && catalog.Purposes.TryGetValue(id, out var found) ? found.Label.In(language) : about;

    public string Title(string figure) => T("figure." + figure);

    public string Value(TrustUnit unit, double value) => unit switch
    {
        TrustUnit.Share => (100 * value).ToString("0.0", culture) + "\u00a0%",
        TrustUnit.Days => value.ToString("0.0", culture),
        TrustUnit.Net => value.ToString("+0;−0;0", culture),
        _ => value.ToString("0.0", culture),
    };

    /// <summary>Low end to high end; empty where there is no interval.</summary>
    public string Interval(TrustUnit unit, Interval? interval) => interval is { } i ? T("interval", ("low", Value(unit, i.Low)), ("high", Value(unit, i.High))) : "";

    /// <summary>How a figure moved, and whether that is more than chance.</summary>
    public string Change(TrustUnit unit, TrustChange? change)
    {
        if (change is null)
        {
            return T("change.none");
        }

        var size = ((unit == TrustUnit.Share ? 100 : 1) * change.Difference).ToString("+0.0;−0.0;0.0", culture);
        return T(change.Interval is null ? "change.plain" : change.IsSure ? "change.sure" : "change.chance", ("size", size), ("unit", T("unit." + unit.ToString().ToLowerInvariant())));
    }

    /// <summary>What a change of the catalog did.</summary>
    public string Note(TrustNote note) => T("note", ("version", Number(note.Version)), ("what", string.Join("; ", What(note))));

    public string Alert(TrustAlert alert, TrustSpan span)
    {
        var figure = alert.Figure;
        var what = T(figure.About.Length > 0 ? "alert.purpose" : "alert.plain", ("figure", Title(figure.Id)), ("purpose", About(figure.About)),
            ("before", Value(figure.Unit, figure.Before!.Value)), ("now", Value(figure.Unit, figure.Now!.Value)), ("from", Day(span.From)));
        return what + " " + (alert.Cause is { } cause ? T("alert.cause", ("day", Day(cause.Day)), ("note", Note(cause))) : T("alert.no-cause"));
    }

    private IEnumerable<string> What(TrustNote note)
    {
        if (note.Added.Count > 0)
        {
            yield return T("note.added", ("purposes", string.Join(", ", note.Added.Select(About))));
        }

        if (note.Widened.Count > 0)
        {
            yield return T("note.widened", ("purposes", string.Join(", ", note.Widened.Select(About))));
        }

        if (!note.Purposes.Any())
        {
            yield return T("note.wording");
        }
    }
}
