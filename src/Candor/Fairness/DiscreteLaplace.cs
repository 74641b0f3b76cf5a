using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Candor.Kernel;

namespace Candor.Fairness;

/// <summary>Whole-number noise for published counts: P(x) falls by the factor e^(-epsilon / sensitivity) with each step away from 0.</summary>
/// <remarks>Drawn exactly, with whole numbers only and the system's secret randomness: noise from floating point numbers lets the true count be worked out (Mironov 2012).
/// Source: Canonne, Kamath and Steinke, The Discrete Gaussian for Differential Privacy (2020), algorithms 1 and 2.</remarks>
public sealed class DiscreteLaplace
{
    /// <summary>Smallest steps of epsilon: a thousandth.</summary>
    public const int PerEpsilon = 1000;

    private readonly BigInteger above, below;

    private DiscreteLaplace(long milliEpsilon, int sensitivity)
    {
        // The scale is sensitivity / epsilon = above / below.
        var common = BigInteger.GreatestCommonDivisor((BigInteger)sensitivity * PerEpsilon, milliEpsilon);
        (above, below) = ((BigInteger)sensitivity * PerEpsilon / common, milliEpsilon / common);
        Alpha = Math.Exp(-(double)milliEpsilon / PerEpsilon / sensitivity);
    }

    /// <summary>How much rarer each step away from 0 is.</summary>
    public double Alpha { get; }

    public double Variance => 2 * Alpha / ((1 - Alpha) * (1 - Alpha));

    /// <param name="milliEpsilon">Epsilon in thousandths: what one person may change about what others learn, 1 to 100,000. A whole number, so that the sampler is exact.</param>
    /// <param name="sensitivity">By how much one person can change the count: 1 when each person is in one count at most once.</param>
    /// <exception cref="Fault">Invalid <c>fairness/bad-noise</c>.</exception>
    public static DiscreteLaplace Of(long milliEpsilon, int sensitivity = 1) => milliEpsilon is < 1 or > 100 * PerEpsilon
        ? throw new Fault(FaultKind.Invalid, "fairness/bad-noise", string.Create(CultureInfo.InvariantCulture, $"Epsilon is 0.001 to 100, got `{(double)milliEpsilon / PerEpsilon}`."))
        : sensitivity < 1 ? throw new Fault(FaultKind.Invalid, "fairness/bad-noise", $"The sensitivity is at least 1, got `{sensitivity}`.")
        : new DiscreteLaplace(milliEpsilon, sensitivity);

    public double Probability(long x) => (1 - Alpha) / (1 + Alpha) * Math.Pow(Alpha, Math.Abs(x));

    /// <summary>Probability that the noise is at least <paramref name="t"/> away from 0.</summary>
    public double TailFrom(long t) => t <= 0 ? 1 : 2 * Math.Pow(Alpha, t) / (1 + Alpha);

    /// <summary>The smallest distance from 0 that the noise exceeds in at most 5 of 100 cases: what to print as ± beside a count.</summary>
    public long Radius95()
    {
        var radius = 0L;
        while (TailFrom(radius + 1) > 0.05)
        {
            radius++;
        }

        return radius;
    }

    public BigInteger Draw() => Draw(Below);

    /// <param name="below">Gives a whole number from 0 to its argument less 1, each equally likely.</param>
    internal BigInteger Draw(Func<BigInteger, BigInteger> below)
    {
        while (true)
        {
            var start = below(above);
            if (!IsExp(start, above, below))
            {
                continue;
            }

            var more = BigInteger.Zero;
            while (IsExp(1, 1, below))
            {
                more++;
            }

            var size = (start + above * more) / this.below;
            var isNegative = below(2) == 1;
            // 0 has one sign only.
            if (!isNegative || !size.IsZero)
            {
                return isNegative ? -size : size;
            }
        }
    }

    /// <summary>True with the chance e^(-a/b), for a/b from 0 to 1 (algorithm 1).</summary>
    private static bool IsExp(BigInteger a, BigInteger b, Func<BigInteger, BigInteger> below)
    {
        var k = BigInteger.One;
        while (below(b * k) < a)
        {
            k++;
        }

        return !k.IsEven;
    }

    /// <summary>Uniform below a bound, by drawing as many bits as it has until they are below it.</summary>
    private static BigInteger Below(BigInteger bound)
    {
        var bits = (int)(bound - 1).GetBitLength();
        var bytes = new byte[bits / 8 + 1];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            bytes[^1] &= (byte)((1 << (bits % 8)) - 1);
            var drawn = new BigInteger(bytes, isUnsigned: true);
            if (drawn < bound)
            {
                return drawn;
            }
        }
    }
}
