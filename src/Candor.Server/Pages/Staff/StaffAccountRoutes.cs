using System.Text;
using Candor.Consent;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Staff;

/// <summary>A member of staff's own account: what they sign in with, and where they are signed in.</summary>
internal static class StaffAccountRoutes
{
    private const string Area = "account";

    public static void MapStaffAccount(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(StaffEntrance.Home, HomeAsync).ForStaff();
        pages.MapGet(StaffFactorDoor.AccountPath, ShowAsync).ForStaff();
        pages.MapPost("/staff/account/sessions/end", EndSessionAsync).ForStaff();
        pages.MapPost("/staff/account/sessions/end-others", EndOthersAsync).ForStaff();
        pages.MapGet("/staff/account/passkeys/new", async (StaffDoor door, StaffFactorDoor factors, HttpContext http) =>
            StaffDoor.Page<StaffPasskeyPage>(await ViewAsync(door, factors, http))).ForSteppedUpStaff();
        pages.MapPost("/staff/account/passkeys/options", (StaffFactorDoor factors, HttpContext http) => factors.OptionsAsync(http)).ForSteppedUpStaff();
        pages.MapPost("/staff/account/passkeys", AddPasskeyAsync).ForSteppedUpStaff();
        pages.MapPost("/staff/account/passkeys/remove", RemovePasskeyAsync).ForSteppedUpStaff();
        pages.MapGet("/staff/account/codes", (StaffDoor door, StaffFactorDoor factors, StaffEntrance entrance, HttpContext http) => CodesAsync(null, door, factors, entrance, http)).ForSteppedUpStaff();
        pages.MapPost("/staff/account/codes", KeepCodesAsync).ForSteppedUpStaff();
        pages.MapPost("/staff/account/codes/remove", RemoveCodesAsync).ForSteppedUpStaff();
        pages.MapGet("/staff/account/password", async (StaffDoor door, StaffFactorDoor factors, HttpContext http) =>
            StaffDoor.Page<StaffPasswordPage>(await ViewAsync(door, factors, http))).ForSteppedUpStaff();
        pages.MapPost("/staff/account/password", ChangePasswordAsync).ForSteppedUpStaff();
        pages.MapGet("/staff/account/recovery-codes", async (StaffDoor door, StaffFactorDoor factors, HttpContext http) =>
            StaffDoor.Page<StaffRecoveryPage>(await ViewAsync(door, factors, http))).ForSteppedUpStaff();
        pages.MapPost("/staff/account/recovery-codes", NewRecoveryCodesAsync).ForSteppedUpStaff();
    }

    /// <summary>The first page that somebody may see; the account for who has no other.</summary>
    private static IResult HomeAsync(HttpContext http)
    {
        var first = StaffSections.For(StaffDoor.Visit(http)).SelectMany(g => g.Sections).FirstOrDefault(s => s.Id != "account");
        return TypedResults.Redirect(first?.Path ?? StaffFactorDoor.AccountPath);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, StaffFactorDoor factors, StaffEntrance entrance, HttpContext http)
    {
        var view = await ViewAsync(door, factors, http);
        var sessions = await door.Host.StaffSessions.ListAsync(http.Token(), entrance.BrowserOf(http), http.RequestAborted);
        return StaffDoor.Page<StaffAccountPage>(view with { Sessions = sessions });
    }

    private static async Task<IResult> EndSessionAsync(StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        await door.Host.StaffSessions.EndAsync(http.Token(), form["session"].ToString(), http.RequestAborted);
        return StaffDoor.Say(http, StaffFactorDoor.AccountPath, "session-ended");
    }

    private static async Task<IResult> EndOthersAsync(StaffDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        await door.Host.StaffSessions.EndAsync(http.Token(), null, http.RequestAborted);
        return StaffDoor.Say(http, StaffFactorDoor.AccountPath, "others-ended");
    }

    private static async Task<IResult> AddPasskeyAsync(StaffFactorDoor factors, HttpContext http)
    {
        await factors.AddPasskeyAsync(http, StaffFactorDoor.AccountPath);
        return StaffDoor.Say(http, StaffFactorDoor.AccountPath, "passkey-added");
    }

