using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Candor.Server.Pages.Staff;

/// <summary>A passkey whose signature was good, with what the device said this time.</summary>
internal sealed record ShownPasskey(StaffPasskey Kept, long SignCount, bool IsBackedUp);

/// <summary>Registers passkeys and asks for them (Web Authentication Level 3), with the framework's code. A challenge counts once, on whichever node.</summary>
/// <remarks>The owner's verification (finger, face, PIN) is required, so that a passkey alone is two factors. The domain is the configured site's, never the
/// Host header's. Passkeys must be discoverable: they sign in without an address being typed, and so nobody can ask which addresses have one.</remarks>
internal sealed class PasskeyCeremony
{
    public const string StepField = "step";
    public const string CredentialField = "credential";

    private const int MostCredential = 16 * 1024;

    private readonly CandorHost host;
    private readonly PasskeyHandler<StaffAccount> handler;

    public PasskeyCeremony(CandorHost host, ILogger<UserManager<StaffAccount>> logger)
    {
        this.host = host;
        var site = host.Settings.Site;
        var users = new UserManager<StaffAccount>(new PasskeyStore(host), Options.Create(new IdentityOptions()), null!, [], [], null!, new IdentityErrorDescriber(), null!, logger);
        handler = new PasskeyHandler<StaffAccount>(users, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = site.Host,
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            AuthenticatorTimeout = StaffSteps.Life,
            ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin && Uri.TryCreate(context.Origin, UriKind.Absolute, out var origin)
                && origin.GetLeftPart(UriPartial.Authority) == site.GetLeftPart(UriPartial.Authority)),
        }));
    }

    /// <summary>What the browser needs to make a passkey.</summary>
    /// <returns>JSON: <c>step</c> and <c>options</c>.</returns>
    public async Task<IResult> BeginRegisterAsync(StaffAccount account, HttpContext http)
    {
        var made = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = account.StaffId, Name = account.Email ?? account.Name, DisplayName = account.Name }, http);
        return await AnswerAsync(StaffSteps.Register, account.StaffId, made.AttestationState!, made.CreationOptionsJson, http);
    }

    /// <summary>What the browser needs to show a passkey.</summary>
    /// <param name="account">Whose passkeys count; null: anybody's that the device knows.</param>
    public async Task<IResult> BeginAskAsync(StaffAccount? account, HttpContext http)
    {
        var made = await handler.MakeRequestOptionsAsync(account, http);
        return await AnswerAsync(StaffSteps.Ask, account?.StaffId, made.AssertionState!, made.RequestOptionsJson, http);
    }

    /// <summary>Takes the passkey that a browser has made.</summary>
    /// <returns>Null when it is not what was asked for, or came too late.</returns>
    public async Task<NewPasskey?> RegisterAsync(string staffId, IFormCollection form, string name, HttpContext http)
    {
        if (await TakeAsync(StaffSteps.Register, form, http) is not { } step || step.StaffId != staffId)
        {
            return null;
        }

        var result = await TryAsync(() => handler.PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = http, CredentialJson = form[CredentialField].ToString(), AttestationState = step.State,
        }));
        return result is { Succeeded: true, Passkey: { IsUserVerified: true } key } && result.UserEntity.Id == staffId
            ? new NewPasskey(key.CredentialId, key.PublicKey, key.SignCount, key.Transports ?? [], key.IsBackupEligible, key.IsBackedUp, name) : null;
    }

    /// <summary>Takes the passkey that a browser shows.</summary>
    /// <returns>Null when the signature is not good, the passkey is unknown, or it came too late.</returns>
    public async Task<ShownPasskey?> AskAsync(IFormCollection form, HttpContext http)
    {
        if (await TakeAsync(StaffSteps.Ask, form, http) is not { } step)
        {
            return null;
        }

        var result = await TryAsync(() => handler.PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = http, CredentialJson = form[CredentialField].ToString(), AssertionState = step.State,
        }));
        if (result is not { Succeeded: true, Passkey: { } used })
        {
            return null;
        }

        var kept = await host.Database.ReadAsync(tx => host.StaffFactors.FindPasskeyAsync(tx, used.CredentialId, http.RequestAborted), http.RequestAborted);
        return kept is not null && kept.StaffId == result.User.StaffId ? new ShownPasskey(kept, used.SignCount, used.IsBackedUp) : null;
    }

    private async Task<IResult> AnswerAsync(string kind, string? staffId, string state, string options, HttpContext http)
    {
        var step = await host.Database.WriteAsync(tx => StaffSteps.BeginAsync(tx, kind, staffId, state, http.RequestAborted), http.RequestAborted);
        return TypedResults.Text($$"""{"{{StepField}}":"{{step}}","options":{{options}}}""", "application/json");
    }

    private async Task<StaffSteps.Row?> TakeAsync(string kind, IFormCollection form, HttpContext http)
    {
        var row = await host.Database.WriteAsync(tx => StaffSteps.TakeAsync(tx, kind, form[StepField].ToString(), http.RequestAborted), http.RequestAborted);
        return form[CredentialField].ToString().Length <= MostCredential ? row : null;
    }

    /// <summary>The framework answers most of what a browser may send wrong with a failure, and some of it with an exception of its parsers.</summary>
    private static async Task<T?> TryAsync<T>(Func<Task<T>> run)
        where T : class
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (e is PasskeyException or System.Text.Json.JsonException or FormatException or System.Security.Cryptography.CryptographicException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
