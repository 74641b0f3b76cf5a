using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.SignIn;

namespace Candor.Server.Pages.Demo;

/// <summary>The sample shop's key, with which it vouches for the customers who are signed in to it. Made at each start, and never on disk.</summary>
internal sealed class ShopSigner(CandorHost host) : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The public half as a key set, which is all that Candor knows of it.</summary>
    public string KeySet
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"sample-shop","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
        }
    }

    /// <summary>A token for a customer of the shop.</summary>
    public async Task<string> SignAsync(string reference, CancellationToken ct)
    {
        var catalog = await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, ct), ct);
        var site = catalog.Catalog.Organisation.Sites is [var first, ..] ? first
            : throw new Fault(FaultKind.Invalid, "server/no-site", "The catalog names no site under `organisation.sites` that could vouch for a customer.");
        var now = host.Database.Clock.GetUtcNow();
        var header = Part(new Dictionary<string, object> { ["alg"] = SignedToken.Es256, ["kid"] = "sample-shop", ["typ"] = "JWT" });
        var claims = Part(new Dictionary<string, object>
        {
            ["iss"] = site, ["aud"] = SiteTokens.AddressOf(host.Settings.Site), ["sub"] = reference, ["jti"] = RandomSecret.New(),
            ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = (now + TimeSpan.FromMinutes(2)).ToUnixTimeSeconds(),
        });
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => key.Dispose();

    private static string Part(Dictionary<string, object> members) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(members));
}
