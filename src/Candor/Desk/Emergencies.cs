using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>A read in an emergency, without anything about the customer.</summary>
/// <param name="StaffId">Who read.</param>
/// <param name="CheckedAt">When a privacy officer looked into it; null: not yet.</param>
/// <param name="WasJustified">What the officer found; null: nothing yet.</param>
public sealed record EmergencyRead(string Id, string StaffId, PurposeId Purpose, string Entry, DateTimeOffset At, DateTimeOffset? CheckedAt, string? CheckedBy, bool? WasJustified);

/// <summary>The same with its reason, and the officer's finding.</summary>
public sealed record EmergencyView(EmergencyRead Read, string Reason, string? Finding);

/// <summary>Reads in an emergency: declared by an agent, told at once to the customer and the privacy officers, and looked into by one of these.</summary>
public sealed class Emergencies(Database database, AuditLog log, PersonalVault vault, AccessRegister access, DeskVisits visits, Outbox outbox, StaffMail mail, Uri site)
{
    /// <summary>Characters of a finding.</summary>
    public const int MaxFinding = 1000;

    /// <summary>Where officers look into them.</summary>
    public const string Path = "desk/emergencies";

    private const string ReasonNote = "emergency";
    private const string FindingNote = "emergency-finding";
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm'Z'";

    private sealed record Row(
        string CustomerId, string EmergencyId, string StaffId, string Purpose, string EntryId, byte[] Reason, long AtUs, long? CheckedAtUs, string? CheckedBy, long? WasJustified, byte[]? Finding)
    {
        public const string Select =
            "SELECT customer_id, emergency_id, staff_id, purpose, entry_id, reason, at_us, checked_at_us, checked_by, was_justified, finding FROM emergency_read";

        public EmergencyRead AsRead() => new(
            EmergencyId, StaffId, PurposeId.Parse(Purpose), EntryId, Micros.ToInstant(AtUs), Micros.ToInstant(CheckedAtUs), CheckedBy, WasJustified is { } was ? was == 1 : null);
    }

