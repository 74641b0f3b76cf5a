using System.CommandLine;
using System.Net;
using Candor.Kernel;
using Candor.Server.Web;

namespace Candor.Server.Commands;

/// <summary>Options of <c>candor serve</c> about how customers sign in.</summary>
internal static class SignInSettings
{
    private const string SecretVariable = "CANDOR_OIDC_SECRET";

    private static readonly Option<string?> SiteKeys = new("--site-keys") { Description = "Public keys of your own site (a JSON Web Key Set): an https address or a file." };
    private static readonly Option<string?> Issuer = new("--oidc-issuer") { Description = "OpenID provider that customers may sign in with, exactly as it names itself." };
    private static readonly Option<string?> Client = new("--oidc-client") { Description = "Id of this installation at the OpenID provider." };
    private static readonly Option<string?> SecretFile = new("--oidc-secret-file") { Description = $"File with the secret at the OpenID provider; also {SecretVariable}. Without one, PKCE alone proves who asks." };
    private static readonly Option<string?> Claim = new("--oidc-claim") { Description = "What finds the customer: email (if verified) or sub (your own id of the customer). email unless set." };
    private static readonly Option<string[]> Proxy = new("--proxy") { Description = "Address of a proxy in front, whose X-Forwarded-For and -Proto are believed; once for each.", DefaultValueFactory = _ => [] };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[SiteKeys, Issuer, Client, SecretFile, Claim, Proxy])
        {
            command.Options.Add(option);
        }
    }

    public static SignInOptions Read(ParseResult parsed) => new(
        parsed.GetValue(SiteKeys), parsed.GetValue(Issuer), parsed.GetValue(Client),
        parsed.GetValue(SecretFile) is { } file ? File.ReadAllText(file).Trim() : Environment.GetEnvironmentVariable(SecretVariable), parsed.GetValue(Claim));

    public static IReadOnlyList<IPAddress> Proxies(ParseResult parsed) => [.. parsed.GetValue(Proxy)!.Select(p => IPAddress.TryParse(p, out var address) ? address
        : throw new Fault(FaultKind.Invalid, "server/bad-proxy", $"`--proxy` is the network address of a proxy, such as `10.0.0.5`; got `{Name.Shown(p)}`."))];
}
