using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Desk;
using Candor.Server.Pages.Governance;
using Candor.Server.Pages.Training;
using Candor.Server.Pages.Trust;
using Candor.Server.Web;

namespace Candor.Server.Pages.Staff;

/// <summary>The pages for staff. Each area has a file of doors of its own.</summary>
internal static class StaffRoutes
{
    public static void MapStaff(this IEndpointRouteBuilder pages)
    {
        pages.MapGovernanceLog();
        pages.MapChecklist();
        pages.MapInternalAudits();
        pages.MapMinimisation();
        pages.MapCleaning();
        pages.MapIncidents();
        pages.MapRequestFigures();
        pages.MapInitiatives();
        pages.MapCommittee();
        pages.MapFairness();
        pages.MapModels();
        pages.MapDpia();
        pages.MapRecords();
        pages.MapStandards();
        pages.MapPost("/staff/sign-out", SignOutAsync).ForEnrolment();
        pages.MapStaffSignIn();
        pages.MapStaffOpenId();
        pages.MapStaffEnrolment();
        pages.MapStaffAccount();
        pages.MapDesk();
        pages.MapAdmin();
        pages.MapTraining();
        pages.MapTrust();
        pages.MapRetention();
    }

    private static async Task<IResult> SignOutAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        await door.ReadAsync(http);
        await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, http.Token(), http.RequestAborted), http.RequestAborted);
        http.Response.Cookies.Delete(CallerAuthentication.StaffCookie, StaffDoor.Cookie());
        http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        return TypedResults.Redirect(StaffGuard.SignInPath);
    }
}
