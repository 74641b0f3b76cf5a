using System.ComponentModel.DataAnnotations;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Reads;

/// <summary>How many different customers one staff member may open in an hour, across all nodes.</summary>
/// <remarks>Against one person carrying the customer base away. Services are bounded by their scope and rate instead.</remarks>
public sealed class ReadBudget(ReadBudgetOptions options)
{
    private const long HourUs = 3600 * Micros.PerSecond;

    /// <summary>The actor, marked when one more customer would be over the budget.</summary>
    internal async ValueTask<ActorState> ApplyAsync(Transaction tx, ActorState actor, CustomerId? customer, CancellationToken ct)
    {
        if (actor.Kind != ActorKind.Staff)
        {
            return actor;
        }

        var command = tx.Prepared(
            """
            SELECT (SELECT count(*) FROM recent_read WHERE staff_id = @staff AND last_us > @since AND customer_id <> @customer)
                + (SELECT count(*) FROM missed_look_up WHERE staff_id = @staff AND at_us > @since)
            """);
        command.Set("@staff", actor.Ref).Set("@since", tx.NowUs - HourUs).Set("@customer", customer?.Value ?? "");
        var others = (long)(await command.ExecuteScalarAsync(ct))!;
        return others < options.CustomersPerHour ? actor : actor with { IsOverReadBudget = true };
    }

    /// <summary>Counts an allowed read.</summary>
    internal async ValueTask CountAsync(Transaction tx, ActorState actor, CustomerId customer, CancellationToken ct)
    {
        if (actor.Kind == ActorKind.Staff)
        {
            await tx.Prepared(
                """
                INSERT INTO recent_read (customer_id, staff_id, last_us) VALUES (@customer, @staff, @now)
                ON CONFLICT (customer_id, staff_id) DO UPDATE SET last_us = excluded.last_us
                """).Set("@customer", customer.Value).Set("@staff", actor.Ref).Set("@now", tx.NowUs).ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Counts a look-up that found nobody like the opening of one more customer, so that guessing does not pay.</summary>
    internal static async ValueTask CountMissAsync(Transaction tx, ActorState actor, CancellationToken ct)
    {
        var args = new { actor.Ref, Id = CustomerId.New().Value, tx.NowUs, Since = tx.NowUs - HourUs };
        await tx.RunAsync("DELETE FROM missed_look_up WHERE staff_id = @Ref AND at_us <= @Since", args, ct);
        await tx.RunAsync("INSERT INTO missed_look_up (staff_id, look_up_id, at_us) VALUES (@Ref, @Id, @NowUs)", args, ct);
    }

    /// <summary>Forgets which staff opened this customer; the log keeps it.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM recent_read WHERE customer_id = @Value", new { customer.Value }, ct);
}

/// <summary>Settings of the read budget.</summary>
public sealed class ReadBudgetOptions
{
    /// <summary>Different customers one staff member may open in an hour. 60 unless set; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int CustomersPerHour { get; set; } = 60;
}
