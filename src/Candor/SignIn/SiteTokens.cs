using System.Text;
using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.SignIn;

/// <summary>Signing in with a token that the business's own site has signed for a customer who is signed in there.</summary>
/// <remarks>A JSON Web Token (RFC 7519) with <c>iss</c>, an origin of the catalog's <c>organisation.sites</c>; <c>aud</c>, the address of this installation;
/// <c>sub</c>, the business's own id of the customer; <c>iat</c> and <c>exp</c>, at most <see cref="MaxLife"/> apart; and <c>jti</c>, which counts once.</remarks>
/// <param name="keys">Keys of the business's site; null when this way is not set up.</param>
public sealed class SiteTokens(Database database, CatalogRegister catalogs, PersonalVault vault, CustomerSignIn signIn, WebKeySource? keys, Uri site)
{
    public const string Method = "token";
    public const int MaxJtiLength = 128;

    public static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(5);

    /// <summary>The clocks of the two sites may differ by this much.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly record struct Claims(string Issuer, string Subject, string Id, DateTimeOffset Expires);

    /// <summary>Signs in with a token.</summary>
    public Task<SignInOutcome> SignInAsync(string? token, LocalPath goTo, SignInClient client, CancellationToken ct) =>
        RunAsync(token, goTo, (tx, customer, c) => signIn.OpenAsync(tx, customer, Method, client, c), ct);

    /// <summary>Opens a session for the browser interface alone: what scripts of the business's own site may hold.</summary>
    public Task<SignInOutcome> IdentifyAsync(string? token, CancellationToken ct) =>
        RunAsync(token, LocalPath.Home, (tx, customer, c) => signIn.OpenVisitAsync(tx, customer, Method, c), ct);

    /// <summary>Believes a token or not; for a good one opens the session that the caller wants.</summary>
    private async Task<SignInOutcome> RunAsync(string? token, LocalPath goTo, Func<Transaction, CustomerKey, CancellationToken, ValueTask<string>> open, CancellationToken ct)
    {
        if (keys is null)
        {
            return new SignInOutcome(null, SignInTrouble.NotSetUp, goTo);
        }

        var isSigned = SignedToken.TryParse(token, out var parsed) && (await keys.FindAsync(parsed, ct)).Any(parsed.IsSignedBy);
        return await database.WriteAsync(async tx =>
        {
            var (trouble, customer) = isSigned ? await BelieveAsync(tx, parsed!.Payload, ct) : (SignInTrouble.BadToken, null);
            if (trouble is { } no)
            {
                await signIn.RefuseAsync(tx, Method, no, customer, ct);
                return new SignInOutcome(null, no, goTo);
            }

            return new SignInOutcome(await open(tx, customer!, ct), null, goTo);
        }, ct);
    }

    /// <summary>Forgets used tokens that have run out.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => database.WriteAsync(async tx =>
        await tx.RunAsync("DELETE FROM sign_in_token_used WHERE expires_at_us < @NowUs", new { tx.NowUs }, ct), ct);

    private async ValueTask<(SignInTrouble? Trouble, CustomerKey? Customer)> BelieveAsync(Transaction tx, JsonElement payload, CancellationToken ct)
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        if (Read(payload, tx.Now) is not { } claims || !catalog.Catalog.Organisation.Sites.Contains(claims.Issuer))
        {
            return (SignInTrouble.BadToken, null);
        }

        var customer = await vault.FindCustomerAsync(tx, BlindIndex.Reference, claims.Subject, ct);
        var isFirst = await tx.RunAsync("INSERT INTO sign_in_token_used (token_hash, expires_at_us) VALUES (@hash, @end) ON CONFLICT (token_hash) DO NOTHING",
            new { hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes($"{claims.Issuer}\n{claims.Id}")), end = Micros.From(claims.Expires + Skew) }, ct) == 1;
        return (!isFirst ? SignInTrouble.Replayed : customer is null ? SignInTrouble.UnknownCustomer : null, customer);
    }

    /// <summary>The claims, or null when one is missing, malformed, or not for here and now.</summary>
    private Claims? Read(JsonElement payload, DateTimeOffset now)
    {
        var (issued, expires) = (SignedToken.InstantOf(payload, "iat"), SignedToken.InstantOf(payload, "exp"));
        var (issuer, subject, id) = (SignedToken.TextOf(payload, "iss"), SignedToken.TextOf(payload, "sub"), SignedToken.TextOf(payload, "jti"));
        var isInTime = issued <= now + Skew && expires > now - Skew && expires > issued && expires - issued <= MaxLife
            && (!payload.TryGetProperty("nbf", out _) || SignedToken.InstantOf(payload, "nbf") <= now + Skew);
        return isInTime && issuer is { Length: > 0 } && id is { Length: > 0 and <= MaxJtiLength } && SignedToken.IsFor(payload, AddressOf(site))
            && subject is { Length: > 0 and <= BlindIndex.MaxReferenceLength } && !subject.Any(char.IsControl)
            ? new Claims(issuer, subject, id, expires!.Value) : null;
    }

    /// <summary>The address of an installation as tokens name it: scheme, host and, unless usual, port.</summary>
    public static string AddressOf(Uri site) => site.GetLeftPart(UriPartial.Authority);
}
