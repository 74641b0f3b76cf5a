using System.Buffers.Binary;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Audit;

/// <summary>Takes out of the log what anomalies are judged by, a stretch at a time, and keeps it for 30 days.</summary>
public sealed class ActBook(Database database, AuditLog log, AnomalySettings settings)
{
    private const string TakeWalk = "acts";
    private const string JudgeWalk = "judged";
    private const string Staff = "staff:";
    private const string Program = "key:";

    /// <summary>As the desk marks an emergency access.</summary>
    private const string EmergencySubject = "emergency";

    /// <summary>As a change of somebody's roles is logged; then their id follows.</summary>
    private static readonly string[] RoleSubjects = ["staff-changed:", "staff-roles:"];

    /// <summary>Reasons that lie with the customer's own choice: everything else said yes before.</summary>
    private static readonly HashSet<string> Choices = ["no-consent", "consent-withdrawn", "consent-expired", "consent-outdated", "objected"];

    /// <summary>How long after a look that was allowed its other parts are asked for.</summary>
    private static readonly TimeSpan OneLook = TimeSpan.FromMinutes(1);

    /// <summary>Entries taken at once.</summary>
    private const int Stretch = 2_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly long HourUs = (long)TimeSpan.FromHours(1).TotalMicroseconds;

    private sealed record ActRow(string Actor, Act Act);

    private sealed record StoredAct(long Idx, long TimeUs, string Act, long? Customer, string? Purpose);

    private sealed record StoredHour(long Hour, long Reads, long Denials, long FirstIdx, long LastIdx);

    private sealed record Stretched(long From, long To, IReadOnlyList<ActRow> Acts, IReadOnlyList<(string Actor, ProgramHour Hour)> Programs);

    /// <summary>The first time, on a log that was there before: what is old tells what is usual, and nothing of it is judged.</summary>
    public Task BeginAsync(CancellationToken ct) => database.WriteAsync(async tx =>
    {
        await tx.LockJobAsync("audit-" + JudgeWalk, ct);
        if (await LogWalks.FindAsync(tx, JudgeWalk, ct) is null)
        {
            await LogWalks.KeepAsync(tx, JudgeWalk, new LogWalk((await log.HeadAsync(tx, ct)).Size, tx.Now, null, null, null, null), ct);
        }
    }, ct);

    /// <summary>Takes the next stretch of the log, and judges it.</summary>
    /// <returns>How many entries it had; call again while it is a whole stretch, <paramref name="most"/>.</returns>
    public async Task<int> StepAsync(int most, CancellationToken ct)
    {
        var stretch = await database.ReadAsync(tx => ReadAsync(tx, Math.Min(most, Stretch), ct), ct);
        if (stretch.To > stretch.From)
        {
            await database.WriteAsync(tx => KeepAsync(tx, stretch, ct), ct);
        }

        var (found, from, upTo) = await database.ReadAsync(tx => JudgeAsync(tx, ct), ct);
        if (upTo > from)
        {
            await database.WriteAsync(async tx =>
            {
                await AnomalyBook.KeepAsync(tx, found, ct);
                await LogWalks.MoveAsync(tx, JudgeWalk, from, upTo, ct);
            }, ct);
        }

        return (int)(stretch.To - stretch.From);
    }

    private async ValueTask<Stretched> ReadAsync(Transaction tx, int most, CancellationToken ct)
    {
        var (from, to, entries) = await LogWalks.ReadOnAsync(tx, log, TakeWalk, most, ct);
        var oldest = tx.NowUs - (long)Kept.TotalMicroseconds;
        return new Stretched(from, to,
            [.. WithoutParts(entries.Where(e => Micros.From(e.Entry.At) > oldest)).Select(e => ActOf(e.Index, e.Entry)).OfType<ActRow>()],
            [.. entries.Where(e => Micros.From(e.Entry.At) > oldest && e.Entry.Event.Actor.StartsWith(Program, StringComparison.Ordinal) && e.Entry.Event.Kind is AuditKind.Read or AuditKind.Deny)
                .GroupBy(e => (e.Entry.Event.Actor, Hour: Micros.From(e.Entry.At) / HourUs))
                .Select(g => (g.Key.Actor, new ProgramHour(g.Key.Hour, g.Count(e => e.Entry.Event.Kind == AuditKind.Read), g.Count(e => e.Entry.Event.Kind == AuditKind.Deny), g.Min(e => e.Index), g.Max(e => e.Index))))]);
    }

    /// <summary>Leaves out refusals that nobody caused: a brief also asks for what may come next, and where the customer has not agreed to that, the same look has a part that is refused.</summary>
    private static IEnumerable<(long Index, AuditEntry Entry)> WithoutParts(IEnumerable<(long Index, AuditEntry Entry)> entries)
    {
        var looks = new Dictionary<(string Actor, UInt128 Customer), DateTimeOffset>();
        foreach (var (index, entry) in entries)
        {
            var e = entry.Event;
            if (e.CustomerRef is { } reference)
            {
                var key = (e.Actor, BinaryPrimitives.ReadUInt128BigEndian(reference));
                if (e.Kind == AuditKind.Read)
                {
                    looks[key] = entry.At;
                }
                else if (e is { Kind: AuditKind.Deny, Reason: { } reason, Subject: not EmergencySubject } && Choices.Contains(reason) && looks.TryGetValue(key, out var at) && entry.At - at <= OneLook)
                {
                    continue;
                }
            }

            yield return (index, entry);
        }
    }

