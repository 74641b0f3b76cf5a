using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Tests.Crash;

/// <summary>A data folder with the shop catalog and an API key, made before the server first starts, and looked into after it has ended.</summary>
internal static class CrashStore
{
    public static async Task<(string Key, string Notice)> MakeAsync(string folder, CancellationToken ct)
    {
        await using var db = SqliteDatabase.Open(Path.Combine(folder, "candor.db"), TimeProvider.System);
        await db.MigrateAsync(ct);
        await KeyRing.OpenAsync(db, RootKey.CreateFile(Path.Combine(folder, "root.key")), ct);
        var log = await AuditLog.OpenAsync(db, "localhost/audit", ct);
        return await db.WriteAsync(async tx =>
        {
            var catalog = await new NoticeRegister().ApplyAsync(tx, new CatalogRegister(), PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml, "shop.yaml"), "test", null, ct);
            var key = await new AccessRegister(log).CreateKeyAsync(tx, "shop", [], ["collect", "consents"], TimeSpan.FromDays(1), "test", ct);
            return (key.Text, NoticeText.Generate(catalog.Catalog, "en").Ref.Hash);
        }, ct);
    }

    /// <summary>Hashes the whole log anew and compares it with the stored head.</summary>
    /// <returns>Ids of all entries.</returns>
    public static async Task<HashSet<string>> VerifyLogAsync(string folder, CancellationToken ct)
    {
        await using var db = SqliteDatabase.Open(Path.Combine(folder, "candor.db"), TimeProvider.System);
        var log = await AuditLog.OpenAsync(db, "localhost/audit", ct);
        return await db.ReadAsync(async tx =>
        {
            var (size, root) = await log.HeadAsync(tx, ct);
            var (range, ids) = (new CompactRange(), new HashSet<string>());
            for (var i = 0L; i < size; i++)
            {
                var entry = await log.FindEntryAsync(tx, i, ct) ?? throw new InvalidOperationException($"Entry {i} of {size} is missing.");
                range.Append(Merkle.LeafHash(entry));
                ids.Add(AuditEntry.Decode(entry).Id);
            }

            Assert.Equal(Convert.ToHexString(root), Convert.ToHexString(range.Root()));
            return ids;
        }, ct);
    }

    /// <summary>Files below the folder that hold a text in clear.</summary>
    public static IReadOnlyList<string> FilesWith(string folder, string text)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(bytes) >= 0)];
    }
}
