using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Export;

/// <summary>Names that stand for customers in one export. The key is forgotten with it: two exports cannot be put together by them, and nobody can go back.</summary>
public sealed class Pseudonyms
{
    private const int Bytes = 16;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>32 hex characters: the first 16 bytes of HMAC-SHA256 under this export's key.</summary>
    public string Of(CustomerId customer) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(customer.Value)).AsSpan(0, Bytes));
}
