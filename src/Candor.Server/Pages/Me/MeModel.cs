using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Web;
using Candor.Vault;

namespace Candor.Server.Pages.Me;

/// <summary>A purpose as the customer sees it.</summary>
public sealed record PurposeView(
    string Id, string Label, string Why, string Uses, string Terms, bool IsOn, bool CanChoose, string Fixed, string Notice, string NextState, long? Receipt);

/// <summary>A kind of data held.</summary>
public sealed record HeldView(string Label, IReadOnlyList<ValueView> Values, string Since, string Source, string Kept, string UsedFor);

/// <summary>One value; histories have the time beside it.</summary>
public sealed record ValueView(string Text, string? Note);

/// <summary>One line of "Who looked".</summary>
public sealed record LookView(string When, string Who, string Purpose, string What, string Entry);

/// <summary>What <c>/me</c> shows, in words.</summary>
public sealed class MeModel
{
    private const int LongestValue = 200;
    private readonly string language;
    private readonly PurposeCatalog catalog;

    public MeModel(OwnData.Overview overview, PageFrame frame, string formToken, bool isDemo, string? said, DateTimeOffset now)
    {
        catalog = overview.Catalog.Catalog;
        language = catalog.Organisation.Languages[0];
        (Frame, FormToken, IsDemo, Said) = (frame, formToken, isDemo, said);
        Purposes = [.. catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Basis).ThenBy(p => p.Id.Value, StringComparer.Ordinal)
            .Select(p => View(p, overview.Choices.FirstOrDefault(c => c.Purpose == p.Id), overview.Catalog.ConsentSince.GetValueOrDefault(p.Id), now))];
        Held = [.. overview.Opened.Values.GroupBy(v => v.DataPoint).OrderBy(g => catalog.DataPoints[g.Key].Kind).ThenBy(g => g.Key.Value, StringComparer.Ordinal)
            .Select(g => View(catalog.DataPoints[g.Key], [.. g]))];
        Looks = [.. overview.WhoLooked.Where(e => e.Event.Kind is AuditKind.Read).Select(View)];
    }

    public PageFrame Frame { get; }

    public string FormToken { get; }

    public bool IsDemo { get; }

    public string? Said { get; }

    public IReadOnlyList<PurposeView> Purposes { get; }

    public IReadOnlyList<HeldView> Held { get; }

    public IReadOnlyList<LookView> Looks { get; }

    private PurposeView View(Purpose p, Choice? choice, long since, DateTimeOffset now)
    {
        var customer = new Gate.CustomerState(CustomerId.New(), choice, since, IsRestricted: false);
        var isOn = Gate.Permit.WhyNotThisCustomer(p, customer, now) is null;
        var uses = string.Join(", ", catalog.DataPointsOf(p).Select(d => d.Label.In(language).ToLowerInvariant()));
        var terms = (isOn, choice?.ExpiresAtUs) switch
        {
            (true, { } end) => $"Your yes counts until {Day(Micros.ToInstant(end))}.",
            (false, _) when choice is { State: ConsentState.Withdrawn or ConsentState.Refused } => $"You said no on {Day(Micros.ToInstant(choice.ChangedAtUs))}.",
            _ => "",
        };
        var (can, fixed_) = p.Basis switch
        {
            LegalBasis.Contract => (false, "Needed to serve you"),
            LegalBasis.LegalObligation => (false, "Required by law"),
            _ => (true, ""),
        };
        var next = p.Basis == LegalBasis.LegitimateInterest ? (isOn ? "objected" : "objection-lifted") : isOn ? "withdrawn" : "given";
        return new PurposeView(p.Id.Value, p.Label.In(language), p.Why.In(language), uses, terms, isOn, can, fixed_, NoticeText.Section(catalog, p.Id, language).Hash, next,
            choice is { NoticeHash.Length: > 0 } ? choice.Version : null);
    }

    private HeldView View(DataPoint d, List<OpenedValue> values)
    {
        var isHistory = d.Kind == DataPointKind.History;
        var used = catalog.Purposes.Values.Where(p => p.Active && p.Uses.ContainsKey(d.Id)).Select(p => p.Label.In(language).ToLowerInvariant()).Order(StringComparer.Ordinal);
        return new HeldView(
            d.Label.In(language),
            [.. values.Select(v => new ValueView(Readable(v.Json), isHistory ? Day(v.Time) : null))],
            Day(values.Min(v => v.Time)),
            string.Join(", ", values.Select(v => v.Source).Distinct().Order(StringComparer.Ordinal)),
            d.Retention.Period is { } period ? $"{Words(period)} each" : "while you are a customer",
            string.Join(", ", used));
    }

    private LookView View(AuditEntry e)
    {
        var who = e.Event.Actor.Split(':')[0] switch { "staff" => "Our staff", "key" => "Our systems", "customer" => "You", _ => "Candor itself" };
        var purpose = PurposeId.TryParse(e.Event.Purpose, null, out var id) && catalog.Purposes.TryGetValue(id, out var p) ? p.Label.In(language)
            : e.Event.Actor == "customer" ? "Your own look" : e.Event.Purpose ?? "";
        var what = e.Event.DataPoints.Select(d => DataPointId.TryParse(d, null, out var point) && catalog.DataPoints.TryGetValue(point, out var known) ? known.Label.In(language) : d);
        return new LookView(e.At.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) + " UTC", who, purpose,
            e.Event.DataPoints.Count > 6 ? $"{e.Event.DataPoints.Count} kinds of data" : string.Join(", ", what), e.Id);
    }

    private static string Day(DateTimeOffset at) => at.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Words(Period period) => (period.Months, period.Days) switch
    {
        ( > 0 and var m, 0) when m % 12 == 0 => m == 12 ? "1 year" : $"{m / 12} years",
        ( > 0 and var m, 0) => m == 1 ? "1 month" : $"{m} months",
        (0, var d) => d == 1 ? "1 day" : $"{d} days",
        _ => period.Text,
    };

    /// <summary>A JSON value for people: texts bare, objects as "name: value".</summary>
    private static string Readable(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var text = document.RootElement.ValueKind == JsonValueKind.Object
            ? string.Join(", ", document.RootElement.EnumerateObject().Select(m => $"{m.Name}: {m.Value}"))
            : document.RootElement.ToString();
        return text.Length <= LongestValue ? text : text[..LongestValue] + "…";
    }
}
