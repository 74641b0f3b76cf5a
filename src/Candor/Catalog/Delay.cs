using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using System.Xml;

namespace Candor.Catalog;

/// <summary>A time to wait as ISO 8601 writes it, such as <c>PT4H</c>, <c>PT30M</c> or <c>P1D</c>; 1 second to 30 days.</summary>
public sealed partial record Delay
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private Delay(string text, TimeSpan time) => (Text, Time) = (text, time);

    public string Text { get; }

    public TimeSpan Time { get; }

    public static bool TryParse([NotNullWhen(true)] string? s, [MaybeNullWhen(false)] out Delay delay)
    {
        delay = s is { Length: <= 12 } && Pattern().IsMatch(s) && XmlConvert.ToTimeSpan(s) is var time && time > TimeSpan.Zero && time <= Longest ? new Delay(s, time) : null;
        return delay is not null;
    }

    public override string ToString() => Text;

    [GeneratedRegex("^P(?=.)([0-9]{1,2}D)?(T(?=.)([0-9]{1,3}H)?([0-9]{1,3}M)?([0-9]{1,3}S)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
