using System.Security.Cryptography;
using Candor.Kernel;

namespace Candor.Consent;

/// <summary>One thing that happened to a customer's consent. Written once, never changed; erasure of the customer removes it.</summary>
/// <param name="Id">Random, in the form of a UUID of version 4, as ISO/IEC TS 27560 advises.</param>
/// <param name="Purpose">Null where the record is about every purpose: a restriction and its end.</param>
/// <param name="Version">Rises by one with every record of this customer, from 1.</param>
/// <param name="CatalogVersion">The catalog under which it happened; 0 for a restriction, which rests on none.</param>
/// <param name="NoticeHash">The notice that the customer saw; empty where none belongs to the event.</param>
/// <param name="Language">Of the notice or of the page where it happened, such as <c>en</c>.</param>
/// <param name="Method">How the customer expressed it, in words, such as <c>switch on My Data &amp; Privacy</c>.</param>
/// <param name="ExpiresAt">Exclusive: the consent counts until just before. Null: it counts until withdrawn.</param>
public sealed record ConsentRecord(
    string Id, CustomerId Customer, PurposeId? Purpose, ConsentEvent Event, long Version, long CatalogVersion,
    string NoticeHash, string Language, string Method, DateTimeOffset At, DateTimeOffset? ExpiresAt)
{
    /// <summary>122 random bits in the form of a UUID of version 4.</summary>
    internal static string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return AsUuid(bytes);
    }

    /// <summary>Sixteen bytes that are as good as random, with the marks of a UUID of version 4 (RFC 9562 section 5.4).</summary>
    internal static string AsUuid(Span<byte> bytes)
    {
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}

/// <summary>Where a customer stands on one purpose, as of the asking transaction.</summary>
/// <param name="Version">Of the record that made it so.</param>
/// <param name="CatalogVersion">Under which it was said; compare with the catalog's <c>ConsentSince</c>.</param>
/// <param name="ExpiresAtUs">Exclusive; null: until withdrawn.</param>
public sealed record Choice(
    PurposeId Purpose, ConsentState State, long Version, long CatalogVersion, string NoticeHash, long ChangedAtUs, long? ExpiresAtUs);

/// <summary>The notice that a customer had before them.</summary>
/// <param name="Hash">SHA-256 of its text, 64 characters <c>0-9 a-f</c>: the whole notice or the section of the purpose.</param>
/// <param name="Language">The language it was shown in, such as <c>en</c>.</param>
public sealed record NoticeRef(string Hash, string Language);
