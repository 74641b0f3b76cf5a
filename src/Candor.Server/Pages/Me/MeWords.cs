using System.Globalization;
using System.Text;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>A name and what belongs to it, such as one member of a value.</summary>
/// <param name="IsWide">Takes the whole width.</param>
public sealed record PartView(string Label, string Text, bool IsWide = false);

/// <summary>The words of My Data &amp; Privacy in one language: sentences, dates, periods, and the catalog's labels.</summary>
public sealed class MeWords
{
    /// <summary>Characters of a value that a list shows.</summary>
    private const int Longest = 300;

    /// <summary>Members that say best what a record is about, in this order.</summary>
    private static readonly string[] Telling = ["item", "product", "question", "title", "name", "page", "text"];

    private readonly CultureInfo culture;
    private readonly Wording texts;
    private readonly Wording consent;
    private readonly HashSet<string> names;

    public MeWords(PurposeCatalog catalog, string language)
    {
        (Catalog, Language) = (catalog, language);
        culture = CultureInfo.GetCultureInfo(language);
        texts = PageText.In("me", language);
        consent = Wording.In(Wording.Languages.Contains(language) ? language : "en");
        names = [.. texts.Names];
    }

    public PurposeCatalog Catalog { get; }

    public string Language { get; }

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => texts.Text(name, values);

    /// <summary>The text of that name, or the other one where there is none.</summary>
    public string TOr(string name, string fallback) => names.Contains(name) ? texts.Text(name) : T(fallback);

    public bool Has(string name) => names.Contains(name);

    /// <summary>A count with its noun: <c>name.one</c> or <c>name.many</c>.</summary>
    public string Count(string name, long n) => n == 1 ? T(name + ".one") : T(name + ".many", ("n", n.ToString("N0", culture)));

    public string Day(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.day"), culture);

    public string Date(DateOnly day) => day.ToString(T("date.day"), culture);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);

    public string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm", culture);

    public string Period(Period period) => consent.Period(period);

    public string List(IEnumerable<string> items) => consent.List([.. items]);

    public string Label(DataPoint d) => d.Label.In(Language);

    /// <summary>Inside a sentence: German nouns keep their capital.</summary>
    public string Inner(string label) => Language == "de" || label.Length < 2 || char.IsUpper(label[1]) ? label : char.ToLower(label[0], culture) + label[1..];

    public string LabelOf(string dataPoint) => DataPointId.TryParse(dataPoint, null, out var id) && Catalog.DataPoints.TryGetValue(id, out var d) ? Label(d) : dataPoint;

    public string Kept(DataPoint d) => d.Retention.Period is { } period ? T("kept.period", ("period", Period(period))) : T("kept.customer");

    public string? Hold(DataPoint d) => d.LegalHold is { } hold
        ? T("kept.hold", ("period", Period(hold.For)), ("reason", hold.Reason.In(Language)), ("keeps", List(hold.Keeps.Select(Member))))
        : null;

    /// <summary>Where a value came from.</summary>
    public string Source(string source) => Has("source." + source) ? T("source." + source)
        : source.Length == 0 ? T("source.other") : T("source.service", ("service", source));

    public string Who(OwnData.Look look) => look.Assistant is { } assistant ? T("who.assistant", ("name", assistant)) : look.Entry.Event.Actor.Split(':') switch
    {
        ["customer", ..] => T("who.you"),
        ["staff", ..] => T("who.staff"),
        ["key", ..] => T("who.systems"),
        ["system", var job, ..] => TOr("who.system." + job, "who.system"),
        _ => T("who.system"),
    };

    /// <summary>What somebody looked for.</summary>
    public string For(AuditEvent e) =>
        e.Subject is "emergency-check" or InspectionRead.Subject ? T("for." + e.Subject) : PurposeId.TryParse(e.Purpose, null, out var id) ? Catalog.Purposes.TryGetValue(id, out var p) ? p.Label.In(Language) : T("for.unknown")
        : e.Actor == "customer" ? T("for.own") : T("for.answer");

    public string Basis(LegalBasis basis) => T("basis." + JsonNamingPolicy.KebabCaseLower.ConvertName(basis.ToString()));

    public string Reason(string? code) => TOr("reason." + code, "reason.other");

    /// <summary>Why a look was refused; an AI assistant needs another yes besides that to the use itself.</summary>
    public string Reason(OwnData.Look look) =>
        look.Assistant is not null && Has("reason.assistant." + look.Entry.Event.Reason) ? T("reason.assistant." + look.Entry.Event.Reason) : Reason(look.Entry.Event.Reason);

    /// <summary>A whole value in one line.</summary>
    public string Line(ReadOnlyMemory<byte> json, DataPoint d) => string.Join(", ", Parts(json, d).Select(p => p.Label.Length == 0 ? p.Text : $"{p.Label}: {p.Text}"));

    /// <summary>A value in its parts: one without label for a plain value, one for each member of an object, the most telling first.</summary>
    public IReadOnlyList<PartView> Parts(ReadOnlyMemory<byte> json, DataPoint d)
    {
        using var document = JsonDocument.Parse(json);
        var value = document.RootElement;
        if (value.ValueKind != JsonValueKind.Object)
        {
            return [new PartView("", Plain(value, d))];
        }

        return [.. value.EnumerateObject().OrderBy(m => Array.IndexOf(Telling, m.Name) is var at && at < 0 ? Telling.Length : at)
            .Select(m => new PartView(Array.IndexOf(Telling, m.Name) >= 0 ? "" : Member(m.Name), Plain(m.Value, null)))];
    }

    /// <summary>The name of a member for people: <c>invoiceNumber</c> is "Invoice number".</summary>
    public string Member(string name)
    {
        if (Has("member." + name))
        {
            return T("member." + name);
        }

        var words = new StringBuilder();
        foreach (var c in name)
        {
            words.Append(words.Length == 0 ? char.ToUpper(c, culture) : char.IsUpper(c) ? " " + char.ToLower(c, culture) : c.ToString());
        }

        return words.ToString();
    }

    public string LanguageName(string code) => code.Length == 2 && code.All(char.IsAsciiLetterLower) ? CultureInfo.GetCultureInfo(code).NativeName : code;

    private string Plain(JsonElement value, DataPoint? d) => value.ValueKind switch
    {
        JsonValueKind.True => T("yes"),
        JsonValueKind.False => T("no"),
        JsonValueKind.Number when value.TryGetDecimal(out var number) => number.ToString(number == decimal.Truncate(number) ? "N0" : "N2", culture),
        JsonValueKind.String when d?.Values.FirstOrDefault(v => v.Value == value.GetString()) is { } declared => declared.Label.In(Language),
        JsonValueKind.String when d?.Category == "Language" => LanguageName(value.GetString()!),
        JsonValueKind.String when DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day.ToString(T("date.day"), culture),
        JsonValueKind.String => Cut(value.GetString()!),
        _ => Cut(value.ToString()),
    };

    private static string Cut(string text) => text.Length <= Longest ? text : text[..Longest] + "…";
}
