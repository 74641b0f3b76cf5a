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

/// <summary>A customer's key, unwrapped for as long as this lives, and what is derived from it.</summary>
public sealed class OpenKey : IDisposable
{
    private const string DataPrefix = "data|v1|";
    private readonly byte[] key;
    private readonly List<(string Class, AesGcm Cipher)> ciphers = [];

    internal OpenKey(CustomerKey customer, byte[] key)
    {
        (Customer, this.key) = (customer, key);
        Span<byte> commitment = stackalloc byte[Sealing.KeyBytes];
        Commit(key, commitment);
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
        Span<byte> info = stackalloc byte[256];
        var length = Encoding.UTF8.GetBytes(recordClass == AuditClass ? AuditClass : DataPrefix + recordClass, info);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, [], info[..length]);
        var made = new AesGcm(derived, 16);
        CryptographicOperations.ZeroMemory(derived);
        ciphers.Add((recordClass, made));
        return made;
    }

    /// <summary>Class of the details in log entries.</summary>
    internal const string AuditClass = "audit|v1";

    internal static void Commit(ReadOnlySpan<byte> key, Span<byte> commitment) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, commitment, [], "commit|v1"u8);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(key);
        foreach (var (_, cipher) in ciphers)
        {
            cipher.Dispose();
        }

        ciphers.Clear();
    }
}
