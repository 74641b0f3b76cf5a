using System.Text;
using Candor.Backup;
using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Candor.Tests.Backup;

public sealed class RestoreDrillOnSqlite : RestoreDrillTests<Sqlite>;

public sealed class RestoreDrillOnPostgres : RestoreDrillTests<Postgres>;

/// <summary>The drill: a backup, then an erasure and a withdrawal, then the loss of everything but backup, ledger and root key.</summary>
public abstract class RestoreDrillTests<TEngine> : BackupTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_restored_backup_gives_nothing_until_the_ledger_has_erased_and_stopped_again()
    {
        await AddAsync("ada");
        await AddAsync("ben");
        var backup = await Host.Backups.MakeNowAsync("test", null, Ct);
        var ledgerThen = Ledger;
        var ada = await FindAsync(Host, "ada");
        await Host.Erasure.RunAsync(ada!.Id, "test", Ct);
        Assert.Equal(200, (await SendAsync("PUT", $"/v1/customers/ben/consents/{Purpose}", """{"state":"withdrawn"}""")).Status);
        await AddAsync("zoe");
        // The running server logs a little of its own after what was done; then nothing is left to write.
        var writes = 0;
        while (await Host.BackupLedger.KeepAsync(Shelf, Ct))
        {
            Assert.InRange(++writes, 1, 100);
            await Task.Delay(50, Ct);
        }

        var newest = await SignAsync();

        var place = await NewPlaceAsync();
        Assert.Empty((await RestoreAsync(backup.Path, place)).Findings);
        Assert.Equal("backup/restored", await WhatAsync(() => OpenAsync(place)));
        await EveryDoorIsClosedAsync(await Assert.ThrowsAsync<Fault>(() => OpenAsync(place)));
        Assert.Equal("backup/old-ledger", await WhatAsync(() => FinishAsync(place, ledgerThen, newest)));
        Assert.Equal("backup/not-a-ledger", await WhatAsync(() => FinishAsync(place, "")));
        Assert.Equal("rights/bad-ledger", await WhatAsync(() => FinishAsync(place, Ledger.Replace("erased ", "erased 0", StringComparison.Ordinal))));
        Assert.Equal("vault/wrong-root-key", await WhatAsync(() => CandorHost.FinishRestoreAsync(place, RootKey.Random(), Ledger, newest, Ct)));
        Assert.Equal("backup/restored", await WhatAsync(() => OpenAsync(place)));

        var report = await FinishAsync(place, Ledger, newest);
        Assert.Equal((1, 1), (report.Replay.Erased, report.Replay.Stopped));
        Assert.True(report.LostEntries > 0);
        Assert.Equal("backup/not-restored", await WhatAsync(() => FinishAsync(place, Ledger, newest)));
        await using (var restored = await OpenAsync(place))
        {
            await LookAsync(restored, ada);
        }

        ScanForErased(backup.Path, place.Folder.Path, ada);
    }

    [Fact]
    public async Task A_backup_under_a_key_that_was_destroyed_since_cannot_be_opened_by_anybody()
    {
        await AddAsync("ada");
        var backup = await Host.Backups.MakeNowAsync("test", null, Ct);
        var rotation = new KeyRotation(Host.Database, Host.Keys);
        Assert.Equal(2, await rotation.RotateAsync(null, Ct));
        Assert.Equal([backup.BackupId], (await Host.Database.ReadAsync(tx => Host.Backups.NeedingAsync(tx, 1, Ct), Ct)).Select(b => b.BackupId));
        Assert.Empty(await Host.Database.ReadAsync(tx => Host.Backups.DestroyableAsync(tx, Ct), Ct));
        var after = await Host.Backups.MakeNowAsync("test", null, Ct);
        Assert.Equal(("1", "2"), (backup.KekVersions, after.KekVersions));
        await Host.BackupLedger.WriteAsync(Shelf, Ct);
        var (old, next) = (await NewPlaceAsync(), await NewPlaceAsync());
        await RestoreAsync(after.Path, next);
        await RestoreAsync(backup.Path, old);

        await rotation.DestroyAsync(1, Ct);
        await Host.BackupLedger.WriteAsync(Shelf, Ct);
        Assert.Equal("vault/kek-destroyed", await WhatAsync(() => FinishAsync(old, Ledger)));
        Assert.Equal("backup/restored", await WhatAsync(() => OpenAsync(old)));
        await FinishAsync(next, Ledger);
        await using var restored = await OpenAsync(next);
        restored.Keys.Open((await FindAsync(restored, "ada"))!).Dispose();
    }

    [Fact]
    public async Task A_ledger_from_before_a_restore_is_not_taken_for_a_newer_one()
    {
        await AddAsync("ada");
        var first = await Host.Backups.MakeNowAsync("test", null, Ct);
        for (var i = 0; i < 10; i++)
        {
            await AddAsync($"lost-{i}");
        }

        await Host.BackupLedger.WriteAsync(Shelf, Ct);
        var lostLedger = Ledger;
        var (second, third) = (await NewPlaceAsync(), await NewPlaceAsync());
        await RestoreAsync(first.Path, second);
        await FinishAsync(second, lostLedger);
        await using var restored = await OpenAsync(second with { Backups = Host.Settings.Backups });
        // The ledger of the lost log is longer than this one, and was taken: it does not close the database again.
        await restored.BackupLedger.RefuseOlderAsync(Shelf, Ct);
        await File.WriteAllTextAsync(restored.Backups.RecipientFile, Identity.Recipient.ToString(), Ct);
        var backup = await restored.Backups.MakeNowAsync("test", null, Ct);
        await RestoreAsync(backup.Path, third);
        Assert.Equal("backup/old-ledger", await WhatAsync(() => FinishAsync(third, lostLedger)));
        await FinishAsync(third, Ledger);
        await (await OpenAsync(third)).DisposeAsync();
    }

    [Fact]
    public async Task A_backup_goes_into_an_empty_place_alone()
    {
        await AddAsync("ada");
        var backup = await Host.Backups.MakeNowAsync("test", null, Ct);
        Assert.Equal("backup/folder-in-use", await WhatAsync(() => RestoreAsync(backup.Path, Host.Settings)));
        var place = await NewPlaceAsync();
        var other = new HostSettings(place.Folder, IsPostgres ? null : "Host=127.0.0.1", place.Site);
        Assert.Equal("backup/other-engine", await WhatAsync(() => RestoreAsync(backup.Path, other)));
        if (IsPostgres)
        {
            Assert.Equal("storage/place-in-use", await WhatAsync(() => RestoreAsync(backup.Path, place with { Postgres = Host.Settings.Postgres })));
        }

        await RestoreAsync(backup.Path, place);
        Assert.Equal(Identity.Recipient, BackupRecipient.Load(Path.Combine(place.Folder.Path, SettingsFiles.Recipient)));
        Assert.DoesNotContain(Directory.EnumerateFiles(place.Folder.Path, "*", SearchOption.AllDirectories), f => f.EndsWith("root.key", StringComparison.Ordinal));
    }

    /// <summary>Every route of the real site, asked of the closed one.</summary>
    private async Task EveryDoorIsClosedAsync(Fault why)
    {
        await using var closed = ClosedSite.Build("http://127.0.0.1:0", why);
        await closed.StartAsync(Ct);
        using var http = new HttpClient { BaseAddress = new Uri(closed.Urls.First()) };
        var routes = App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/')).Distinct().ToList();
        Assert.True(routes.Count > 50);
        foreach (var route in routes.Where(r => r != "/healthz"))
        {
            using var page = new HttpRequestMessage(HttpMethod.Get, route.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
            page.Headers.Add("Accept", "text/html");
            page.Headers.Add("Authorization", "Bearer " + Key);
            using var answer = await http.SendAsync(page, Ct);
            Assert.True((int)answer.StatusCode == 503, $"{route}: {answer.StatusCode}");
            Assert.Contains("comes from a backup", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", string.Join(' ', answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }

        using var api = await http.PutAsync(new Uri("/v1/customers/ada", UriKind.Relative), null, Ct);
        Assert.Equal("application/problem+json", api.Content.Headers.ContentType?.MediaType);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative), Ct)).StatusCode);
    }

    private async Task LookAsync(CandorHost restored, CustomerKey ada)
    {
        Assert.Null(await FindAsync(restored, "ada"));
        Assert.Null(await FindAsync(restored, "zoe"));
        var ben = (await FindAsync(restored, "ben"))!;
        restored.Keys.Open(ben).Dispose();
        await restored.Database.ReadAsync(async tx =>
        {
            Assert.All(await restored.Database.CountRowsAsync(tx, ada.Id, Ct), t => Assert.Equal(0, t.Rows));
            Assert.Equal(ConsentState.Withdrawn, (await restored.Ledger.StateAsync(tx, ben.Id, Ct)).Single(c => c.Purpose.Value == Purpose).State);
            return true;
        }, Ct);
        await VerifyLogAsync(restored);
    }

    private void ScanForErased(string backup, string folder, CustomerKey ada)
    {
        Assert.All(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Shelf)).Append(backup), file =>
        {
            Assert.False(Holds(file, Encoding.UTF8.GetBytes(Canary)), file);
            Assert.False(Holds(file, ada.Wrapped), file);
        });
    }

    private static Task<CustomerKey?> FindAsync(CandorHost host, string reference) =>
        host.Database.ReadAsync(async tx => await host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, Ct), Ct);
}
