namespace Candor.Fairness;

/// <summary>A small generator whose numbers are the same on every machine for the same seed, so that a report can be made again. Not for secrets.</summary>
/// <remarks>Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014). <c>default</c> has the seed 0.</remarks>
public struct SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong state = seed;

    public ulong Next()
    {
        unchecked
        {
            var z = state += Step;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1.</summary>
    public int NextBelow(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <summary>From 0, inclusive, to 1, exclusive; 53 bits.</summary>
    public double NextShare() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>How many of <paramref name="n"/> come out, each with the chance <paramref name="p"/>.</summary>
    public long NextBinomial(long n, double p)
    {
        if (n == 0 || p <= 0)
        {
            return 0;
        }

        return p >= 1 ? n : p > 0.5 ? n - NextBinomial(n, 1 - p) : n * p < 10 ? BySearch(n, p) : ByRejection(n, p);
    }

    private long BySearch(long n, double p)
    {
        var (odds, mass, left) = (p / (1 - p), Math.Exp(n * Math.Log(1 - p)), NextShare());
        var k = 0L;
        for (; k < n && left > mass; k++)
        {
            left -= mass;
            mass *= odds * (n - k) / (k + 1);
        }

        return k;
    }

    /// <summary>Source: W. Hörmann, The Generation of Binomial Random Variates (1993), algorithm BTRS.</summary>
    private long ByRejection(long n, double p)
    {
        var spread = Math.Sqrt(n * p * (1 - p));
        var b = 1.15 + 2.53 * spread;
        var a = -0.0873 + 0.0248 * b + 0.01 * p;
        var alpha = (2.83 + 5.1 / b) * spread;
        var top = Distributions.Binomial((long)((n + 1) * p), n, p, 1 - p);
        while (true)
        {
            var (v, u) = (NextShare(), NextShare() - 0.5);
            var edge = 0.5 - Math.Abs(u);
            var k = Math.Floor((2 * a / edge + b) * u + n * p + 0.5);
            if (edge >= 0.07 && v <= 0.92 - 4.2 / b)
            {
                return (long)k;
            }

            if (k >= 0 && k <= n && v * alpha / (a / (edge * edge) + b) <= Distributions.Binomial((long)k, n, p, 1 - p) / top)
            {
                return (long)k;
            }
        }
    }
}
