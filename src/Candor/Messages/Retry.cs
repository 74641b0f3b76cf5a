namespace Candor.Messages;

/// <summary>When what could not be delivered is tried again: 1 minute after the first time, four times as long after each further one, 24 hours at most.</summary>
public static class Retry
{
    public static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>A message is given up after so many tries, about five days after it was due.</summary>
    public const int MostForMessages = 10;

    /// <summary>Another system may be out of reach for about a month before a delivery to it stops; <c>candor webhook retry</c> starts it again.</summary>
    public const int MostForWebhooks = 36;

    /// <summary>How long whoever claimed a row has for it; after that another node may.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    private const int Factor = 4;

    /// <param name="attempts">Tries so far, at least 1.</param>
    public static TimeSpan After(long attempts)
    {
        var wait = First;
        for (var i = 1; i < attempts && wait < Longest; i++)
        {
            wait *= Factor;
        }

        return wait < Longest ? wait : Longest;
    }
}
