namespace Candor.Fairness;

/// <summary>A mean over customers of a figure from 0 to 1.</summary>
/// <param name="Mean">Null where the figure is defined for nobody, or for too few.</param>
/// <param name="Interval">95 %, by Student's distribution, within 0 and 1; null as the mean, and of one customer.</param>
public sealed record CustomerMean(long Count, double? Mean, Interval? Interval);

/// <summary>The mean of a group beside that of all other customers.</summary>
/// <param name="Difference">Group less rest. Null, as all after it, where either has too few.</param>
/// <param name="Interval">95 %, by Welch's method (1947): the two may spread differently.</param>
/// <param name="P">Two-sided, of the same method.</param>
/// <param name="HolmP">Corrected for all groups of the grouping (Holm 1979).</param>
public sealed record MeanToRest(CustomerMean Group, CustomerMean Rest, double? Difference, Interval? Interval, double? P, double? HolmP)
{
    /// <summary>The interval excludes 0 also when all groups are taken together.</summary>
    public bool IsSure => HolmP < 0.05;

    /// <summary>Each group against the rest.</summary>
    /// <param name="groups">By group, the figure of each customer who has one.</param>
    /// <param name="minimum">Fewer customers are too few; at least 1.</param>
    public static IReadOnlyList<MeanToRest> Of(IReadOnlyList<IReadOnlyList<double>> groups, int minimum)
    {
        var count = groups.Sum(g => (long)g.Count);
        var centre = count == 0 ? 0 : groups.Sum(g => g.Sum()) / count;
        var sums = groups.Select(g => Sums.Of(g, centre)).ToList();
        var all = sums.Aggregate(default(Sums), (a, b) => a + b);
        var found = sums.ConvertAll(s => Beside(s, all - s, centre, minimum));
        var compared = found.Where(f => f.P is not null).ToList();
        var corrected = new Queue<double>(ManyGroups.Holm([.. compared.Select(f => f.P!.Value)]));
        return found.ConvertAll(f => f.P is null ? f : f with { HolmP = corrected.Dequeue() });
    }

    private static MeanToRest Beside(Sums group, Sums rest, double centre, int minimum)
    {
        var (own, others) = (MeanOf(group, centre, minimum), MeanOf(rest, centre, minimum));
        if (own.Interval is null || others.Interval is null)
        {
            return new MeanToRest(own, others, null, null, null, null);
        }

        var (difference, v, w) = (group.Offset - rest.Offset, group.Variance / group.Count, rest.Variance / rest.Count);
        var spread = v * v / (group.Count - 1) + w * w / (rest.Count - 1);
        // Nobody differs from anybody of their own group: then there is nothing to weigh the degrees by.
        var degrees = spread == 0 ? group.Count + rest.Count - 2 : (long)((v + w) * (v + w) / spread);
        degrees = Math.Clamp(degrees, 1, group.Count + rest.Count - 2);
        var error = Math.Max(Sums.Rounding, Math.Sqrt(v + w));
        var half = Distributions.Student95(degrees) * error;
        return new MeanToRest(own, others, difference, new Interval(difference - half, difference + half), Distributions.TwoSidedStudent(difference / error, degrees), null);
    }

    private static CustomerMean MeanOf(Sums sums, double centre, int minimum)
    {
        if (sums.Count == 0 || sums.Count < minimum)
        {
            return new CustomerMean(sums.Count, null, null);
        }

        var mean = centre + sums.Offset;
        var half = sums.Count < 2 ? (double?)null : Distributions.Student95(sums.Count - 1) * Math.Max(Sums.Rounding, Math.Sqrt(sums.Variance / sums.Count));
        return new CustomerMean(sums.Count, Math.Clamp(mean, 0, 1), half is { } h ? new Interval(Math.Max(0, mean - h), Math.Min(1, mean + h)) : null);
    }

    /// <summary>Sums about a centre that all groups share, so that the rest is all less the group.</summary>
    private readonly record struct Sums(long Count, double First, double Second)
    {
        /// <summary>Less than this is the computer's rounding and no difference between people.</summary>
        public const double Rounding = 1e-12;

        public double Offset => First / Count;

        public double Variance => Math.Max(0, Second - First * First / Count) / (Count - 1);

        public static Sums Of(IReadOnlyList<double> values, double centre) => new(values.Count, values.Sum(v => v - centre), values.Sum(v => (v - centre) * (v - centre)));

        public static Sums operator +(Sums a, Sums b) => new(a.Count + b.Count, a.First + b.First, a.Second + b.Second);

        public static Sums operator -(Sums a, Sums b) => new(a.Count - b.Count, a.First - b.First, a.Second - b.Second);
    }
}
