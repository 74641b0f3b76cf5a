using Candor.Fairness;

namespace Candor.Trust;

/// <summary>One thing that the index is made of.</summary>
/// <param name="Id">Of the figure.</param>
/// <param name="Weight">Out of 100.</param>
/// <param name="Value">0 to 100, more is better; null while there is none.</param>
/// <param name="StandardError">Of the value, in its points.</param>
public sealed record TrustPart(string Id, int Weight, double? Value, double StandardError);

/// <summary>The trust index: a weighted mean of what customers say and of what they do, each from 0 to 100.</summary>
/// <remarks>How many agree is not in it: a pushy banner raises that and nothing else here. Parts that are not there yet are left out, and the others count for them;
/// with less than half of the weight there is no index.</remarks>
public sealed record TrustIndex(IReadOnlyList<TrustPart> Parts)
{
    private const int LeastWeight = 50;
    private const double Points = 100;

    /// <summary>Weights, in the order in which they are shown. What people say weighs 60, what they do 40.</summary>
    private static readonly (string Id, int Weight)[] Weights = [("trust-score", 40), ("nps", 20), ("revocation", 20), ("in-time", 10), ("repeat", 10)];

    private double Weight => Parts.Where(p => p.Value is not null).Sum(p => p.Weight);

    /// <summary>0 to 100; null while too much is missing.</summary>
    public double? Value => Weight >= LeastWeight ? Parts.Where(p => p.Value is not null).Sum(p => p.Weight * p.Value!.Value) / Weight : null;

    /// <summary>95 % interval, as if the parts were independent.</summary>
    public Interval? Interval
    {
        get
        {
            if (Value is not { } value)
            {
                return null;
            }

            var half = Distributions.Z95 * Math.Sqrt(Parts.Where(p => p.Value is not null).Sum(p => Math.Pow(p.Weight * p.StandardError / Weight, 2)));
            return new Interval(Math.Max(0, value - half), Math.Min(Points, value + half));
        }
    }

    /// <summary>The index of some figures; of a figure by purposes it takes the one over all of them.</summary>
    /// <param name="point">The figure of the period that is asked for.</param>
    public static TrustIndex Of(IReadOnlyList<TrustFigure> figures, Func<TrustFigure, TrustPoint?> point) => new(
    [
        .. Weights.Select(w => figures.FirstOrDefault(f => f.Id == w.Id && f.About.Length == 0) is { } figure && point(figure) is { } found
            ? new TrustPart(w.Id, w.Weight, Scaled(figure, found.Value), ErrorOf(figure, found)) : new TrustPart(w.Id, w.Weight, null, 0)),
    ]);

    private static double Scaled(TrustFigure figure, double value) => figure switch
    {
        { Unit: TrustUnit.Net } => (value + Points) / 2,
        { Unit: TrustUnit.Score } => value,
        { Id: "revocation" } => Points * (1 - value),
        _ => Points * value,
    };

    private static double ErrorOf(TrustFigure figure, TrustPoint point) =>
        point.Interval is { } i ? Math.Abs(Scaled(figure, i.High) - Scaled(figure, i.Low)) / 2 / Distributions.Z95 : 0;
}
