using System.Text;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.SignIn;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Tests.SignIn;

/// <summary>The modules that signing in needs, on one database, with one site and two customers.</summary>
public sealed class SignInHouse
{
    public const string Shop = "https://maple.example";

    public static readonly Uri Site = new("https://privacy.shop.example");

    public required Database Db { get; init; }

    public required AuditLog Log { get; init; }

    public required PersonalVault Vault { get; init; }

    public required AccessRegister Access { get; init; }

    public required CatalogRegister Catalogs { get; init; }

    public required CustomerSignIn SignIn { get; init; }

    public required SignInLinks Links { get; init; }

    public required OwnSessions Sessions { get; init; }

    public required OwnData Own { get; init; }

    public required ConsentedRead Reads { get; init; }

    public required BlindIndex Index { get; init; }

    public CustomerKey Ada { get; private set; } = null!;

    public CustomerKey Ben { get; private set; } = null!;

    public static async Task<SignInHouse> BuildAsync(Database db, CancellationToken ct)
    {
        var keys = await KeyRing.OpenAsync(db, RootKey.Random(), ct);
        var (index, catalogs, notices) = (new BlindIndex(keys), new CatalogRegister(), new NoticeRegister());
        var log = await AuditLog.OpenAsync(db, "test.example/audit", ct);
        var (ledger, vault, access) = (new ConsentLedger(notices), new PersonalVault(keys, index), new AccessRegister(log));
        var signIn = new CustomerSignIn(access, log, vault, keys);
        var house = new SignInHouse
        {
            Db = db, Log = log, Vault = vault, Access = access, Catalogs = catalogs, SignIn = signIn, Index = index,
            Links = new SignInLinks(db, vault, index, new Outbox(vault), signIn, Site),
            Sessions = new OwnSessions(db, access, vault, log, signIn),
            Own = new OwnData(db, new OwnAccess(catalogs, vault, access), ledger, log, vault),
            Reads = new ConsentedRead(db, catalogs, log, vault, index, new ReadBudget(new ReadBudgetOptions(), log)),
        };
        await db.WriteAsync(async tx => await notices.ApplyAsync(tx, catalogs, PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml"), "test", null, ct), ct);
        (house.Ada, house.Ben) = (await house.AddAsync("ada", ct), await house.AddAsync("ben", ct));
        return house;
    }

    public Task<CustomerKey> AddAsync(string reference, CancellationToken ct) => Db.WriteAsync(async tx =>
    {
        var key = await Vault.CreateCustomerAsync(tx, reference, ct);
        await Vault.PutFieldAsync(tx, key, DataPointId.Parse("email"), Encoding.UTF8.GetBytes($"\"{reference}@customers.example\""), "test", ct, (BlindIndex.Email, $"{reference}@customers.example"));
        return key;
    }, ct);

    /// <summary>The customer of a session; null when it is not live.</summary>
    public async Task<string?> WhoAsync(string? session, CancellationToken ct) => session is null ? null : await Db.ReadAsync(async tx =>
        await Access.FindActorAsync(tx, CallerToken.Parse(session), ct) is { IsRevoked: false } actor && actor.ExpiresAt > tx.Now ? actor.Ref : null, ct);

    /// <summary>The links that wait in the outbox for a customer, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> TokensAsync(CustomerKey customer, CancellationToken ct)
    {
        var rows = await Db.ReadAsync(async tx => await tx.QueryAsync<MessageRow>(
            "SELECT message_id, sealed FROM outbox WHERE customer_id = @Value AND template = 'sign-in-link' ORDER BY created_at_us", new { customer.Id.Value }, ct), ct);
        using var open = Vault.BeginSeal(customer);
        return [.. rows.Select(r => JsonSerializer.Deserialize<Dictionary<string, string>>(CustomerNote.Open(open, Outbox.NoteKind, r.MessageId, r.Sealed).Span)!["link"].Split("token=")[1])];
    }

    /// <summary>Log entries about signing in, the oldest first.</summary>
    public async Task<IReadOnlyList<AuditEvent>> LoginsAsync(CancellationToken ct) => await Db.ReadAsync(async tx =>
        (IReadOnlyList<AuditEvent>)[.. (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, ct))
            .Select(e => AuditEntry.Decode(e)).Where(e => e.Event.Kind == AuditKind.Login).OrderBy(e => e.At).Select(e => e.Event)], ct);

    private sealed record MessageRow(string MessageId, byte[] Sealed);
}
