using System.Diagnostics.CodeAnalysis;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>The address of a member of staff, which is also their name at sign-in. Lower case.</summary>
/// <remarks>3 to <see cref="MaxLength"/> printable characters without blanks, with one <c>@</c> that has something on both sides.</remarks>
public sealed record StaffEmail
{
    public const int MaxLength = 254;

    private StaffEmail(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out StaffEmail email)
    {
        var plain = text?.Trim() ?? "";
        var at = plain.IndexOf('@', StringComparison.Ordinal);
        var isOne = plain.Length is >= 3 and <= MaxLength && at > 0 && at < plain.Length - 1 && plain.LastIndexOf('@') == at
            && plain.All(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && !char.IsSurrogate(c) && c is not ('<' or '>' or '"' or ',' or ';'));
        email = isOne ? new StaffEmail(plain.ToLowerInvariant()) : null;
        return isOne;
    }

    /// <exception cref="Fault">Invalid; the message does not repeat the address.</exception>
    public static StaffEmail Parse(string? text) => TryParse(text, out var email)
        ? email
        : throw new Fault(FaultKind.Invalid, "staff/bad-email", $"An e-mail address has one `@`, no blanks and 3 to {MaxLength} characters; write it as it stands in the mail program.");

    public override string ToString() => Value;
}
