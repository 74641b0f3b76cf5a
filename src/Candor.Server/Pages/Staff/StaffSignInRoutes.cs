using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Staff;

/// <summary>Signing in as a member of staff: with a passkey, with password and code, or with a recovery code when those are lost.</summary>
internal static class StaffSignInRoutes
{
    public static void MapStaffSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(StaffGuard.SignInPath, FormAsync).AllowAnonymous();
        pages.MapGet(StaffEntrance.StepPath, CodeFormAsync).AllowAnonymous();
        pages.MapGet("/staff/recover", RecoverFormAsync).AllowAnonymous();
        pages.MapGet("/staff/invite", InviteAsync).AllowAnonymous();
        pages.MapPost("/staff/sign-in/passkey/options", OptionsAsync).AllowAnonymous().RequireRateLimiting(SignInSetup.OptionsLimit);
        var attempts = pages.MapGroup("").RequireRateLimiting(SignInSetup.Limit);
        attempts.MapPost(StaffGuard.SignInPath, PasswordAsync).AllowAnonymous();
        attempts.MapPost(StaffEntrance.StepPath, CodeAsync).AllowAnonymous();
        attempts.MapPost("/staff/sign-in/passkey", PasskeyAsync).AllowAnonymous();
        attempts.MapPost("/staff/recover", RecoverAsync).AllowAnonymous();
        attempts.MapPost("/staff/invite", AcceptAsync).AllowAnonymous();
        pages.MapGet(StaffGuard.ConfirmPath, ConfirmFormAsync).ForStaff();
        pages.MapPost("/staff/confirm/options", ConfirmOptionsAsync).ForStaff();
        pages.MapPost("/staff/confirm/passkey", ConfirmPasskeyAsync).ForStaff();
        pages.MapPost(StaffGuard.ConfirmPath, ConfirmCodeAsync).ForStaff();
    }

    private static async Task<IResult> FormAsync(string? to, StaffEntrance entrance, HttpContext http) =>
        StaffEntrance.Page<StaffSignInPage>(await entrance.ViewAsync(http, to), http);

    private static async Task<IResult> OptionsAsync(PasskeyCeremony passkeys, HttpContext http)
    {
        await Forms.ReadAsync(http);
        return await passkeys.BeginAskAsync(null, http);
    }

    private static async Task<IResult> PasskeyAsync(StaffEntrance entrance, PasskeyCeremony passkeys, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var to = StaffEntrance.PathOf(form["to"]);
        var outcome = await passkeys.AskAsync(form, http) is { } shown
            ? await entrance.Host.StaffSignIn.EnterAsync(shown.Kept, shown.SignCount, shown.IsBackedUp, entrance.ClientOf(http), http.RequestAborted)
            : StaffTrouble.Wrong;
        return outcome.Session is null ? StaffEntrance.Page<StaffSignInPage>(await entrance.ViewAsync(http, to, outcome), http, outcome) : StaffEntrance.Enter(http, outcome, to);
    }

    /// <summary>INVARIANT: the answer and the work are the same for an address that has no account.</summary>
    private static async Task<IResult> PasswordAsync(StaffEntrance entrance, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var to = StaffEntrance.PathOf(form["to"]);
        var outcome = await entrance.Host.StaffSignIn.CheckPasswordAsync(form["email"].ToString(), form["password"].ToString(), entrance.ClientOf(http), http.RequestAborted);
        if (outcome.Step is not { } step)
        {
            return StaffEntrance.Page<StaffSignInPage>(await entrance.ViewAsync(http, to, outcome), http, outcome);
        }

        StaffEntrance.KeepStep(http, step);
        return TypedResults.Redirect($"{StaffEntrance.StepPath}?to={Uri.EscapeDataString(to)}");
    }

    private static async Task<IResult> CodeFormAsync(string? to, StaffEntrance entrance, HttpContext http) => StaffEntrance.StepOf(http) is null
        ? TypedResults.Redirect(StaffGuard.SignInPath) : StaffEntrance.Page<StaffCodePage>(await entrance.ViewAsync(http, to), http);

    private static async Task<IResult> CodeAsync(StaffEntrance entrance, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var to = StaffEntrance.PathOf(form["to"]);
        var outcome = await entrance.Host.StaffSignIn.CheckCodeAsync(StaffEntrance.StepOf(http), form["code"].ToString(), entrance.ClientOf(http), http.RequestAborted);
        if (outcome.Session is not null)
        {
            return StaffEntrance.Enter(http, outcome, to);
        }

        var view = await entrance.ViewAsync(http, to, outcome);
        return outcome.Trouble == StaffTrouble.Over ? StaffEntrance.Page<StaffSignInPage>(view, http, outcome) : StaffEntrance.Page<StaffCodePage>(view, http, outcome);
    }

    private static async Task<IResult> RecoverFormAsync(StaffEntrance entrance, HttpContext http) => StaffEntrance.Page<StaffRecoverPage>(await entrance.ViewAsync(http, null), http);

    private static async Task<IResult> RecoverAsync(StaffEntrance entrance, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var outcome = await entrance.Host.StaffSignIn.RecoverAsync(form["email"].ToString(), form["code"].ToString(), entrance.ClientOf(http), http.RequestAborted);
        return outcome.Session is null
            ? StaffEntrance.Page<StaffRecoverPage>(await entrance.ViewAsync(http, null, outcome), http, outcome)
            : StaffEntrance.Enter(http, outcome, StaffGuard.EnrolPath);
    }

    /// <summary>Programs that check mails open links too, so only the button uses one up.</summary>
    private static async Task<IResult> InviteAsync(string? token, StaffEntrance entrance, HttpContext http)
    {
        var found = StaffInvitations.IsToken(token)
            ? await entrance.Host.Database.ReadAsync(tx => entrance.Host.Invitations.FindAsync(tx, token!, http.RequestAborted), http.RequestAborted) : null;
        return await ShowInvitationAsync(token, found, null, entrance, http);
    }

    private static async Task<IResult> AcceptAsync(StaffEntrance entrance, HttpContext http)
    {
        var form = await Forms.ReadAsync(http);
        var (token, ct, host) = (form["token"].ToString(), http.RequestAborted, entrance.Host);
        try
        {
            var session = StaffInvitations.IsToken(token)
                ? await host.Database.WriteAsync(tx => host.Invitations.AcceptAsync(tx, token, form["name"], form["email"], entrance.BrowserOf(http), ct), ct) : null;
            return session is null ? await ShowInvitationAsync(token, null, null, entrance, http) : StaffEntrance.Enter(http, new StaffOutcome(session), StaffGuard.EnrolPath);
        }
        catch (Kernel.Fault fault) when (fault.What is "staff/bad-email" or "staff/bad-name" or "staff/email-taken")
        {
            // The link is not used up: the work was undone with the fault.
            return await ShowInvitationAsync(token, new StaffInvitation(null, null), fault.What["staff/".Length..], entrance, http);
        }
    }

    private static async Task<IResult> ShowInvitationAsync(string? token, StaffInvitation? found, string? trouble, StaffEntrance entrance, HttpContext http)
    {
        var view = await entrance.ViewAsync(http, null);
        var model = new StaffInviteView(view with { Trouble = trouble }, token ?? "", found);
        return new Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult<StaffInvitePage>(new { Model = model })
        {
            StatusCode = found is null ? StatusCodes.Status403Forbidden : trouble is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    private static async Task<IResult> ConfirmFormAsync(string? to, StaffEntrance entrance, StaffDoor door, HttpContext http) => await ShowConfirmAsync(to, null, entrance, door, http);

    private static async Task<IResult> ConfirmOptionsAsync(StaffEntrance entrance, StaffDoor door, PasskeyCeremony passkeys, HttpContext http)
    {
        await door.ReadAsync(http);
        var account = await entrance.Host.Database.ReadAsync(tx => entrance.Host.StaffFactors.FindAsync(tx, StaffDoor.Visit(http).Actor.Ref, http.RequestAborted), http.RequestAborted);
        return await passkeys.BeginAskAsync(account, http);
    }

    private static async Task<IResult> ConfirmPasskeyAsync(StaffEntrance entrance, StaffDoor door, PasskeyCeremony passkeys, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var outcome = await passkeys.AskAsync(form, http) is { } shown
            ? await entrance.Host.StaffSignIn.ConfirmAsync(http.Token(), shown.Kept, shown.SignCount, shown.IsBackedUp, http.RequestAborted)
            : StaffTrouble.Wrong;
        return outcome.Session is null ? await ShowConfirmAsync(form["to"], outcome, entrance, door, http) : StaffEntrance.Enter(http, outcome, StaffEntrance.PathOf(form["to"]));
    }

    private static async Task<IResult> ConfirmCodeAsync(StaffEntrance entrance, StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var outcome = await entrance.Host.StaffSignIn.ConfirmAsync(http.Token(), form["code"].ToString(), entrance.ClientOf(http), http.RequestAborted);
        return outcome.Session is null ? await ShowConfirmAsync(form["to"], outcome, entrance, door, http) : StaffEntrance.Enter(http, outcome, StaffEntrance.PathOf(form["to"]));
    }

    private static async Task<IResult> ShowConfirmAsync(string? to, StaffOutcome? outcome, StaffEntrance entrance, StaffDoor door, HttpContext http)
    {
        var factors = await entrance.Host.OwnFactors.FindAsync(http.Token(), http.RequestAborted);
        var view = await entrance.ViewAsync(http, to, outcome) with { FormToken = door.FormOf(http) };
        return StaffEntrance.Page<StaffConfirmPage>(new StaffConfirmView(view, HasPasskeys: factors?.Passkeys.Count > 0, HasCodes: factors is { MayUseCodes: true, Account.HasCodes: true }), http, outcome);
    }
}

/// <summary>An invitation as its page shows it.</summary>
/// <param name="Found">Null when the link is over.</param>
public sealed record StaffInviteView(EntranceView View, string Token, StaffInvitation? Found);

/// <summary>Confirming that it is still the same person.</summary>
public sealed record StaffConfirmView(EntranceView View, bool HasPasskeys, bool HasCodes);
