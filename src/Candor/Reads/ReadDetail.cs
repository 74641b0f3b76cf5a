using System.Text;

namespace Candor.Reads;

/// <summary>What the log keeps of a read in sealed form: the case, and the reason of an emergency. Both can point at a person.</summary>
/// <param name="Case">Null when none was named.</param>
/// <param name="Emergency">Null when it was no emergency.</param>
public sealed record ReadDetail(string? Case, string? Emergency)
{
    /// <summary>Subject of the entries of emergencies, allowed and denied.</summary>
    public const string EmergencySubject = "emergency";

    /// <summary>The case, and after a line break, which no case has, the reason. Null when there is neither.</summary>
    internal byte[]? Encode() => (Case, Emergency) is (null, null) ? null : Encoding.UTF8.GetBytes(Emergency is null ? Case! : $"{Case}\n{Emergency}");

    internal static ReadDetail Decode(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var at ? new ReadDetail(at == 0 ? null : text[..at], text[(at + 1)..]) : new ReadDetail(text, null);
    }
}
