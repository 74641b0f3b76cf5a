using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Staff;

/// <summary>What setting up an account and changing one share: a passkey more, password and authenticator.</summary>
internal sealed class StaffFactorDoor(CandorHost host, StaffDoor door, StaffEntrance entrance, PasskeyCeremony passkeys)
{
    public const string AccountPath = "/staff/account";

    public Task<FactorsView?> FindAsync(HttpContext http) => host.OwnFactors.FindAsync(http.Token(), http.RequestAborted);

    /// <summary>Null when there is nothing to set up: the session has its second factor, or another must be shown first.</summary>
    public async Task<StaffEnrolView?> EnrolViewAsync(HttpContext http) => await FindAsync(http) is { IsEnrolling: true } factors
        ? new StaffEnrolView(await entrance.ViewAsync(http, null), factors, door.FormOf(http)) : null;

    public async Task<StaffCodesView> CodesViewAsync(HttpContext http, StaffEnrolView view, string? trouble)
    {
        var secret = await host.OwnFactors.BeginCodesAsync(http.Token(), http.RequestAborted);
        var account = view.Factors.Account;
        return new StaffCodesView(
            view.View, view.Factors, view.FormToken, string.Join(' ', TotpCode.TextOf(secret).Chunk(4).Select(c => new string(c))),
            QrCode.Of(TotpCode.AddressOf(secret, view.View.Frame.Brand, account.Email ?? account.Name)), trouble, account.PasswordHash is not null && !view.Factors.IsRecovering);
    }

    public async Task<IResult> OptionsAsync(HttpContext http)
    {
        await door.ReadAsync(http);
        return await passkeys.BeginRegisterAsync((await FindAsync(http))!.Account, http);
    }

    /// <summary>Keeps the passkey that the browser made, and goes on.</summary>
    public async Task<IResult> AddPasskeyAsync(HttpContext http, string next)
    {
        var form = await door.ReadAsync(http);
        var made = await passkeys.RegisterAsync(StaffDoor.Visit(http).Actor.Ref, form, form["name"].ToString(), http)
            ?? throw new Kernel.Fault(Kernel.FaultKind.Invalid, "staff/bad-passkey", "The passkey could not be used: it came too late, or the device did not check that it is you; go back and try again.");
        StaffEntrance.Keep(http, await host.OwnFactors.AddPasskeyAsync(http.Token(), made, http.RequestAborted));
        return TypedResults.Redirect(next);
    }

    /// <summary>Keeps password and authenticator.</summary>
    /// <returns>Name of a text <c>trouble.…</c>; null when it is done.</returns>
    public async Task<string?> KeepCodesAsync(HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var (password, again) = (form["password"].ToString(), form["again"].ToString());
        if (password != again)
        {
            return "not-the-same";
        }

        var (session, trouble) = await host.OwnFactors.KeepCodesAsync(http.Token(), password.Length == 0 ? null : password, form["code"].ToString(), await OwnWordsAsync(http), http.RequestAborted);
        if (session is null)
        {
            return trouble is { } why ? StaffEntrance.NameOf(why) : "wrong-code";
        }

        StaffEntrance.Keep(http, session);
        return null;
    }

    /// <summary>Words that a password must not be made of.</summary>
    public async Task<IReadOnlyList<string>> OwnWordsAsync(HttpContext http) =>
        [(await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog.Organisation.Name, host.Settings.Site.Host];
}
