using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>What is kept of a use, as yes or no, until it is counted by group. Published as <see cref="UseOutcomes.CodeOf"/>.</summary>
public enum UseOutcome
{
    /// <summary>Of customers who were to get suggestions: those who got some that were made for them.</summary>
    Suggested,
    /// <summary>Of customers who were shown something: those who bought something of it within the hour.</summary>
    Bought,
    /// <summary>Of customers of whom a rule found something to say: those who were written to.</summary>
    Told,
}

/// <summary>How a use came out for one customer in one week.</summary>
public sealed record UseResult(CustomerId Customer, PurposeId Purpose, UseOutcome Outcome, bool IsYes);

/// <summary>How uses come out for customers, until it is counted by group: yes or no for one week, and nothing about what. Kept only while the catalog has a bias audit, and only of customers who allow the use.</summary>
/// <remarks>What suggestions came to is gathered in memory and written about once a minute, so that no answer waits for it; what a node gathered since is lost when it dies.</remarks>
public sealed class UseOutcomes(Database database, CatalogRegister catalogs, SystemRead standings)
{
    /// <summary>Customers to one transaction, so that nobody waits long for their locks.</summary>
    private const int Batch = 200;

    private readonly Lock changing = new();
    private Dictionary<(string Customer, PurposeId Purpose, UseOutcome Outcome), bool> gathered = [];

    private sealed record Row(string CustomerId, string Purpose, string Outcome, long IsYes);

    /// <summary>The published name, such as <c>suggested</c>.</summary>
    public static string CodeOf(UseOutcome outcome) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.ToString());

    /// <summary>Gathers; once yes, it stays yes for the week.</summary>
    internal void Note(CustomerId customer, PurposeId purpose, UseOutcome outcome, bool isYes)
    {
        lock (changing)
        {
            var key = (customer.Value, purpose, outcome);
            gathered[key] = isYes || gathered.GetValueOrDefault(key);
        }
    }

    /// <summary>Keeps at once, in the transaction of what it tells of. The caller has found that the customer allows the use.</summary>
    internal async ValueTask KeepAsync(Transaction tx, CustomerId customer, PurposeId purpose, UseOutcome outcome, bool isYes, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO use_outcome (customer_id, week, purpose, outcome, is_yes) VALUES (@Customer, @Week, @Purpose, @Outcome, @IsYes)
        ON CONFLICT (customer_id, week, purpose, outcome) DO UPDATE SET is_yes = CASE WHEN excluded.is_yes = 1 THEN 1 ELSE use_outcome.is_yes END
        """, new { Customer = customer.Value, Week = Week.Of(tx.Now), Purpose = purpose.Value, Outcome = CodeOf(outcome), IsYes = isYes ? 1L : 0L }, ct);

    /// <summary>Writes what was gathered, as far as each customer still allows the use.</summary>
    /// <returns>How many customers.</returns>
    public async Task<int> FlushAsync(CancellationToken ct)
    {
        var left = Take().GroupBy(g => g.Key.Customer).OrderBy(g => g.Key, StringComparer.Ordinal).Chunk(Batch).ToList();
        var done = 0;
        try
        {
            foreach (var batch in left)
            {
                await database.WriteAsync(async tx =>
                {
                    var catalog = await catalogs.GetActiveAsync(tx, ct);
                    if (catalog.Catalog.BiasAudit is not null)
                    {
                        await KeepAsync(tx, batch, catalog, ct);
                    }
                }, ct);
                done++;
            }
        }
        catch
        {
            foreach (var (key, isYes) in left.Skip(done).SelectMany(b => b).SelectMany(g => g))
            {
                Note(CustomerId.Parse(key.Customer), key.Purpose, key.Outcome, isYes);
            }

            throw;
        }

        return left.Sum(b => b.Length);
    }

    /// <param name="batch">By customer.</param>
    private async ValueTask KeepAsync(
        Transaction tx, IGrouping<string, KeyValuePair<(string Customer, PurposeId Purpose, UseOutcome Outcome), bool>>[] batch, ActiveCatalog catalog, CancellationToken ct)
    {
        CustomerId[] customers = [.. batch.Select(g => CustomerId.Parse(g.Key))];
        await tx.LockCustomersAsync(customers, exclusive: false, ct);
        foreach (var (standing, results) in (await standings.FindStandingsAsync(tx, customers, catalog, ct)).Zip(batch))
        {
            foreach (var ((_, id, outcome), isYes) in results)
            {
                if (standing.IsThere && catalog.Catalog.Purposes.GetValueOrDefault(id) is { Active: true } purpose && Permit.WhyNotThisCustomer(purpose, new CustomerState(
                    standing.Customer, standing.Choices.FirstOrDefault(c => c.Purpose == id), catalog.ConsentSince.GetValueOrDefault(id), standing.IsRestricted), tx.Now) is null)
                {
                    await KeepAsync(tx, standing.Customer, id, outcome, isYes, ct);
                }
            }
        }
    }

    /// <summary>The step of a changed choice: what was kept for the use is forgotten.</summary>
    internal async ValueTask ChoiceAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct) => await tx.RunAsync(
        "DELETE FROM use_outcome WHERE customer_id = @Customer AND (@IsAll = 1 OR purpose = @Purpose)",
        new { Customer = customer.Id.Value, IsAll = record.Purpose is null ? 1L : 0L, Purpose = record.Purpose?.Value ?? "" }, ct);

    /// <summary>Removes all that is kept of a customer; part of erasing them.</summary>
    internal async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM use_outcome WHERE customer_id = @Value", new { customer.Value }, ct);

    /// <summary>What is kept for a week of customers from one to another, both inclusive.</summary>
    public async ValueTask<IReadOnlyList<UseResult>> FindAsync(Transaction tx, long week, CustomerId first, CustomerId last, CancellationToken ct)
    {
        var codes = Enum.GetValues<UseOutcome>().ToDictionary(CodeOf);
        var rows = await tx.QueryAsync<Row>(
            "SELECT customer_id AS CustomerId, purpose AS Purpose, outcome AS Outcome, is_yes AS IsYes FROM use_outcome WHERE week = @week AND customer_id >= @First AND customer_id <= @Last",
            new { week, First = first.Value, Last = last.Value }, ct);
        return [.. rows.Where(r => codes.ContainsKey(r.Outcome)).Select(r => new UseResult(CustomerId.Parse(r.CustomerId), PurposeId.Parse(r.Purpose), codes[r.Outcome], r.IsYes != 0))];
    }

    /// <summary>Removes what was kept up to a week, inclusive, and is counted.</summary>
    public async ValueTask RemoveAsync(Transaction tx, long week, CancellationToken ct) => await tx.RunAsync("DELETE FROM use_outcome WHERE week <= @week", new { week }, ct);

    private Dictionary<(string Customer, PurposeId Purpose, UseOutcome Outcome), bool> Take()
    {
        lock (changing)
        {
            var taken = gathered;
            gathered = [];
            return taken;
        }
    }
}
