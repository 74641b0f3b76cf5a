using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Fairness;

/// <summary>Made-up attributes for customers of the sample shop, and a week of made-up outcomes, counted like any other.</summary>
public static class SampleFairness
{
    private const string Method = "notice at the sample shop";

    /// <summary>Has three customers in five agree to be counted, notes how suggestions came out for those who agreed to them last week, and counts that week.</summary>
    /// <remarks>Once: a week that is counted stays as it is.</remarks>
    public static async Task FillAsync(Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, UseOutcomes outcomes, FairnessRuns runs, ulong seed, CancellationToken ct)
    {
        var (random, week) = (new SampleRandom(seed), Week.Of(database.Clock.GetUtcNow()) - 1);
        if ((await database.ReadAsync(tx => FairnessBook.WeeksAsync(tx, 1, ct), ct)).Count > 0)
        {
            return;
        }

        var ids = await database.ReadAsync(tx => vault.IdsAsync(tx, "", int.MaxValue, ct), ct);
        foreach (var page in ids.Chunk(100))
        {
            await database.WriteAsync(async tx =>
            {
                var catalog = await catalogs.GetActiveAsync(tx, ct);
                var notice = NoticeText.Generate(catalog.Catalog, catalog.Catalog.Organisation.Languages[0]).Ref;
                foreach (var id in page)
                {
                    await FillAsync(tx, id, catalog, notice, ledger, vault, outcomes, random, week, ct);
                }
            }, ct);
        }

        await runs.RunAsync(week, ct);
    }

    /// <summary>Measures suggestions on what the sample shop holds, for a moment, and keeps that with its audits; nothing is put in use, so that the sample shop suggests the same each time.</summary>
    /// <remarks>Once.</remarks>
    public static async Task EvaluateAsync(Database database, Suggestions suggestions, ModelAudits audits, CancellationToken ct)
    {
        if (await database.ReadAsync(tx => suggestions.Evaluations.FindNewestAsync(tx, ct), ct) is not null)
        {
            return;
        }

        await suggestions.LoadAsync(null, ct);
        var customers = new EvaluatedCustomers();
        var report = suggestions.Evaluate(new EvaluationPlan(TimeSpan.FromMilliseconds(100)) { SearchQuestions = 200, JudgedQuestions = 2_000, Resamples = 100 }, null, customers);
        if (report.Lines.Count > 0)
        {
            var audit = (await audits.MakeAsync(customers, ct)).ToStored();
            await database.WriteAsync(tx => suggestions.Evaluations.AddAsync(tx, report, audit, ct), ct);
        }
    }

    private static async ValueTask FillAsync(
        Transaction tx, CustomerId id, ActiveCatalog catalog, NoticeRef notice, ConsentLedger ledger, PersonalVault vault, UseOutcomes outcomes, SampleRandom random, long week, CancellationToken ct)
    {
        if (catalog.Catalog.BiasAudit is not { } audit || await vault.FindCustomerAsync(tx, id, ct) is not { } key)
        {
            return;
        }

        if (random.Below(5) < 3)
        {
            await ledger.GiveAsync(tx, id, audit, catalog, notice, Method, ct);
            foreach (var attribute in catalog.Catalog.DataPointsOf(audit).Where(_ => random.Below(10) > 0))
            {
                await vault.PutFieldAsync(tx, key, attribute.Id, JsonSerializer.SerializeToUtf8Bytes(attribute.Values[random.Below(attribute.Values.Count)].Value), "sample-shop", ct);
            }
        }

        var now = tx.Now;
        tx.PretendNow(Week.Start(week + 1).AddHours(-1));
        foreach (var choice in (await ledger.StateAsync(tx, id, ct)).Where(c => c.State == ConsentState.Given && catalog.Catalog.Purposes.GetValueOrDefault(c.Purpose) is { Active: true, MakesSuggestions: true }))
        {
            var isSuggested = random.Below(10) > 0;
            await outcomes.KeepAsync(tx, id, choice.Purpose, UseOutcome.Suggested, isSuggested, ct);
            await outcomes.KeepAsync(tx, id, choice.Purpose, UseOutcome.Bought, isSuggested && random.Below(6) == 0, ct);
        }

        tx.PretendNow(now);
    }
}
