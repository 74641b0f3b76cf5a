using System.Text.Json;
using Candor.Staff;
using Candor.Storage;

namespace Candor.SignIn;

/// <summary>Signing in as a member of staff with the business's own OpenID provider.</summary>
/// <remarks>Who somebody is, is the provider's name and subject (<c>iss</c>, <c>sub</c>). The first time, an invited account with the verified address is joined to
/// them, and from then on the address counts for nothing. A second factor that the provider saw counts when it says so (<c>amr</c>, RFC 8176, or a configured
/// <c>acr</c>); else Candor asks for its own. For administrators only what cannot be typed into a false page counts.</remarks>
/// <param name="acr">The value of <c>acr</c> that the provider gives for a second factor; null: <c>amr</c> alone tells.</param>
public sealed class StaffOpenId(Database database, CustomerSignIn signIn, StaffSignIn staff, StaffFactors factors, OpenIdProvider provider, Uri site, string? acr)
{
    public const string Method = "oidc";
    public const string BackPath = "/staff/sign-in/oidc/back";

    /// <summary>Several factors, or one that is only had after another: a code or a key beside the password.</summary>
    private static readonly string[] SecondFactors = ["mfa", "otp", "hwk", "fido", "sc", "face", "fpt", "iris"];

    /// <summary>Bound to the provider's own address by the browser or the card.</summary>
    private static readonly string[] NotPhishable = ["hwk", "fido", "sc"];

    private readonly OpenIdFlow flow = new(database, signIn, provider, site, BackPath);

    /// <summary>Begins.</summary>
    public Task<Uri> BeginAsync(string browser, LocalPath goTo, CancellationToken ct) =>
        flow.BeginAsync(browser, goTo, ct, acr is null ? [] : [("acr_values", acr)]);

    /// <summary>Ends: takes what the browser brings back from the provider.</summary>
    public async Task<(StaffOutcome Outcome, SignInTrouble? Trouble, LocalPath GoTo)> FinishAsync(OpenIdReturn back, string? browser, StaffClient client, CancellationToken ct)
    {
        var (trouble, token, goTo) = await flow.FinishAsync(back, browser, ct);
        return await database.WriteAsync<(StaffOutcome, SignInTrouble?, LocalPath)>(async tx =>
        {
            var why = trouble ?? flow.WhyNot(token!.Payload, back.State!, tx.Now);
            var account = why is null ? await FindAsync(tx, token!.Payload, ct) : null;
            if (account is null or { DisabledAtUs: not null })
            {
                await staff.RefuseAsync(tx, Method, account, StaffTrouble.Wrong, ct);
                return (StaffTrouble.Wrong, why ?? SignInTrouble.UnknownCustomer, goTo);
            }

            return (await staff.EnterAsync(tx, account, Method, HasSecond(token!.Payload, account), client, ct), null, goTo);
        }, ct);
    }

    /// <summary>Forgets ways to the provider that have run out.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => flow.CleanAsync(ct);

    /// <summary>Did the provider see a second factor that counts here?</summary>
    internal bool HasSecond(JsonElement claims, StaffAccount account)
    {
        if (acr is not null && SignedToken.TextOf(claims, "acr") == acr)
        {
            return true;
        }

        var seen = claims.TryGetProperty("amr", out var amr) && amr.ValueKind == JsonValueKind.Array
            ? amr.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        return seen.Overlaps(staff.Rules.MayUseCodes(account) ? SecondFactors : NotPhishable);
    }

    private async ValueTask<StaffAccount?> FindAsync(Transaction tx, JsonElement claims, CancellationToken ct)
    {
        if (SignedToken.TextOf(claims, "sub") is not { Length: > 0 and <= 255 } subject)
        {
            return null;
        }

        var isVerified = claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind == JsonValueKind.True;
        return await factors.FindByIdentityAsync(tx, provider.Settings.IssuerText, subject,
            isVerified && StaffEmail.TryParse(SignedToken.TextOf(claims, "email"), out var email) ? email : null, ct);
    }
}
