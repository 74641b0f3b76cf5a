using System.Diagnostics;

namespace Candor.Personalization;

/// <summary>The steps that one setting can take.</summary>
internal sealed record SettingsLadder<T>(double[] Steps, Func<T, double> Get, Func<T, double, T> With)
{
    /// <summary>The same settings with this one a step up or down, where there is one.</summary>
    public IEnumerable<T> Moves(T settings)
    {
        var at = Array.FindIndex(Steps, s => s >= Get(settings));
        at = at < 0 ? Steps.Length - 1 : at;
        foreach (var next in (int[])[at + 1, at - 1])
        {
            if (next >= 0 && next < Steps.Length)
            {
                yield return With(settings, Steps[next]);
            }
        }
    }
}

/// <summary>How far a search is: settings tried, the best value so far, and the share of what it may take, 0 to 1.</summary>
public sealed record SettingsTried(int Count, double Best, double Share);

/// <summary>Climbs to better settings, one ladder at a time, and keeps each move that helps.</summary>
/// <param name="most">Most settings that are tried from each start.</param>
/// <param name="budget">When this is over the best so far counts; null: no limit.</param>
internal sealed class SettingsClimb<T>(SettingsLadder<T>[] ladders, Func<T, double> judge, int most, IProgress<SettingsTried>? progress, TimeSpan? budget)
    where T : notnull
{
    private readonly Dictionary<T, double> tried = [];
    private readonly long started = Stopwatch.GetTimestamp();
    private int allowed;

    /// <summary>Climbs from each start and answers the best end, or what stood beside where that is better still.</summary>
    public T From(IReadOnlyList<T> starts, T beside)
    {
        allowed = most * starts.Count + 1;
        Judge(beside);
        foreach (var start in starts)
        {
            if (!IsOver())
            {
                ClimbFrom(start);
            }
        }

        return tried.MaxBy(t => t.Value).Key;
    }

    private void ClimbFrom(T start)
    {
        var (best, end) = (start, tried.Count + most);
        Judge(start);
        for (var moved = true; moved && tried.Count < end && !IsOver();)
        {
            moved = false;
            foreach (var ladder in ladders)
            {
                moved |= Climb(ladder, end, ref best);
            }
        }
    }

    private bool Climb(SettingsLadder<T> ladder, int end, ref T from)
    {
        foreach (var move in ladder.Moves(from))
        {
            if (tried.Count >= end || tried.ContainsKey(move) || IsOver())
            {
                continue;
            }

            Judge(move);
            if (tried[move] > tried[from])
            {
                from = move;
                return true;
            }
        }

        return false;
    }

    private void Judge(T settings)
    {
        tried[settings] = judge(settings);
        var spent = budget is { } most ? Stopwatch.GetElapsedTime(started) / most : 0;
        progress?.Report(new SettingsTried(tried.Count, tried.Values.Max(), Math.Min(1, Math.Max(spent, tried.Count / (double)allowed))));
    }

    private bool IsOver() => budget is { } most && Stopwatch.GetElapsedTime(started) >= most;
}
