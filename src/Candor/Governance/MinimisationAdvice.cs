using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Governance;

/// <summary>What could be less.</summary>
public enum AdviceKind
{
    /// <summary>No purpose uses the data point.</summary>
    NotUsed,
    /// <summary>Nothing was read for the purpose.</summary>
    IdlePurpose,
    /// <summary>The purpose was read for, and never with this data point.</summary>
    NeverRead,
    /// <summary>The purpose seldom reads the data point, and the catalog says that it needs it more.</summary>
    SeldomRead,
    /// <summary>Suggestions are as good without the data point.</summary>
    NoGain,
    /// <summary>Suggestions are as good with a shorter past.</summary>
    Shorter,
}

/// <summary>One thing that could be less, and the change of the catalog that makes it so.</summary>
/// <param name="Purpose">Null: it is about the data point alone.</param>
/// <param name="DataPoint">Null: it is about the purpose as a whole.</param>
/// <param name="Edit">What to write in <c>candor.yaml</c>, such as <c>dataPoints.pageViews.retention: P12D</c>.</param>
/// <param name="Others">Other purposes that use the data point and would feel the change.</param>
public sealed record MinimisationAdvice(AdviceKind Kind, PurposeId? Purpose, DataPointId? DataPoint, CatalogEdit Edit, IReadOnlyList<PurposeId> Others)
{
    /// <summary>The change in one line.</summary>
    public string Change => Edit.ToString();
}
