using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Candor.Client;

/// <summary>Checks Ed25519 signatures (RFC 8032 section 5.1.7) with nothing but the base library. It signs nothing and holds no secret, so it need not run in constant time.</summary>
internal static class Ed25519
{
    public const int KeyBytes = 32;
    public const int SignatureBytes = 64;

    /// <summary>Prime of the field: 2^255 - 19.</summary>
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    /// <summary>Order of the base point.</summary>
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);
    private static readonly BigInteger D = Reduce(-121665 * Inverse(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly Point Base = Decode(Convert.FromHexString("5866666666666666666666666666666666666666666666666666666666666666"))!.Value;

    /// <summary>A point of the curve in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes || Decode(publicKey) is not { } key || Decode(signature[..32]) is not { } commitment)
        {
            return false;
        }

        var s = Number(signature[32..]);
        if (s >= Order)
        {
            return false;
        }

        var challenge = Number(SHA512.HashData([.. signature[..32], .. publicKey, .. message])) % Order;
        return Same(Times(Base, s), Sum(commitment, Times(key, challenge)));
    }

    /// <summary>RFC 8032 section 5.1.3; null for bytes that are no point, and for a second spelling of one.</summary>
    private static Point? Decode(ReadOnlySpan<byte> bytes)
    {
        var isOdd = (bytes[31] & 0x80) != 0;
        var y = Number(bytes) & (BigInteger.Pow(2, 255) - 1);
        if (y >= P)
        {
            return null;
        }

        var (u, v) = (Reduce(y * y - 1), Reduce(D * y * y + 1));
        var x = Reduce(u * BigInteger.ModPow(v, 3, P) * BigInteger.ModPow(u * BigInteger.ModPow(v, 7, P), (P - 5) / 8, P));
        var check = Reduce(v * x * x);
        if (check != u)
        {
            if (check != Reduce(-u))
            {
                return null;
            }

            x = Reduce(x * RootOfMinusOne);
        }

        if (x.IsZero && isOdd)
        {
            return null;
        }

        x = x.IsEven == isOdd ? P - x : x;
        return new Point(x, y, BigInteger.One, Reduce(x * y));
    }

    private static Point Sum(Point p, Point q)
    {
        var (a, b) = (Reduce((p.Y - p.X) * (q.Y - q.X)), Reduce((p.Y + p.X) * (q.Y + q.X)));
        var (c, d) = (Reduce(2 * p.T * q.T * D), Reduce(2 * p.Z * q.Z));
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new Point(Reduce(e * f), Reduce(g * h), Reduce(f * g), Reduce(e * h));
    }

    private static Point Times(Point point, BigInteger factor)
    {
        var sum = new Point(BigInteger.Zero, BigInteger.One, BigInteger.One, BigInteger.Zero);
        for (; !factor.IsZero; factor >>= 1, point = Sum(point, point))
        {
            sum = factor.IsEven ? sum : Sum(sum, point);
        }

        return sum;
    }

    private static bool Same(Point p, Point q) => Reduce(p.X * q.Z - q.X * p.Z).IsZero && Reduce(p.Y * q.Z - q.Y * p.Z).IsZero;

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(value, P - 2, P);

    private static BigInteger Reduce(BigInteger value)
    {
        var rest = value % P;
        return rest.Sign < 0 ? rest + P : rest;
    }
}
