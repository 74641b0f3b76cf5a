using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>The record of incidents with personal data (GDPR articles 33 and 34): steps are only added, each is in the log, and privacy officers are reminded of the clock by mail.</summary>
public sealed class Incidents(Database database, FourEyes eyes, AuditLog log, StaffMail mail, Uri site)
{
    /// <summary>Who writes.</summary>
    public static readonly IReadOnlyList<string> Roles = ["privacy-officer", "administrator"];

    /// <summary>Template of the mails to privacy officers.</summary>
    public const string Template = "incident-clock";

    public const int MaxReference = 200;

    private const string Job = "incidents";
    private static readonly string[] Stages = ["incident-new", "incident-day-left", "incident-over"];

    private sealed record Row(string IncidentId, long Number, long OpenedAtUs, long? ClosedAtUs, long Reminded);

    private sealed record StepRow(string IncidentId, long Step, string Kind, string Content, string DoneBy, long DoneAtUs);

    /// <summary>All, the newest first.</summary>
    public static async ValueTask<IReadOnlyList<Incident>> ListAsync(Transaction tx, CancellationToken ct)
    {
        var steps = (await tx.QueryAsync<StepRow>("SELECT incident_id, step, kind, content, done_by, done_at_us FROM incident_step ORDER BY incident_id, step", null, ct)).ToLookup(s => s.IncidentId);
        return [.. (await tx.QueryAsync<Row>("SELECT incident_id, number, opened_at_us, closed_at_us, reminded FROM incident ORDER BY number DESC", null, ct)).Select(r => Of(r, steps[r.IncidentId]))];
    }

    /// <exception cref="Fault">NotFound <c>governance/no-such-incident</c>.</exception>
    public static async ValueTask<Incident> GetAsync(Transaction tx, string id, CancellationToken ct) => (await FindAsync(tx, id, ct)).Incident;

    /// <summary>Writes a new incident down, and tells the privacy officers at once.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-incident</c>, and those of <see cref="FourEyes.EnterAsync"/>.</exception>
    public async ValueTask<Incident> OpenAsync(Transaction tx, CallerToken token, IncidentFacts facts, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await tx.LockJobAsync(Job, ct);
        var known = facts.Checked(tx.Now);
        var row = new Row(RandomNumberGenerator.GetHexString(16, lowercase: true), await tx.FindAsync<long>("SELECT COUNT(*) FROM incident", null, ct) + 1, tx.NowUs, null, 1);
        await tx.RunAsync("INSERT INTO incident (incident_id, number, opened_at_us, closed_at_us, reminded) VALUES (@IncidentId, @Number, @OpenedAtUs, NULL, 1)", row, ct);
        await AddAsync(tx, row.IncidentId, 1, IncidentStepKind.Facts, JsonSerializer.Serialize(known), actor, ct);
        var incident = await GetAsync(tx, row.IncidentId, ct);
        await TellAsync(tx, incident, 1, ct);
        return incident;
    }

    /// <summary>Writes down what is known now; what was written before stays in the steps.</summary>
    public ValueTask<Incident> WriteAsync(Transaction tx, CallerToken token, string id, IncidentFacts facts, CancellationToken ct) =>
        StepAsync(tx, token, id, IncidentStepKind.Facts, before => JsonSerializer.Serialize(facts.Checked(tx.Now) with { Source = before.Facts.Source }), ct);

    /// <summary>Adds a note.</summary>
    public ValueTask<Incident> NoteAsync(Transaction tx, CallerToken token, string id, string text, CancellationToken ct) =>
        StepAsync(tx, token, id, IncidentStepKind.Note, _ => Said("note", text), ct);

    /// <summary>Writes down that the authority was told, the first time or a further phase.</summary>
    /// <exception cref="Fault">Invalid <c>governance/late-without-reason</c> where the first time was late and says not why.</exception>
    public ValueTask<Incident> TellAuthorityAsync(Transaction tx, CallerToken token, string id, IncidentTold told, CancellationToken ct) => StepAsync(tx, token, id, IncidentStepKind.Authority, before =>
        before.AuthorityAt is null && told.At > before.DueAt && string.IsNullOrWhiteSpace(told.Reason)
            ? throw new Fault(FaultKind.Invalid, "governance/late-without-reason", "The authority was told after more than 72 hours: say why (GDPR article 33(1)).") : Of(tx, before, told, reasonNeeded: false), ct);

