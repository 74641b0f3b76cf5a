using System.Net;
using System.Text.Json;
using Candor.Kernel;

namespace Candor.SignIn;

/// <summary>Talks to an OpenID provider: its description, its keys, and the exchange of a code (OpenID Connect Core 1.0, Discovery 1.0).</summary>
public sealed class OpenIdProvider(OpenIdSettings settings, PublicFetch fetch, TimeProvider clock)
{
    /// <summary>The description is asked for again when it is this old.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private volatile Description? described;

    /// <summary>What a provider says of itself.</summary>
    /// <param name="NamesIssuer">It names itself in the way back (RFC 9207), so a way back without its name is not its own.</param>
    internal sealed record Description(Uri Authorization, Uri Token, WebKeySource Keys, bool NamesIssuer, bool TakesBasic, DateTimeOffset At);

    public OpenIdSettings Settings => settings;

    /// <exception cref="Fault">Unavailable when the provider does not answer, or describes somebody else.</exception>
    internal async Task<Description> DescribeAsync(CancellationToken ct)
    {
        if (described is { } known && clock.GetUtcNow() - known.At < MaxAge)
        {
            return known;
        }

        try
        {
            var text = await fetch.GetTextAsync(new Uri(settings.IssuerText.TrimEnd('/') + "/.well-known/openid-configuration"), ct);
            return described = Read(text, described);
        }
        catch (Fault) when (described is not null)
        {
            return described;
        }
    }

    /// <summary>Gives a code for a signed token about the customer.</summary>
    /// <returns>The token, checked by its signature; null when the provider does not take the code or its answer cannot be used.</returns>
    internal async Task<SignedToken?> ExchangeAsync(string code, string verifier, Uri back, CancellationToken ct)
    {
        var provider = await DescribeAsync(ct);
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = back.ToString(), ["client_id"] = settings.ClientId, ["code_verifier"] = verifier,
        };
        if (settings.Secret is { } secret && !provider.TakesBasic)
        {
            fields["client_secret"] = secret;
        }

        var (status, text) = await fetch.PostFormAsync(provider.Token, fields, settings.Secret is { } s && provider.TakesBasic ? (settings.ClientId, s) : null, ct);
        return status == HttpStatusCode.OK && SignedToken.TryParse(FindIdToken(text), out var token) && (await provider.Keys.FindAsync(token, ct)).Any(token.IsSignedBy) ? token : null;
    }

    private static string? FindIdToken(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? SignedToken.TextOf(document.RootElement, "id_token") : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private Description Read(string json, Description? old)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (SignedToken.TextOf(root, "issuer") != settings.IssuerText)
            {
                throw new Fault(FaultKind.Unavailable, "sign-in/other-issuer", $"The OpenID provider names itself otherwise than `{settings.IssuerText}`; write the issuer exactly as it does.");
            }

            var keys = AddressOf(root, "jwks_uri");
            var methods = root.TryGetProperty("token_endpoint_auth_methods_supported", out var listed) && listed.ValueKind == JsonValueKind.Array ? listed : default;
            // Basic is the default of Discovery 1.0 section 3.
            var takesBasic = methods.ValueKind != JsonValueKind.Array || methods.EnumerateArray().Any(m => m.ValueEquals("client_secret_basic"));
            var namesIssuer = root.TryGetProperty("authorization_response_iss_parameter_supported", out var names) && names.ValueKind == JsonValueKind.True;
            return new Description(AddressOf(root, "authorization_endpoint"), AddressOf(root, "token_endpoint"),
                old?.Keys ?? new WebKeySource(c => fetch.GetTextAsync(keys, c), clock), namesIssuer, takesBasic, clock.GetUtcNow());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new Fault(FaultKind.Unavailable, "sign-in/bad-description", "The OpenID provider's description cannot be read.", e);
        }
    }

    private Uri AddressOf(JsonElement root, string name)
    {
        var address = Uri.TryCreate(SignedToken.TextOf(root, name), UriKind.Absolute, out var uri) ? uri
            : throw new Fault(FaultKind.Unavailable, "sign-in/bad-description", $"The OpenID provider's description has no `{name}`.");
        fetch.Check(address);
        return address;
    }
}
