using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>A purpose as the customer sees it.</summary>
/// <param name="Fixed">Why it cannot be switched; null where it can.</param>
/// <param name="Terms">How things stand, such as until when a yes counts.</param>
/// <param name="Facts">What, how long, who: name and text.</param>
/// <param name="Receipt">Number of the receipt of the last choice; null where there is none.</param>
/// <param name="Said">What was just done with it; null when nothing was.</param>
/// <param name="Collected">What was collected only for it and is still there, named right after it was switched off; null otherwise.</param>
public sealed record PurposeView(
    string Id, string Label, string Why, bool IsOn, string? Fixed, string Terms, IReadOnlyList<PartView> Facts, string IfOff,
    string Notice, string NextState, long? Receipt, string? Said, string? Collected)
{
    public static bool Counts(Purpose p, ActiveCatalog catalog, IReadOnlyList<Choice> choices, DateTimeOffset now) =>
        Counts(p, choices.FirstOrDefault(c => c.Purpose == p.Id), catalog, now);

    /// <summary>Says a purpose in words.</summary>
    public static PurposeView Of(Purpose p, OwnData.Choices choices, IReadOnlyList<PurposeData.Unneeded> collected, MeView view, DateTimeOffset now)
    {
        var (words, choice) = (view.Words, choices.Now.FirstOrDefault(c => c.Purpose == p.Id));
        var isOn = Counts(p, choice, choices.Catalog, now);
        var said = view.Said is { Version: { } version } s && version == choice?.Version ? s : null;
        return new PurposeView(
            p.Id.Value, p.Label.In(words.Language), p.Why.In(words.Language), isOn, FixedBy(p, words), TermsOf(p, choice, isOn, words), FactsOf(p, words),
            p.IfOff?.In(words.Language) ?? words.T(p.Basis == LegalBasis.LegitimateInterest ? "ifoff.interest" : "ifoff.consent"),
            NoticeText.Section(words.Catalog, p.Id, words.Language).Hash,
            p.Basis == LegalBasis.LegitimateInterest ? (isOn ? "objected" : "objection-lifted") : isOn ? "withdrawn" : "given",
            choice is { NoticeHash.Length: > 0 } ? choice.Version : null,
            said is null ? null : words.T("said." + said.Code),
            said is null || collected.Count == 0 ? null : words.List(collected.Select(c => $"{words.Label(c.DataPoint)} ({words.Count("records", c.Values)})")));
    }

    private static bool Counts(Purpose p, Choice? choice, ActiveCatalog catalog, DateTimeOffset now) =>
        Permit.WhyNotThisCustomer(p, new CustomerState(CustomerId.New(), choice, catalog.ConsentSince.GetValueOrDefault(p.Id), IsRestricted: false), now) is null;

    private static string? FixedBy(Purpose p, MeWords words) => p.Basis is LegalBasis.Contract or LegalBasis.LegalObligation ? words.Basis(p.Basis) : null;

    private static string TermsOf(Purpose p, Choice? choice, bool isOn, MeWords words) => (isOn, choice) switch
    {
        (true, { ExpiresAtUs: { } end }) => words.T("terms.until", ("day", words.Day(Micros.ToInstant(end)))),
        (true, { State: ConsentState.Given } c) => words.T("terms.since", ("day", words.Day(Micros.ToInstant(c.ChangedAtUs)))),
        (true, _) when p.Basis == LegalBasis.LegitimateInterest => words.T("terms.interest"),
        (false, { State: ConsentState.Withdrawn or ConsentState.Refused or ConsentState.Objected } c) => words.T("terms.no", ("day", words.Day(Micros.ToInstant(c.ChangedAtUs)))),
        (false, { State: ConsentState.Expired, ExpiresAtUs: { } end }) => words.T("terms.expired", ("day", words.Day(Micros.ToInstant(end)))),
        (false, { State: ConsentState.Given }) => words.T("terms.outdated"),
        (false, null) => words.T("terms.never"),
        _ => "",
    };

    private static List<PartView> FactsOf(Purpose p, MeWords words)
    {
        var uses = words.Catalog.DataPointsOf(p).ToList();
        var facts = new List<PartView>
        {
            new(words.T("fact.uses"), words.List(uses.Select(d => words.Label(d)))),
            new(words.T("fact.kept"), string.Join(" · ", uses.GroupBy(words.Kept).Select(g => $"{words.List(g.Select(d => words.Label(d)))}: {g.Key}"))),
            new(words.T("fact.who"), p.BiasAudit ? words.T("fact.who.counted") : words.T("fact.who.own") + (p.Recipients.Count == 0 ? "" : " " + words.T("fact.who.also", ("recipients", words.List(p.Recipients.Order(StringComparer.Ordinal)))))),
        };
        if (p.ConsentLasts is { } lasts)
        {
            facts.Add(new(words.T("fact.lasts"), words.T("fact.lasts.text", ("period", words.Period(lasts)))));
        }

        if (p.RemindEvery is { } every)
        {
            facts.Add(new(words.T("fact.remind"), words.T("fact.remind.text", ("period", words.Period(every)))));
        }

        if (p.AutomatedDecision)
        {
            facts.Add(new(words.T("fact.computer"), words.T("fact.computer.text")));
        }

        return facts;
    }
}
