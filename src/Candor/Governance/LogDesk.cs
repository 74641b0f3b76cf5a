using System.Globalization;
using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>Looks at the log that are themselves in the log: at one customer's entries, at a copy to take away, at what was found odd.</summary>
/// <remarks>Who asks is found again in the transaction that answers. An auditor sees no customer: only a privacy officer may name one.</remarks>
public sealed class LogDesk(Database database, AuditLog log, AccessRegister access, PersonalVault vault)
{
    public const int MinReason = 10;
    public const int MaxReason = 500;

    /// <summary>Entries of one page about a customer, and of one export.</summary>
    public const int PerPage = 100;
    public const int MostExported = 50_000;

    /// <summary>As the log, and the customer's own page, names a look at what the log has about them.</summary>
    public const string CustomerSubject = "log-search";
    private const string ExportSubject = "log-export";

    /// <summary>Entries about one customer.</summary>
    /// <param name="IsKnown">False when nobody has that reference.</param>
    /// <param name="BeforeUs">To go on before; null at the end.</param>
    public sealed record CustomerEntries(bool IsKnown, IReadOnlyList<AuditEntry> Entries, long? BeforeUs);

    /// <summary>What was answered, or why not. Both null: the session has ended.</summary>
    public readonly record struct Answer<T>(T? Given, ReasonCode? Refused)
        where T : class;

    /// <summary>The entries about a customer, for a privacy officer with a reason. The look is in the log, and the customer sees it.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-reason</c>.</exception>
    public Task<Answer<CustomerEntries>> OfCustomerAsync(CallerToken token, string reference, string reason, long? beforeUs, CancellationToken ct)
    {
        // One line, as a case is: after a line break the reason of an emergency would begin.
        var why = reason.Trim().ReplaceLineEndings(" ");
        if (why.Length is < MinReason or > MaxReason)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-reason", $"A reason has {MinReason} to {MaxReason} characters, got `{why.Length}`.");
        }

        return database.WriteAsync<Answer<CustomerEntries>>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor)
            {
                return default;
            }

            var key = await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference.Trim(), ct);
            var refused = WhyNot(actor, tx.Now, isPersonal: true, LogPost.Officer);
            var entries = key is null || refused is not null ? [] : await log.OfCustomerAsync(tx, key.AuditRef, beforeUs, PerPage, ct);
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = refused is null ? AuditKind.Read : AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Subject = CustomerSubject, CustomerRef = key?.AuditRef,
                Reason = refused?.Code() ?? (key is null ? ReasonCode.NoSuchCustomer.Code() : null), SealedDetail = key is null ? null : vault.SealDetail(key, Encoding.UTF8.GetBytes(why)),
            }, ct);
            return refused is not null ? new(null, refused)
                : new(new CustomerEntries(key is not null, entries, entries.Count >= PerPage ? Micros.From(entries[^1].At) : null), null);
        }, ct);
    }

    /// <summary>Up to <see cref="MostExported"/> entries to take away, newest first. That they were taken, and how many, is in the log before they leave.</summary>
    public async Task<Answer<IReadOnlyList<PlacedEntry>>> ExportAsync(CallerToken token, LogQuery query, CancellationToken ct)
    {
        // Read first, beside the writer: a long search must not hold up anybody's read.
        var found = await database.ReadAsync(tx => AllAsync(tx, query, ct), ct);
        return await database.WriteAsync<Answer<IReadOnlyList<PlacedEntry>>>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor)
            {
                return default;
            }

            var refused = WhyNot(actor, tx.Now, isPersonal: false, LogPost.Officer, LogPost.Auditor);
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = refused is null ? AuditKind.Export : AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Subject = ExportSubject,
                Reason = refused?.Code() ?? found.Count.ToString(CultureInfo.InvariantCulture),
            }, ct);
            return refused is null ? new(found, null) : new(null, refused);
        }, ct);
    }

    /// <summary>Keeps what a privacy officer says about an anomaly. Nobody judges their own.</summary>
    /// <param name="words">For people, up to <see cref="AnomalyBook.MaxWords"/> characters; they stay out of the log.</param>
    /// <exception cref="Fault">NotFound <c>governance/no-such-finding</c>; Conflict <c>governance/own-finding</c> or <c>governance/reviewed</c>; Invalid <c>governance/bad-words</c>.</exception>
    public Task<Answer<FoundAnomaly>> ReviewAsync(CallerToken token, string id, bool isFalseAlarm, string words, CancellationToken ct)
    {
        var said = words.Trim();
        if (said.Length is 0 or > AnomalyBook.MaxWords)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-words", $"Say in 1 to {AnomalyBook.MaxWords} characters what it was, got `{said.Length}`.");
        }

        return database.WriteAsync<Answer<FoundAnomaly>>(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor)
            {
                return default;
            }

            if (WhyNot(actor, tx.Now, isPersonal: false, LogPost.Officer) is { } refused)
            {
                await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, Subject = "finding", Reason = refused.Code() }, ct);
                return new(null, refused);
            }

            var finding = await AnomalyBook.FindAsync(tx, id, ct) ?? throw new Fault(FaultKind.NotFound, "governance/no-such-finding", $"There is no finding `{Name.Shown(id)}`.");
            if (finding.Actor == actor.LogName)
            {
                throw new Fault(FaultKind.Conflict, "governance/own-finding", "This is about what you did yourself; another privacy officer has to look at it.");
            }

            if (!await AnomalyBook.ReviewAsync(tx, id, isFalseAlarm, said, actor.Ref, ct))
            {
                throw new Fault(FaultKind.Conflict, "governance/reviewed", "Somebody has said something about this already; reload the page.");
            }

            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Admin, Actor = actor.LogName, Session = actor.Session, Subject = "finding:" + id, Reason = isFalseAlarm ? AnomalyBook.FalseAlarm : AnomalyBook.Accepted,
            }, ct);
            return new(finding, null);
        }, ct);
    }

    /// <summary>Why this person may not; null when they may. Read like a table.</summary>
    private static ReasonCode? WhyNot(ActorState actor, DateTimeOffset now, bool isPersonal, params ReadOnlySpan<string> roles) =>
        actor.Kind != ActorKind.Staff || !HasOne(actor, roles) ? ReasonCode.RoleNotAllowed
        : actor.IsRevoked || actor.ExpiresAt <= now ? ReasonCode.SessionEnded
        : actor.MfaAt is null ? ReasonCode.MfaRequired
        : isPersonal && !(actor.TrainingUntil > now) ? ReasonCode.TrainingLapsed
        : null;

    private static bool HasOne(ActorState actor, ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (actor.HasRole(role))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<IReadOnlyList<PlacedEntry>> AllAsync(Transaction tx, LogQuery query, CancellationToken ct)
    {
        var (all, search) = (new List<PlacedEntry>(), new LogSearch(log));
        long? before = null;
        do
        {
            var page = await search.FindAsync(tx, query, before, MostExported - all.Count, ct);
            all.AddRange(page.Entries);
            before = page.Before;
        }
        while (before is not null && all.Count < MostExported);

        return all;
    }
}
