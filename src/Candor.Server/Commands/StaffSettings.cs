using System.CommandLine;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Commands;

/// <summary>Options of <c>candor serve</c> about how members of staff sign in, and the link for the first of them.</summary>
internal static class StaffSettings
{
    private const string SecretVariable = "CANDOR_STAFF_OIDC_SECRET";

    private static readonly Option<string?> Issuer = new("--staff-oidc-issuer") { Description = "OpenID provider that staff may sign in with, exactly as it names itself." };
    private static readonly Option<string?> Client = new("--staff-oidc-client") { Description = "Id of this installation at that provider." };
    private static readonly Option<string?> SecretFile = new("--staff-oidc-secret-file") { Description = $"File with the secret at that provider; also {SecretVariable}." };
    private static readonly Option<string?> Acr = new("--staff-oidc-acr") { Description = "Value of acr that means a second factor there; unless set, amr tells." };
    private static readonly Option<bool> AdministratorCodes = new("--administrator-codes") { Description = "Administrators may sign in with password and code too; unless set, with passkeys alone." };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Issuer, Client, SecretFile, Acr, AdministratorCodes])
        {
            command.Options.Add(option);
        }
    }

    public static StaffRules Rules(ParseResult parsed) => new(parsed.GetValue(AdministratorCodes));

    public static StaffOidcOptions? Oidc(ParseResult parsed) => parsed.GetValue(Issuer) is { } issuer
        ? new StaffOidcOptions(issuer, parsed.GetValue(Client),
            parsed.GetValue(SecretFile) is { } file ? File.ReadAllText(file).Trim() : Environment.GetEnvironmentVariable(SecretVariable), parsed.GetValue(Acr))
        : null;

    /// <summary>Says how the first administrator comes in; nothing once there is one. Each start makes a fresh link, and the one before counts no more.</summary>
    public static async Task TellFirstAsync(CandorHost host, CancellationToken ct)
    {
        if (await host.Database.WriteAsync(tx => host.Invitations.InviteFirstAsync(tx, "system:serve", ct), ct) is { } token)
        {
            Shared.Results.WriteLine("There is no administrator yet. This link makes the first one; it counts once, for 72 hours or until the next start:");
            Shared.Results.WriteLine(Link(host, token));
        }
    }

    public static string Link(CandorHost host, string token) => new Uri(host.Settings.Site, StaffInvitations.PathOf(token)).ToString();
}
