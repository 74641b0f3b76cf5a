using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Candor.Staff;

/// <summary>What stands for a password: Argon2id (RFC 9106) with its parameters beside it, so that they can grow.</summary>
/// <remarks>Text form: <c>$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH</c>, salt of 16 and hash of 32 bytes in base64 without padding (the PHC string format).
/// 19 MiB, 2 passes, 1 lane: OWASP ASVS 5.0, appendix C.</remarks>
public sealed record PasswordHash
{
    public const int MemoryKib = 19 * 1024;
    public const int Passes = 2;
    public const int Lanes = 1;

    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    private readonly byte[] salt;
    private readonly byte[] hash;

    private PasswordHash(int memory, int passes, int lanes, byte[] salt, byte[] hash) =>
        (Memory, PassesUsed, LanesUsed, this.salt, this.hash) = (memory, passes, lanes, salt, hash);

    /// <summary>In KiB.</summary>
    public int Memory { get; }

    public int PassesUsed { get; }

    public int LanesUsed { get; }

    /// <summary>True when it was made with other parameters than today's; it is then made anew at the next sign-in.</summary>
    public bool IsOld => (Memory, PassesUsed, LanesUsed) != (MemoryKib, Passes, Lanes);

    /// <summary>Makes one. Takes 19 MiB and some 50 milliseconds.</summary>
    public static PasswordHash Of(string password) => Of(password, MemoryKib, Passes, Lanes);

    internal static PasswordHash Of(string password, int memory, int passes, int lanes)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(memory, passes, lanes, salt, Derive(Bytes(password), salt, [], [], memory, passes, lanes, HashBytes));
    }

    /// <summary>True for the password that it was made from. The time does not tell how near another is.</summary>
    public bool IsOf(string password) =>
        CryptographicOperations.FixedTimeEquals(hash, Derive(Bytes(password), salt, [], [], Memory, PassesUsed, LanesUsed, hash.Length));

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out PasswordHash parsed)
    {
        parsed = null;
        if (text?.Split('$') is not ["", "argon2id", "v=19", var costs, var salt, var hash] || costs.Split(',') is not [var m, var t, var p]
            || Number(m, "m=") is not (>= 8 and <= 1 << 20 and var memory) || Number(t, "t=") is not (>= 1 and <= 100 and var passes) || Number(p, "p=") is not (>= 1 and <= 16 and var lanes)
            || Decode(salt) is not { Length: >= 8 } saltBytes || Decode(hash) is not { Length: >= 16 } hashBytes)
        {
            return false;
        }

        parsed = new PasswordHash(memory, passes, lanes, saltBytes, hashBytes);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"$argon2id$v=19$m={Memory},t={PassesUsed},p={LanesUsed}${Convert.ToBase64String(salt).TrimEnd('=')}${Convert.ToBase64String(hash).TrimEnd('=')}");

    /// <summary>Argon2id, version 1.3. Source of the vector in the test: RFC 9106 section 5.3.</summary>
    internal static byte[] Derive(byte[] password, byte[] salt, byte[] secret, byte[] additional, int memory, int passes, int lanes, int length)
    {
        var argon = new Argon2BytesGenerator();
        argon.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id).WithVersion(Argon2Parameters.Version13).WithMemoryAsKB(memory).WithIterations(passes)
            .WithParallelism(lanes).WithSalt(salt).WithSecret(secret).WithAdditional(additional).Build());
        var output = new byte[length];
        argon.GenerateBytes(password, output);
        return output;
    }

    /// <summary>The same password typed on two keyboards is the same bytes (NFKC, as NIST SP 800-63B 5.1.1.2 has it).</summary>
    private static byte[] Bytes(string password) => Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC));

    private static int? Number(string part, string name) =>
        part.StartsWith(name, StringComparison.Ordinal) && int.TryParse(part.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length) ? bytes[..length] : null;
    }
}
