namespace Candor.Kernel;

/// <summary>Weeks from Monday to Sunday, UTC, numbered from the one that began on 0001-01-01, a Monday, which is 0.</summary>
public static class Week
{
    private const int Days = 7;

    public static long Of(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime).DayNumber / Days;

    /// <summary>Its Monday.</summary>
    public static DateOnly FirstDay(long week) => DateOnly.FromDayNumber((int)week * Days);

    /// <summary>Its first instant; that of the next week is its exclusive end.</summary>
    public static DateTimeOffset Start(long week) => new(FirstDay(week), TimeOnly.MinValue, TimeSpan.Zero);
}
