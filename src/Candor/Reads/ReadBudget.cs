using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Reads;

/// <summary>How many different customers one staff member or AI assistant may open in an hour, across all nodes.</summary>
/// <remarks>Against one of them carrying the customer base away. Other services are bounded by their scope and rate instead. A member of staff who met the end of the budget and then gave a
/// second factor anew goes on, once an hour, by as many again; the log has an entry of it.</remarks>
public sealed class ReadBudget(ReadBudgetOptions options, AuditLog log)
{
    private const long HourUs = 3600 * Micros.PerSecond;

    private sealed record Raise(long OverAtUs, long? RaisedAtUs);

    /// <summary>How much of the budget somebody has used in the last hour.</summary>
    /// <param name="Customers">Different ones, and look-ups that found nobody.</param>
    /// <param name="Allowed">How many it may be now: the budget, or twice as many after it was raised.</param>
    public sealed record Use(long Customers, long Allowed);

    /// <summary>Different customers an hour, before it is raised.</summary>
    public int CustomersPerHour => options.CustomersPerHour;

    /// <summary>The actor, marked when one more customer would be over the budget.</summary>
    internal async ValueTask<ActorState> ApplyAsync(Transaction tx, ActorState actor, CustomerId? customer, CancellationToken ct)
    {
        if (!IsCounted(actor))
        {
            return actor;
        }

        var command = tx.Prepared(
            """
            SELECT (SELECT count(*) FROM recent_read WHERE staff_id = @staff AND last_us > @since AND customer_id <> @customer)
                + (SELECT count(*) FROM missed_look_up WHERE staff_id = @staff AND at_us > @since)
            """);
        command.Set("@staff", CountedAs(actor)).Set("@since", tx.NowUs - HourUs).Set("@customer", customer?.Value ?? "");
        var others = (long)(await command.ExecuteScalarAsync(ct))!;
        var within = actor.IsAssistant ? others < actor.CustomersPerHour : others < options.CustomersPerHour || await IsRaisedAsync(tx, actor, others, ct);
        return within ? actor : actor with { IsOverReadBudget = true };
    }

    private static bool IsCounted(ActorState actor) => actor.Kind == ActorKind.Staff || actor.IsAssistant;

    /// <summary>The name in <c>recent_read.staff_id</c>: a staff id, or <c>key:ID</c> of an assistant, which is no staff id.</summary>
    private static string CountedAs(ActorState actor) => actor.IsAssistant ? actor.LogName : actor.Ref;

    /// <summary>What everybody who opened somebody has used in the last hour, by staff id.</summary>
    public async ValueTask<IReadOnlyDictionary<string, Use>> UsedAsync(Transaction tx, CancellationToken ct)
    {
        var since = tx.NowUs - HourUs;
        var raised = (await tx.QueryAsync<string>("SELECT staff_id FROM read_raise WHERE raised_at_us > @since", new { since }, ct)).ToHashSet();
        var used = new Dictionary<string, Use>();
        await using var row = await tx.Prepared(
            """
            SELECT staff_id, count(*) FROM (
                SELECT staff_id FROM recent_read WHERE last_us > @since UNION ALL SELECT staff_id FROM missed_look_up WHERE at_us > @since) used
            GROUP BY staff_id
            """).Set("@since", since).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            used[row.GetString(0)] = new Use(row.GetInt64(1), options.CustomersPerHour * (raised.Contains(row.GetString(0)) ? 2L : 1L));
        }

        return used;
    }

    /// <summary>At the end of the budget: is it raised, or does a second factor that was given after the end was met raise it now? If not, the end is written down.</summary>
    private async ValueTask<bool> IsRaisedAsync(Transaction tx, ActorState actor, long others, CancellationToken ct)
    {
        var since = tx.NowUs - HourUs;
        var known = await tx.FindAsync<Raise>("SELECT over_at_us, raised_at_us FROM read_raise WHERE staff_id = @Ref", new { actor.Ref }, ct);
        if (known?.RaisedAtUs > since)
        {
            return others < options.CustomersPerHour * 2L;
        }

        if (known is { RaisedAtUs: null } && known.OverAtUs > since && actor.MfaAt is { } mfa && Micros.From(mfa) > known.OverAtUs)
        {
            await tx.RunAsync("UPDATE read_raise SET raised_at_us = @NowUs WHERE staff_id = @Ref", new { actor.Ref, tx.NowUs }, ct);
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Admin, Actor = actor.LogName, Session = actor.Session, Subject = "read-budget-raised", Reason = options.CustomersPerHour.ToString(CultureInfo.InvariantCulture),
            }, ct);
            return true;
        }

        if (known is null || known.RaisedAtUs is not null || known.OverAtUs <= since)
        {
            await tx.RunAsync(
                """
                INSERT INTO read_raise (staff_id, over_at_us, raised_at_us) VALUES (@Ref, @NowUs, NULL)
                ON CONFLICT (staff_id) DO UPDATE SET over_at_us = excluded.over_at_us, raised_at_us = NULL
                """, new { actor.Ref, tx.NowUs }, ct);
        }

        return false;
    }

    /// <summary>Counts an allowed read.</summary>
    internal async ValueTask CountAsync(Transaction tx, ActorState actor, CustomerId customer, CancellationToken ct)
    {
        if (IsCounted(actor))
        {
            await tx.Prepared(
                """
                INSERT INTO recent_read (customer_id, staff_id, last_us) VALUES (@customer, @staff, @now)
                ON CONFLICT (customer_id, staff_id) DO UPDATE SET last_us = excluded.last_us
                """).Set("@customer", customer.Value).Set("@staff", CountedAs(actor)).Set("@now", tx.NowUs).ExecuteNonQueryAsync(ct);
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
    /// <summary>Different customers one staff member may open in an hour, before a second factor raises it once by as many. 60 unless set; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int CustomersPerHour { get; set; } = 60;
}
