namespace Candor.Fairness;

/// <summary>One share compared with that of a reference group, both of at least one person.</summary>
public readonly record struct TwoGroups(Proportion Group, Proportion Reference)
{
    private const double Z = Distributions.Z95;

    public double Difference => Group.Value!.Value - Reference.Value!.Value;

    /// <summary>Null where nobody of the reference group is counted.</summary>
    public double? Ratio => Reference.Part == 0 ? null : Group.Value!.Value / Reference.Value!.Value;

    /// <summary>95 % interval of the difference (Newcombe 1998, method 10): from the two Wilson intervals.</summary>
    public Interval DifferenceInterval()
    {
        var (p, q, wp, wq) = (Group.Value!.Value, Reference.Value!.Value, Group.Wilson()!.Value, Reference.Wilson()!.Value);
        return new Interval(
            p - q - Math.Sqrt(Square(p - wp.Low) + Square(wq.High - q)),
            p - q + Math.Sqrt(Square(wp.High - p) + Square(q - wq.Low)));
    }

    /// <summary>How the difference changed since an earlier time, of other people: the change, its 95 % interval by the square-and-add method that the interval of one difference is made with
    /// (Zou and Donner 2008), and the two-sided p-value that belongs to the interval's width.</summary>
    public (double Change, Interval Interval, double P) ChangeSince(TwoGroups earlier)
    {
        var (now, then, change) = (DifferenceInterval(), earlier.DifferenceInterval(), Difference - earlier.Difference);
        var low = change - Math.Sqrt(Square(Difference - now.Low) + Square(then.High - earlier.Difference));
        var high = change + Math.Sqrt(Square(now.High - Difference) + Square(earlier.Difference - then.Low));
        // On the side of 0, since that is what is asked.
        var error = (change < 0 ? high - change : change - low) / Z;
        return (change, new Interval(low, high), error == 0 ? 1 : Distributions.TwoSidedNormal(change / error));
    }

    /// <summary>95 % interval of the ratio by the logarithm's error (Katz 1978); null where a share is 0.</summary>
    public Interval? RatioInterval() => Group.Part == 0 || Reference.Part == 0 ? null : LogInterval(Group.Part, Group.Whole, Reference.Part, Reference.Whole);

    /// <summary>95 % interval of the ratio with half a person added everywhere (Walter 1975); there is always one.</summary>
    public Interval AdjustedRatioInterval() => LogInterval(Group.Part + 0.5, Group.Whole + 0.5, Reference.Part + 0.5, Reference.Whole + 0.5);

    /// <summary>The pooled z statistic; null where nobody or everybody of both groups is counted.</summary>
    public double? PooledZ()
    {
        var pooled = (double)(Group.Part + Reference.Part) / (Group.Whole + Reference.Whole);
        var error = Math.Sqrt(pooled * (1 - pooled) * (1.0 / Group.Whole + 1.0 / Reference.Whole));
        return error == 0 ? null : Difference / error;
    }

    /// <summary>Two-sided p-value of <see cref="PooledZ"/>.</summary>
    public double? ZTest() => PooledZ() is { } z ? Distributions.TwoSidedNormal(z) : null;

    /// <summary>Two-sided p-value of Fisher's exact test: all tables at most as likely as this one.</summary>
    public double FisherTest()
    {
        var (marked, others, drawn) = (Group.Part + Reference.Part, Group.Whole + Reference.Whole - Group.Part - Reference.Part, Group.Whole);
        var (least, most) = (Math.Max(0, drawn - others), Math.Min(drawn, marked));
        var seen = Distributions.Hypergeometric(Group.Part, marked, others, drawn);
        // Equally likely tables may differ in the last digits.
        var limit = seen * (1 + 1e-7);
        var mode = Math.Clamp((long)((double)(drawn + 1) * (marked + 1) / (marked + others + 2)), least, most);
        var low = Group.Part <= mode ? Group.Part : Last(least, mode, limit, marked, others, drawn, up: true);
        var high = Group.Part > mode ? Group.Part : Last(most, mode, limit, marked, others, drawn, up: false);
        return low >= high ? 1 : Math.Min(1, Tail(low, least, marked, others, drawn, -1) + Tail(high, most, marked, others, drawn, +1));
    }

    /// <summary>The last table from an end towards the mode that is at most as likely as the limit; one beyond the end when none is.</summary>
    private static long Last(long end, long mode, double limit, long marked, long others, long drawn, bool up)
    {
        var (low, high) = up ? (end - 1, mode + 1) : (mode - 1, end + 1);
        while (high - low > 1)
        {
            var middle = low + (high - low) / 2;
            var isRare = Distributions.Hypergeometric(middle, marked, others, drawn) <= limit;
            (low, high) = isRare == up ? (middle, high) : (low, middle);
        }

        return up ? low : high;
    }

    /// <summary>The mass from one table outward, from the nearest, which is the largest.</summary>
    private static double Tail(long from, long end, long marked, long others, long drawn, int step)
    {
        if ((step > 0 && from > end) || (step < 0 && from < end))
        {
            return 0;
        }

        var first = Distributions.Hypergeometric(from, marked, others, drawn);
        var (sum, ratio) = (1.0, 1.0);
        for (var x = from; x != end && ratio > sum * 1e-18; x += step)
        {
            var rest = others - drawn;
            ratio *= step > 0
                ? (double)(marked - x) * (drawn - x) / ((double)(x + 1) * (rest + x + 1))
                : (double)x * (rest + x) / ((double)(marked - x + 1) * (drawn - x + 1));
            sum += ratio;
        }

        return first * sum;
    }

    private static Interval LogInterval(double a, double m, double b, double n)
    {
        var (ratio, error) = (a / m / (b / n), Math.Sqrt(1 / a - 1 / m + 1 / b - 1 / n));
        return new Interval(ratio * Math.Exp(-Z * error), ratio * Math.Exp(Z * error));
    }

    private static double Square(double x) => x * x;
}
