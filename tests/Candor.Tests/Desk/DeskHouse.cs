using System.Text;
using Candor.Audit;
using Candor.Consent;
using Candor.Desk;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Personalization;
using Candor.Tests.Reads;
using Candor.Vault;

namespace Candor.Tests.Desk;

/// <summary>The desk over the modules of <see cref="SuggestionHouse"/>, with the ready catalog <c>shop</c>, an agent and a privacy officer.</summary>
internal sealed class DeskHouse : IDisposable
{
    public static readonly PurposeId Support = PurposeId.Parse("support");
    public static readonly PurposeId Needs = PurposeId.Parse("next-needs");
    public static readonly PurposeId Newsletter = PurposeId.Parse("newsletter");

    public required Database Db { get; init; }

    public required SuggestionHouse Shop { get; init; }

    public required CustomerFinder Finder { get; init; }

    public required Briefs Briefs { get; init; }

    public required ContactNotes Notes { get; init; }

    public required ConsentQuestions Questions { get; init; }

    public required Emergencies Emergencies { get; init; }

    public required CallerToken Agent { get; init; }

    public required string AgentId { get; init; }

    public ReadHouse House => Shop.House;

    public static async Task<DeskHouse> BuildAsync(Database db, CancellationToken ct)
    {
        var shop = await SuggestionHouse.BuildAsync(db, ct);
        var h = shop.House;
        var (visits, outbox, site, budget) = (new DeskVisits(h.Vault), new Outbox(h.Vault), new Uri("https://privacy.shop.example/"), new ReadBudget(new ReadBudgetOptions(), h.Log));
        var emergencies = new Emergencies(db, h.Log, h.Vault, h.Access, visits, outbox, new StaffMail(h.Vault), site);
        h.Read.AlsoDo(emergencies.TellAsync);
        var (id, agent) = await AddStaffAsync(db, h, "Sam", "agent", ct);
        return new DeskHouse
        {
            Db = db, Shop = shop, Agent = agent, AgentId = id, Emergencies = emergencies,
            Finder = new CustomerFinder(db, h.Catalogs, h.Log, h.Vault, h.Access, budget, visits),
            Briefs = new Briefs(db, h.Catalogs, h.Ledger, h.Read, shop.Suggestions, new ProactiveLines(db, h.Vault, shop.Suggestions.Pauses), h.Access, visits, h.Index),
            Notes = new ContactNotes(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access, visits),
            Questions = new ConsentQuestions(
                db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access, visits, new OwnAccess(h.Catalogs, h.Vault, h.Access), outbox, site),
        };
    }

    public Task<(string Id, CallerToken Token)> AddStaffAsync(string name, string roles, CancellationToken ct, bool mfa = true, bool trained = true) => AddStaffAsync(Db, House, name, roles, ct, mfa, trained);

    /// <summary>A customer with name, e-mail, phone and one order.</summary>
    public async Task<CustomerKey> AddCustomerAsync(string reference, CancellationToken ct, string phone = "+44 7700 900123", string order = "MT-0001-01")
    {
        var outcome = await Shop.Shop.Profiles.PutAsync(Shop.Token, reference, System.Text.Json.JsonElement.Parse(
            $$"""{"fullName":"Ada Brook","email":"{{reference}}@customers.example","phone":"{{phone}}","preferredChannel":"phone"}"""), false, ct);
        Assert.Null(outcome!.Refused);
        await Shop.BuyAsync(reference, order, ct, "tea");
        return await Db.ReadAsync(async tx => (await House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct))!, ct);
    }

    public async Task<string> VisitAsync(string text, CancellationToken ct, CallerToken? token = null, string @case = "T-1") =>
        (await Finder.FindAsync(token ?? Agent, text, Support, @case, ct))!.Visit!;

    public async Task<Brief> BriefAsync(string visit, CancellationToken ct) => (await Briefs.OfVisitAsync(Agent, visit, ct))!.Brief!;

    public Task<long> CountAsync(string sql, CancellationToken ct) => Db.ReadAsync(async tx => await tx.FindAsync<long>(sql, null, ct), ct);

    /// <summary>All entries of the log.</summary>
    public Task<IReadOnlyList<AuditEvent>> LogAsync(CancellationToken ct) => Db.ReadAsync<IReadOnlyList<AuditEvent>>(async tx =>
        [.. (await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, ct)).Select(e => AuditEntry.Decode(e)).OrderBy(e => e.At).ThenBy(e => e.Id, StringComparer.Ordinal).Select(e => e.Event)], ct);

    /// <summary>The bytes of the whole log, as text that personal data would stand in.</summary>
    public Task<string> LogTextAsync(CancellationToken ct) => Db.ReadAsync(async tx =>
        string.Concat((await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, ct)).Select(Encoding.Latin1.GetString)), ct);

    public Task<ConsentRecord> RestrictAsync(CustomerKey key, CancellationToken ct) => Db.WriteAsync(tx => House.Ledger.RestrictAsync(tx, key.Id, "test", "en", ct), ct);

    public void Dispose() => Shop.Dispose();

    private static Task<(string Id, CallerToken Token)> AddStaffAsync(Database db, ReadHouse h, string name, string roles, CancellationToken ct, bool mfa = true, bool trained = true) => db.WriteAsync(async tx =>
    {
        var id = await h.Access.AddStaffAsync(tx, name, roles.Split(' '), trained ? tx.Now.AddYears(2) : null, "test", ct);
        return (id, CallerToken.Parse(await h.Access.OpenStaffSessionAsync(tx, id, mfa ? tx.Now : null, ct)));
    }, ct);
}

/// <summary>A test of the desk: a real database, the modules over it.</summary>
public abstract class DeskTest<TEngine> : Storage.StorageTest<TEngine>
    where TEngine : Storage.IEngine, new()
{
    internal DeskHouse Desk { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Desk = await DeskHouse.BuildAsync(Db, Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        Desk.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
