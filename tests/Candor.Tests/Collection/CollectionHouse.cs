using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Reads;
using Candor.Vault;

namespace Candor.Tests.Collection;

/// <summary>The modules of <see cref="ReadHouse"/> with what brings data in, and a key that may.</summary>
public sealed class CollectionHouse
{
    public required ReadHouse House { get; init; }

    public required CallerToken Token { get; init; }

    public required ProfileCollection Profiles { get; init; }

    public required EventCollection Events { get; init; }

    public static async Task<CollectionHouse> BuildAsync(Database db, CancellationToken ct)
    {
        var h = await ReadHouse.BuildAsync(db, new ReadBudgetOptions(), ct);
        return new CollectionHouse
        {
            House = h,
            Token = await KeyAsync(db, h, ["collect", "consents"], ct),
            Profiles = new ProfileCollection(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access),
            Events = new EventCollection(db, h.Catalogs, h.Ledger, h.Log, h.Vault, h.Access),
        };
    }

    public static async Task<CallerToken> KeyAsync(Database db, ReadHouse house, string[] may, CancellationToken ct)
    {
        var (text, _) = await db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], may, TimeSpan.FromDays(300), "test", ct), ct);
        return CallerToken.TryParse(text, out var token) ? token : throw new InvalidOperationException(text);
    }

    public static JsonElement Json(string json) => JsonElement.Parse(json);

    public static IncomingEvent Purchase(string customer, string id, DateTimeOffset time, string dataPoint = "purchases") => new(customer, dataPoint, id, time, Json("""{"item":"tea"}"""));

    public static Task<long> RecordsAsync(Database db, CancellationToken ct) =>
        db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM sealed_record", null, ct), ct);
}
