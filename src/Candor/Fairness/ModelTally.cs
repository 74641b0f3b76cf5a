using System.Runtime.InteropServices;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Reads;

namespace Candor.Fairness;

/// <summary>Adds up an audit of models, customer by customer.</summary>
internal sealed class ModelTally(EvaluatedCustomers evaluated, AuditedUse[] uses)
{
    private readonly Dictionary<(string Purpose, string Outcome, string Attribute, string Group), Counted> bands = [];

    /// <summary>With the numbers so far.</summary>
    public IReadOnlyList<AuditedUse> Uses => uses;

    public bool IsIn(CustomerId customer, AuditedUse use) => evaluated.RecordsOf(customer, use.Kind) > 0;

    /// <summary>Counts one customer into the bands.</summary>
    /// <param name="choices">How they stand with each use, in the order of <see cref="Uses"/>.</param>
    /// <returns>How it came out for them, for the count by group.</returns>
    public IReadOnlyList<(string About, bool IsYes)> Add(CustomerId customer, string since, IReadOnlyList<string> choices)
    {
        var outcomes = new List<(string About, bool IsYes)>();
        for (var i = 0; i < uses.Length; i++)
        {
            var (use, records) = (uses[i], evaluated.RecordsOf(customer, uses[i].Kind));
            uses[i] = use with { Customers = use.Customers + 1, InModels = use.InModels + (records > 0 ? 1 : 0) };
            Count(use, ModelAudit.Standing, CustomerBands.Choice, choices[i], records > 0);
            foreach (var (outcome, isYes) in OutcomesOf(customer, use, records))
            {
                outcomes.Add((UseCounts.AboutOf(PurposeId.Parse(use.Purpose), outcome), isYes));
                Count(use, outcome, CustomerBands.Since, since, isYes);
                if (outcome != ModelAudit.InModels)
                {
                    Count(use, outcome, CustomerBands.Records, CustomerBands.RecordsOf(records), isYes);
                }
            }
        }

        return outcomes;
    }

    /// <summary>What was counted by band, as far as it may be told.</summary>
    public IEnumerable<ModelCell> Bands() => bands.Keys.Select(k => (k.Purpose, k.Outcome, k.Attribute)).Distinct().Order().SelectMany(k =>
        SmallGroups.Shown([.. CustomerBands.Of(k.Attribute).Select(b => (b, bands.GetValueOrDefault((k.Purpose, k.Outcome, k.Attribute, b))))], default)
            .Select(g => new ModelCell(k.Purpose, k.Outcome, k.Attribute, g.Group, g.Count.Whole, g.Count.Part, g.IsTooFew)));

    private IEnumerable<(string Outcome, bool IsYes)> OutcomesOf(CustomerId customer, AuditedUse use, int records)
    {
        yield return (ModelAudit.InModels, records > 0);
        foreach (var isWithRare in (bool[])[false, true])
        {
            if (evaluated.ListOf(customer, use.Kind, isWithRare) is { } list)
            {
                yield return (ModelAudit.Made + (isWithRare ? ModelAudit.WithRare : ""), list.IsMade);
                yield return (ModelAudit.Hit + (isWithRare ? ModelAudit.WithRare : ""), list.IsHit);
            }
        }
    }

    private void Count(AuditedUse use, string outcome, string attribute, string group, bool isYes)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(bands, (use.Purpose, outcome, attribute, group), out _);
        count = count.With(isYes);
    }
}
