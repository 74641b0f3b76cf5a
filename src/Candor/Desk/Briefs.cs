using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>Makes briefs. Nothing of one is kept: each is a new read, with a new log entry.</summary>
public sealed class Briefs(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, ConsentedRead reads, Suggestions suggestions, ProactiveLines proactive, AccessRegister access, DeskVisits visits, BlindIndex index)
{
    /// <summary>Newest records of each history.</summary>
    public const int HistoryLimit = 50;

    /// <summary>Things that may be needed next.</summary>
    private const int MostNeeds = 5;

    /// <summary>Class of the Data Privacy Vocabulary of the purpose that a brief is for where none is named.</summary>
    private const string CareClass = "CustomerCare";

    private static readonly string[] PurchaseCategories = ["PurchasesAndSpendingHabit", "Purchase"];

    private sealed record Beside(ActiveCatalog Catalog, IReadOnlyList<Choice> Choices, DateTimeOffset? RestrictedSince, IReadOnlyList<AskedQuestion> Questions);

    /// <summary>The brief of a visit.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    /// <exception cref="Fault">NotFound <c>desk/no-such-visit</c>.</exception>
    public async Task<BriefOutcome?> OfVisitAsync(CallerToken token, string visitId, CancellationToken ct)
    {
        var (found, catalog) = await database.ReadAsync<((DeskVisit Visit, byte[] Digest)?, ActiveCatalog)>(async tx =>
        {
            var active = await catalogs.GetActiveAsync(tx, ct);
            if (await access.FindActorAsync(tx, token, ct) is not { Kind: ActorKind.Staff } agent)
            {
                return (null, active);
            }

            return await visits.FindAsync(tx, visitId, agent.Ref, ct) is { } visit && await CustomerValues.FindReferenceDigestAsync(tx, visit.Customer, ct) is { } digest
                ? ((visit, digest), active)
                : throw new Fault(FaultKind.NotFound, "desk/no-such-visit", $"There is no customer's page `{Name.Shown(visitId)}` of yours; find the customer again.");
        }, ct);
        return found is var (known, look) ? await ReadAsync(token, look, known.Purpose, known.Case, known, catalog, ct) : null;
    }

