using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Staff;

/// <summary>Setting up the first things to sign in with, or new ones after a recovery: what a session without a second factor opens.</summary>
internal static class StaffEnrolRoutes
{
    public static void MapStaffEnrolment(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(StaffGuard.EnrolPath, ChooseAsync).ForEnrolment();
        pages.MapPost("/staff/enrol/passkey/options", (StaffFactorDoor door, HttpContext http) => door.OptionsAsync(http)).ForEnrolment();
        pages.MapPost("/staff/enrol/passkey", (StaffFactorDoor door, HttpContext http) => door.AddPasskeyAsync(http, "/staff/enrol/done")).ForEnrolment();
        pages.MapGet("/staff/enrol/codes", CodesAsync).ForEnrolment();
        pages.MapPost("/staff/enrol/codes", KeepCodesAsync).ForEnrolment();
        pages.MapGet("/staff/enrol/done", DoneAsync).ForStaff();
    }

    private static async Task<IResult> ChooseAsync(StaffFactorDoor door, HttpContext http) => await door.EnrolViewAsync(http) is { } view
        ? StaffDoor.Page<StaffEnrolPage>(view) : TypedResults.Redirect(StaffFactorDoor.AccountPath);

    private static async Task<IResult> CodesAsync(StaffFactorDoor door, HttpContext http) => await door.EnrolViewAsync(http) is { Factors.MayUseCodes: true } view
        ? StaffDoor.Page<StaffEnrolCodesPage>(await door.CodesViewAsync(http, view, null)) : TypedResults.Redirect(StaffGuard.EnrolPath);

    private static async Task<IResult> KeepCodesAsync(StaffDoor forms, StaffFactorDoor door, HttpContext http)
    {
        await forms.ReadAsync(http);
        if (await door.EnrolViewAsync(http) is not { } view)
        {
            return TypedResults.Redirect(StaffFactorDoor.AccountPath);
        }

        return await door.KeepCodesAsync(http) is { } trouble
            ? StaffDoor.Page<StaffEnrolCodesPage>(await door.CodesViewAsync(http, view, trouble), StatusCodes.Status400BadRequest)
            : TypedResults.Redirect("/staff/enrol/done");
    }

    private static async Task<IResult> DoneAsync(StaffFactorDoor door, StaffEntrance entrance, HttpContext http) =>
        StaffDoor.Page<StaffEnrolDonePage>(new StaffEnrolView(await entrance.ViewAsync(http, null), (await door.FindAsync(http))!, ""));
}

/// <summary>Choosing what to set up.</summary>
public sealed record StaffEnrolView(EntranceView View, FactorsView Factors, string FormToken);

/// <summary>Setting up password and authenticator.</summary>
/// <param name="Secret">As it is typed into an app.</param>
/// <param name="Trouble">Name of a text <c>trouble.…</c>; null for none.</param>
/// <param name="MayKeepPassword">There is a password, which may stay.</param>
public sealed record StaffCodesView(EntranceView View, FactorsView Factors, string FormToken, string Secret, QrCode Qr, string? Trouble, bool MayKeepPassword);
