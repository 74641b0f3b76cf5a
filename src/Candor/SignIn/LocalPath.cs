using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Candor.SignIn;

/// <summary>Where a customer goes after signing in: a path of this site, never an address elsewhere.</summary>
/// <remarks>1 to <see cref="MaxLength"/> printable ASCII characters, beginning with one slash. Browsers read a backslash as a slash and drop tabs and
/// line ends inside an address, so none of them is taken.</remarks>
public sealed record LocalPath
{
    public const int MaxLength = 200;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@%/?#");

    private LocalPath(string value) => Value = value;

    /// <summary>My Data &amp; Privacy.</summary>
    public static LocalPath Home { get; } = new("/me");

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, [MaybeNullWhen(false)] out LocalPath path)
    {
        path = text is { Length: >= 1 and <= MaxLength } && text[0] == '/' && (text.Length == 1 || text[1] != '/') && !text.AsSpan().ContainsAnyExcept(Characters)
            ? new LocalPath(text) : null;
        return path is not null;
    }

    /// <summary>The path, or My Data &amp; Privacy for anything that is none.</summary>
    public static LocalPath OrHome(string? text) => TryParse(text, out var path) ? path : Home;

    public override string ToString() => Value;
}
