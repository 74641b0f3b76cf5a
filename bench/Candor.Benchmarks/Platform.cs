using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Benchmarks;

/// <summary>The modules on one store, without the web.</summary>
internal sealed class Platform : IAsyncDisposable
{
    public required Database Database { get; init; }

    public required KeyRing Keys { get; init; }

    public required AuditLog Log { get; init; }

    public CatalogRegister Catalogs { get; } = new();

    public NoticeRegister Notices { get; } = new();

    public BlindIndex Index => field ??= new BlindIndex(Keys);

    public PersonalVault Vault => field ??= new PersonalVault(Keys, Index);

    public AccessRegister Access => field ??= new AccessRegister(Log);

    public ConsentLedger Ledger => field ??= new ConsentLedger(Notices);

    public CustomerChoices Choices => field ??= new CustomerChoices(Database, Catalogs, Ledger, Log, Vault, Access);

    public OwnData Own => field ??= new OwnData(Database, new OwnAccess(Catalogs, Vault, Access), Ledger, Log, Vault);

    /// <summary>A connection string of PostgreSQL has an equals sign; a folder here has none. The root key of either is in the folder <c>CANDOR_BENCH_KEYS</c> or the data folder itself.</summary>
    public static bool IsPostgres(string store) => store.Contains('=', StringComparison.Ordinal);

    public static async Task<Platform> OpenAsync(string store)
    {
        var folder = IsPostgres(store) ? Environment.GetEnvironmentVariable("CANDOR_BENCH_KEYS") ?? throw new InvalidOperationException("CANDOR_BENCH_KEYS names the folder of the root key.") : store;
        Directory.CreateDirectory(folder);
        var rootFile = Path.Combine(folder, "root.key");
        var root = File.Exists(rootFile) ? RootKey.Load(rootFile) : RootKey.CreateFile(rootFile);
        Database database = IsPostgres(store)
            ? await PostgresDatabase.OpenAsync(store, TimeProvider.System, default)
            : SqliteDatabase.Open(Path.Combine(store, "candor.db"), TimeProvider.System);
        await database.MigrateAsync(default);
        var keys = await KeyRing.OpenAsync(database, root, default);
        return new Platform { Database = database, Keys = keys, Log = await AuditLog.OpenAsync(database, "localhost/audit", default) };
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
