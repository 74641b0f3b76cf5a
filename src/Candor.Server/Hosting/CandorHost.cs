using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Server.Hosting;

/// <summary>What a command needs to know to open an installation.</summary>
/// <param name="Postgres">Connection string; null for SQLite in the folder.</param>
/// <param name="Site">Address under which customers reach this installation.</param>
/// <param name="CustomersPerHour">Read budget of one staff member.</param>
public sealed record HostSettings(DataFolder Folder, string? Postgres, Uri Site, int CustomersPerHour = 60);

/// <summary>All modules, put together once. Opening checks everything in order and stays closed when something is wrong.</summary>
public sealed class CandorHost : IAsyncDisposable
{
    private CandorHost(HostSettings settings, Database database, KeyRing keys, AuditLog log)
    {
        (Settings, Database, Keys, Log) = (settings, database, keys, log);
        Index = new BlindIndex(keys);
        Ledger = new ConsentLedger(Notices);
        Vault = new PersonalVault(keys, Index);
        Access = new AccessRegister(log);
        Checkpoints = new CheckpointSigner(log, new NoteSigner(log.Origin, keys.Secret(KeyRing.LogSigning)));
        Signer = ReceiptSigner.Open(keys.Secret(KeyRing.ReceiptSigning));
        Receipts = new ReceiptWriter(Signer, settings.Site);
        Budget = new ReadBudget(new ReadBudgetOptions { CustomersPerHour = settings.CustomersPerHour });
        Reads = new ConsentedRead(database, Catalogs, log, Vault, Index, Budget);
        SystemReads = new SystemRead(database, Catalogs, Ledger, log, Vault);
        Outbox = new Outbox(Vault);
        Choices = new CustomerChoices(database, Catalogs, Ledger, log, Vault, Access);
        Own = new OwnData(database, Catalogs, Ledger, log, Vault, Access);
        Profiles = new ProfileCollection(database, Catalogs, Ledger, log, Vault, Access);
        Events = new EventCollection(database, Catalogs, Ledger, log, Vault, Access);
        Suggestions = new Suggestions(database, Catalogs, Ledger, log, Vault, Access, Reads, SystemReads);
        Suggestions.Join(Choices, Events);
    }

    public HostSettings Settings { get; }

    public Database Database { get; }

    public KeyRing Keys { get; }

    public AuditLog Log { get; }

    public BlindIndex Index { get; }

    public CatalogRegister Catalogs { get; } = new();

    public NoticeRegister Notices { get; } = new();

    public ConsentLedger Ledger { get; }

    public PersonalVault Vault { get; }

    public AccessRegister Access { get; }

    public CheckpointSigner Checkpoints { get; }

    public ReceiptSigner Signer { get; }

    public ReceiptWriter Receipts { get; }

    public ReadBudget Budget { get; }

    public ConsentedRead Reads { get; }

    public SystemRead SystemReads { get; }

    public Outbox Outbox { get; }

    public CustomerChoices Choices { get; }

    public OwnData Own { get; }

    public ProfileCollection Profiles { get; }

    public EventCollection Events { get; }

    public Suggestions Suggestions { get; }

    /// <summary>Opens an installation: root key, database, schema, keys, log head. Any failure leaves it closed.</summary>
    public static async Task<CandorHost> OpenAsync(HostSettings settings, RootKey root, CancellationToken ct)
    {
        var database = await OpenDatabaseAsync(settings, ct);
        try
        {
            var keys = await KeyRing.OpenAsync(database, root, ct);
            var log = await AuditLog.OpenAsync(database, settings.Site.Authority.Replace(':', '-') + "/audit", ct);
            return new CandorHost(settings, database, keys, log);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the database alone, with its schema brought up to date.</summary>
    public static async Task<Database> OpenDatabaseAsync(HostSettings settings, CancellationToken ct)
    {
        Database database = settings.Postgres is { } connection
            ? await PostgresDatabase.OpenAsync(connection, TimeProvider.System, ct)
            : SqliteDatabase.Open(settings.Folder.Database, TimeProvider.System);
        try
        {
            await database.MigrateAsync(ct);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies a catalog with its notices, and logs it.</summary>
    public Task<ActiveCatalog> ApplyCatalogAsync(PurposeCatalog catalog, string by, string? decision, CancellationToken ct) => Database.WriteAsync(async tx =>
    {
        var active = await Notices.ApplyAsync(tx, Catalogs, catalog, by, decision, ct);
        await Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Catalog, Actor = by, CatalogVersion = active.Version, Subject = catalog.Digest, Reason = decision }, ct);
        return active;
    }, ct);

    public async ValueTask DisposeAsync()
    {
        Signer.Dispose();
        Suggestions.Dispose();
        await Database.DisposeAsync();
    }
}
