using System.Text;

namespace Candor.Backup;

/// <summary>Text for 32-byte keys with a checksum that finds typing errors. Source: BIP 173, without its limit of 90 characters.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;
    private static readonly uint[] Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Lower case; who wants upper case raises the whole text.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> data)
    {
        var values = Regroup(data.ToArray(), 8, 5, pad: true)!;
        var mod = Polymod([.. Expand(prefix), .. values, 0, 0, 0, 0, 0, 0]) ^ 1;
        var text = new StringBuilder(prefix).Append('1');
        foreach (var value in values)
        {
            text.Append(Alphabet[value]);
        }

        for (var i = 0; i < ChecksumLength; i++)
        {
            text.Append(Alphabet[(int)(mod >> (5 * (5 - i))) & 31]);
        }

        return text.ToString();
    }

    /// <summary>The bytes of a text with this prefix; null when it is not one: mixed case, another prefix, a wrong character or checksum.</summary>
    /// <param name="prefix">In lower case.</param>
    public static byte[]? Decode(string prefix, string text)
    {
        var lower = text.ToLowerInvariant();
        if ((text.Any(char.IsAsciiLetterUpper) && text.Any(char.IsAsciiLetterLower)) || !lower.StartsWith(prefix + "1", StringComparison.Ordinal) || lower.LastIndexOf('1') != prefix.Length
            || lower.Length < prefix.Length + 1 + ChecksumLength)
        {
            return null;
        }

        var values = lower[(prefix.Length + 1)..].Select(c => Alphabet.IndexOf(c, StringComparison.Ordinal)).ToArray();
        return values.Any(v => v < 0) || Polymod([.. Expand(prefix), .. values.Select(v => (byte)v)]) != 1
            ? null
            : Regroup([.. values[..^ChecksumLength].Select(v => (byte)v)], 5, 8, pad: false);
    }

    private static IEnumerable<byte> Expand(string prefix) => [.. prefix.Select(c => (byte)(c >> 5)), 0, .. prefix.Select(c => (byte)(c & 31))];

    private static uint Polymod(IEnumerable<byte> values)
    {
        var check = 1u;
        foreach (var value in values)
        {
            var top = check >> 25;
            check = ((check & 0x1ffffff) << 5) ^ value;
            for (var i = 0; i < Generator.Length; i++)
            {
                check ^= ((top >> i) & 1) == 1 ? Generator[i] : 0;
            }
        }

        return check;
    }

    /// <summary>Bits in groups of another size; null when what is left over at the end is not padding.</summary>
    private static byte[]? Regroup(byte[] data, int from, int to, bool pad)
    {
        var (held, bits, most) = (0, 0, (1 << to) - 1);
        var result = new List<byte>();
        foreach (var value in data)
        {
            held = ((held << from) | value) & 0xfff;
            bits += from;
            while (bits >= to)
            {
                bits -= to;
                result.Add((byte)((held >> bits) & most));
            }
        }

        if (pad && bits > 0)
        {
            result.Add((byte)((held << (to - bits)) & most));
        }

        return !pad && (bits >= from || ((held << (to - bits)) & most) != 0) ? null : [.. result];
    }
}