    /// <summary>The brief of a customer whom the caller knows by reference, for the purpose of the catalog that is about customer care.</summary>
    /// <returns>Null when the token belongs to nobody.</returns>
    /// <exception cref="Fault">NotFound <c>desk/no-care-purpose</c>; Invalid for a bad case or reference.</exception>
    public async Task<BriefOutcome?> OfReferenceAsync(CallerToken token, string reference, PurposeId? purpose, string? @case, CancellationToken ct)
    {
        var (digest, number) = (index.Of(BlindIndex.Reference, reference), DeskRules.CheckCase(@case));
        var catalog = await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct);
        var care = purpose ?? (PurposesFor(catalog.Catalog, DeskRules.Role) is [var first, ..] ? first.Id : null)
            ?? throw new Fault(FaultKind.NotFound, "desk/no-care-purpose", "The catalog has no active purpose for the role `agent`; name one with `purpose`.");
        return await ReadAsync(token, digest, care, number, null, catalog, ct);
    }

    /// <summary>The purposes that a role may look for, customer care first, then by name.</summary>
    public static IReadOnlyList<Purpose> PurposesFor(PurposeCatalog catalog, string role) =>
        [.. catalog.Purposes.Values.Where(p => p.Active && p.Roles.Contains(role)).OrderBy(p => p.DpvPurpose != CareClass).ThenBy(p => p.Id.Value, StringComparer.Ordinal)];

    private async Task<BriefOutcome?> ReadAsync(CallerToken token, byte[] digest, PurposeId purpose, string? @case, DeskVisit? visit, ActiveCatalog catalog, CancellationToken ct)
    {
        Beside? beside = null;
        var outcome = await reads.RunAsync(new ReadRequest(token, "", purpose, [], @case, HistoryLimit)
        {
            Digest = digest, Emergency = visit?.Emergency,
            Also = async (tx, key, active) => beside = new Beside(
                active, await ledger.StateAsync(tx, key.Id, ct), await ledger.RestrictedSinceAsync(tx, key.Id, ct), await ConsentQuestions.OfAsync(tx, key.Id, ct)),
        }, ct);
        if (outcome is null)
        {
            return null;
        }

        if (outcome is not { Decision: Decision.Allowed allowed, Opened: { } opened } || beside is null)
        {
            var may = visit is { Emergency: null } && catalog.Catalog.Purposes.GetValueOrDefault(purpose) is { Emergency: true } && IsChoice(outcome.ShownReason);
            return new BriefOutcome(null, outcome.ShownReason, outcome.Entry, catalog, visit, may);
        }

        var declared = beside.Catalog.Catalog.Purposes[purpose];
        var needs = await NeedsAsync(token, digest, declared, @case, beside.Catalog, ct);
        var noticed = await proactive.ForAsync(beside.Catalog, outcome, HistoryLimit, ct);
        var brief = Make(outcome.Entry, declared, @case, visit?.Emergency is not null, allowed, opened, beside, noticed, needs);
        return new BriefOutcome(brief, null, outcome.Entry, beside.Catalog, visit, false);
    }

    /// <summary>Asked only where somebody who may read for this purpose may read for that one too, so that a look leaves no entry of a refusal that nobody caused.</summary>
    private async Task<BriefNeeds?> NeedsAsync(CallerToken token, byte[] digest, Purpose purpose, string? @case, ActiveCatalog catalog, CancellationToken ct)
    {
        var needs = await database.ReadAsync(tx => suggestions.FindNeedsAsync(tx, ct), ct);
        if (needs is null || needs.Id == purpose.Id || !(needs.Roles.Overlaps(purpose.Roles) || needs.Services.Overlaps(purpose.Services)))
        {
            return null;
        }

        if (await suggestions.NeedsAsync(token, digest, needs.Id, @case, MostNeeds, ct) is not var (outcome, read))
        {
            return null;
        }

        var noticed = await proactive.ForAsync(catalog, read, Suggestions.HistoryLimit, ct);
        return outcome switch
        {
            { Refused: var (reason, entry) } => new BriefNeeds(needs, [], noticed, reason, entry),
            { Answer: { IsPersonal: true } answer } => new BriefNeeds(needs, answer.Items, noticed, null, answer.Entry),
            { Answer: { } answer } => new BriefNeeds(needs, [], noticed, answer.WhyNotPersonal, answer.Entry),
            _ => null,
        };
    }

    private Brief Make(string entry, Purpose purpose, string? @case, bool isEmergency, Decision.Allowed allowed, OpenedCustomer opened, Beside beside, IReadOnlyList<ProactiveLine> noticed, BriefNeeds? needs)
    {
        var catalog = beside.Catalog.Catalog;
        var records = opened.Values.Select(v => (Value: v, Json: JsonElement.Parse(v.Json.Span))).ToList();
        var answered = records.Select(r => OpenMatters.AnsweredBy(r.Json)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var lines = records.Select(r => new BriefLine(
            catalog.DataPoints[r.Value.DataPoint], r.Value, r.Value.RecordId.Length > 0 && OpenMatters.IsOpen(r.Json) && !answered.Contains(r.Value.RecordId))).ToList();
        var histories = lines.Where(l => l.DataPoint.Kind == DataPointKind.History).OrderByDescending(l => l.Value.Time).ToList();
        bool IsPurchase(BriefLine l) => PurchaseCategories.Contains(l.DataPoint.Category);
        bool IsContact(BriefLine l) => l.DataPoint.Category == CustomerQuestions.Category;
        var held = lines.Select(l => l.DataPoint.Id).ToHashSet();
        return new Brief(
            entry, database.Clock.GetUtcNow(), beside.Catalog, purpose, @case, isEmergency,
            [.. lines.Where(l => l.DataPoint.Kind == DataPointKind.Field).OrderBy(l => l.DataPoint.Id.Value, StringComparer.Ordinal)],
            noticed, [.. histories.Where(l => l.IsOpen)], [.. histories.Where(IsPurchase)], [.. histories.Where(IsContact)], [.. histories.Where(l => !IsPurchase(l) && !IsContact(l))],
            beside.Choices, beside.RestrictedSince, needs, beside.Questions, WithheldOf(catalog, allowed),
            [.. purpose.Uses.Keys.Where(d => !held.Contains(d)).OrderBy(d => d.Value, StringComparer.Ordinal)]);
    }

    /// <summary>All that the catalog declares and the permit does not cover; of what is only ever counted the desk does not even hear.</summary>
    private static IReadOnlyList<Withheld> WithheldOf(PurposeCatalog catalog, Decision.Allowed allowed) =>
        [.. catalog.DataPoints.Keys.Where(d => !allowed.Permit.Covers(d) && !catalog.AggregateOnly.Contains(d)).OrderBy(d => d.Value, StringComparer.Ordinal)
            .Select(d => allowed.Withheld.Where(w => w.DataPoint == d).Cast<Withheld?>().FirstOrDefault() ?? new Withheld(d, ReasonCode.NotForThisPurpose))];

    /// <summary>True when it is the customer's own choice that stands in the way.</summary>
    private static bool IsChoice(ReasonCode? reason) => reason is ReasonCode.NoConsent or ReasonCode.ConsentWithdrawn or ReasonCode.ConsentExpired
        or ReasonCode.ConsentOutdated or ReasonCode.Objected or ReasonCode.Restricted;
}
