using Candor.Catalog;
using Candor.Collection;
using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Rights;
using Candor.Server.Pages.Demo;
using Candor.Server.Pages.Me;
using Candor.Server.Pages.Staff;

namespace Candor.Server.Pages.Desk;

/// <summary>A current value with where it came from and how old it is.</summary>
public sealed record FieldView(string Label, string Text, string From);

/// <summary>A record with where it came from and how old it is.</summary>
/// <param name="Main">What says best what it is about.</param>
/// <param name="Rest">The other members.</param>
public sealed record RecordLine(string Id, string Main, string Rest, string From, bool IsOpen)
{
    /// <summary>No record but what a rule noticed in several.</summary>
    public bool IsNoticed { get; init; }
}

/// <summary>Something that may be needed next, and why.</summary>
public sealed record NeedView(string Name, string Why);

/// <summary>A use that rests on the customer's yes, as it stands.</summary>
/// <param name="Asked">When the customer was asked, and what they said; null when nobody asked.</param>
/// <param name="CanAsk">The question may be put now.</param>
public sealed record ChoiceView(string Id, string Label, bool IsOn, string Since, string? Asked, bool CanAsk, string WhyNot);

/// <summary>What is not shown, and why.</summary>
public sealed record WithheldView(string Label, string Why);

/// <summary>A customer's page in words: the brief, or why there is none, and the forms.</summary>
public sealed class DeskCustomer
{
    private readonly Brief? brief;
    private readonly DateTimeOffset now;

    public DeskCustomer(StaffView view, BriefOutcome outcome, DeskDraft draft, DateTimeOffset now)
    {
        (View, Draft, brief, this.now) = (view, draft, outcome.Brief, now);
        W = new DeskWords(outcome.Catalog.Catalog, view.Frame.Language);
        Visit = outcome.Visit!;
        Entry = outcome.Entry;
        Refused = outcome.Refused is { } reason ? W.Reason(reason) : null;
        MayEmergency = outcome.MayEmergency;
        Purpose = W.LabelOf(Visit.Purpose);
        Purposes = [.. Briefs.PurposesFor(outcome.Catalog.Catalog, DeskRules.Role).Select(W.Option)];
        if (brief is not null)
        {
            Name = brief.Find("Name") is { } name ? W.Values.Line(name.Value.Json, name.DataPoint) : null;
            Channel = brief.Fields.FirstOrDefault(f => f.DataPoint == ContactNotes.ChannelOf(W.Catalog)) is { } channel ? W.Values.Line(channel.Value.Json, channel.DataPoint) : null;
        }
    }

    public StaffView View { get; }

    public DeskWords W { get; }

    public DeskDraft Draft { get; }

    public DeskVisit Visit { get; }

    public string Entry { get; }

    /// <summary>Why nothing is shown; null when there is a brief.</summary>
    public string? Refused { get; }

    public bool MayEmergency { get; }

    public string Purpose { get; }

    public IReadOnlyList<PurposeOption> Purposes { get; }

    public string? Name { get; }

    public string? Channel { get; }

    public bool HasBrief => brief is not null;

    /// <summary>Until when the emergency counts; null when it is none.</summary>
    public string? EmergencyUntil => Visit.Emergency is null ? null : W.Values.Clock(Visit.OpenedAt + DeskVisits.EmergencyLasts);

    public string? Restricted => brief?.RestrictedSince is { } since ? W.T("brief.restricted", ("day", W.Values.Day(since))) : null;

    /// <summary>Where the name came from, which stands over the card.</summary>
    public string? NameFrom => brief!.Find("Name") is { } name ? W.From(name.Value, now) : null;

    /// <summary>How the customer likes to be reached first, then the rest but for the name.</summary>
    public IEnumerable<FieldView> Fields => brief!.Fields.Where(f => f != brief.Find("Name")).OrderBy(f => f.DataPoint != ContactNotes.ChannelOf(W.Catalog))
        .Select(f => new FieldView(W.Values.Label(f.DataPoint), TextOf(f), W.From(f.Value, now)));

    /// <summary>What was noticed stands before what says of itself that it is open.</summary>
    public IReadOnlyList<RecordLine> Open => [.. brief!.Noticed.Select(Noticed), .. brief.Open.Select(Line)];

    public IReadOnlyList<RecordLine> Purchases => [.. brief!.Purchases.Select(Line)];

    /// <summary>Those that are settled; what is open stands by itself.</summary>
    public IReadOnlyList<RecordLine> Contacts => [.. brief!.Contacts.Where(c => !c.IsOpen).Select(Line)];

    public IReadOnlyList<RecordLine> Others => [.. brief!.Others.Select(Line)];

    /// <summary>Questions that a note may answer.</summary>
    public IReadOnlyList<RecordLine> OpenContacts => [.. brief!.Contacts.Where(c => c.IsOpen).Select(Line)];

    public bool HasNeeds => brief!.Needs is not null;

    public string? NeedsWithheld => brief!.Needs?.Withheld is { } reason ? W.Reason(reason) : null;

    public string NeedsEntry => brief!.Needs!.Entry;

    public IReadOnlyList<NeedView> Needs => [.. brief!.Needs!.Noticed.Select(l => Noticed(l)).Select(n => new NeedView(n.Main, n.From)), .. brief.Needs.Items.Select(Need)];

    public IReadOnlyList<ChoiceView> Choices =>
        [.. W.Catalog.Purposes.Values.Where(p => p.Active && p.Basis is LegalBasis.Consent or LegalBasis.LegitimateInterest)
            .OrderBy(p => p.Basis != LegalBasis.Consent).ThenBy(p => p.Label.In(W.Language), StringComparer.Ordinal).Select(Choice)];

