using Candor.Server.Pages.Survey;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>The questions on the customer's own page. Answering, or "not now", ends them until the next quarter at least.</summary>
internal static class MeSurveyRoutes
{
    private const string Path = "/me/survey";

    public static void MapMySurvey(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapPost(Path, AnswerAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http)
    {
        if (await door.Host.Surveys.OfferAsync(http.Token(), http.RequestAborted) is not { } own)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, own.Catalog.Catalog, "overview");
        return MeDoor.Page<MeSurveyPage>(new MeSurvey(view, own.IsOpen ? new SurveyView(view.Frame, Path, view.FormToken, new Dictionary<string, string>(), null) : null));
    }

    private static async Task<IResult> AnswerAsync(MeDoor door, HttpContext http)
    {
        var (form, token, ct) = (await door.ReadAsync(http), http.Token(), http.RequestAborted);
        if (await door.Host.Surveys.LookAsync(token, ct) is not { } own)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, own.Catalog.Catalog, "overview");
        var isLater = form["later"].Count > 0;
        var (answer, again) = isLater ? (null, null) : SurveyView.Read(form, view.Frame, Path, view.FormToken);
        return again is not null && own.IsOpen ? MeDoor.Page<MeSurveyPage>(new MeSurvey(view, again), StatusCodes.Status400BadRequest)
            : again is not null ? MeDoor.Say(http, "/me", "survey-over")
            : await door.Host.Surveys.AnswerOwnAsync(token, answer, ct) switch
            {
                null => MeDoor.Ended(http),
                false => MeDoor.Say(http, "/me", "survey-over"),
                true => MeDoor.Say(http, "/me", isLater ? "survey-later" : "survey-thanks"),
            };
    }
}

/// <summary>The page with the questions.</summary>
/// <param name="Survey">Null when nothing is to be asked now.</param>
public sealed record MeSurvey(MeView View, SurveyView? Survey);
