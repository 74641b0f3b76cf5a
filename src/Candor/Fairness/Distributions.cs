namespace Candor.Fairness;

/// <summary>Tails and quantiles that the intervals and tests need, accurate to about 1e-13 relative also far out, where a p-value is tiny.</summary>
internal static class Distributions
{
    /// <summary>97.5 % point of the normal distribution: half the width of a 95 % interval, in standard errors.</summary>
    public const double Z95 = 1.9599639845400545;

    private const double Tiny = 1e-300;
    private const int MaxTerms = 100_000;
    private const long ManyDegrees = 1_000_000;

    /// <summary>Stirling's error at 0 to 15, where the series is not yet accurate.</summary>
    private static readonly double[] SmallStirling = MakeSmallStirling();

    /// <summary>Probability that a normal value lies at least as far from 0 as <paramref name="z"/>, on either side.</summary>
    public static double TwoSidedNormal(double z) => ChiSquareTail(z * z, 1);

    /// <summary>Probability that a value of Student's distribution lies at least as far from 0 as <paramref name="t"/>, on either side.</summary>
    /// <param name="degrees">1 or more; from a million on it is the normal distribution.</param>
    public static double TwoSidedStudent(double t, long degrees)
    {
        if (degrees >= ManyDegrees)
        {
            return TwoSidedNormal(t);
        }

        var square = t * t;
        if (square == 0)
        {
            return 1;
        }

        // The incomplete Beta function of degrees / (degrees + t²) (Abramowitz and Stegun 26.7.1).
        var (a, x, rest) = (degrees / 2.0, degrees / (degrees + square), square / (degrees + square));
        var front = Math.Exp(LogGamma(a + 0.5) - LogGamma(a) - LogGamma(0.5) - a * Log1P(square / degrees) + 0.5 * Math.Log(rest));
        return x < (a + 1) / (a + 2.5) ? front / a * BetaFraction(x, a, 0.5) : 1 - front / 0.5 * BetaFraction(rest, 0.5, a);
    }

