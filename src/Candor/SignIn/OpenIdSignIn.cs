using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.SignIn;

/// <summary>Signing in as a customer with an OpenID provider.</summary>
public sealed class OpenIdSignIn(Database database, PersonalVault vault, CustomerSignIn signIn, OpenIdProvider provider, Uri site)
{
    public const string Method = "oidc";
    public const string BackPath = "/sign-in/oidc/back";

    /// <summary>How long the customer may stay at the provider.</summary>
    public static readonly TimeSpan Life = OpenIdFlow.Life;

    private readonly OpenIdFlow flow = new(database, signIn, provider, site, BackPath);

    /// <summary>Begins.</summary>
    /// <param name="browser">Secret of the browser, in which alone the way back is open.</param>
    /// <returns>The address at the provider to send the browser to.</returns>
    public Task<Uri> BeginAsync(string browser, LocalPath goTo, CancellationToken ct) => flow.BeginAsync(browser, goTo, ct);

    /// <summary>Ends: takes what the browser brings back from the provider.</summary>
    public async Task<SignInOutcome> FinishAsync(OpenIdReturn back, string? browser, SignInClient client, CancellationToken ct)
    {
        var (trouble, token, goTo) = await flow.FinishAsync(back, browser, ct);
        return await database.WriteAsync(tx => SignInAsync(tx, trouble, token, back.State, goTo, client, ct), ct);
    }

    /// <summary>Forgets ways to the provider that have run out.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => flow.CleanAsync(ct);

    private async ValueTask<SignInOutcome> SignInAsync(
        Transaction tx, SignInTrouble? trouble, SignedToken? token, string? state, LocalPath goTo, SignInClient client, CancellationToken ct)
    {
        trouble ??= flow.WhyNot(token!.Payload, state!, tx.Now);
        var customer = trouble is null ? await FindAsync(tx, token!.Payload, ct) : null;
        trouble ??= customer is null ? SignInTrouble.UnknownCustomer : null;
        if (trouble is { } no)
        {
            await signIn.RefuseAsync(tx, Method, no, null, ct);
            return new SignInOutcome(null, no, goTo);
        }

        return new SignInOutcome(await signIn.OpenAsync(tx, customer!, Method, client, ct), null, goTo);
    }

    /// <summary>The customer that the provider's claims name; null when nobody is known by them. An address counts only when the provider has verified it.</summary>
    private async ValueTask<CustomerKey?> FindAsync(Transaction tx, JsonElement claims, CancellationToken ct)
    {
        var byEmail = provider.Settings.Claim == OpenIdSettings.ByEmail;
        if (byEmail && !(claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind == JsonValueKind.True))
        {
            return null;
        }

        try
        {
            return SignedToken.TextOf(claims, provider.Settings.Claim) is { } name ? await vault.FindCustomerAsync(tx, byEmail ? BlindIndex.Email : BlindIndex.Reference, name, ct) : null;
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid)
        {
            // No address or reference at all.
            return null;
        }
    }
}
