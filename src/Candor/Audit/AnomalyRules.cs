using System.Globalization;
using Candor.Kernel;

namespace Candor.Audit;

/// <summary>One thing that a person did, as the rules see it.</summary>
/// <param name="Index">Of the log entry.</param>
/// <param name="What">One of <see cref="Acts"/>.</param>
/// <param name="Customer">First 8 bytes of the log's random reference; null where none is concerned.</param>
public sealed record Act(long Index, long TimeUs, string What, long? Customer, string? Purpose)
{
    public DateTimeOffset At => Micros.ToInstant(TimeUs);

    public bool IsLook => What is Acts.Read or Acts.Emergency;
}

/// <summary>Kinds of acts.</summary>
public static class Acts
{
    public const string Read = "read";
    public const string Emergency = "emergency";
    public const string Deny = "deny";
    public const string Roles = "roles";
}

/// <summary>What a program did in one hour.</summary>
public sealed record ProgramHour(long Hour, long Reads, long Denials, long FirstIndex, long LastIndex);

/// <summary>Something in the log that is worth a question.</summary>
/// <param name="Rule">One of <see cref="AnomalyRules.Names"/>.</param>
/// <param name="Window">With rule and actor it names the anomaly, so that the same one found again is the same.</param>
/// <param name="Amount">What was counted.</param>
/// <param name="Usual">What is usual, or the limit.</param>
/// <param name="Entries">Indices of the log entries that show it, oldest first; at most <see cref="AnomalyRules.MostEntries"/>.</param>
public sealed record Anomaly(string Rule, string Actor, string Window, long FromUs, long ToUs, long Amount, long Usual, IReadOnlyList<long> Entries);

/// <summary>Finds anomalies: pure functions of what somebody did in the last 30 days.</summary>
public static class AnomalyRules
{
    public const string Bulk = "bulk";
    public const string OddHours = "odd-hours";
    public const string SameCustomer = "same-customer";
    public const string Denials = "denials";
    public const string Emergencies = "emergencies";
    public const string AfterRoles = "after-roles";
    public const int MostEntries = 100;

    public static readonly IReadOnlyList<string> Names = [Bulk, OddHours, SameCustomer, Denials, Emergencies, AfterRoles];

    /// <summary>Hours and days with something in them, before which nothing is "usual".</summary>
    private const int LeastHistory = 5;

    /// <summary>Days on which somebody looked at about this hour, from which on it is their habit.</summary>
    private const int HabitDays = 3;

    private static readonly long HourUs = (long)TimeSpan.FromHours(1).TotalMicroseconds;
    private static readonly long DayUs = (long)TimeSpan.FromDays(1).TotalMicroseconds;
    private static readonly long WeekUs = 7 * DayUs;

    /// <summary>Looks closer together than this are one.</summary>
    private static readonly long OneLookUs = (long)TimeSpan.FromMinutes(30).TotalMicroseconds;

    /// <summary>Customers a person looks at in an hour in which they look at any: the median; 0 while there are too few such hours.</summary>
    public static long UsualCustomers(IEnumerable<Act> acts) =>
        Median([.. acts.Where(a => a.IsLook && a.Customer is not null).GroupBy(a => a.TimeUs / HourUs).Select(h => (long)h.Select(a => a.Customer).Distinct().Count())]);

    /// <summary>What is odd about a person's acts, as far as an act from <paramref name="fresh"/> on belongs to it.</summary>
    /// <param name="acts">Of the last 30 days, in the order of the log.</param>
    /// <param name="fresh">Index from which on nothing was judged yet.</param>
    /// <param name="peers">Usual number of customers an hour of the others.</param>
    public static IReadOnlyList<Anomaly> Judge(string actor, IReadOnlyList<Act> acts, long fresh, long peers, AnomalySettings settings)
    {
        var byTime = acts.OrderBy(a => a.TimeUs).ThenBy(a => a.Index).ToList();
        var all = new List<Anomaly>();
        all.AddRange(FindBulk(actor, byTime, fresh, peers, settings));
        all.AddRange(Crowded(actor, byTime, fresh, Denials, a => a.What == Acts.Deny, HourUs, settings.Denials));
        all.AddRange(Crowded(actor, byTime, fresh, Emergencies, a => a.What == Acts.Emergency, WeekUs, settings.Emergencies));
        all.AddRange(FindOddHours(actor, byTime, fresh, settings));
        all.AddRange(FindSameCustomer(actor, byTime, fresh, settings));
        all.AddRange(FindAfterRoles(actor, byTime, fresh, settings));
        return all;
    }

    /// <summary>What is odd about the newest hours of a program.</summary>
    /// <param name="hours">Of the last 30 days, oldest first.</param>
    public static IReadOnlyList<Anomaly> JudgeProgram(string actor, IReadOnlyList<ProgramHour> hours, long freshHour, AnomalySettings settings)
    {
        var all = new List<Anomaly>();
        foreach (var hour in hours.Where(h => h.Hour >= freshHour))
        {
            var before = hours.Where(h => h.Hour < hour.Hour).ToList();
            var (reads, denials) = (Median([.. before.Select(h => h.Reads)]), Median([.. before.Select(h => h.Denials)]));
            // Without a history nobody knows what is usual for a program: a first import may read everything.
            if (before.Count >= LeastHistory && hour.Reads >= Math.Max(settings.ProgramReads, 10 * reads))
            {
                all.Add(Of(Bulk, hour, hour.Reads, reads));
            }

            if (hour.Denials >= Math.Max(10 * settings.Denials, 3 * denials))
            {
                all.Add(Of(Denials, hour, hour.Denials, denials));
            }
        }

        return all;

        Anomaly Of(string rule, ProgramHour hour, long amount, long usual) =>
            new(rule, actor, Text(hour.Hour), hour.Hour * HourUs, (hour.Hour + 1) * HourUs, amount, usual, [hour.FirstIndex, hour.LastIndex]);
    }

