using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>The sentences of this module, from <c>Texts/erasure.LANGUAGE.txt</c> and <c>Texts/report.LANGUAGE.txt</c>; English where a language has none.</summary>
internal sealed class RightsText
{
    private const string Fallback = "en";

    public RightsText(string language, string area = "erasure")
    {
        Language = Wording.Languages.Contains(language) ? language : Fallback;
        Texts = Wording.Of(typeof(RightsText).Assembly, $"rights/{area}.{Language}", Language);
        Common = Wording.In(Language);
    }

    public string Language { get; }

    public Wording Texts { get; }

    /// <summary>Periods and lists, as notices and receipts phrase them.</summary>
    public Wording Common { get; }

    public string this[string name] => Texts.Text(name);

    /// <summary>A text with a number: <c>NAME.one</c> or <c>NAME.many</c>.</summary>
    public string Counted(string name, long count, params ReadOnlySpan<(string Blank, string Value)> more) =>
        Texts.Text(count == 1 ? name + ".one" : name + ".many", [("n", count.ToString("N0", Culture)), .. more]);

    public string Label(PurposeCatalog catalog, string dataPoint) =>
        DataPointId.TryParse(dataPoint, null, out var id) && catalog.DataPoints.TryGetValue(id, out var known) ? known.Label.In(Language) : dataPoint;

    /// <summary>One sentence for each data point of which something is kept.</summary>
    public IReadOnlyList<string> Kept(PurposeCatalog catalog, IReadOnlyList<HeldCount> kept) =>
    [
        .. kept.OrderBy(k => k.DataPoint.Value, StringComparer.Ordinal).Select(k => (Held: k, Hold: catalog.DataPoints[k.DataPoint].LegalHold!)).Select(k => Counted(
            "kept", k.Held.Records, ("label", Label(catalog, k.Held.DataPoint.Value)), ("members", Common.List([.. k.Hold.Keeps])), ("date", Day(k.Held.LastUntil)),
            ("reason", k.Hold.Reason.In(Language)))),
    ];

    public string Backups(PurposeCatalog catalog, DateTimeOffset until) =>
        Texts.Text("backups", ("period", Common.Period(catalog.Organisation.BackupsKept)), ("date", Day(until)));

    public string Day(DateTimeOffset at) => at.ToString(Language == "de" ? "d. MMMM yyyy" : "d MMMM yyyy", Culture);

    /// <summary>Invariant names of months are English; German is written with its own.</summary>
    private CultureInfo Culture => Language == "de" ? German : CultureInfo.InvariantCulture;

    private static readonly CultureInfo German = MakeGerman();

    private static CultureInfo MakeGerman()
    {
        // Made here, because an installation without ICU data knows no cultures.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.DateTimeFormat.MonthNames = culture.DateTimeFormat.MonthGenitiveNames =
            ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember", ""];
        return CultureInfo.ReadOnly(culture);
    }
}
