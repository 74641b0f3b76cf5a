using System.Diagnostics;
using System.Text.RegularExpressions;
using Candor.Tests.Crash;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>A fresh installation, as `candor init` and `candor serve` make it: one agent is invited, and nobody runs it yet.</summary>
public sealed partial class StaffSite(Site site) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("candor-staff-").FullName;
    private ServerProcess? server;

    /// <summary>Path of the link that `candor serve` shows while there is no administrator.</summary>
    public string FirstLink { get; private set; } = "";

    /// <summary>Paths of the links of invited agents; each counts once.</summary>
    public Queue<string> AgentLinks { get; } = [];

    public async ValueTask InitializeAsync()
    {
        var data = Path.Combine(folder, "data");
        await RunAsync("init", "--data", data, "--catalog", "shop");
        for (var i = 0; i < 5; i++)
        {
            AgentLinks.Enqueue(PathIn(await RunAsync("staff", "invite", "Sam Sample", $"sam{i}@shop.example", "--role", "agent", "--data", data)));
        }

        server = await ServerProcess.StartAsync("serve", data, CancellationToken.None);
        for (var wait = 0; FirstLink.Length == 0; wait++)
        {
            Assert.True(wait < 1200, "The server shows no link for the first administrator.");
            await Task.Delay(50);
            FirstLink = PathIn(server.Output);
        }
    }

    /// <summary>A fresh browser with a passkey device of its own, which checks its owner without asking.</summary>
    public async Task<IPage> VisitAsync(Look look, bool forAxe = false, bool hasDevice = true)
    {
        var context = await site.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = server!.Address.GetLeftPart(UriPartial.Authority),
            ViewportSize = look.Size,
            ColorScheme = look.Scheme,
            BypassCSP = forAxe,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await context.NewPageAsync();
        if (hasDevice)
        {
            var devices = await context.NewCDPSessionAsync(page);
            await devices.SendAsync("WebAuthn.enable");
            await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
                },
            });
        }

        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await process.StandardError.ReadToEndAsync());
        return said;
    }

    private static string PathIn(string said) => LinkPath().Match(said).Value;

    [GeneratedRegex(@"/staff/invite\?token=[\w-]{43}")]
    private static partial Regex LinkPath();
}
