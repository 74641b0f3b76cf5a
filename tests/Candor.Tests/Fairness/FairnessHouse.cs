using System.Text;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Catalog;
using Candor.Tests.Personalization;
using Candor.Vault;

namespace Candor.Tests.Fairness;

/// <summary>The modules of <see cref="SuggestionHouse"/> with what counts by group, under a catalog whose bias audit is on.</summary>
internal sealed class FairnessHouse : IDisposable
{
    public static readonly PurposeId Visits = PurposeId.Parse("in-session-recommendations");
    public static readonly PurposeId Audit = PurposeId.Parse("bias-audit");
    public static readonly DataPointId Age = DataPointId.Parse("ageBand");
    public static readonly DataPointId Gender = DataPointId.Parse("gender");

    public required SuggestionHouse Shop { get; init; }

    public required AggregateRead Counting { get; init; }

    public required FairnessRuns Runs { get; init; }

    public static async Task<FairnessHouse> BuildAsync(Database db, CancellationToken ct, string? yaml = null)
    {
        var shop = await SuggestionHouse.BuildAsync(db, ct);
        var h = shop.House;
        await h.ApplyCatalogAsync(db, yaml ?? ShopCatalog.Audited, "test", ct);
        await shop.Suggestions.LoadAsync(null, ct);
        var counting = new AggregateRead(db, h.Catalogs, h.SystemReads, h.Log, h.Vault);
        return new FairnessHouse { Shop = shop, Counting = counting, Runs = new FairnessRuns(db, h.Catalogs, h.Vault, h.Log, counting, shop.Suggestions, new StaffMail(h.Vault), new Uri("https://privacy.shop.example/")) };
    }

    /// <summary>A customer who agreed to suggestions from a visit.</summary>
    /// <param name="age">Null: not given.</param>
    /// <param name="agrees">To the audit.</param>
    public async Task<CustomerKey> AddAsync(string reference, string? age, CancellationToken ct, string? gender = null, bool agrees = true)
    {
        string[] purposes = agrees ? [Visits.Value, Audit.Value] : [Visits.Value];
        var key = await Shop.AgreeingAsync(reference, ct, purposes);
        await Shop.Db.WriteAsync(async tx =>
        {
            foreach (var (point, value) in new[] { (Age, age), (Gender, gender) }.Where(p => p.Item2 is not null))
            {
                await Shop.House.Vault.PutFieldAsync(tx, key, point, Encoding.UTF8.GetBytes($"\"{value}\""), "you", ct);
            }
        }, ct);
        return key;
    }

    /// <summary>Customers of one group, of whom some got suggestions.</summary>
    public async Task GroupAsync(string age, int customers, int suggested, CancellationToken ct)
    {
        for (var i = 0; i < customers; i++)
        {
            var key = await AddAsync($"{age}-{i}", age, ct);
            Shop.Suggestions.Uses.Note(key.Id, Visits, UseOutcome.Suggested, i < suggested);
        }
    }

    /// <summary>Notes outcomes of customers who are here already.</summary>
    public async Task AgainAsync(string age, int customers, int suggested, CancellationToken ct)
    {
        for (var i = 0; i < customers; i++)
        {
            var key = (await Shop.Db.ReadAsync(tx => Shop.House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, $"{age}-{i}", ct), ct))!;
            Shop.Suggestions.Uses.Note(key.Id, Visits, UseOutcome.Suggested, i < suggested);
        }
    }

    public async Task<ActorState> StaffAsync(string roles, CancellationToken ct)
    {
        var token = CallerToken.Parse(await Shop.Db.WriteAsync(async tx =>
        {
            var staff = await Shop.House.Access.AddStaffAsync(tx, "Pia Private", roles.Split(' '), tx.Now.AddYears(1), "test", ct);
            return await Shop.House.Access.OpenStaffSessionAsync(tx, staff, tx.Now, ct);
        }, ct));
        return (await Shop.Db.ReadAsync(tx => Shop.House.Access.FindActorAsync(tx, token, ct), ct))!;
    }

    public Task<IReadOnlyList<UseCounts>> CountsAsync(long week, CancellationToken ct) => Shop.Db.ReadAsync(tx => FairnessBook.CountsAsync(tx, week, ct), ct);

    public void Dispose() => Shop.Dispose();
}
