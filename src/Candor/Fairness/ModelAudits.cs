using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Fairness;

/// <summary>Audits models before their settings are put in use, and lets settings wait that break a limit of the catalog.</summary>
/// <remarks>What customers gave for the bias audit is counted by <see cref="AggregateRead"/>, once for each audit; nothing else about them is opened.</remarks>
public sealed class ModelAudits(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, AggregateRead counting, EvaluationRegister evaluations, StaffMail mail, Uri site)
{
    /// <summary>Who may decide about settings that wait.</summary>
    public static readonly IReadOnlyList<string> Deciders = [FairnessRuns.Officer, "committee-member"];

    /// <summary>Customers to one page; on SQLite other work waits for it, about 20 ms.</summary>
    private const int PerPage = 250;

    private sealed record Person(CustomerId Customer, string Since, IReadOnlyList<string> Choices);

    /// <summary>Counts who is in the models and who is missing, and how lists came out that an evaluation held back.</summary>
    /// <param name="evaluated">By the evaluation that found the settings, under the catalog that counts now.</param>
    public async Task<ModelAudit> MakeAsync(EvaluatedCustomers evaluated, CancellationToken ct)
    {
        var catalog = await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct);
        var uses = SuggestionPlan.Of(catalog).All().ToList();
        var tally = new ModelTally(evaluated, [.. uses.Select(u => new AuditedUse(u.Purpose.Id.Value, u.Kind, u.Purpose.Fairness.MinImpactRatio, 0, 0))]);
        // Walked in any case: bands are counted without a bias audit too.
        IReadOnlyList<GroupCount> counts = [];
        if (catalog.Catalog.BiasAudit is null)
        {
            await foreach (var _ in PagesAsync(tally, catalog, uses, ct))
            {
            }
        }
        else
        {
            counts = await counting.CountAsync(FairnessRuns.Job, PagesAsync(tally, catalog, uses, ct), ct);
        }

        return new ModelAudit(database.Clock.GetUtcNow(), catalog.Version, tally.Uses, [.. UseCounts.Of(counts).SelectMany(CellsOf), .. tally.Bands()]);
    }

    /// <summary>Has the models use settings that were audited, or has them wait and tells privacy officers.</summary>
    /// <returns>As <see cref="EvaluationRegister.ApplyAsync"/>.</returns>
    public async ValueTask<bool> ApplyAsync(Transaction tx, long number, CancellationToken ct) => await ToldAsync(tx, number, await evaluations.ApplyAsync(tx, number, ct), ct);

    /// <summary>The same for a part of the exposure for rarer items.</summary>
    /// <returns>As <see cref="EvaluationRegister.UseExposureAsync"/>.</returns>
    public async ValueTask<(long Number, bool Counts)> UseExposureAsync(Transaction tx, double share, CancellationToken ct)
    {
        var (number, isUsed) = await evaluations.UseExposureAsync(tx, share, ct);
        return (number, await ToldAsync(tx, number, isUsed, ct));
    }

    /// <summary>Ends the waiting of settings, for somebody who answers for it with a reason.</summary>
    /// <param name="actor">As found in this transaction.</param>
    /// <param name="isApplied">Used all the same; false: dropped.</param>
    /// <param name="reason">As <see cref="OfficerDecision"/> says.</param>
    /// <exception cref="Fault">As <see cref="OfficerDecision"/>; Conflict <c>personalization/not-waiting</c>; NotFound <c>personalization/no-such-evaluation</c>.</exception>
    public async ValueTask DecideAsync(Transaction tx, ActorState? actor, long number, bool isApplied, string reason, CancellationToken ct)
    {
        var (who, words) = OfficerDecision.Check(tx, actor, Deciders, reason);
        await evaluations.DecideAsync(tx, number, isApplied, who.Ref, words, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(words))), who.LogName, who.Session, ct);
    }

    private async ValueTask<bool> ToldAsync(Transaction tx, long number, bool isUsed, CancellationToken ct)
    {
        if (!isUsed)
        {
            await mail.QueueAsync(tx, StaffReceiver.Role(FairnessRuns.Officer), "model-waits", new Dictionary<string, string>
            {
                ["number"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture), ["link"] = new Uri(site, "governance/models").AbsoluteUri,
            }, ct);
        }

        return isUsed;
    }

    private static IEnumerable<ModelCell> CellsOf(UseCounts counts) =>
        counts.Groups.Select(g => new ModelCell(counts.Purpose.Value, counts.Outcome, counts.Attribute.Value, g.Group, g.Whole, g.Part, g.IsTooFew));

    /// <summary>All customers, each with how it came out for them; what makes bands goes into the tally on the way.</summary>
    private async IAsyncEnumerable<IReadOnlyList<CountedCase>> PagesAsync(
        ModelTally tally, ActiveCatalog catalog, IReadOnlyList<(SuggestionKind Kind, Purpose Purpose)> uses, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var after = ""; await database.ReadAsync(tx => PageAsync(tx, after, tally, catalog, uses, ct), ct) is { Count: > 0 } page; after = page[^1].Customer.Value)
        {
            yield return [.. page.Select(p => new CountedCase(p.Customer, tally.Add(p.Customer, p.Since, p.Choices))).Where(c => c.Outcomes.Count > 0)];
        }
    }

    private async ValueTask<IReadOnlyList<Person>> PageAsync(
        Transaction tx, string after, ModelTally tally, ActiveCatalog catalog, IReadOnlyList<(SuggestionKind Kind, Purpose Purpose)> uses, CancellationToken ct)
    {
        var ids = await vault.IdsAsync(tx, after, PerPage, ct);
        if (ids.Count == 0)
        {
            return [];
        }

        var (keys, standings) = (await vault.FindCustomersAsync(tx, ids, ct), await ledger.StandingsAsync(tx, ids, ct));
        return [.. ids.Where(keys.ContainsKey).Select(id =>
        {
            var (choices, isRestricted) = standings.GetValueOrDefault(id, ([], false));
            return new Person(id, CustomerBands.SinceOf(tx.Now - Micros.ToInstant(keys[id].CreatedAtUs)), [.. uses.Zip(tally.Uses).Select(u =>
            {
                var (purpose, choice) = (u.First.Purpose, choices.FirstOrDefault(c => c.Purpose == u.First.Purpose.Id));
                var why = Permit.WhyNotThisCustomer(purpose, new CustomerState(id, choice, catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted), tx.Now);
                return CustomerBands.ChoiceOf(why, tally.IsIn(id, u.Second), choice is null);
            })]);
        })];
    }
}
