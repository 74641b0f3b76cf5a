using Candor.Fairness;

namespace Candor.Trust;

/// <summary>What a figure is measured in.</summary>
public enum TrustUnit
{
    /// <summary>0 to 1.</summary>
    Share,
    /// <summary>0 to 100.</summary>
    Score,
    /// <summary>-100 to 100.</summary>
    Net,
    /// <summary>Days, 0 or more.</summary>
    Days,
}

/// <summary>A figure of a stretch of time.</summary>
/// <param name="To">Inclusive.</param>
/// <param name="Interval">95 %; null where there is none.</param>
/// <param name="N">People, or carts or requests, that it is counted from.</param>
public sealed record TrustPoint(DateOnly From, DateOnly To, double Value, Interval? Interval, long N);

/// <summary>How a figure moved against the period before.</summary>
/// <param name="Interval">95 % interval of the difference; null where there is none.</param>
public sealed record TrustChange(double Difference, Interval? Interval)
{
    /// <summary>Chance alone would hardly do this.</summary>
    public bool IsSure => Interval is { } i && !i.Contains(0);
}

/// <summary>One figure of the page.</summary>
/// <param name="Id">Such as <c>revocation</c>.</param>
/// <param name="About">A purpose; empty where it is about none.</param>
/// <param name="Now">Null: too few people, or nothing yet.</param>
/// <param name="Trend">By time, each point from people of its own.</param>
public sealed record TrustFigure(string Id, string About, TrustUnit Unit, TrustPoint? Now, TrustPoint? Before, TrustChange? Change, IReadOnlyList<TrustPoint> Trend)
{
    /// <summary>A figure of shares of blocks.</summary>
    /// <param name="share">Of one block, or of the sum of several.</param>
    internal static TrustFigure OfShares(string id, string about, IReadOnlyList<PublishedBlock> blocks, TrustSpan span, Func<IReadOnlyList<PublishedBlock>, Proportion> share)
    {
        var (now, before) = (blocks.Where(b => span.Has(b)).ToList(), blocks.Where(b => span.HadBefore(b)).ToList());
        var change = now.Count > 0 && before.Count > 0 && share(now) is { Whole: > 0 } here && share(before) is { Whole: > 0 } there ? new TwoGroups(here, there) : (TwoGroups?)null;
        return new TrustFigure(id, about, TrustUnit.Share, Point(now), Point(before), change is { } c ? new TrustChange(c.Difference, c.DifferenceInterval()) : null,
            [.. blocks.Where(b => span.IsDrawn(b)).Select(b => Point([b])).OfType<TrustPoint>()]);

        TrustPoint? Point(IReadOnlyList<PublishedBlock> some) => some.Count > 0 && share(some) is { Value: { } value } found
            ? new TrustPoint(some[0].From, some[^1].To, value, found.Wilson(), found.Whole) : null;
    }

    /// <summary>The first part of the whole.</summary>
    internal static Proportion FirstPart(IReadOnlyList<PublishedBlock> blocks) => new(blocks.Sum(b => b.Parts[0]), blocks.Sum(b => b.Whole));
}

/// <summary>Which time a page is about: whole weeks up to the last closed one, as many before them to compare with, and what is drawn.</summary>
/// <param name="To">A Sunday, inclusive.</param>
/// <param name="Weeks">4, 13 or 52.</param>
public sealed record TrustSpan(DateOnly To, int Weeks)
{
    /// <summary>The lengths to choose from, by the word in the address.</summary>
    public static readonly IReadOnlyDictionary<string, int> Lengths = new Dictionary<string, int> { ["28-days"] = 4, ["quarter"] = 13, ["year"] = 52 };

    private const int LeastDrawn = 26;

    /// <summary>Inclusive.</summary>
    public DateOnly From => To.AddDays(1 - 7 * Weeks);

    /// <summary>The span that ends with the last whole week up to a day.</summary>
    public static TrustSpan UpTo(DateOnly last, int weeks) => new(last.AddDays(-(int)last.DayOfWeek), weeks);

    /// <summary>A block belongs to the time in which it ends: only then it could be shown.</summary>
    public bool Has(PublishedBlock block) => block.To >= From && block.To <= To;

    public bool HadBefore(PublishedBlock block) => block.To >= From.AddDays(-7 * Weeks) && block.To < From;

    public bool IsDrawn(PublishedBlock block) => block.To <= To && block.To > To.AddDays(-7 * Math.Max(LeastDrawn, Weeks));
}