    /// <summary>Declares an emergency in a visit: for the next hour each look in it is one.</summary>
    /// <param name="reason">In words, <see cref="ReadRequest.MinEmergency"/> characters at least. The customer and the privacy officers read it.</param>
    /// <returns>Why not; null when it is declared. Whether it opens anything, the gate says.</returns>
    /// <exception cref="Fault">Invalid for a bad reason; NotFound <c>desk/no-such-visit</c>.</exception>
    public Task<ReasonCode?> DeclareAsync(CallerToken token, string visitId, string reason, CancellationToken ct)
    {
        var words = DeskRules.CheckText(reason, ReadRequest.MinEmergency, ReadRequest.MaxEmergency, "bad-emergency");
        return database.WriteAsync<ReasonCode?>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } agent)
            {
                return ReasonCode.SessionEnded;
            }

            if (DeskRules.WhyNot(agent, DeskRules.Role, tx.Now) is { } no)
            {
                await log.AppendAsync(tx, Event(agent, AuditKind.Deny, null) with { Reason = no.Code(), Subject = ReadDetail.EmergencySubject }, ct);
                return no;
            }

            var visit = await visits.FindAsync(tx, visitId, agent.Ref, ct)
                ?? throw new Fault(FaultKind.NotFound, "desk/no-such-visit", $"There is no customer's page `{Name.Shown(visitId)}` of yours; find the customer again.");
            await visits.ChangeAsync(tx, visit, visit.Purpose, visit.Case, words, ct);
            return null;
        }, ct);
    }

    /// <summary>The step of <see cref="ConsentedRead"/>: keeps the read for the officers and tells them and the customer, once for each hour of one emergency.</summary>
    public async ValueTask TellAsync(Transaction tx, CustomerKey customer, ActorState actor, ReadRequest request, string entry, CancellationToken ct)
    {
        var told = await tx.FindAsync<long>(
            "SELECT count(*) FROM emergency_read WHERE customer_id = @Customer AND staff_id = @Ref AND purpose = @Purpose AND at_us > @Since",
            new { Customer = customer.Id.Value, actor.Ref, Purpose = request.Purpose.Value, Since = Micros.From(tx.Now - DeskVisits.EmergencyLasts) }, ct);
        if (told > 0)
        {
            return;
        }

        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            """
            INSERT INTO emergency_read (customer_id, emergency_id, staff_id, purpose, entry_id, reason, at_us)
            VALUES (@Customer, @id, @Ref, @Purpose, @entry, @Reason, @NowUs)
            """,
            new
            {
                Customer = customer.Id.Value, id, actor.Ref, Purpose = request.Purpose.Value, entry, tx.NowUs,
                Reason = vault.SealNote(customer, ReasonNote, id, Encoding.UTF8.GetBytes(request.Emergency!)),
            }, ct);
        var at = tx.Now.UtcDateTime.ToString(InstantFormat, System.Globalization.CultureInfo.InvariantCulture);
        await outbox.QueueAsync(tx, customer, new OutgoingMessage("emergency-look", null, new Dictionary<string, string>
        {
            ["at"] = at, ["use"] = request.Purpose.Value, ["reason"] = request.Emergency!, ["entry"] = entry, ["link"] = new Uri(site, "me/looks").AbsoluteUri,
        }), ct);
        // The reason can be about the customer, so it stands behind the link alone.
        await mail.QueueAsync(tx, StaffReceiver.Role(DeskRules.Officer), "emergency-access", new Dictionary<string, string>
        {
            ["actor"] = await access.NameOfAsync(tx, actor.Ref, ct), ["at"] = at, ["entry"] = entry, ["link"] = new Uri(site, $"{Path}/{id}").AbsoluteUri,
        }, ct);
    }

    /// <summary>All of them, those that nobody looked into first, then the newest; null when the token is no live session of a privacy officer.</summary>
    public Task<IReadOnlyList<EmergencyRead>?> ListAsync(CallerToken token, int most, CancellationToken ct) => database.ReadAsync<IReadOnlyList<EmergencyRead>?>(async tx =>
        await access.FindActorAsync(tx, token, ct) is { } actor && DeskRules.WhyNot(actor, DeskRules.Officer, tx.Now) is null
            ? [.. (await tx.QueryAsync<Row>(Row.Select + " ORDER BY CASE WHEN checked_at_us IS NULL THEN 0 ELSE 1 END, at_us DESC, emergency_id LIMIT @Most", new { Most = (long)most }, ct)).Select(r => r.AsRead())]
            : null, ct);

    /// <summary>How many nobody has looked into, and when the oldest of these was; null for none.</summary>
    public static async ValueTask<(long Number, DateTimeOffset? Oldest)> UncheckedAsync(Transaction tx, CancellationToken ct)
    {
        var (number, oldest) = await tx.FindAsync<(long, long?)>("SELECT count(*), min(at_us) FROM emergency_read WHERE checked_at_us IS NULL", null, ct);
        return (number, Micros.ToInstant(oldest));
    }

    /// <summary>One of them with its reason, which is a read of the customer's and logged like one; null when the token is no live session of a privacy officer.</summary>
    /// <exception cref="Fault">NotFound <c>desk/no-such-emergency</c>.</exception>
    public async Task<EmergencyView?> ShowAsync(CallerToken token, string id, CancellationToken ct)
    {
        var loaded = await database.WriteAsync<(Row Row, Permit Permit, SealedCustomer Sealed)?>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor || DeskRules.WhyNot(actor, DeskRules.Officer, tx.Now) is not null)
            {
                return null;
            }

            var (row, key) = await GetAsync(tx, id, exclusive: false, ct);
            var decision = Permit.DecideAnswer(actor, new CustomerState(key.Id, null, 0, IsRestricted: false), [], [], tx.Now, tx.Id);
            await log.AppendAsync(tx, Event(actor, AuditKind.Read, key) with { Subject = "emergency-check" }, ct);
            return decision is Decision.Allowed { Permit: var permit } ? (row, permit, await vault.LoadAsync(tx, key, [], 0, ct)) : null;
        }, ct);
        if (loaded is not var (found, permit, sealed_))
        {
            return null;
        }

        string Open(string kind, byte[] note) => Encoding.UTF8.GetString(vault.OpenNotes(permit, sealed_, kind, [(id, note)])[0].Span);
        return new EmergencyView(found.AsRead(), Open(ReasonNote, found.Reason), found.Finding is { } finding ? Open(FindingNote, finding) : null);
    }

    /// <summary>Closes one with what the officer found. What is closed stays as it is.</summary>
    /// <returns>False when the token is no live session of a privacy officer.</returns>
    /// <exception cref="Fault">Invalid for a bad text; Conflict when it is closed; NotFound <c>desk/no-such-emergency</c>.</exception>
    public Task<bool> CloseAsync(CallerToken token, string id, bool wasJustified, string finding, CancellationToken ct)
    {
        var words = DeskRules.CheckText(finding, 1, MaxFinding, "bad-finding");
        return database.WriteAsync(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor || DeskRules.WhyNot(actor, DeskRules.Officer, tx.Now) is not null)
            {
                return false;
            }

            var (row, key) = await GetAsync(tx, id, exclusive: true, ct);
            if (row.CheckedAtUs is not null || row.StaffId == actor.Ref)
            {
                throw new Fault(FaultKind.Conflict, "desk/not-yours-to-check", "This emergency is checked already, or it is your own: somebody else looks into it.");
            }

            await tx.RunAsync(
                "UPDATE emergency_read SET checked_at_us = @NowUs, checked_by = @Ref, was_justified = @Was, finding = @Finding WHERE customer_id = @Customer AND emergency_id = @id AND checked_at_us IS NULL",
                new { tx.NowUs, actor.Ref, Was = wasJustified ? 1L : 0L, Finding = vault.SealNote(key, FindingNote, id, Encoding.UTF8.GetBytes(words)), Customer = key.Id.Value, id }, ct);
            await log.AppendAsync(tx, Event(actor, AuditKind.Admin, key) with { Subject = $"emergency-checked:{row.EntryId}", Reason = wasJustified ? "justified" : "not-justified" }, ct);
            return true;
        }, ct);
    }

    /// <summary>Of which customers, from one to another, both inclusive, something was read in an emergency in a time, and for what.</summary>
    /// <param name="to">Exclusive.</param>
    public static async ValueTask<IReadOnlyList<(CustomerId Customer, PurposeId Purpose)>> FindAsync(
        Transaction tx, DateTimeOffset from, DateTimeOffset to, CustomerId first, CustomerId last, CancellationToken ct) =>
        [.. (await tx.QueryAsync<(string Customer, string Purpose)>(
            "SELECT DISTINCT customer_id, purpose FROM emergency_read WHERE customer_id >= @First AND customer_id <= @Last AND at_us >= @From AND at_us < @To",
            new { First = first.Value, Last = last.Value, From = Micros.From(from), To = Micros.From(to) }, ct)).Select(r => (CustomerId.Parse(r.Customer), PurposeId.Parse(r.Purpose)))];

    /// <summary>Removes all that the desk keeps of a customer; part of erasure.</summary>
    public static async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM desk_visit WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM consent_question WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM emergency_read WHERE customer_id = @Value", new { customer.Value }, ct);
    }

    private async ValueTask<(Row Row, CustomerKey Key)> GetAsync(Transaction tx, string id, bool exclusive, CancellationToken ct)
    {
        var row = CustomerId.TryParse(id, null, out _) ? await tx.FindAsync<Row>(Row.Select + " WHERE emergency_id = @id", new { id }, ct) : null;
        if (row is not null)
        {
            await tx.LockCustomerAsync(CustomerId.Parse(row.CustomerId), exclusive, ct);
            // What was looked at before the wait may be old.
            row = await tx.FindAsync<Row>(Row.Select + " WHERE emergency_id = @id", new { id }, ct);
        }

        return row is not null && await vault.FindCustomerAsync(tx, CustomerId.Parse(row.CustomerId), ct) is { } key
            ? (row, key)
            : throw new Fault(FaultKind.NotFound, "desk/no-such-emergency", $"There is no emergency `{Name.Shown(id)}`.");
    }

    private static AuditEvent Event(ActorState actor, AuditKind kind, CustomerKey? key) =>
        new() { Kind = kind, Actor = actor.LogName, Session = actor.Session, CustomerRef = key?.AuditRef };
}
