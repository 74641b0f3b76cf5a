using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Messages;
using Candor.Trust;
using Candor.Vault;

namespace Candor.Tests.Trust;

/// <summary>The modules of <see cref="MessageHouse"/> with surveys, and a catalog that names the purpose.</summary>
public sealed class SurveyHouse(Database db, MessageHouse messages) : IAsyncDisposable
{
    private const string Purpose = "\n  trust-survey:\n    { label: Asking you, why: So that we know how you see us., basis: BASIS, consentLasts: P12M, uses: { email: medium, fullName: low, language: low } }\n";

    public MessageHouse Messages { get; } = messages;

    public Surveys Surveys { get; } = Make(db, messages);

    public SurveyTallies Tallies { get; } = new();

    public static async Task<SurveyHouse> BuildAsync(Database db, string basis, CancellationToken ct)
    {
        var house = new SurveyHouse(db, await MessageHouse.BuildAsync(db, ct));
        var purpose = Purpose.Replace("BASIS", basis, StringComparison.Ordinal);
        await house.Messages.House.ApplyCatalogAsync(db, MessageHouse.Yaml + (basis == "consent" ? purpose : purpose.Replace(" consentLasts: P12M,", "", StringComparison.Ordinal)), "committee", ct);
        house.Surveys.Join(house.Messages.House.Choices);
        return house;
    }

    public async Task<(CustomerKey Key, CallerToken Token)> AddAsync(string reference, CancellationToken ct)
    {
        var key = await Messages.AddAsync(reference, ct);
        var session = await db.WriteAsync(tx => Messages.House.Access.OpenCustomerSessionAsync(tx, key.Id, ct), ct);
        return (key, CallerToken.Parse(session));
    }

    /// <summary>Asks on the site; the secret of the link, or null.</summary>
    public async Task<string?> AskAsync(CallerToken token, CancellationToken ct) => (await Surveys.AskOnSiteAsync(token, ct)).Link?.Segments[^1];

    public async Task<IReadOnlyList<SurveyTally>> TalliesAsync(CancellationToken ct) =>
        await db.ReadAsync(tx => Tallies.LoadAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, ct), ct);

    /// <summary>How many were asked so far, over all ways.</summary>
    public async Task<long> AskedAsync(CancellationToken ct) =>
        (await db.ReadAsync(tx => Tallies.LoadAskedAsync(tx, DateOnly.MinValue, DateOnly.MaxValue, ct), ct)).Sum(a => a.People);

    /// <summary>Every row of every table as text, by table, as the engine gives them without any order.</summary>
    public Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> DumpAsync(CancellationToken ct) => db.ReadAsync<IReadOnlyDictionary<string, IReadOnlyList<string>>>(async tx =>
    {
        var names = await tx.QueryAsync<string>(
            db.Engine == "sqlite" ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'" : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()", null, ct);
        var dump = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var rows = await tx.QueryAsync<dynamic>($"SELECT * FROM {name}", null, ct);
            dump[name] = [.. rows.Select(r => string.Join('|', ((IDictionary<string, object?>)r).Select(c => $"{c.Key}={(c.Value is byte[] b ? Convert.ToHexStringLower(b) : c.Value)}")))];
        }

        return dump;
    }, ct);

    public ValueTask DisposeAsync() => Messages.DisposeAsync();

    private static Surveys Make(Database db, MessageHouse messages) => new(
        db, messages.House.Catalogs, messages.House.Ledger, messages.House.Vault, messages.House.Access, messages.Outbox, new Uri("https://privacy.shop.example/"));
}
