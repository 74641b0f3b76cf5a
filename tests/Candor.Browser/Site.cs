using Candor.Tests.Crash;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Candor.Browser.Site))]

namespace Candor.Browser;

/// <summary>The sample shop on a port of its own and one browser, for all tests of this project.</summary>
public sealed class Site : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("candor-browser-").FullName;
    private ServerProcess? server;
    private IPlaywright? playwright;
    private IBrowser? browser;

    public string Address => server!.Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync()
    {
        server = await ServerProcess.StartAsync("demo", Path.Combine(folder, "data"), CancellationToken.None);
        playwright = await Playwright.CreateAsync();
        string[] quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CANDOR_CHROMIUM") ?? "/usr/bin/chromium-headless-shell",
            // Chromium's sandbox refuses to run as root.
            Args = Environment.UserName == "root" ? [.. quiet, "--no-sandbox"] : quiet,
        });
    }

    /// <summary>A fresh visitor.</summary>
    /// <param name="forAxe">Lets axe put its script into the page, which the page's own policy forbids.</param>
    public async Task<IPage> VisitAsync(Look look, bool script = true, bool forAxe = false)
    {
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address,
            ViewportSize = look.Size,
            ColorScheme = look.Scheme,
            JavaScriptEnabled = script,
            BypassCSP = forAxe,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }

    /// <summary>A fresh visitor of another site, set up as the caller wants.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        var context = await browser!.NewContextAsync(options);
        context.SetDefaultTimeout(30_000);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>How a visitor sees the pages.</summary>
public sealed record Look(int Width, bool IsDark)
{
    /// <summary>A phone by day.</summary>
    public static readonly Look Phone = new(390, IsDark: false);

    /// <summary>A desktop by day.</summary>
    public static readonly Look Desktop = new(1280, IsDark: false);

    /// <summary>A phone and a desktop, by day and by night.</summary>
    public static IReadOnlyList<Look> All { get; } = [Phone, Phone with { IsDark = true }, Desktop, Desktop with { IsDark = true }];

    public ColorScheme Scheme => IsDark ? ColorScheme.Dark : ColorScheme.Light;

    public ViewportSize Size => new() { Width = Width, Height = Width < 600 ? 844 : 900 };

    public override string ToString() => $"{Width} px, {(IsDark ? "dark" : "light")}";
}
