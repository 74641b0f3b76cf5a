using Candor.Kernel;

namespace Candor.SignIn;

/// <summary>The OpenID provider that customers may sign in with.</summary>
/// <param name="Issuer">Address of the provider; its description lies below it.</param>
/// <param name="IssuerText">The same, letter by letter as the provider writes it: issuers are compared as texts.</param>
/// <param name="ClientId">Under which this installation is registered there.</param>
/// <param name="Secret">Null for a public client, which proves itself by PKCE alone.</param>
/// <param name="Claim">Which claim finds the customer: <see cref="ByEmail"/> or <see cref="BySubject"/>.</param>
public sealed record OpenIdSettings(Uri Issuer, string IssuerText, string ClientId, string? Secret, string Claim)
{
    /// <summary>The e-mail address, when the provider says that it is verified.</summary>
    public const string ByEmail = "email";

    /// <summary>The subject, which is then the business's own id of the customer.</summary>
    public const string BySubject = "sub";

    /// <exception cref="Fault">Invalid when something is missing or malformed.</exception>
    public static OpenIdSettings Parse(string issuer, string? clientId, string? secret, string? claim, PublicFetch fetch)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new Fault(FaultKind.Invalid, "sign-in/bad-issuer", $"An OpenID issuer is an address without query, exactly as the provider names itself; got `{Name.Shown(issuer)}`.");
        }

        fetch.Check(uri);
        if (string.IsNullOrWhiteSpace(clientId))
        {
            throw new Fault(FaultKind.Invalid, "sign-in/no-client-id", "An OpenID provider needs `--oidc-client` too: the id under which this installation is registered there.");
        }

        return claim is null or ByEmail or BySubject
            ? new OpenIdSettings(uri, issuer, clientId, string.IsNullOrEmpty(secret) ? null : secret, claim ?? ByEmail)
            : throw new Fault(FaultKind.Invalid, "sign-in/bad-claim", $"`--oidc-claim` is `{ByEmail}` or `{BySubject}`; got `{Name.Shown(claim)}`.");
    }
}
