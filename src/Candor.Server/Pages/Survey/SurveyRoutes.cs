using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Survey;

/// <summary>The questions behind a link, answered once without signing in, and what people wrote. Looking at the link uses nothing up: programs look at links in mails.</summary>
internal static class SurveyRoutes
{
    private const string Officer = "privacy-officer";
    private const string TextsPath = "/governance/survey-texts";
    private const string Thanks = "thanks";
    private const string Later = "later";

    public static void MapSurvey(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/survey/{secret}", ShowAsync).AllowAnonymous();
        pages.MapPost("/survey/{secret}", AnswerAsync).AllowAnonymous();
        pages.MapGet(TextsPath, TextsAsync).ForStaff(Officer);
    }

    private static async Task<IResult> ShowAsync(string secret, CandorHost host, HttpContext http)
    {
        var said = secret is Thanks or Later ? secret : await host.Surveys.IsOpenAsync(secret, http.RequestAborted) ? null : "over";
        return Page(new SurveyView(await FrameAsync(host, http), "/survey/" + secret, null, new Dictionary<string, string>(), null), said);
    }

    private static async Task<IResult> AnswerAsync(string secret, CandorHost host, HttpContext http)
    {
        var (form, ct) = (await Forms.ReadAsync(http), http.RequestAborted);
        var isLater = form["later"].Count > 0;
        var (answer, again) = isLater ? (null, null) : SurveyView.Read(form, await FrameAsync(host, http), "/survey/" + secret, null);
        if (again is not null && await host.Surveys.IsOpenAsync(secret, ct))
        {
            return Page(again, null, StatusCodes.Status400BadRequest);
        }

        // A link that is over says so, whatever was sent with it.
        return again is null && await host.Surveys.AnswerAsync(secret, answer, ct)
            ? TypedResults.Redirect("/survey/" + (isLater ? Later : Thanks)) : TypedResults.Redirect("/survey/over");
    }

    private static async Task<IResult> TextsAsync(StaffDoor door, HttpContext http) =>
        StaffDoor.Page<SurveyTextsPage>(new SurveyTextsView(await door.ViewAsync(http, "survey-texts", "survey"), await door.Host.Surveys.TextsAsync(http.RequestAborted)));

    private static async Task<PageFrame> FrameAsync(CandorHost host, HttpContext http) =>
        PageFrame.Of(http, (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog.Organisation);

    private static RazorComponentResult<SurveyPage> Page(SurveyView view, string? said, int status = StatusCodes.Status200OK) =>
        new(new Dictionary<string, object?> { ["View"] = view, ["Said"] = said }) { StatusCode = status };
}
