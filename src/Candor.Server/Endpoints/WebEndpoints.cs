using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Trust;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Endpoints;

/// <summary>What a visitor is told before they choose. <c>texts</c> are the words of the dialog around it.</summary>
internal sealed record WebNoticeAnswer(
    string Organisation, string Contact, string Language, long CatalogVersion, bool Gpc, IReadOnlyDictionary<string, string> Texts, IReadOnlyList<WebPurposeAnswer> Purposes);

/// <summary>One purpose to choose. <c>notice</c> is the version of <c>text</c>, to send back with the choice; a no today is left in peace until <c>askAgain</c>.</summary>
internal sealed record WebPurposeAnswer(
    string Id, string Label, string Why, string Basis, string DpvPurpose, string Notice, string Text, string? IfOff, bool Shared, IReadOnlyList<string> Collects, DateTimeOffset? AskAgain);

/// <summary>A visitor's choices: true allows a purpose, false does not.</summary>
internal sealed record WebChoicesBody(IReadOnlyDictionary<string, bool> Choices, IReadOnlyDictionary<string, string>? Notices = null, string? Language = null, string? Method = null, bool Gpc = false);

/// <summary>Where a visitor stands. <c>session</c> is there once: in the answer to the choice that made it.</summary>
internal sealed record WebChoicesAnswer(string? Session, bool Gpc, IReadOnlyList<WebStandingAnswer> Choices);

internal sealed record WebStandingAnswer(
    string Purpose, string Basis, string DpvPurpose, string State, bool Allowed, bool Ask, bool Shared, IReadOnlyList<string> Collects, DateTimeOffset? ChangedAt, DateTimeOffset? ExpiresAt);

/// <summary>Events of one page, with their age instead of a time: browsers' clocks are often wrong.</summary>
internal sealed record WebEventsBody(IReadOnlyList<WebEventBody> Events);

/// <summary><c>age</c> in milliseconds, up to a day.</summary>
internal sealed record WebEventBody(string DataPoint, string Id, long Age, JsonElement Data);

/// <summary><c>link</c> is said this once, works once and for 30 days; without it this visitor is not asked now.</summary>
internal sealed record WebSurveyAnswer(string? Link);

/// <summary>The browser interface: what candor.js calls from the business's own pages. Bearer sessions only, no cookies.</summary>
internal static class WebEndpoints
{
    private const int MaxEvents = 100;
    private const int MaxChoices = 200;
    private const string DefaultMethod = "notice on the website";
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    public static void MapWeb(this IEndpointRouteBuilder app)
    {
        var web = app.MapGroup(SiteOrigins.Path).WithTags("Web");
        web.MapGet("/notice", NoticeAsync).WithSummary("What a visitor can choose, in plain words").AllowAnonymous();
        web.MapGet("/choices", LookAsync).WithSummary("Where the visitor of this session stands");
        web.MapPost("/choices", ChooseAsync).WithSummary("Take a visitor's choices; the first that allows something makes a session").RequireIdempotency().AllowAnonymous();
        web.MapPost("/events", StoreAsync).WithSummary("Store what this visitor allows to be collected; each event is answered by itself");
        web.MapPost("/survey", AskAsync).WithSummary("A link to questions on how this visitor sees the business, at most once a quarter; null: not now");
        web.MapDelete("/session", ForgetAsync).WithSummary("End this visitor's session");
        web.MapMethods("/{**any}", [HttpMethods.Options], (RequestDelegate)(http =>
        {
            SiteOrigins.AnswerPreflight(http);
            return Task.CompletedTask;
        })).ExcludeFromDescription().AllowAnonymous();
    }

