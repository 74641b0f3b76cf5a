using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Candor.Kernel;

namespace Candor.Vault;

/// <summary>A customer's own key as it is stored: wrapped. It is never kept unwrapped.</summary>
/// <param name="AuditRef">16 random bytes that stand for the customer in the log; the only link to them is this row.</param>
/// <param name="Commitment">HKDF of the key: two keys cannot both fit.</param>
public sealed record CustomerKey(CustomerId Id, byte[] AuditRef, byte[] Wrapped, long KekVersion, byte[] Commitment, long CreatedAtUs)
{
    /// <summary>Columns in the order that <see cref="FromRow"/> reads.</summary>
    internal const string Columns = "k.customer_id, k.audit_ref, k.wrapped, k.kek_version, k.commitment, k.created_at_us";

    internal static CustomerKey FromRow(DbDataReader row) => new(
        CustomerId.Parse(row.GetString(0)), (byte[])row.GetValue(1), (byte[])row.GetValue(2), row.GetInt64(3), (byte[])row.GetValue(4), row.GetInt64(5));
}

/// <summary>A customer's key, unwrapped for as long as this lives, and what is derived from it. For one thread.</summary>
/// <remarks>HKDF-SHA256 (RFC 5869) without salt, extracted once; each class of records has a key of its own.</remarks>
public sealed class OpenKey : IDisposable
{
    /// <summary>Class of the details in log entries.</summary>
    internal const string AuditClass = "audit|v1";

    /// <summary>Most values that one derived key seals (random 96-bit nonces: NIST SP 800-38D allows 2^32). Fields stop at this version.</summary>
    internal const long MaxSeals = 1L << 31;

    private const string DataPrefix = "data|v1|";
    private const int MaxInfo = 256;
    private readonly byte[] extracted = new byte[Sealing.KeyBytes];
    private readonly List<(string Class, AesGcm Cipher)> ciphers = new(4);

    /// <param name="key">The customer's key; wiped here.</param>
    internal OpenKey(CustomerKey customer, byte[] key)
    {
        Customer = customer;
        Extract(key, extracted);
        CryptographicOperations.ZeroMemory(key);
        Span<byte> commitment = stackalloc byte[Sealing.KeyBytes];
        Expand(extracted, "commit|v1"u8, commitment);
        if (!CryptographicOperations.FixedTimeEquals(commitment, customer.Commitment))
        {
            Dispose();
            throw new Fault(FaultKind.Unavailable, "vault/wrong-customer-key", "A customer's key is not the one that was made for them; `candor doctor` says more.");
        }
    }

    public CustomerKey Customer { get; }

    /// <summary>The cipher of one class of records: a data point, or <see cref="AuditClass"/>.</summary>
    internal AesGcm Cipher(string recordClass)
    {
        foreach (var (name, cipher) in ciphers)
        {
            if (name == recordClass)
            {
                return cipher;
            }
        }

        Span<byte> derived = stackalloc byte[Sealing.KeyBytes];
        Span<byte> info = stackalloc byte[MaxInfo];
        var prefix = recordClass == AuditClass ? 0 : Encoding.UTF8.GetBytes(DataPrefix, info);
        Expand(extracted, info[..(prefix + Encoding.UTF8.GetBytes(recordClass, info[prefix..]))], derived);
        var made = new AesGcm(derived, Sealing.TagBytes);
        CryptographicOperations.ZeroMemory(derived);
        ciphers.Add((recordClass, made));
        return made;
    }

    /// <summary>What is stored beside a wrapped key, so that no second key can be passed off as it.</summary>
    internal static void Commit(ReadOnlySpan<byte> key, Span<byte> commitment)
    {
        Span<byte> extracted = stackalloc byte[Sealing.KeyBytes];
        Extract(key, extracted);
        Expand(extracted, "commit|v1"u8, commitment);
        CryptographicOperations.ZeroMemory(extracted);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(extracted);
        foreach (var (_, cipher) in ciphers)
        {
            cipher.Dispose();
        }

        ciphers.Clear();
    }

    /// <summary>RFC 5869 2.2 with the default salt of zeros.</summary>
    private static void Extract(ReadOnlySpan<byte> key, Span<byte> extracted) => HMACSHA256.HashData(new byte[Sealing.KeyBytes], key, extracted);

    /// <summary>RFC 5869 2.3 for one block of output: three times as fast as the general form, and the hot path needs no more.</summary>
    private static void Expand(ReadOnlySpan<byte> extracted, ReadOnlySpan<byte> info, Span<byte> output)
    {
        Span<byte> block = stackalloc byte[MaxInfo + 1];
        info.CopyTo(block);
        block[info.Length] = 1;
        HMACSHA256.HashData(extracted, block[..(info.Length + 1)], output);
    }
}
