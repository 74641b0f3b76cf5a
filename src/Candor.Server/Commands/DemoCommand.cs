using System.CommandLine;
using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Hosting;
using Candor.Server.Pages.Demo;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Commands;

/// <summary><c>candor demo</c>: a sample shop, filled and served. The second start keeps the data.</summary>
internal static class DemoCommand
{
    private const ulong Seed = 20_260_601;
    private const int Customers = 500;
    private const int Days = 90;

    /// <summary>Everybody who tries the sample shop out comes from one address.</summary>
    private const int DemoAttempts = 600;

    /// <summary>Customers that the made-up agent opens; below the read budget of an hour.</summary>
    private const int ReadCustomers = 40;

    public static Command Make()
    {
        var command = new Command("demo", "Make and serve a sample shop: 500 made-up customers, 90 days of visits, orders and questions.") { Shared.Data, Shared.Urls, Shared.Rate };
        command.Runs(async (parsed, ct) =>
        {
            var urls = parsed.GetValue(Shared.Urls)!;
            var folder = DataFolder.At(parsed.GetValue(Shared.Data)!);
            // Whoever tries it does not want to wait two minutes for the confirmation of a choice, and may do so at night.
            var settings = new HostSettings(folder, null, new Uri(urls.Split(';')[0])) { Mail = folder.MailSettings with { GatherChoices = TimeSpan.FromSeconds(5) }, Anomalies = new AnomalySettings { Hours = null } };
            var isNew = !settings.Folder.IsMade;
            await using var host = await CandorHost.OpenAsync(settings, isNew ? settings.Folder.Make() : settings.Folder.LoadKey(), ct);
            // An interrupted first start left a folder without all its customers; filling goes on where it stopped.
            if (isNew || await IsUnfinishedAsync(host, ct))
            {
                await FillAsync(host, ct);
            }

            var keys = await MakeKeysAsync(host, ct);
            await ServeCommand.RunAsync(host, new SiteOptions(urls, parsed.GetValue(Shared.Rate), IsDemo: true, keys, new SignInOptions(AttemptsPerMinute: DemoAttempts), HasPublicTrust: true), app =>
            {
                Print(app.Urls.First(), settings.Folder.Path, isNew, keys);
                return Task.CompletedTask;
            }, ct);
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<bool> IsUnfinishedAsync(CandorHost host, CancellationToken ct) =>
        host.Database.ReadAsync(async tx => await host.Vault.CountAsync(tx, ct) < Customers, ct);

    /// <summary>The ready catalog, except that nobody waits four hours for a mail, and that lots do not make one of the customers on the page see nothing of what there is to see.</summary>
    private static string CatalogText(DateOnly today) => ReadyCatalogs.Text("shop").Replace("after: PT4H", "after: PT20S", StringComparison.Ordinal).Replace("holdOut: 10", "holdOut: 0", StringComparison.Ordinal)
        .Replace("Führt unsere Bücher }, country: GB", $"Führt unsere Bücher }}, country: GB, contract: {{ signed: {Recipient.DayText(today.AddYears(-2))}, until: {Recipient.DayText(today.AddDays(20))}, where: Folder 7 }}", StringComparison.Ordinal)
        // What a shop decides on first is on here: some of the made-up customers let themselves be counted.
        .Replace("    biasAudit: true\n    active: false\n", "    biasAudit: true\n", StringComparison.Ordinal);

    private static async Task FillAsync(CandorHost host, CancellationToken ct)
    {
        await host.ApplyCatalogAsync(PurposeCatalog.Read(CatalogText(DateOnly.FromDateTime(host.Database.Clock.GetUtcNow().UtcDateTime)), "shop.yaml"), "system:demo", null, ct);
        Shared.Results.WriteLine($"Filling the sample shop: {Customers} customers, {Days} days…");
        await Shared.WithProgressAsync("Sample shop", async report =>
        {
            var shop = new SampleShop(host.Database, host.Catalogs, host.Ledger, host.Log, host.Vault);
            await shop.FillAsync(Seed, Customers, Days, new Progress<SampleProgress>(p => report((double)p.Customers / Customers, $"{p.Customers} of {Customers} customers")), ct);
            return true;
        });
        await Fairness.SampleFairness.FillAsync(host.Database, host.Catalogs, host.Ledger, host.Vault, host.Suggestions.Uses, host.Fairness, Seed, ct);
        await Fairness.SampleFairness.EvaluateAsync(host.Database, host.Suggestions, host.ModelAudits, ct);
        await host.Database.WriteAsync(tx => Trust.SampleSurveys.FillAsync(tx, new Trust.SurveyAnswers(host.Vault.Partings), Seed, Days, ct), ct);
        await ReadSomeAsync(host, ct);
        var yesterday = DateOnly.FromDateTime(host.Database.Clock.GetUtcNow().UtcDateTime).AddDays(-1);
        await host.TrustDays.RecountAsync(yesterday.AddDays(1 - Days), yesterday, ct);
        await host.Database.WriteAsync(async tx => { await Trust.SampleTrust.FillAsync(tx, Seed, Days, ct); }, ct);
    }

    /// <summary>Real reads by a made-up agent, so that "Who looked" has something to show: some are allowed, some are not.</summary>
    private static async Task ReadSomeAsync(CandorHost host, CancellationToken ct)
    {
        var session = await host.Database.WriteAsync(async tx =>
        {
            await DemoStaff.AddAsync(host, tx, ct);
            var agent = (await host.Access.StaffAsync(tx, ct)).First(s => s.Roles == "agent");
            return await host.Access.OpenStaffSessionAsync(tx, agent.StaffId, tx.Now, ct);
        }, ct);
        var token = CallerToken.Parse(session);
        for (var i = 1; i <= ReadCustomers; i++)
        {
            var reference = $"c-{i:0000}";
            await host.Reads.RunAsync(new ReadRequest(token, reference, PurposeId.Parse("support"), [], $"T-{1000 + i}"), ct);
            await host.Reads.RunAsync(new ReadRequest(token, reference, PurposeId.Parse("next-needs"), []), ct);
        }

        await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, token, ct), ct);
    }

    /// <summary>A key for this run of the demo; the one before is of no use any more, since its text is not kept.</summary>
    private static async Task<DemoKeys> MakeKeysAsync(CandorHost host, CancellationToken ct)
    {
        var (text, reference, notice) = await host.Database.WriteAsync(async tx =>
        {
            foreach (var old in (await host.Access.KeysAsync(tx, ct)).Where(k => k.Service == "shop" && k.RevokedAtUs is null))
            {
                await host.Access.RevokeKeyAsync(tx, old.KeyId, "system:demo", ct);
            }

            var (key, _) = await host.Access.CreateKeyAsync(tx, "shop", [], ["collect", "consents"], TimeSpan.FromDays(7), "system:demo", ct);
            var catalog = await host.Catalogs.GetActiveAsync(tx, ct);
            return (key, await FindAgreeingAsync(host, tx, ct), NoticeText.Generate(catalog.Catalog, catalog.Catalog.Organisation.Languages[0]).Hash);
        }, ct);
        return new DemoKeys(text, notice, reference);
    }

    /// <summary>A sample customer who has agreed to suggestions, to try a read with.</summary>
    private static async ValueTask<string> FindAgreeingAsync(CandorHost host, Storage.Transaction tx, CancellationToken ct)
    {
        foreach (var (reference, _) in SampleShop.DemoCustomers)
        {
            if (await host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct) is { } key
                && (await host.Ledger.StateAsync(tx, key.Id, ct)).Any(c => c.Purpose.Value == DemoKeys.Purpose && c.State == ConsentState.Given))
            {
                return reference;
            }
        }

        return SampleShop.DemoCustomers[0].Reference;
    }

    private static void Print(string address, string folder, bool isNew, DemoKeys keys)
    {
        Shared.Results.WriteLine(
            $"""

            The sample shop is open{(isNew ? "" : ", with the data of last time")}.

              Shop            {address}/demo
              My data         {address}/me        (sign in as a customer on the shop page first)
              Notice          {address}/notice
              Mailbox         {address}/demo/mailbox
              API             {address}/docs

            Try a read, a withdrawal, and the same read again:

            {keys.Commands(address)}

            Everything is in {folder}. Ctrl-C stops it.
            """);
    }
}