    private static async Task<Ok<WebNoticeAnswer>> NoticeAsync(string? language, CandorHost host, HttpContext http)
    {
        var (version, catalog, _) = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted);
        host.TrustCounts.View(TrustMeasure.NoticeViews);
        var organisation = catalog.Organisation;
        var chosen = language is not null && organisation.Languages.Contains(language) ? language : organisation.Languages[0];
        var (words, now) = (PageText.In("web", chosen), host.Database.Clock.GetUtcNow());
        return TypedResults.Ok(new WebNoticeAnswer(organisation.Name, organisation.Contact, chosen, version, OptOutHonour.IsAsked(http.Request),
            words.Names.Order(StringComparer.Ordinal).ToDictionary(n => n, n => words.Text(n).Replace("{organisation}", organisation.Name, StringComparison.Ordinal)),
            [.. VisitStanding.Offered(catalog).Select(p => Describe(p, catalog, chosen, now))]));
    }

    private static WebPurposeAnswer Describe(Purpose purpose, PurposeCatalog catalog, string language, DateTimeOffset now)
    {
        var section = NoticeText.Section(catalog, purpose.Id, language);
        return new WebPurposeAnswer(purpose.Id.Value, purpose.Label.In(language), purpose.Why.In(language), Word(purpose.Basis), purpose.DpvPurpose, section.Hash, section.Text,
            purpose.IfOff?.In(language), OptOutSignal.Concerns(purpose), Collects(catalog, purpose), purpose.AskAgainAfter?.After(now));
    }

    private static async Task<Results<Ok<WebChoicesAnswer>, ProblemHttpResult>> LookAsync(string? language, bool? gpc, CandorHost host, HttpContext http)
    {
        var signal = OptOutHonour.IsAsked(http.Request) || gpc == true;
        return Phrase(await host.Visits.LookAsync(http.Token(), signal, language ?? "", http.RequestAborted), signal, http);
    }

    private static async Task<Results<Ok<WebChoicesAnswer>, ProblemHttpResult>> ChooseAsync(WebChoicesBody body, CandorHost host, HttpContext http)
    {
        if (body.Choices.Count is 0 or > MaxChoices || body.Notices?.Count > MaxChoices || body.Notices?.Values.Any(n => n is null) == true)
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-choices", $"`choices` and `notices` hold 1 to {MaxChoices} purposes, none of them null; got `{body.Choices.Count}`.");
        }

        if (http.FindToken() is null && http.Request.Headers.Authorization.Count > 0)
        {
            return Problems.Unknown(http);
        }

        var signal = OptOutHonour.IsAsked(http.Request) || body.Gpc;
        var said = new VisitChoices(
            body.Choices.ToDictionary(c => PurposeId.Parse(c.Key), c => c.Value), (body.Notices ?? new Dictionary<string, string>()).ToDictionary(n => PurposeId.Parse(n.Key), n => n.Value),
            body.Language ?? "", body.Method ?? DefaultMethod, signal);
        var outcome = await host.Visits.ChooseAsync(http.FindToken(), said, http.RequestAborted);
        if (outcome is { Session: null, Refused: null } && http.FindToken() is null)
        {
            host.TrustCounts.View(TrustMeasure.VisitorRefusals);
        }

        return Phrase(outcome, signal, http);
    }

    private static Results<Ok<WebChoicesAnswer>, ProblemHttpResult> Phrase(WebVisit.Outcome? outcome, bool signal, HttpContext http)
    {
        if (outcome is null)
        {
            return Problems.Unknown(http);
        }

        if (outcome.Refused is { } no)
        {
            return Problems.Denied(no.Reason, no.Entry);
        }

        var catalog = outcome.Catalog.Catalog;
        return TypedResults.Ok(new WebChoicesAnswer(outcome.Session, signal, [.. outcome.Standings.Select(s => new WebStandingAnswer(
            s.Purpose.Id.Value, Word(s.Purpose.Basis), s.Purpose.DpvPurpose, s.Choice?.State.Code() ?? "none", s.IsAllowed, s.IsAsked, OptOutSignal.Concerns(s.Purpose),
            Collects(catalog, s.Purpose), Micros.ToInstant(s.Choice?.ChangedAtUs), Micros.ToInstant(s.Choice?.ExpiresAtUs)))]));
    }

    private static async Task<Results<Ok<EventsAnswer>, ProblemHttpResult>> StoreAsync(WebEventsBody body, EventCollection events, CandorHost host, HttpContext http)
    {
        if (body.Events is not { Count: >= 1 and <= MaxEvents } || body.Events.Any(e => e is null || e.Age < 0 || e.Age > MaxAge.TotalMilliseconds))
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-batch", $"`events` holds 1 to {MaxEvents} events, none of them null, each with an `age` of 0 to {MaxAge.TotalMilliseconds:0} milliseconds.");
        }

        foreach (var e in body.Events)
        {
            JsonText.Check(e.Data);
        }

        var now = host.Database.Clock.GetUtcNow();
        var incoming = body.Events.Select(e => new IncomingEvent("", e.DataPoint, e.Id, now - TimeSpan.FromMilliseconds(e.Age), e.Data)).ToList();
        return CollectionEndpoints.Phrase(await events.StoreOwnAsync(http.Token(), incoming, http.RequestAborted), incoming, http);
    }

    private static async Task<Results<Ok<WebSurveyAnswer>, ProblemHttpResult>> AskAsync(CandorHost host, HttpContext http)
    {
        var (isKnown, link) = await host.Surveys.AskOnSiteAsync(http.Token(), http.RequestAborted);
        return isKnown ? TypedResults.Ok(new WebSurveyAnswer(link?.AbsoluteUri)) : Problems.Unknown(http);
    }

    private static async Task<NoContent> ForgetAsync(CandorHost host, HttpContext http)
    {
        await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, http.Token(), http.RequestAborted), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static IReadOnlyList<string> Collects(PurposeCatalog catalog, Purpose purpose) => [.. VisitStanding.CollectedWith(catalog, purpose).Select(d => d.Id.Value)];

    private static string Word(LegalBasis basis) => JsonNamingPolicy.KebabCaseLower.ConvertName(basis.ToString());
}