    private static async Task<IResult> RemovePasskeyAsync(StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        await door.Host.OwnFactors.RemovePasskeyAsync(http.Token(), form["passkey"].ToString(), http.RequestAborted);
        return StaffDoor.Say(http, StaffFactorDoor.AccountPath, "passkey-removed");
    }

    private static async Task<IResult> CodesAsync(string? trouble, StaffDoor door, StaffFactorDoor factors, StaffEntrance entrance, HttpContext http)
    {
        var view = await ViewAsync(door, factors, http);
        var codes = await factors.CodesViewAsync(http, new StaffEnrolView(await entrance.ViewAsync(http, null), view.Factors, view.View.FormToken), trouble);
        return StaffDoor.Page<StaffCodesPage>(view with { Codes = codes }, trouble is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> KeepCodesAsync(StaffDoor door, StaffFactorDoor factors, StaffEntrance entrance, HttpContext http) =>
        await factors.KeepCodesAsync(http) is { } trouble ? await CodesAsync(trouble, door, factors, entrance, http) : StaffDoor.Say(http, StaffFactorDoor.AccountPath, "codes-set");

    private static async Task<IResult> RemoveCodesAsync(StaffDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        await door.Host.OwnFactors.RemoveCodesAsync(http.Token(), http.RequestAborted);
        return StaffDoor.Say(http, StaffFactorDoor.AccountPath, "codes-removed");
    }

    private static async Task<IResult> ChangePasswordAsync(StaffDoor door, StaffFactorDoor factors, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var next = form["password"].ToString();
        var (trouble, isWrong) = next == form["again"].ToString()
            ? await door.Host.OwnFactors.ChangePasswordAsync(http.Token(), form["present"].ToString(), next, await factors.OwnWordsAsync(http), http.RequestAborted)
            : (null, false);
        var name = next != form["again"].ToString() ? "not-the-same" : isWrong ? "wrong-password" : trouble is { } why ? StaffEntrance.NameOf(why) : null;
        return name is null
            ? StaffDoor.Say(http, StaffFactorDoor.AccountPath, "password-changed")
            : StaffDoor.Page<StaffPasswordPage>(await ViewAsync(door, factors, http) with { Trouble = name }, StatusCodes.Status400BadRequest);
    }

    /// <summary>The one answer to a form that is a page: the codes are shown this one time, and no address leads back to them.</summary>
    private static async Task<IResult> NewRecoveryCodesAsync(StaffDoor door, StaffFactorDoor factors, HttpContext http)
    {
        await door.ReadAsync(http);
        var codes = await door.Host.OwnFactors.NewRecoveryCodesAsync(http.Token(), http.RequestAborted);
        return StaffDoor.Page<StaffRecoveryPage>(await ViewAsync(door, factors, http) with { Fresh = codes });
    }

    private static async Task<StaffAccountView> ViewAsync(StaffDoor door, StaffFactorDoor factors, HttpContext http) =>
        new(await door.ViewAsync(http, "account", Area), (await factors.FindAsync(http))!);
}

/// <summary>The pages of somebody's own account.</summary>
public sealed record StaffAccountView(StaffView View, FactorsView Factors)
{
    public Wording Words { get; } = PageText.In("account", View.Frame.Language);

    public IReadOnlyList<StaffSessions.Item> Sessions { get; init; } = [];

    public StaffCodesView? Codes { get; init; }

    /// <summary>Recovery codes just made.</summary>
    public IReadOnlyList<RecoveryCode> Fresh { get; init; } = [];

    /// <summary>Name of a text <c>trouble.…</c>; null for none.</summary>
    public string? Trouble { get; init; }

    /// <summary>The codes as a file to save, without a script.</summary>
    public string FileOfCodes => "data:text/plain;charset=utf-8," + Uri.EscapeDataString(new StringBuilder().AppendJoin("\r\n", Fresh).Append("\r\n").ToString());

    public string Day(long us) => Kernel.Micros.ToInstant(us).ToString("d MMMM yyyy", Culture);

    public string Time(DateTimeOffset at) => at.ToString("d MMMM yyyy, HH:mm", Culture) + " UTC";

    private System.Globalization.CultureInfo Culture => System.Globalization.CultureInfo.GetCultureInfo(View.Frame.Language);
}
