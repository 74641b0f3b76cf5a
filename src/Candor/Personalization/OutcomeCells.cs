using Candor.Kernel;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>What is counted of customers with and without a use. Published as <see cref="OutcomeCells.CodeOf"/>.</summary>
public enum CountedOutcome
{
    /// <summary>Items shown, each once an hour and customer.</summary>
    Shown,
    /// <summary>Of them, those that were bought within the hour.</summary>
    ShownBought,
    /// <summary>Orders.</summary>
    Orders,
    /// <summary>Of them, those of customers who had ordered in the 90 days before.</summary>
    RepeatOrders,
    /// <summary>Carts of customers who let carts be kept.</summary>
    Carts,
    /// <summary>Of them, those that were bought within 7 days.</summary>
    CartsBought,
}

/// <summary>Counts of one day, one purpose and one side.</summary>
/// <param name="Day">UTC.</param>
/// <param name="IsHeldOut">True: customers who agreed and are in the comparison group, so that the use was not made for them.</param>
/// <param name="Number">0 or more.</param>
public sealed record OutcomeCell(DateOnly Day, PurposeId Purpose, bool IsHeldOut, CountedOutcome Outcome, long Number);

/// <summary>Daily counts of how it went with and without a use. There is no customer in them and no way back to one.</summary>
/// <remarks>Gathered in memory and added to the day's row about once a minute, so that no two answers wait for one row. What a node gathered since is lost when it dies; counts are not a ledger.</remarks>
public sealed class OutcomeCells(Database database)
{
    private readonly Lock changing = new();
    private Dictionary<(PurposeId Purpose, bool IsHeldOut, CountedOutcome Outcome, int Day), long> gathered = [];

    private sealed record Row(long Day, string Purpose, long HeldOut, string Outcome, long Number);

    /// <summary>The published name, such as <c>repeat-orders</c>.</summary>
    public static string CodeOf(CountedOutcome outcome) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.ToString());

    /// <summary>Counts; in a transaction, taken back when it is not kept.</summary>
    internal void Add(Transaction? tx, PurposeId purpose, bool isHeldOut, CountedOutcome outcome, long number)
    {
        if (number != 0)
        {
            var key = (purpose, isHeldOut, outcome, DateOnly.FromDateTime((tx?.Now ?? database.Clock.GetUtcNow()).UtcDateTime).DayNumber);
            AddTo(key, number);
            tx?.OnRollback(() => AddTo(key, -number));
        }
    }

    /// <summary>Adds what was gathered to the stored counts.</summary>
    public async Task<int> FlushAsync(CancellationToken ct)
    {
        var taken = Take();
        if (taken.Count == 0)
        {
            return 0;
        }

        try
        {
            // One order of rows for all nodes.
            await database.WriteAsync(async tx =>
            {
                foreach (var ((purpose, isHeldOut, outcome, day), number) in taken.OrderBy(t => (t.Key.Day, t.Key.Purpose.Value, t.Key.IsHeldOut, t.Key.Outcome)))
                {
                    await tx.RunAsync(
                        """
                        INSERT INTO outcome_count (day, purpose, held_out, outcome, number) VALUES (@Day, @Purpose, @HeldOut, @Outcome, @number)
                        ON CONFLICT (day, purpose, held_out, outcome) DO UPDATE SET number = outcome_count.number + excluded.number
                        """, new { Day = (long)day, Purpose = purpose.Value, HeldOut = isHeldOut ? 1L : 0L, Outcome = CodeOf(outcome), number }, ct);
                }
            }, ct);
        }
        catch
        {
            foreach (var (key, number) in taken)
            {
                AddTo(key, number);
            }

            throw;
        }

        return taken.Count;
    }

    /// <summary>Stored counts of some days, both inclusive, by day, purpose, side and outcome.</summary>
    public static async ValueTask<IReadOnlyList<OutcomeCell>> ReadAsync(Transaction tx, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var codes = Enum.GetValues<CountedOutcome>().ToDictionary(CodeOf);
        var rows = await tx.QueryAsync<Row>(
            "SELECT day AS Day, purpose AS Purpose, held_out AS HeldOut, outcome AS Outcome, number AS Number FROM outcome_count WHERE day >= @From AND day <= @To",
            new { From = (long)from.DayNumber, To = (long)to.DayNumber }, ct);
        return
        [
            .. rows.Where(r => codes.ContainsKey(r.Outcome)).Select(r => new OutcomeCell(DateOnly.FromDayNumber((int)r.Day), PurposeId.Parse(r.Purpose), r.HeldOut != 0, codes[r.Outcome], r.Number))
                .OrderBy(c => c.Day).ThenBy(c => c.Purpose.Value, StringComparer.Ordinal).ThenBy(c => c.IsHeldOut).ThenBy(c => c.Outcome),
        ];
    }

    private Dictionary<(PurposeId Purpose, bool IsHeldOut, CountedOutcome Outcome, int Day), long> Take()
    {
        lock (changing)
        {
            var taken = gathered;
            gathered = [];
            return taken;
        }
    }

    private void AddTo((PurposeId Purpose, bool IsHeldOut, CountedOutcome Outcome, int Day) key, long number)
    {
        lock (changing)
        {
            gathered[key] = gathered.GetValueOrDefault(key) + number;
        }
    }
}
