using System.Globalization;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The words of the pages about the log: sentences, instants, and what the log's names stand for.</summary>
public sealed class LogWords(PurposeCatalog catalog, LogNames names, string language)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(language);

    public Wording Texts { get; } = PageText.In("log", language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);

    public string Day(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.day"), culture);

    public string Number(long number) => number.ToString("N0", culture);

    /// <summary>Who it was: a name, the customer, or Candor itself.</summary>
    public string Who(string actor) => actor == "customer" ? T("who.customer")
        : actor.StartsWith("system:", StringComparison.Ordinal) ? T("who.system", ("job", actor["system:".Length..]))
        : names.AssistantOf(actor) is { } assistant ? T("who.assistant", ("name", assistant))
        : names.Of(actor);

    public string Kind(AuditKind kind) => T("kind." + kind.ToString().ToLowerInvariant());

    public string Purpose(string purpose) => PurposeId.TryParse(purpose, null, out var id) && catalog.Purposes.TryGetValue(id, out var found) ? found.Label.In(language) : purpose;

    public string DataPoint(string point) => DataPointId.TryParse(point, null, out var id) && catalog.DataPoints.TryGetValue(id, out var found) ? found.Label.In(language) : point;
}
