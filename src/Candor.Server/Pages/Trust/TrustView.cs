using Candor.Server.Pages.Staff;
using Candor.Trust;

namespace Candor.Server.Pages.Trust;

/// <summary>The page about trust.</summary>
/// <param name="Period">A word of <see cref="TrustSpan.Lengths"/>.</param>
/// <param name="Report">Null while no week is counted.</param>
/// <param name="Mail">How often the reader gets the figures by mail: a code of <see cref="DigestPeriod"/> or <see cref="TrustDigest.Never"/>; null: they have no address.</param>
public sealed record TrustView(StaffView View, TrustWords Words, string Period, TrustReport? Report, string? Mail)
{
    /// <summary>Figures that have a section of their own, in the order of the page.</summary>
    public static readonly IReadOnlyList<string> Sections = ["trust-score", "nps", "opt-in", "no-choice", "consent", "revocation", "engagement", "in-time", "answer-days", "repeat"];

    public string Chart(string name, bool isDark) => $"/trust/charts/{name}?period={Period}{(isDark ? "&tone=dark" : "")}";

    public string Csv => $"/trust/figures.csv?period={Period}";

    public IReadOnlyList<TrustFigure> Figures(string id) => [.. Report!.Figures.Where(f => f.Id == id)];

    /// <summary>Whether there is anything to draw.</summary>
    public bool IsDrawn(string id) => Figures(id).Any(f => f.Trend.Count > 1);
}
