using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Candor.Kernel;

/// <summary>The pseudonym under which a customer is known here: 128 random bits, 32 characters <c>0-9 a-f</c>. Never derived from the person.</summary>
public sealed record CustomerId : IParsable<CustomerId>
{
    public const int Length = 32;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private CustomerId(string value) => Value = value;

    public string Value { get; }

    public static CustomerId New() => new(RandomNumberGenerator.GetHexString(Length, lowercase: true));

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out CustomerId result)
    {
        result = s is { Length: Length } && !s.AsSpan().ContainsAnyExcept(HexDigits) ? new CustomerId(s) : null;
        return result is not null;
    }

    static CustomerId IParsable<CustomerId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    public static CustomerId Parse(string s) =>
        TryParse(s, null, out var id) ? id : throw Name.Bad("customer id", s, "32 characters from `0-9 a-f`");

    public override string ToString() => Value;
}

/// <summary>Name of a purpose as the catalog declares it.</summary>
/// <remarks>1 to <see cref="Name.MaxLength"/> characters, a letter first, then <c>a-z A-Z 0-9 -</c>; compared byte by byte.</remarks>
public sealed record PurposeId : IParsable<PurposeId>
{
    private PurposeId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out PurposeId result)
    {
        result = Name.IsValid(s) ? new PurposeId(s) : null;
        return result is not null;
    }

    static PurposeId IParsable<PurposeId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    public static PurposeId Parse(string s) =>
        TryParse(s, null, out var id) ? id : throw Name.Bad("purpose", s, Name.Allowed);

    public override string ToString() => Value;
}

/// <summary>Name of a data point as the catalog declares it.</summary>
/// <remarks>1 to <see cref="Name.MaxLength"/> characters, a letter first, then <c>a-z A-Z 0-9 -</c>; compared byte by byte.</remarks>
public sealed record DataPointId : IParsable<DataPointId>
{
    private DataPointId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out DataPointId result)
    {
        result = Name.IsValid(s) ? new DataPointId(s) : null;
        return result is not null;
    }

    static DataPointId IParsable<DataPointId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    public static DataPointId Parse(string s) =>
        TryParse(s, null, out var id) ? id : throw Name.Bad("data point", s, Name.Allowed);

    public override string ToString() => Value;
}

/// <summary>What a declared name may look like.</summary>
public static class Name
{
    public const int MaxLength = 64;
    public const string Allowed = "1 to 64 characters, a letter first, then `a-z A-Z 0-9 -`";

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    public static bool IsValid([NotNullWhen(true)] string? s) =>
        s is { Length: >= 1 and <= MaxLength } && char.IsAsciiLetter(s[0])
        && !s.AsSpan().ContainsAnyExcept(Characters);

    internal static Fault Bad(string what, string? value, string allowed) =>
        new(FaultKind.Invalid, "kernel/bad-name", $"A {what} is {allowed}; got `{Shown(value)}`.");

    /// <summary>A caller's value, cut to what an error message can carry.</summary>
    public static string Shown(string? value) => value switch
    {
        null => "",
        { Length: > MaxLength } => string.Concat(value.AsSpan(0, MaxLength), "…"),
        _ => value,
    };
}
