namespace Candor.Trust;

/// <summary>Something that wants looking at.</summary>
/// <param name="Figure">What got worse, more than chance would do.</param>
/// <param name="Cause">The change of the catalog that likely did it; null where none came shortly before.</param>
public sealed record TrustAlert(TrustFigure Figure, TrustNote? Cause)
{
    /// <summary>A change so long before may be the cause.</summary>
    private const int CauseDays = 42;

    private static readonly string[] Better = ["trust-score", "nps", "consent", "engagement", "repeat", "in-time"];

    /// <summary>Figures that got worse against the period before, those with a likely cause first.</summary>
    internal static IReadOnlyList<TrustAlert> Find(TrustReport report) =>
    [
        // Consents together say no more than the purposes do.
        .. report.Figures.Where(f => f.Change is { IsSure: true } change && (Better.Contains(f.Id) ? change.Difference < 0 : f.Id == "revocation" && change.Difference > 0))
            .Where(f => f.About.Length > 0 || f.Id is not ("consent" or "revocation"))
            .Select(f => new TrustAlert(f, CauseOf(f, report))).OrderBy(a => a.Cause is null),
    ];

    /// <summary>The newest change that names the purpose, or the newest that names any where the figure is about none.</summary>
    private static TrustNote? CauseOf(TrustFigure figure, TrustReport report)
    {
        var since = report.Span.From.AddDays(-CauseDays);
        return report.Notes.LastOrDefault(n => n.Day >= since && n.Day <= report.Span.To && (figure.About.Length == 0 ? n.Purposes.Any() : n.Purposes.Contains(figure.About)))
            ?? report.Notes.LastOrDefault(n => n.Day >= since && n.Day <= report.Span.To && figure.About.Length == 0);
    }
}