    public IReadOnlyList<WithheldView> Withheld =>
        [.. brief!.Withheld.Select(w => new WithheldView(W.Values.LabelOf(w.DataPoint.Value), W.Reason(w.Reason))),
            .. brief.Missing.Select(d => new WithheldView(W.Values.LabelOf(d.Value), W.T("withheld.nothing"))),
            .. NeedsWithheld is { } why ? [new WithheldView(brief.Needs!.Purpose.Label.In(W.Language), why)] : Array.Empty<WithheldView>()];

    public bool HasChannel => CanWrite && ContactNotes.ChannelOf(W.Catalog) is not null;

    public bool HasNotes => CanWrite && CustomerQuestions.HistoryOf(W.Catalog) is not null;

    /// <summary>While every use is stopped, nothing is stored.</summary>
    private bool CanWrite => brief is { RestrictedSince: null };

    public static IReadOnlyList<string> RequestTypes { get; } = [.. Enum.GetValues<RequestType>().Select(t => t.Code())];

    /// <summary>What is wrong with a form that was sent; null when nothing is.</summary>
    public string? MistakeOf(string act) => Draft.Act != act || Draft.Mistake is null ? null
        : W.TOr(Draft.Mistake.StartsWith("reason.", StringComparison.Ordinal) || Draft.Mistake.StartsWith("not-", StringComparison.Ordinal) ? Draft.Mistake : "mistake." + Draft.Mistake, "mistake.other");

    /// <summary>Where numbers stand that are never stored; nothing of them.</summary>
    public IReadOnlyList<string> Risky => [.. (Draft.Risky ?? []).Select(r => W.T("note.risky.at",
        ("line", Number(r.Line)), ("column", Number(r.Column)), ("what", W.T("risky." + r.Kind.ToString().ToLowerInvariant()))))];

    private static string Number(int n) => n.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string TextOf(BriefLine line) => line.DataPoint == ContactNotes.ChannelOf(W.Catalog) ? W.TOr("channel." + W.Values.Line(line.Value.Json, line.DataPoint), "channel.other") is var text
        && text != W.T("channel.other") ? text : W.Values.Line(line.Value.Json, line.DataPoint) : W.Values.Line(line.Value.Json, line.DataPoint);

    private RecordLine Line(BriefLine line)
    {
        // Of what tells most the first is enough: what was bought, asked or noted.
        var parts = W.Values.Parts(line.Value.Json, line.DataPoint).Where(p => p.Label != W.Values.Member(OpenMatters.Answers)).ToList();
        return new RecordLine(
            line.Value.RecordId, parts.FirstOrDefault(p => p.Label.Length == 0)?.Text is { Length: > 0 } main ? main : W.Values.Label(line.DataPoint),
            string.Join(" · ", parts.Where(p => p.Label.Length > 0).Select(p => $"{p.Label}: {p.Text}")), W.From(line.Value, now), line.IsOpen);
    }

    /// <summary>A line of a rule, with the records that it was found in and since when it holds.</summary>
    private RecordLine Noticed(ProactiveLine line) =>
        new("", ProactiveWords.Say(line, W.Language), "", W.T("noticed.from", ("source", W.Values.LabelOf(line.Source.Value)), ("age", W.Age(line.At, now))), IsOpen: false) { IsNoticed = true };

    private NeedView Need(ExplainedItem item)
    {
        var why = new List<string> { W.T("need." + item.Reason.Code()) };
        if (item.TimesBought > 0)
        {
            why.Add(W.T("need.times", ("n", Number(item.TimesBought))));
        }

        if (item.ExpectedAt is { } at)
        {
            why.Add(W.T("need.expected", ("day", W.Values.Day(at))));
        }

        if (item.Because.Count > 0)
        {
            why.Add(W.T("need.because", ("items", W.Values.List(item.Because.Take(3).Select(b => NameOf(b.Item))))));
        }

        return new NeedView(NameOf(item.Item), string.Join(" ", why));
    }

    /// <summary>What the customer's own purchases call an item, or the sample shop; else the item itself.</summary>
    private string NameOf(string item) =>
        brief!.Purchases.Where(p => DeskWords.Member(p.Value, "product") == item).Select(p => DeskWords.Member(p.Value, "item")).FirstOrDefault(n => n is not null)
        ?? DemoFrame.FindName(item, W.Language) ?? item;

    private ChoiceView Choice(Purpose p)
    {
        var choice = brief!.Choices.FirstOrDefault(c => c.Purpose == p.Id);
        var isOn = Permit.WhyNotThisCustomer(p, new CustomerState(Visit.Customer, choice, brief.Catalog.ConsentSince.GetValueOrDefault(p.Id), brief.RestrictedSince is not null), now);
        var why = ConsentQuestions.WhyNot(p, brief.Catalog, brief.Choices, brief.Questions, brief.RestrictedSince is not null, now);
        var since = choice is null ? W.T("choice.never") : W.T("choice.since", ("day", W.Values.Day(Micros.ToInstant(choice.ChangedAtUs))));
        return new ChoiceView(
            p.Id.Value, p.Label.In(W.Language), isOn is null, isOn is null && choice is null ? W.T("choice.interest") : isOn is { } no && choice is not null ? $"{W.Reason(no)} {since}" : since,
            AskedOf(p.Id), why is null, why is { } reason ? W.TOr("not-asked." + reason, "not-asked.NothingToAsk") : "");
    }

    private string? AskedOf(PurposeId purpose) => brief!.Questions.FirstOrDefault(q => q.Purpose == purpose) is { } asked
        ? W.T("asked." + asked.AnswerIn(brief.Choices) switch { Answered.Yes => "yes", Answered.No => "no", _ => asked.IsWaiting(brief.Choices, now) ? "waiting" : "over" },
            ("day", W.Values.Time(asked.AskedAt)))
        : null;
}