    /// <summary>Writes down that the people concerned were told.</summary>
    public ValueTask<Incident> TellCustomersAsync(Transaction tx, CallerToken token, string id, IncidentTold told, CancellationToken ct) =>
        StepAsync(tx, token, id, IncidentStepKind.Customers, before => Of(tx, before, told, reasonNeeded: false), ct);

    /// <summary>Writes down why the people concerned need not be told (article 34(3)).</summary>
    public ValueTask<Incident> SpareCustomersAsync(Transaction tx, CallerToken token, string id, string reason, CancellationToken ct) =>
        StepAsync(tx, token, id, IncidentStepKind.NotCustomers, before => Of(tx, before, new IncidentTold(tx.Now, "", reason), reasonNeeded: true), ct);

    /// <summary>Closes an incident of which everybody was told who has to be.</summary>
    /// <exception cref="Fault">Conflict <c>governance/still-to-tell</c>.</exception>
    public async ValueTask<Incident> CloseAsync(Transaction tx, CallerToken token, string id, string text, CancellationToken ct)
    {
        await StepAsync(tx, token, id, IncidentStepKind.Closed, before => before.MayClose(tx.Now) ? Said("closing", text)
            : throw new Fault(FaultKind.Conflict, "governance/still-to-tell", "The authority, or the people concerned, are still to be told; write down that they were, or why they need not be."), ct);
        await tx.RunAsync("UPDATE incident SET closed_at_us = @NowUs WHERE incident_id = @id", new { tx.NowUs, id }, ct);
        return await GetAsync(tx, id, ct);
    }

    /// <summary>Opens a closed incident again.</summary>
    public async ValueTask<Incident> ReopenAsync(Transaction tx, CallerToken token, string id, string text, CancellationToken ct)
    {
        // Taken back with all else when the step is not allowed.
        await tx.RunAsync("UPDATE incident SET closed_at_us = NULL WHERE incident_id = @id", new { id }, ct);
        return await StepAsync(tx, token, id, IncidentStepKind.Reopened, _ => Said("reopening", text), ct);
    }

    /// <summary>Mails the privacy officers a day before the clock of an incident ends, and at its end, once each, while the authority is to be told.</summary>
    /// <returns>How many incidents.</returns>
    public async Task<int> RemindDueAsync(CancellationToken ct)
    {
        var due = await database.ReadAsync(async tx =>
        {
            var list = new List<string>();
            foreach (var row in await tx.QueryAsync<Row>("SELECT incident_id, number, opened_at_us, closed_at_us, reminded FROM incident WHERE closed_at_us IS NULL AND reminded < @Last", new { Last = (long)Stages.Length }, ct))
            {
                list.AddRange((await GetAsync(tx, row.IncidentId, ct)).StageAsOf(tx.Now) > row.Reminded ? [row.IncidentId] : (string[])[]);
            }

            return list;
        }, ct);
        var told = 0;
        foreach (var id in due)
        {
            told += await database.WriteAsync(async tx =>
            {
                await tx.LockJobAsync(Job, ct);
                var (incident, reminded) = await FindAsync(tx, id, ct);
                var stage = incident.StageAsOf(tx.Now);
                if (stage <= reminded)
                {
                    return 0;
                }

                await tx.RunAsync("UPDATE incident SET reminded = @stage WHERE incident_id = @id", new { stage, id }, ct);
                await TellAsync(tx, incident, stage, ct);
                return 1;
            }, ct);
        }

        return told;
    }

    private async ValueTask<Incident> StepAsync(Transaction tx, CallerToken token, string id, IncidentStepKind kind, Func<Incident, string> content, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await tx.LockJobAsync(Job, ct);
        var (before, reminded) = await FindAsync(tx, id, ct);
        if (before.ClosedAt is not null)
        {
            throw new Fault(FaultKind.Conflict, "governance/incident-closed", "This incident is closed; open it again to add to it.");
        }

        await AddAsync(tx, id, before.Steps.Count + 1, kind, content(before), actor, ct);
        var after = await GetAsync(tx, id, ct);
        if (after.StageAsOf(tx.Now) < reminded)
        {
            // The clock starts later than was thought, or is needed again: it is reminded of anew.
            await tx.RunAsync("UPDATE incident SET reminded = @Stage WHERE incident_id = @id", new { Stage = after.StageAsOf(tx.Now), id }, ct);
        }

        return after;
    }

