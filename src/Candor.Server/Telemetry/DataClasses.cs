using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Compliance.Classification;
using Microsoft.Extensions.Compliance.Redaction;

namespace Candor.Server.Telemetry;

/// <summary>Kinds of data that a message of the log may be given, and that do not reach it as they are.</summary>
internal static class DataClasses
{
    private const string Taxonomy = "candor";

    /// <summary>Says something about a person: erased.</summary>
    public static DataClassification Personal { get; } = new(Taxonomy, "personal");

    /// <summary>Opens something: erased.</summary>
    public static DataClassification Secret { get; } = new(Taxonomy, "secret");

    /// <summary>Stands for a person or a key: replaced by what stands for it until the next start.</summary>
    public static DataClassification Pseudonym { get; } = new(Taxonomy, "pseudonym");

    /// <summary>What has a class that is not known here is erased as well.</summary>
    public static void AddRedactors(this IRedactionBuilder redaction) => redaction
        .SetRedactor<ErasingRedactor>(Personal, Secret).SetRedactor<PseudonymRedactor>(Pseudonym).SetFallbackRedactor<ErasingRedactor>();
}

/// <inheritdoc cref="DataClasses.Personal"/>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class PersonalAttribute() : DataClassificationAttribute(DataClasses.Personal);

/// <inheritdoc cref="DataClasses.Secret"/>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class SecretAttribute() : DataClassificationAttribute(DataClasses.Secret);

/// <inheritdoc cref="DataClasses.Pseudonym"/>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class PseudonymAttribute() : DataClassificationAttribute(DataClasses.Pseudonym);

/// <summary>HMAC-SHA256 with a key that is made at each start and kept nowhere: lines of one run can be told to be about the same, and those of two runs cannot.</summary>
internal sealed class PseudonymRedactor : Redactor
{
    /// <summary>64 bits, as 16 characters <c>0-9 a-f</c>: enough to tell apart what one log holds.</summary>
    private const int Bytes = 8;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    public override int GetRedactedLength(ReadOnlySpan<char> input) => input.IsEmpty ? 0 : Bytes * 2;

    public override int Redact(ReadOnlySpan<char> source, Span<char> destination)
    {
        if (source.IsEmpty)
        {
            return 0;
        }

        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(source.ToArray()));
        Convert.TryToHexStringLower(hash.AsSpan(0, Bytes), destination, out var written);
        return written;
    }
}
