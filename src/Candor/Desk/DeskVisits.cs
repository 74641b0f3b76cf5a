using System.Security.Cryptography;
using System.Text.Json;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>A customer that an agent found, and why they look. No permit: each look asks the gate anew.</summary>
/// <param name="Id">32 random hex characters, of use to this agent alone.</param>
/// <param name="Case">Null where the purpose needs none.</param>
/// <param name="Emergency">The reason of an emergency that is not over; null: it is none.</param>
public sealed record DeskVisit(string Id, CustomerId Customer, string StaffId, PurposeId Purpose, string? Case, string? Emergency, DateTimeOffset OpenedAt);

/// <summary>An agent's visits of the last day, kept so that no address of a page says who it is about.</summary>
public sealed class DeskVisits(PersonalVault vault)
{
    /// <summary>How long a customer's page can be opened again without finding them anew.</summary>
    public static readonly TimeSpan Lives = TimeSpan.FromDays(1);

    /// <summary>How long a reason of an emergency counts.</summary>
    public static readonly TimeSpan EmergencyLasts = TimeSpan.FromHours(1);

    private const string Kind = "desk-visit";

    private sealed record Reasons(string? Case, string? Emergency, long? EmergencyUntilUs);

    private sealed record Row(string CustomerId, string VisitId, string StaffId, string Purpose, byte[] Sealed, long OpenedAtUs);

    /// <summary>Begins a visit; forgets those that are over.</summary>
    internal async ValueTask<string> BeginAsync(Transaction tx, CustomerId customer, ActorState agent, PurposeId purpose, string? @case, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM desk_visit WHERE opened_at_us <= @End", new { End = Micros.From(tx.Now - Lives) }, ct);
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            "INSERT INTO desk_visit (customer_id, visit_id, staff_id, purpose, sealed, opened_at_us) VALUES (@Customer, @id, @Ref, @Purpose, @Sealed, @NowUs)",
            new { Customer = customer.Value, id, agent.Ref, Purpose = purpose.Value, Sealed = Seal(id, new Reasons(@case, null, null)), tx.NowUs }, ct);
        return id;
    }

    /// <summary>Says anew why the agent looks.</summary>
    /// <param name="emergency">The reason of an emergency, which counts for an hour; null: it is none.</param>
    internal async ValueTask ChangeAsync(Transaction tx, DeskVisit visit, PurposeId purpose, string? @case, string? emergency, CancellationToken ct) => await tx.RunAsync(
        "UPDATE desk_visit SET purpose = @Purpose, sealed = @Sealed, opened_at_us = @NowUs WHERE customer_id = @Customer AND visit_id = @Id",
        new
        {
            Customer = visit.Customer.Value, visit.Id, Purpose = purpose.Value, tx.NowUs,
            Sealed = Seal(visit.Id, new Reasons(@case, emergency, emergency is null ? null : Micros.From(tx.Now + EmergencyLasts))),
        }, ct);

    /// <summary>A visit of this agent; null when there is none of this id, it is somebody else's, or it is over.</summary>
    internal async ValueTask<DeskVisit?> FindAsync(Transaction tx, string id, string staffId, CancellationToken ct)
    {
        var row = CustomerId.TryParse(id, null, out _) ? await tx.FindAsync<Row>(
            "SELECT customer_id, visit_id, staff_id, purpose, sealed, opened_at_us FROM desk_visit WHERE visit_id = @id AND staff_id = @staffId AND opened_at_us > @End",
            new { id, staffId, End = Micros.From(tx.Now - Lives) }, ct) : null;
        return row is null ? null : Open(row, tx.NowUs);
    }

    /// <summary>The newest visits of an agent.</summary>
    internal async ValueTask<IReadOnlyList<DeskVisit>> RecentAsync(Transaction tx, string staffId, int most, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(
            """
            SELECT customer_id, visit_id, staff_id, purpose, sealed, opened_at_us FROM desk_visit
            WHERE staff_id = @staffId AND opened_at_us > @End ORDER BY opened_at_us DESC, visit_id LIMIT @Most
            """, new { staffId, End = Micros.From(tx.Now - Lives), Most = (long)most }, ct)).Select(r => Open(r, tx.NowUs))];

    private byte[] Seal(string id, Reasons reasons) => vault.Partings.Seal(Kind, id, JsonSerializer.SerializeToUtf8Bytes(reasons));

    private DeskVisit Open(Row row, long nowUs)
    {
        var reasons = JsonSerializer.Deserialize<Reasons>(vault.Partings.Open(Kind, row.VisitId, row.Sealed).Span)!;
        return new DeskVisit(
            row.VisitId, CustomerId.Parse(row.CustomerId), row.StaffId, PurposeId.Parse(row.Purpose), reasons.Case,
            reasons.EmergencyUntilUs > nowUs ? reasons.Emergency : null, Micros.ToInstant(row.OpenedAtUs));
    }
}
