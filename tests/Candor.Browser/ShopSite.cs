using System.Diagnostics;
using System.Net;
using System.Text;
using Candor.Catalog;
using Candor.Tests.Crash;
using Microsoft.Playwright;

namespace Candor.Browser;

/// <summary>A business's own site beside Candor: a page on another origin, with a policy of 'self' and the consent server alone, and Candor set up for it.</summary>
public sealed class ShopSite(Site site) : IAsyncLifetime
{
    private const string Shared =
        """
          partner-offers:
            label: { en: Offers of partners, de: Angebote von Partnern }
            why: { en: So that partners can send you offers., de: So können Partner Ihnen schreiben. }
            basis: consent
            dpvPurpose: DirectMarketing
            consentLasts: P12M
            askAgainAfter: P6M
            uses: { email: high }
            services: [mailer]
            recipients: [Partner shops]

        """;

    private readonly string folder = Directory.CreateTempSubdirectory("candor-shop-").FullName;
    private readonly HttpListener pages = new();
    private ServerProcess? server;

    /// <summary>Origin of the shop. Another host than Candor's, so that the browser takes them for two sites.</summary>
    public string Shop { get; } = $"http://127.0.0.1:{ServerProcess.FreePort()}";

    /// <summary>Origin of Candor.</summary>
    public string Server => server!.Address.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync()
    {
        var (data, catalog) = (Path.Combine(folder, "data"), Path.Combine(folder, "shop.yaml"));
        var text = ReadyCatalogs.Text("shop").Replace("holdOut: 10", "holdOut: 0", StringComparison.Ordinal).Replace("sites: [https://maple.example]", $"sites: [{Shop}]", StringComparison.Ordinal).TrimEnd();
        await File.WriteAllTextAsync(catalog, text + "\n" + Shared);
        using var init = Process.Start(new ProcessStartInfo(ServerProcess.Program, ["init", "--data", data, "--catalog", catalog]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await init.WaitForExitAsync();
        Assert.True(init.ExitCode == 0, await init.StandardError.ReadToEndAsync());
        server = await ServerProcess.StartAsync("serve", data, CancellationToken.None);
        pages.Prefixes.Add(Shop + "/");
        pages.Start();
        _ = Task.Run(ServeAsync);
    }

    /// <summary>A fresh visitor of the shop.</summary>
    /// <param name="gpc">The browser sends Global Privacy Control, as header and to scripts.</param>
    /// <param name="forAxe">Lets axe put its script into the page, which the page's own policy forbids.</param>
    public async Task<ShopVisitor> VisitAsync(Look look, bool gpc = false, bool forAxe = false)
    {
        var context = await site.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Shop,
            ViewportSize = look.Size,
            ColorScheme = look.Scheme,
            BypassCSP = forAxe,
            ReducedMotion = ReducedMotion.Reduce,
            ExtraHTTPHeaders = gpc ? new Dictionary<string, string> { ["Sec-GPC"] = "1" } : null,
        });
        if (gpc)
        {
            await context.AddInitScriptAsync("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });");
        }

        return new ShopVisitor(this, context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        pages.Close();
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (pages.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await pages.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var (type, body) = context.Request.Url!.AbsolutePath switch
            {
                "/shop.js" => ("text/javascript", Script),
                "/shop.css" => ("text/css", ":root { color-scheme: light dark; font-family: sans-serif; } a { color: inherit; }"),
                "/favicon.ico" => ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
                var path => ("text/html; charset=utf-8", Page(path)),
            };
            context.Response.ContentType = type;
            context.Response.Headers["Content-Security-Policy"] =
                $"default-src 'none'; script-src 'self' {Server}; connect-src 'self' {Server}; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors 'none'; require-trusted-types-for 'script'";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }

    private string Script =>
        $$"""
        import * as candor from "{{Server}}/candor.js";
        globalThis.candor = candor;
        globalThis.ready = candor.init({ google: true }).then(() => candor.track("pageViews", { page: location.pathname }));
        """;

    private string Page(string path) =>
        $"""
        <!DOCTYPE html>
        <html lang="{(path.StartsWith("/de", StringComparison.Ordinal) ? "de" : "en")}">
        <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Scarves</title>
            <link rel="stylesheet" href="/shop.css">
            <script src="{Server}/candor-js/google-default.js"></script>
            <script type="module" src="/shop.js"></script>
        </head>
        <body>
            <main>
                <h1>Scarves</h1>
                <p><button id="buy">Buy</button></p>
                <p><a href="{Server}/notice" data-candor-settings>Privacy settings</a> <candor-settings>Your choices</candor-settings></p>
            </main>
        </body>
        </html>
        """;
}

/// <summary>Somebody in the shop, and every request that their browser makes of Candor.</summary>
public sealed class ShopVisitor
{
    private readonly ShopSite site;

    public ShopVisitor(ShopSite site, IBrowserContext context, IPage page)
    {
        (this.site, Context, Page) = (site, context, page);
        context.Request += (_, request) =>
        {
            if (request.Url.StartsWith(site.Server, StringComparison.Ordinal))
            {
                Asked.Add($"{request.Method} {new Uri(request.Url).AbsolutePath}");
            }
        };
        page.Console += (_, message) => Complaints.AddRange(message.Type is "error" or "warning" ? [message.Text] : []);
        page.PageError += (_, error) => Complaints.Add(error);
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>Method and path of each.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What the browser's console has against the page.</summary>
    public List<string> Complaints { get; } = [];

    public ILocator Strip => Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { NameRegex = new("Your choice at|Ihre Wahl bei") });

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public async Task<ShopVisitor> OpenAsync(string path = "/", IPage? page = null)
    {
        await (page ?? Page).GotoAsync(site.Shop + path);
        await (page ?? Page).EvaluateAsync("async () => { while (!globalThis.ready) await new Promise(r => setTimeout(r, 10)); await globalThis.ready; }");
        return this;
    }

    public async Task PressAsync(ILocator within, string name)
    {
        await within.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name, Exact = true }).ClickAsync();
    }

    /// <summary>Presses a button that answers, and waits until the answer is saved.</summary>
    public async Task AnswerAsync(ILocator within, string name)
    {
        await Page.RunAndWaitForResponseAsync(() => PressAsync(within, name), r => r.Url.EndsWith("/v1/web/choices", StringComparison.Ordinal) && r.Request.Method == "POST");
        await within.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
    }

    public Task<bool> AllowsAsync(string purpose) => Page.EvaluateAsync<bool>("p => candor.allows(p)", purpose);

    public Task<string?> KeptAsync() => Page.EvaluateAsync<string?>("() => localStorage.getItem('candor')");

    /// <summary>Everything that a page can keep, as one text; empty when it keeps nothing.</summary>
    public async Task<string> AllKeptAsync() =>
        string.Join(' ', (await Context.CookiesAsync()).Select(c => c.Name)) + await Page.EvaluateAsync<string>(
            "async () => Object.keys(localStorage).join() + Object.keys(sessionStorage).join() + (await indexedDB.databases()).map(d => d.name).join() + (await caches.keys()).join()");

    /// <summary>Which element has the focus, also inside the notice.</summary>
    public Task<string> FocusAsync() => Page.EvaluateAsync<string>(
        "() => { let a = document.activeElement; while (a?.shadowRoot?.activeElement) a = a.shadowRoot.activeElement; return `${a?.tagName} ${a?.id || a?.textContent?.trim()}`; }");
}
