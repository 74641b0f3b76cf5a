using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Questions for consent that staff had put to the customer: answered here, in the customer's own session, with yes or no.</summary>
internal static class MeAskedRoutes
{
    private const string Path = "/me/asked";
    private const string Method = "question from our service, answered in My Data & Privacy";

    public static void MapMyAsked(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapPost(Path, AnswerAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http) =>
        await door.Host.ConsentQuestions.OwnAsync(http.Token(), http.RequestAborted) is { } own && await door.Host.Own.ChoicesAsync(http.Token(), http.RequestAborted) is { } choices
            ? MeDoor.Page<MeAskedPage>(new MeAsked(door.View(http, own.Catalog.Catalog, "choices"), own.Waiting, choices, door.Now))
            : MeDoor.Ended(http);

    private static async Task<IResult> AnswerAsync(MeDoor door, HttpContext http)
    {
        var (form, token, ct) = (await door.ReadAsync(http), http.Token(), http.RequestAborted);
        var purpose = PurposeId.Parse(form["purpose"].ToString());
        if (await door.Host.ConsentQuestions.OwnAsync(token, ct) is not { } own)
        {
            return MeDoor.Ended(http);
        }

        if (own.Waiting.All(q => q.Purpose != purpose))
        {
            // It was answered meanwhile, here or in another window.
            return MeDoor.Say(http, Path, "not-changed");
        }

        var notice = new NoticeRef(form["notice"].ToString(), await door.LanguageAsync(http));
        var outcome = form["answer"].ToString() switch
        {
            "yes" => await door.Host.Choices.GiveAsync(token, null, purpose, notice, Method, ct),
            "no" => await door.Host.Choices.RefuseAsync(token, null, purpose, notice, Method, ct),
            var other => throw new Fault(FaultKind.Invalid, "consent/bad-state", $"`{Name.Shown(other)}` is not an answer."),
        };
        return outcome switch
        {
            { Changed: { } changed } => MeDoor.Say(http, Path, changed.Record.Event == ConsentEvent.Refused ? "answered-no" : changed.Record.Event.Code()),
            { Refused: not null } => MeDoor.Say(http, Path, "not-changed"),
            _ => MeDoor.Ended(http),
        };
    }
}
