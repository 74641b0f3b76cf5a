using System.Text;
using Candor.Audit;
using Candor.Backup;
using Candor.Kernel;
using Candor.Server;
using Candor.Server.Hosting;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Candor.Tests.Backup;

public sealed class BackupStoreOnSqlite : BackupStoreTests<Sqlite>;

public sealed class BackupStoreOnPostgres : BackupStoreTests<Postgres>;

/// <summary>Making backups: what is in them, what is not, how many stay, and what damage is told as.</summary>
public abstract class BackupStoreTests<TEngine> : BackupTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task A_backup_is_whole_holds_no_plain_text_and_no_key_and_leaves_nothing_behind()
    {
        await AddAsync("ada");
        Directory.CreateDirectory(Path.Combine(Host.Settings.Folder.Path, "training"));
        await File.WriteAllTextAsync(Path.Combine(Host.Settings.Folder.Path, "training", "rules.en.md"), "Rules", Ct);
        var told = new List<BackupProgress>();
        var row = await Host.Backups.MakeNowAsync("staff:eve", new Synchronous(told.Add), Ct);
        Assert.Equal((row.BackupId, "made", "staff:eve"), ((await Host.Backups.LastAsync(Ct))!.BackupId, row.State, row.MadeBy));
        Assert.Equal(told.Select(t => t.Share).Order(), told.Select(t => t.Share));
        Assert.False(Directory.Exists(Path.Combine(Host.Settings.Folder.Path, BackupMaker.WorkName)));
        Assert.Equal([Path.GetFileName(row.Path), LedgerKeeper.FileName], Directory.EnumerateFiles(Shelf).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(row.Path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        var found = await CheckAsync(row.Path, await SignAsync());
        Assert.Empty(found.Findings);
        Assert.Equal((Host.Log.Origin, Host.Checkpoints.Key.ToString(), row.LogSize), (found.Manifest.Log, found.Manifest.LogKey, found.Manifest.LogSize));
        var opened = await OpenedAsync(row.Path);
        var keks = await Host.Database.ReadAsync(tx => KekRows.ListAsync(tx, Ct), Ct);
        Assert.All([Encoding.UTF8.GetBytes(Canary), keks[0].Wrapped!, Host.Keys.Secret(KeyRing.LogSigning)], secret => Assert.Equal(-1, opened.AsSpan().IndexOf(secret)));
        Assert.NotEqual(-1, opened.AsSpan().IndexOf("files/training/rules.en.md"u8));
    }

    [Fact]
    public async Task Damage_a_wrong_identity_and_another_log_are_each_told_as_what_they_are()
    {
        await AddAsync("ada");
        var row = await Host.Backups.MakeNowAsync("test", null, Ct);
        var whole = await File.ReadAllBytesAsync(row.Path, Ct);
        var copy = Path.Combine(Shelf, "copy.age");
        async Task<string> DamagedAsync(byte[] bytes)
        {
            await File.WriteAllBytesAsync(copy, bytes, Ct);
            return await WhatAsync(() => CheckAsync(copy));
        }

        var flipped = whole.ToArray();
        flipped[whole.Length / 2] ^= 1;
        Assert.Contains(await DamagedAsync(flipped), (string[])["backup/damaged", "backup/cut-off"]);
        Assert.Equal("backup/cut-off", await DamagedAsync(whole[..^1000]));
        Assert.Equal("backup/damaged", await DamagedAsync(whole[..100]));
        Assert.Equal("backup/not-a-backup", await DamagedAsync([]));
        Assert.Equal("backup/not-a-backup", await DamagedAsync("SQLite format 3\0 and more\n"u8.ToArray()));
        Assert.Equal("backup/no-file", await WhatAsync(() => CheckAsync(copy + ".none")));
        Assert.Equal("backup/other-identity", await WhatAsync(() => BackupCheck.RunAsync(row.Path, BackupIdentity.New(), null, null, WorkPath(), TimeProvider.System, null, Ct)));
        Assert.Equal("backup/other-log", await WhatAsync(() => BackupCheck.RunAsync(row.Path, Identity, null, new NoteSigner("other/audit", new byte[32]).Key.ToString(), WorkPath(), TimeProvider.System, null, Ct)));
        var place = await NewPlaceAsync();
        await File.WriteAllBytesAsync(copy, whole[..^1000], Ct);
        Assert.Equal("backup/cut-off", await WhatAsync(() => RestoreAsync(copy, place)));
        Assert.False(File.Exists(place.Folder.Database));
    }

    [Fact]
    public async Task The_schedule_makes_one_when_due_keeps_as_many_as_it_says_and_never_removes_the_newest()
    {
        await AddAsync("ada");
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var files = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await Host.Backups.MakeNowAsync("system:schedule", null, Ct);
            files.Add(Path.GetFileName((await Host.Backups.LastAsync(Ct))!.Path));
        }

        Assert.Equal(files[2..].Append(LedgerKeeper.FileName), Directory.EnumerateFiles(Shelf).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal(["made", "made", "made", "removed", "removed"], (await Host.Backups.ListAsync(10, Ct)).Select(b => b.State));
        Assert.InRange((await Host.Backups.NextAsync(Ct))!.Value, clock.GetUtcNow().AddHours(23), clock.GetUtcNow().AddHours(25));
        await Host.Backups.RunDueAsync(Ct);
        Assert.Equal(5, (await Host.Backups.ListAsync(10, Ct)).Count);
        var checks = await DoctorBackups.LookAsync(Host, Ct);
        Assert.All(checks, c => Assert.True(c.State == DoctorState.Ok, $"{c.Name}: {c.Finding}"));
    }

    [Fact]
    public async Task A_backup_that_fails_leaves_no_file_and_is_told_and_the_next_one_works()
    {
        await AddAsync("ada");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Host.Backups.MakeNowAsync("test", new Synchronous(p => { if (p.Step == (IsPostgres ? "checking" : "sealing")) { stop.Cancel(); } }), stop.Token));
        Assert.Equal(("failed", "backup/interrupted"), (await Host.Backups.ListAsync(1, Ct)).Select(b => (b.State, b.Reason)).Single());
        Assert.Empty(Directory.EnumerateFiles(Shelf));
        Assert.False(Directory.Exists(Path.Combine(Host.Settings.Folder.Path, BackupMaker.WorkName)));
        File.Delete(Host.Backups.RecipientFile);
        Assert.Equal("backup/no-recipient", await WhatAsync(() => Host.Backups.MakeNowAsync("test", null, Ct)));
        await File.WriteAllTextAsync(Host.Backups.RecipientFile, Identity.Recipient.ToString(), Ct);
        var row = await Host.Backups.MakeNowAsync("test", null, Ct);
        Assert.Equal("backup/file-exists", await WhatAsync(() => Host.Backups.MakeAsync(row.Path, "test", null, Ct)));
        Assert.Equal("backup/no-folder", await WhatAsync(() => Host.Backups.MakeAsync(Path.Combine(Shelf, "none", "x.age"), "test", null, Ct)));
    }

    [Fact]
    public async Task A_log_that_does_not_verify_is_not_backed_up_as_if_it_did()
    {
        await AddAsync("ada");
        await SignAsync();
        while (Host.Database.IsClustered && await Host.Log.SequenceAsync(1000, Ct) == 1000)
        {
        }

        await Host.Database.WriteAsync(async tx => { await tx.RunAsync("UPDATE audit_entry SET entry_id = 'x' WHERE idx = 1", null, Ct); }, Ct);
        Assert.Equal("backup/log-not-whole", await WhatAsync(() => Host.Backups.MakeNowAsync("test", null, Ct)));
        Assert.Empty(Directory.EnumerateFiles(Shelf));
    }

    [Fact]
    public async Task A_database_put_back_to_an_earlier_state_by_other_means_is_closed_too()
    {
        await AddAsync("ada");
        await Host.BackupLedger.WriteAsync(Directory.CreateDirectory(Shelf).FullName, Ct);
        await Host.BackupLedger.RefuseOlderAsync(Shelf, Ct);
        var longer = Rights().ToText(new NoteSigner(Host.Replay.Key.Name, Host.Keys.Secret(KeyRing.LogSigning)));
        await File.WriteAllTextAsync(LedgerKeeper.PathIn(Shelf), longer, Ct);
        Assert.Equal("backup/restored", await WhatAsync(() => Host.BackupLedger.RefuseOlderAsync(Shelf, Ct)));
        await Host.Database.ReadAsync(async tx => { Assert.NotNull(await RestoredMode.FindAsync(tx, Ct)); return true; }, Ct);

        Candor.Rights.LedgerFile Rights()
        {
            var file = Candor.Rights.LedgerFile.Parse(Ledger, Host.Replay.Key);
            return file with { Log = file.Log with { Size = file.Log.Size + 1_000 } };
        }
    }

    private string WorkPath() => Path.Combine(Host.Settings.Folder.Path, "check");

    private Task<CheckedBackup> CheckAsync(string file, string? outside = null) => BackupCheck.RunAsync(file, Identity, outside, null, WorkPath(), TimeProvider.System, null, Ct);

    private async Task<byte[]> OpenedAsync(string file)
    {
        await using var source = File.OpenRead(file);
        await using var reader = new AgeReader(source, Identity);
        using var opened = new MemoryStream();
        await reader.CopyToAsync(opened, Ct);
        return opened.ToArray();
    }

    private sealed class Synchronous(Action<BackupProgress> told) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => told(value);
    }
}