    private static IEnumerable<Anomaly> FindBulk(string actor, List<Act> acts, long fresh, long peers, AnomalySettings settings)
    {
        var looks = acts.Where(a => a.IsLook && a.Customer is not null).ToList();
        var counts = new Dictionary<long, int>();
        var found = new Dictionary<long, Anomaly>();
        for (int low = 0, high = 0; high < looks.Count; high++)
        {
            var look = looks[high];
            counts[look.Customer!.Value] = counts.GetValueOrDefault(look.Customer.Value) + 1;
            for (; looks[low].TimeUs <= look.TimeUs - HourUs; low++)
            {
                if (--counts[looks[low].Customer!.Value] == 0)
                {
                    counts.Remove(looks[low].Customer!.Value);
                }
            }

            if (look.Index < fresh || counts.Count < settings.BulkCustomers)
            {
                continue;
            }

            var usual = Math.Max(peers, UsualCustomers(looks.Where(l => l.TimeUs <= look.TimeUs - HourUs)));
            var hour = look.TimeUs / HourUs;
            if (counts.Count >= settings.BulkFactor * usual && counts.Count > (found.GetValueOrDefault(hour)?.Amount ?? 0))
            {
                found[hour] = Of(Bulk, actor, Text(hour), looks[low..(high + 1)], counts.Count, usual);
            }
        }

        return found.Values;
    }

    /// <summary>Too many of one kind within a stretch of time.</summary>
    private static IEnumerable<Anomaly> Crowded(string actor, List<Act> acts, long fresh, string rule, Func<Act, bool> which, long stretchUs, long limit)
    {
        var some = acts.Where(which).ToList();
        var found = new Dictionary<long, Anomaly>();
        for (int low = 0, high = 0; high < some.Count; high++)
        {
            for (; some[low].TimeUs <= some[high].TimeUs - stretchUs; low++)
            {
            }

            var (count, window) = (high - low + 1, some[high].TimeUs / stretchUs);
            if (some[high].Index >= fresh && count >= limit && count > (found.GetValueOrDefault(window)?.Amount ?? 0))
            {
                found[window] = Of(rule, actor, Text(window), some[low..(high + 1)], count, limit);
            }
        }

        return found.Values;
    }

    private static IEnumerable<Anomaly> FindOddHours(string actor, List<Act> acts, long fresh, AnomalySettings settings)
    {
        if (settings.Hours is not { } hours)
        {
            return [];
        }

        var looks = acts.Where(a => a.IsLook).Select(a => (Act: a, Local: hours.Local(a.At))).ToList();
        return looks.Where(l => !hours.IsOpen(l.Act.At) && !IsHabit(l.Local)).GroupBy(l => l.Local.Date, l => l.Act).Where(d => d.Any(a => a.Index >= fresh))
            .Select(d => Of(OddHours, actor, d.Key.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), [.. d], d.Count(), 0));

        // The hour before and after count too, so that a quarter of an hour more or less is nothing.
        bool IsHabit(DateTime local) => looks.Where(l => l.Local.Date < local.Date && Math.Abs(l.Local.Hour - local.Hour) is <= 1 or 23).Select(l => l.Local.Date).Distinct().Count() >= HabitDays;
    }

    private static IEnumerable<Anomaly> FindSameCustomer(string actor, List<Act> acts, long fresh, AnomalySettings settings)
    {
        foreach (var looks in acts.Where(a => a.IsLook && a.Customer is not null).GroupBy(a => a.Customer!.Value).Select(g => g.ToList()))
        {
            var last = looks.FindLastIndex(l => l.Index >= fresh);
            if (last < 0)
            {
                continue;
            }

            var week = looks.Where(l => l.TimeUs > looks[last].TimeUs - WeekUs && l.TimeUs <= looks[last].TimeUs).ToList();
            var visits = week.Where((l, i) => i == 0 || l.TimeUs - week[i - 1].TimeUs > OneLookUs).ToList();
            if (visits.Count >= settings.SameCustomer)
            {
                yield return Of(SameCustomer, actor, $"{looks[last].Customer:x16}/{Text(looks[last].TimeUs / WeekUs)}", week, visits.Count, settings.SameCustomer);
            }
        }
    }

    private static IEnumerable<Anomaly> FindAfterRoles(string actor, List<Act> acts, long fresh, AnomalySettings settings)
    {
        foreach (var change in acts.Where(a => a.What == Acts.Roles))
        {
            var known = acts.Where(a => a.IsLook && a.TimeUs < change.TimeUs).Select(a => a.Purpose).ToHashSet();
            var looks = acts.Where(a => a.IsLook && a.Customer is not null && a.TimeUs >= change.TimeUs && a.TimeUs < change.TimeUs + DayUs && !known.Contains(a.Purpose)).ToList();
            var customers = looks.Select(l => l.Customer).Distinct().Count();
            if (customers >= settings.AfterRoles && looks[^1].Index >= fresh)
            {
                yield return Of(AfterRoles, actor, Text(change.Index), [change, .. looks], customers, settings.AfterRoles);
            }
        }
    }

    private static Anomaly Of(string rule, string actor, string window, List<Act> acts, long amount, long usual) =>
        new(rule, actor, window, acts[0].TimeUs, acts[^1].TimeUs, amount, usual, [.. acts.Select(a => a.Index).Order().Take(MostEntries)]);

    private static long Median(long[] values)
    {
        Array.Sort(values);
        return values.Length < LeastHistory ? 0 : values[values.Length / 2];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