    private static ActRow? ActOf(long index, AuditEntry entry)
    {
        var e = entry.Event;
        if (e is { Kind: AuditKind.Admin, Subject: { } subject } && RoleSubjects.FirstOrDefault(s => subject.StartsWith(s, StringComparison.Ordinal)) is { } prefix)
        {
            return new ActRow(Staff + subject[prefix.Length..], new Act(index, Micros.From(entry.At), Acts.Roles, null, null));
        }

        var what = e.Kind switch
        {
            AuditKind.Deny => Acts.Deny,
            AuditKind.Read or AuditKind.Export when e.CustomerRef is not null => e.Subject == EmergencySubject ? Acts.Emergency : Acts.Read,
            _ => null,
        };
        return what is null || !e.Actor.StartsWith(Staff, StringComparison.Ordinal) ? null
            : new ActRow(e.Actor, new Act(index, Micros.From(entry.At), what, e.CustomerRef is { } reference ? BinaryPrimitives.ReadInt64BigEndian(reference) : null, e.Purpose));
    }

    private async ValueTask KeepAsync(Transaction tx, Stretched stretch, CancellationToken ct)
    {
        if (!await LogWalks.MoveAsync(tx, TakeWalk, stretch.From, stretch.To, ct))
        {
            return;
        }

        foreach (var (actor, act) in stretch.Acts)
        {
            await tx.RunAsync("INSERT INTO audit_act (log, idx, actor, time_us, act, customer, purpose) VALUES (@Log, @Index, @actor, @TimeUs, @What, @Customer, @Purpose)",
                new { AuditLog.Log, act.Index, actor, act.TimeUs, act.What, act.Customer, act.Purpose }, ct);
        }

        foreach (var (actor, hour) in stretch.Programs)
        {
            await tx.RunAsync(
                """
                INSERT INTO audit_act_hour (log, actor, hour, reads, denials, first_idx, last_idx) VALUES (@Log, @actor, @Hour, @Reads, @Denials, @FirstIndex, @LastIndex)
                ON CONFLICT (log, actor, hour) DO UPDATE SET reads = audit_act_hour.reads + excluded.reads, denials = audit_act_hour.denials + excluded.denials, last_idx = excluded.last_idx
                """, new { AuditLog.Log, actor, hour.Hour, hour.Reads, hour.Denials, hour.FirstIndex, hour.LastIndex }, ct);
        }

        var oldest = Micros.From(tx.Now - Kept);
        await tx.RunAsync("DELETE FROM audit_act WHERE log = @Log AND time_us < @oldest", new { AuditLog.Log, oldest }, ct);
        await tx.RunAsync("DELETE FROM audit_act_hour WHERE log = @Log AND hour < @Hour", new { AuditLog.Log, Hour = oldest / HourUs }, ct);
    }

    private async ValueTask<(IReadOnlyList<Anomaly> Found, long From, long UpTo)> JudgeAsync(Transaction tx, CancellationToken ct)
    {
        var (from, upTo) = ((await LogWalks.FindAsync(tx, JudgeWalk, ct))?.Index ?? 0, (await LogWalks.FindAsync(tx, TakeWalk, ct))?.Index ?? 0);
        if (upTo <= from)
        {
            return ([], 0, 0);
        }

        var found = new List<Anomaly>();
        foreach (var actor in await tx.QueryAsync<string>("SELECT DISTINCT actor FROM audit_act WHERE log = @Log AND idx >= @from AND idx < @upTo", new { AuditLog.Log, from, upTo }, ct))
        {
            found.AddRange(await JudgePersonAsync(tx, actor, from, ct));
        }

        foreach (var actor in await tx.QueryAsync<string>("SELECT DISTINCT actor FROM audit_act_hour WHERE log = @Log AND last_idx >= @from", new { AuditLog.Log, from }, ct))
        {
            var hours = await tx.QueryAsync<StoredHour>("SELECT hour, reads, denials, first_idx, last_idx FROM audit_act_hour WHERE log = @Log AND actor = @actor ORDER BY hour", new { AuditLog.Log, actor }, ct);
            found.AddRange(AnomalyRules.JudgeProgram(actor, [.. hours.Select(h => new ProgramHour(h.Hour, h.Reads, h.Denials, h.FirstIdx, h.LastIdx))], hours.Where(h => h.LastIdx >= from).Min(h => h.Hour), settings));
        }

        return (found, from, upTo);
    }

    private async ValueTask<IReadOnlyList<Anomaly>> JudgePersonAsync(Transaction tx, string actor, long fresh, CancellationToken ct)
    {
        var acts = await ActsAsync(tx, actor, ct);
        var found = AnomalyRules.Judge(actor, acts, fresh, 0, settings);
        if (!found.Any(f => f.Rule == AnomalyRules.Bulk))
        {
            return found;
        }

        // Only now is it worth asking how the others work.
        var usual = new List<long>();
        foreach (var peer in await tx.QueryAsync<string>("SELECT DISTINCT actor FROM audit_act WHERE log = @Log AND actor <> @actor", new { AuditLog.Log, actor }, ct))
        {
            usual.Add(AnomalyRules.UsualCustomers(await ActsAsync(tx, peer, ct)));
        }

        usual.RemoveAll(u => u == 0);
        usual.Sort();
        return usual.Count == 0 ? found : AnomalyRules.Judge(actor, acts, fresh, usual[usual.Count / 2], settings);
    }

    private static async ValueTask<IReadOnlyList<Act>> ActsAsync(Transaction tx, string actor, CancellationToken ct) =>
        [.. (await tx.QueryAsync<StoredAct>("SELECT idx, time_us, act, customer, purpose FROM audit_act WHERE actor = @actor AND log = @Log ORDER BY idx", new { actor, AuditLog.Log }, ct))
            .Select(a => new Act(a.Idx, a.TimeUs, a.Act, a.Customer, a.Purpose))];
}
