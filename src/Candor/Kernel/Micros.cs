namespace Candor.Kernel;

/// <summary>Instants as they are stored: whole microseconds since 1970-01-01T00:00:00Z, rounded down.</summary>
public static class Micros
{
    public const long PerSecond = 1_000_000;

    public static long From(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long? From(DateTimeOffset? instant) => instant is { } i ? From(i) : null;

    public static DateTimeOffset ToInstant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? ToInstant(long? micros) => micros is { } m ? ToInstant(m) : null;
}
