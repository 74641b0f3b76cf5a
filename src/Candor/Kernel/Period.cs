using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Candor.Kernel;

/// <summary>A calendar period as ISO 8601 writes it, such as <c>P2Y</c>, <c>P6M</c>, <c>P90D</c>, <c>P1Y6M</c> or <c>P2W</c>.</summary>
/// <remarks>Whole years, months, weeks and days, 1 day to 100 years in all. No time part: nothing here is kept by the hour.
/// Months are added by calendar: 31 January and <c>P1M</c> is the last day of February.</remarks>
public sealed record Period : IParsable<Period>
{
    private const int MaxMonths = 1200;

    private Period(string text, int months, int days) => (Text, Months, Days) = (text, months, days);

    public string Text { get; }

    public int Months { get; }

    public int Days { get; }

    /// <summary>Rough length, for telling which of two periods is longer: a month counts 30.4375 days.</summary>
    public double ApproximateDays => Months * 30.4375 + Days;

    public DateTimeOffset After(DateTimeOffset start) => start.AddMonths(Months).AddDays(Days);

    public DateTimeOffset Before(DateTimeOffset end) => end.AddMonths(-Months).AddDays(-Days);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Period result)
    {
        result = null;
        if (s is not { Length: >= 3 and <= 16 } || s[0] != 'P')
        {
            return false;
        }

        long months = 0, days = 0;
        var lastUnit = -1;
        var rest = s.AsSpan(1);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAnyExceptInRange('0', '9');
            var unit = end < 1 ? -1 : "YMWD".IndexOf(rest[end], StringComparison.Ordinal);
            if (unit <= lastUnit || !int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 36_525)
            {
                return false;
            }

            (months, days) = unit switch { 0 => (months + count * 12L, days), 1 => (months + count, days), 2 => (months, days + count * 7L), _ => (months, days + count) };
            lastUnit = unit;
            rest = rest[(end + 1)..];
        }

        if (months + days == 0 || months > MaxMonths || days > 36_525)
        {
            return false;
        }

        result = new Period(s, (int)months, (int)days);
        return true;
    }

    static Period IParsable<Period>.Parse(string s, IFormatProvider? provider) => Parse(s);

    public static Period Parse(string s) =>
        TryParse(s, null, out var period) ? period
            : throw new Fault(FaultKind.Invalid, "kernel/bad-period", $"A period is written like `P90D`, `P6M`, `P2Y` or `P1Y6M`, at most 100 years; got `{Name.Shown(s)}`.");

    public override string ToString() => Text;
}