    private async ValueTask AddAsync(Transaction tx, string id, int number, IncidentStepKind kind, string content, ActorState actor, CancellationToken ct)
    {
        await tx.RunAsync(
            "INSERT INTO incident_step (incident_id, step, kind, content, done_by, done_at_us) VALUES (@id, @Step, @Kind, @content, @Ref, @NowUs)",
            new { id, Step = (long)number, Kind = kind.ToString(), content, actor.Ref, tx.NowUs }, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Admin, Actor = actor.LogName, Session = actor.Session, Subject = $"incident-{kind.ToString().ToLowerInvariant()}:{id}", Reason = number.ToString(CultureInfo.InvariantCulture),
        }, ct);
    }

    private async ValueTask TellAsync(Transaction tx, Incident incident, long stage, CancellationToken ct) => await mail.QueueAsync(tx, StaffReceiver.Role(LogPost.Officer), Template, new Dictionary<string, string>
    {
        ["what"] = Stages[stage - 1], ["number"] = incident.Number.ToString(CultureInfo.InvariantCulture),
        ["until"] = incident.DueAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), ["link"] = new Uri(site, "governance/incidents/" + incident.Id).AbsoluteUri,
    }, ct);

    private static async ValueTask<(Incident Incident, long Reminded)> FindAsync(Transaction tx, string id, CancellationToken ct)
    {
        var row = await tx.FindAsync<Row>("SELECT incident_id, number, opened_at_us, closed_at_us, reminded FROM incident WHERE incident_id = @id", new { id }, ct)
            ?? throw new Fault(FaultKind.NotFound, "governance/no-such-incident", $"There is no incident `{Name.Shown(id)}`.");
        return (Of(row, await tx.QueryAsync<StepRow>("SELECT incident_id, step, kind, content, done_by, done_at_us FROM incident_step WHERE incident_id = @id ORDER BY step", new { id }, ct)), row.Reminded);
    }

    private static Incident Of(Row row, IEnumerable<StepRow> steps) => new(row.IncidentId, row.Number, Micros.ToInstant(row.OpenedAtUs), Micros.ToInstant(row.ClosedAtUs), [.. steps.Select(Of)]);

    private static IncidentStep Of(StepRow row)
    {
        var kind = Enum.Parse<IncidentStepKind>(row.Kind);
        var (facts, told) = (kind == IncidentStepKind.Facts, kind is IncidentStepKind.Authority or IncidentStepKind.Customers or IncidentStepKind.NotCustomers);
        return new IncidentStep(
            row.Step, kind, row.DoneBy, Micros.ToInstant(row.DoneAtUs), facts ? JsonSerializer.Deserialize<IncidentFacts>(row.Content) : null,
            told ? JsonSerializer.Deserialize<IncidentTold>(row.Content) : null, facts || told ? null : row.Content);
    }

    private static string Of(Transaction tx, Incident before, IncidentTold told, bool reasonNeeded)
    {
        if (told.At > tx.Now || told.At < before.Facts.NoticedAt)
        {
            throw IncidentFacts.Bad($"Somebody was told after the incident was noticed and by now; got `{told.At.UtcDateTime:yyyy-MM-dd'T'HH:mm}`.");
        }

        if (told.Reference.Length > MaxReference)
        {
            throw IncidentFacts.Bad($"A reference has at most `{MaxReference}` characters; got `{told.Reference.Length}`.");
        }

        if (reasonNeeded || told.Reason.Length > 0)
        {
            IncidentFacts.Text("reason", told.Reason, IncidentFacts.MaxText);
        }

        return JsonSerializer.Serialize(told);
    }

    private static string Said(string name, string text)
    {
        IncidentFacts.Text(name, text, IncidentFacts.MaxText);
        return text.Trim();
    }
}
