using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>What came of a look-up.</summary>
/// <param name="Visit">Id of the visit under which the customer's page opens; null when nobody is known by it, or it was refused.</param>
/// <param name="Refused">Why the agent may not look; null when they may.</param>
/// <param name="Entry">Id of the log entry.</param>
public sealed record LookUp(string? Visit, ReasonCode? Refused, string Entry);

/// <summary>Finds one customer by what they say of themselves: whole values only, through keyed digests. There is no list of customers and no searching by parts.</summary>
/// <remarks>Each look-up is logged, without the value, and counts in the agent's read budget, so that guessing does not pay.</remarks>
public sealed class CustomerFinder(Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, AccessRegister access, ReadBudget budget, DeskVisits visits)
{
    /// <summary>Longest text that is looked for.</summary>
    public const int MaxLength = BlindIndex.MaxEmailLength;

    /// <summary>Subject of the log entries, before the kind.</summary>
    private const string Subject = "look-up:";

    /// <summary>Looks for a customer by e-mail, phone, number of an order, or reference.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    /// <exception cref="Fault">Invalid for a text that is nothing to look for, or a bad case.</exception>
    public Task<LookUp?> FindAsync(CallerToken token, string text, PurposeId purpose, string? @case, CancellationToken ct)
    {
        var (value, number) = (text.Trim(), DeskRules.CheckCase(@case));
        if (value.Length is 0 or > MaxLength || value.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "desk/bad-look-up", $"What is looked for has 1 to {MaxLength} characters and no control characters; got `{value.Length}`.");
        }

        return database.WriteAsync(async tx =>
        {
            if (await access.FindActorAsync(tx, token, ct) is not { } actor)
            {
                return null;
            }

            var catalog = await catalogs.GetActiveAsync(tx, ct);
            var by = new AuditEvent { Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, CatalogVersion = catalog.Version, Purpose = purpose.Value };
            if (DeskRules.WhyNot(actor, DeskRules.Role, tx.Now) is { } never)
            {
                return await DenyAsync(tx, by, never, ct);
            }

            var (key, kind) = await FindAsync(tx, value, catalog.Catalog.Organisation.Country, ct);
            if (DeskRules.WhyNot(await budget.ApplyAsync(tx, actor, key?.Id, ct), DeskRules.Role, tx.Now) is { } over)
            {
                return await DenyAsync(tx, by, over, ct);
            }

            if (key is null)
            {
                await ReadBudget.CountMissAsync(tx, actor, ct);
                return new LookUp(null, null, await log.AppendAsync(tx, by with { Reason = ReasonCode.NoSuchCustomer.Code(), Subject = Subject + "none" }, ct));
            }

            await budget.CountAsync(tx, actor, key.Id, ct);
            var found = by with
            {
                Kind = AuditKind.Read, CustomerRef = key.AuditRef, Subject = Subject + kind,
                SealedDetail = new ReadDetail(number, null).Encode() is { } detail ? vault.SealDetail(key, detail) : null,
            };
            return new LookUp(await visits.BeginAsync(tx, key.Id, actor, purpose, number, ct), null, await log.AppendAsync(tx, found, ct));
        }, ct);
    }

    /// <summary>The visits of the last day, the newest first; null when the token is no live session of an agent.</summary>
    public Task<IReadOnlyList<DeskVisit>?> RecentAsync(CallerToken token, int most, CancellationToken ct) => database.ReadAsync<IReadOnlyList<DeskVisit>?>(async tx =>
        await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Staff } actor && DeskRules.WhyNot(actor, DeskRules.Role, tx.Now) is null
            ? await visits.RecentAsync(tx, actor.Ref, most, ct)
            : null, ct);

    /// <summary>Says anew why the agent looks at a customer whom they found before. No emergency goes on beyond it.</summary>
    /// <exception cref="Fault">Invalid for a bad case; NotFound <c>desk/no-such-visit</c>.</exception>
    public Task ChangeReasonAsync(CallerToken token, string visitId, PurposeId purpose, string? @case, CancellationToken ct)
    {
        var number = DeskRules.CheckCase(@case);
        return database.WriteAsync(async tx =>
        {
            var visit = await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Staff } agent && DeskRules.WhyNot(agent, DeskRules.Role, tx.Now) is null
                ? await visits.FindAsync(tx, visitId, agent.Ref, ct) : null;
            await visits.ChangeAsync(
                tx, visit ?? throw new Fault(FaultKind.NotFound, "desk/no-such-visit", $"There is no customer's page `{Name.Shown(visitId)}` of yours; find the customer again."),
                purpose, number, null, ct);
        }, ct);
    }

    private async ValueTask<LookUp> DenyAsync(Transaction tx, AuditEvent by, ReasonCode reason, CancellationToken ct) =>
        new(null, reason, await log.AppendAsync(tx, by with { Reason = reason.Code(), Subject = Subject + "refused" }, ct));

    /// <summary>The customer, with their lock held, so that nothing of a visit outlives them.</summary>
    private async ValueTask<(CustomerKey? Key, string Kind)> FindAsync(Transaction tx, string value, string country, CancellationToken ct)
    {
        foreach (var (kind, asked) in Candidates(value, country))
        {
            if (TryDigest(kind, asked) is { } digest && await IdOfAsync(tx, kind, digest, ct) is { } id)
            {
                await tx.LockCustomerAsync(id, exclusive: false, ct);
                return (await vault.FindCustomerAsync(tx, id, ct), kind);
            }
        }

        return (null, "");
    }

    private async ValueTask<CustomerId?> IdOfAsync(Transaction tx, string kind, byte[] digest, CancellationToken ct) =>
        kind == BlindIndex.Order ? await OrderIndex.FindAsync(tx, digest, ct) : (await vault.FindByDigestAsync(tx, kind, digest, ct))?.Id;

    /// <summary>What a text may be, the likeliest first. A phone number may have been stored as it was typed, before countries were added.</summary>
    private static IEnumerable<(string Kind, string Value)> Candidates(string value, string country)
    {
        if (value.Contains('@', StringComparison.Ordinal))
        {
            yield return (BlindIndex.Email, value);
        }

        yield return (BlindIndex.Reference, value);
        yield return (BlindIndex.Order, value);
        if (PhoneNumber.TryRead(value, country) is { } number)
        {
            yield return (BlindIndex.Phone, number);
            yield return (BlindIndex.Phone, value);
        }
    }

    /// <summary>Null for a text that cannot be of this kind.</summary>
    private byte[]? TryDigest(string kind, string value)
    {
        try
        {
            return vault.DigestOf(kind, value);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid)
        {
            return null;
        }
    }
}
