using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Desk;

/// <summary>The desk: find a customer, and their page. What is looked for comes in a form, never in an address.</summary>
internal static class DeskRoutes
{
    private const int MostRecent = 12;

    public static void MapDesk(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/desk", (StaffDoor door, HttpContext http) => HomeAsync(door, http, new FindForm(), null)).ForStaff(DeskRules.Role);
        pages.MapPost("/desk", FindAsync).ForStaff(DeskRules.Role);
        pages.MapGet(CustomerPath + "{visit}", (string visit, StaffDoor door, HttpContext http) => CustomerAsync(door, http, visit, new DeskDraft())).ForStaff(DeskRules.Role);
        pages.MapPost(CustomerPath + "{visit}", DeskActs.ActAsync).ForStaff(DeskRules.Role);
        pages.MapEmergencies();
    }

    public const string CustomerPath = "/desk/customers/";

    /// <summary>The customer's page, read anew.</summary>
    public static async Task<IResult> CustomerAsync(StaffDoor door, HttpContext http, string visit, DeskDraft draft)
    {
        if (await door.Host.Briefs.OfVisitAsync(http.Token(), visit, http.RequestAborted) is not { } outcome)
        {
            return TypedResults.Redirect(StaffGuard.SignInPath);
        }

        var view = await door.ViewAsync(http, "desk", "desk");
        var status = draft.IsRefused ? StatusCodes.Status400BadRequest : outcome.Brief is null ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK;
        return StaffDoor.Page<DeskCustomerPage>(new DeskCustomer(view, outcome, draft, door.Now), status);
    }

    private static async Task<IResult> FindAsync(StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var asked = new FindForm(form["text"].ToString(), form["purpose"].ToString(), form["case"].ToString());
        try
        {
            return await door.Host.Finder.FindAsync(http.Token(), asked.Text, PurposeId.Parse(asked.Purpose), asked.Case, http.RequestAborted) switch
            {
                null => TypedResults.Redirect(StaffGuard.SignInPath),
                { Visit: { } visit } => TypedResults.Redirect(CustomerPath + visit),
                { Refused: { } reason } => await HomeAsync(door, http, asked, w => w.Reason(reason), StatusCodes.Status403Forbidden),
                _ => await HomeAsync(door, http, asked, w => w.T("find.nobody"), StatusCodes.Status404NotFound),
            };
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid)
        {
            return await HomeAsync(door, http, asked, w => w.TOr("mistake." + fault.What, "mistake.other"), StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> HomeAsync(StaffDoor door, HttpContext http, FindForm form, Func<DeskWords, string>? message, int status = StatusCodes.Status200OK)
    {
        // Nobody may be at the desk whose training or second factor is over: the page says so, and has no visits to show.
        var recent = await door.Host.Finder.RecentAsync(http.Token(), MostRecent, http.RequestAborted);
        var view = await door.ViewAsync(http, "desk", "desk");
        var words = new DeskWords(view.Catalog, view.Frame.Language);
        var why = message?.Invoke(words) ?? (recent is null ? words.Reason(DeskRules.WhyNot(view.Visit.Actor, DeskRules.Role, door.Now) ?? ReasonCode.SessionEnded) : null);
        return StaffDoor.Page<DeskHomePage>(DeskHome.Of(view, form, why, recent ?? []), status);
    }
}
