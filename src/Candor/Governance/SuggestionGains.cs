using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Governance;

/// <summary>What an evaluation with less data says about the data points of a catalog.</summary>
/// <param name="measured">One for each kind of suggestions that was evaluated.</param>
internal sealed class SuggestionGains(SuggestionPlan plan, IReadOnlyList<LessData> measured)
{
    /// <summary>What a data point adds to a purpose's suggestions; null where that was not measured.</summary>
    public MeasuredGain? Of(Purpose purpose, DataPoint point) =>
        Find(purpose, point) is { Less: var less, Name: var name } && less.Sets[0].Holds(name) && less.Without(name) is { } without
            ? new MeasuredGain(1 - without.Ratio, 1 - without.High, 1 - without.Low) : null;

    /// <summary>What the smallest set that keeps the quality can do without; null when it needs all of it.</summary>
    /// <param name="others">Other purposes that use the data point.</param>
    public MinimisationAdvice? Advise(Purpose purpose, DataPoint point, IReadOnlyList<PurposeId> others)
    {
        if (Find(purpose, point) is not { Less: var less, Name: var name } || !less.Sets[0].Holds(name))
        {
            return null;
        }

        if (!less.Smallest.Holds(name))
        {
            return new MinimisationAdvice(AdviceKind.NoGain, purpose.Id, point.Id, new CatalogEdit(["purposes", purpose.Id.Value, "uses", point.Id.Value], null), []);
        }

        var days = (int)Math.Ceiling(less.Smallest.Days);
        return less.Smallest.Percent < 100 && days >= 1 && (point.Retention.Period is not { } kept || kept.ApproximateDays > days)
            ? new MinimisationAdvice(AdviceKind.Shorter, purpose.Id, point.Id, new CatalogEdit(["dataPoints", point.Id.Value, "retention"], $"P{days}D"), others) : null;
    }

    private (LessData Less, string Name)? Find(Purpose purpose, DataPoint point)
    {
        var model = plan.KindOf(purpose.Id) switch { SuggestionKind.Visit => LessData.Visits, SuggestionKind.Needs => LessData.Needs, _ => null };
        var name = point.Id == plan.Views?.Id ? LessData.Views : point.Id == plan.Purchases?.Id ? LessData.Purchases : null;
        return model is not null && name is not null && measured.FirstOrDefault(m => m.Model == model) is { } less ? (less, name) : null;
    }
}