    /// <summary>97.5 % point of Student's distribution.</summary>
    public static double Student95(long degrees)
    {
        // The largest is that of one degree, 12.7.
        var (low, high) = (Z95, 13.0);
        for (var step = 0; step < 60 && high - low > 1e-13 * high; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = TwoSidedStudent(middle, degrees) > 0.05 ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>Probability of a chi-square value of at least <paramref name="x"/>.</summary>
    public static double ChiSquareTail(double x, int degrees) => x <= 0 ? 1 : UpperGamma(degrees / 2.0, x / 2);

    /// <summary>Where the Beta distribution with whole parameters has passed the share <paramref name="p"/>.</summary>
    /// <param name="guess">Any start between 0 and 1; a near one saves steps.</param>
    public static double BetaQuantile(double p, long a, long b, double guess)
    {
        var (low, high, x) = (0.0, 1.0, Math.Clamp(guess, 1e-12, 1 - 1e-12));
        for (var step = 0; step < 200; step++)
        {
            var (share, density) = Beta(x, a, b);
            (low, high) = share < p ? (x, high) : (low, x);
            var next = x - (share - p) / density;
            next = next > low && next < high ? next : (low + high) / 2;
            if (Math.Abs(next - x) <= 1e-16 + 4e-16 * x)
            {
                return next;
            }

            x = next;
        }

        return x;
    }

    /// <summary>Probability mass of the hypergeometric distribution: <paramref name="x"/> marked ones in a draw of <paramref name="drawn"/>
    /// from <paramref name="marked"/> and <paramref name="others"/>.</summary>
    /// <remarks>Source: C. Loader, Fast and Accurate Computation of Binomial Probabilities (2000).</remarks>
    public static double Hypergeometric(long x, long marked, long others, long drawn)
    {
        if (drawn == 0 || drawn == marked + others)
        {
            return 1;
        }

        var p = (double)drawn / (marked + others);
        var q = (double)(marked + others - drawn) / (marked + others);
        return Binomial(x, marked, p, q) * Binomial(drawn - x, others, p, q) / Binomial(drawn, marked + others, p, q);
    }

    /// <summary>Probability mass of the binomial distribution.</summary>
    public static double Binomial(long x, long n, double p, double q)
    {
        if (x == 0 || x == n)
        {
            return n == 0 ? 1 : x == 0 ? Math.Exp(n * LogOneMinus(p, q)) : Math.Exp(n * LogOneMinus(q, p));
        }

        var log = Stirling(n) - Stirling(x) - Stirling(n - x) - Deviance(x, n * p) - Deviance(n - x, n * q);
        return Math.Exp(log) * Math.Sqrt(n / (2 * Math.PI * x * (n - x)));
    }

    /// <summary>Share passed at <paramref name="x"/> and the density there.</summary>
    private static (double Share, double Density) Beta(double x, long a, long b)
    {
        // x^a (1-x)^b / B(a, b), by way of a binomial mass, which keeps its digits when a and b are large.
        var front = Binomial(a, a + b, x, 1 - x) * a / (a + b) * b;
        var share = x < (a + 1.0) / (a + b + 2.0) ? front / a * BetaFraction(x, a, b) : 1 - front / b * BetaFraction(1 - x, b, a);
        return (share, front / (x * (1 - x)));
    }

    /// <summary>The continued fraction of the incomplete Beta function by Lentz's method (DLMF 8.17.22).</summary>
    private static double BetaFraction(double x, double a, double b)
    {
        var (c, d) = (1.0, 1 / NotZero(1 - (a + b) * x / (a + 1)));
        var f = d;
        for (var m = 1; m < MaxTerms; m++)
        {
            d = 1 / NotZero(1 + Even(m) * d);
            c = NotZero(1 + Even(m) / c);
            f *= d * c;
            d = 1 / NotZero(1 + Odd(m) * d);
            c = NotZero(1 + Odd(m) / c);
            f *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
            {
                break;
            }
        }

        return f;

        double Even(double m) => m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double Odd(double m) => -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    }

    /// <summary>Regularised upper incomplete Gamma function for a half or whole <paramref name="a"/> (DLMF 8.11.4 and 8.9.2).</summary>
    private static double UpperGamma(double a, double x)
    {
        var front = Math.Exp(a * Math.Log(x) - x - LogGamma(a));
        if (x < a + 1)
        {
            var (term, sum) = (1 / a, 1 / a);
            for (var n = 1; n < MaxTerms && term > sum * 1e-17; n++)
            {
                sum += term *= x / (a + n);
            }

            return Math.Max(0, 1 - front * sum);
        }

        var b = x + 1 - a;
        var (c, d) = (1 / Tiny, 1 / b);
        var f = d;
        for (var n = 1; n < MaxTerms; n++)
        {
            b += 2;
            d = 1 / NotZero(-n * (n - a) * d + b);
            c = NotZero(b - n * (n - a) / c);
            f *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
            {
                break;
            }
        }

        return front * f;
    }

    /// <summary>Logarithm of the Gamma function at a whole or half <paramref name="a"/>.</summary>
    private static double LogGamma(double a)
    {
        var (at, log) = (a, 0.0);
        for (; at < 16; at++)
        {
            log -= Math.Log(at);
        }

        return log + (at - 0.5) * Math.Log(at) - at + 0.5 * Math.Log(2 * Math.PI) + StirlingSeries(at);
    }

    /// <summary>What Stirling's formula lacks of the logarithm of n!.</summary>
    private static double Stirling(long n) => n < SmallStirling.Length ? SmallStirling[n] : StirlingSeries(n);

    private static double StirlingSeries(double n)
    {
        var square = n * n;
        return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - 1 / 1188.0 / square) / square) / square) / square) / n;
    }

    private static double[] MakeSmallStirling()
    {
        var errors = new double[16];
        var log = 0.0;
        for (var n = 1; n < errors.Length; n++)
        {
            log += Math.Log(n);
            errors[n] = log - ((n + 0.5) * Math.Log(n) - n + 0.5 * Math.Log(2 * Math.PI));
        }

        return errors;
    }

    /// <summary>x ln(x / mean) + mean - x without the loss of digits where the two are close.</summary>
    private static double Deviance(double x, double mean)
    {
        if (Math.Abs(x - mean) >= 0.1 * (x + mean))
        {
            return x * Math.Log(x / mean) + mean - x;
        }

        var v = (x - mean) / (x + mean);
        var (sum, term) = ((x - mean) * v, 2 * x * v);
        for (var j = 1; j < 1000; j++)
        {
            term *= v * v;
            var next = sum + term / (2 * j + 1);
            if (next == sum)
            {
                break;
            }

            sum = next;
        }

        return sum;
    }

    /// <summary>Logarithm of q = 1 - p; from the smaller of the two, which has its digits.</summary>
    private static double LogOneMinus(double p, double q) => p < 0.1 ? Log1P(-p) : Math.Log(q);

    private static double Log1P(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
