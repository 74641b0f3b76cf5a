using System.Globalization;
using Candor.Kernel;

namespace Candor.Audit;

/// <summary>When the business works. Looks outside of it are worth a question, unless that person works then as a rule.</summary>
/// <param name="From">Inclusive, local time.</param>
/// <param name="To">Exclusive, local time; midnight: until the end of the day.</param>
public sealed record BusinessHours(IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly To, TimeZoneInfo Zone)
{
    private static readonly string[] Names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <summary>Reads <c>Mon-Fri 08:00-18:00 Europe/Berlin</c>.</summary>
    /// <exception cref="Fault">Invalid <c>audit/bad-hours</c>.</exception>
    public static BusinessHours Parse(string text)
    {
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var days, var hours, var zone]
            && days.Split('-') is [var first, ..] and { Length: <= 2 } ends && Array.IndexOf(Names, first) is >= 0 and var low && Array.IndexOf(Names, ends[^1]) is var high && high >= low
            && hours.Split('-') is [var from, var to] && TimeOnly.TryParseExact(from, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
            && TimeOnly.TryParseExact(to == "24:00" ? "00:00" : to, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end)
            && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var where))
        {
            return new BusinessHours(Enumerable.Range(low, high - low + 1).Select(d => (DayOfWeek)((d + 1) % 7)).ToHashSet(), start, end, where);
        }

        throw new Fault(FaultKind.Invalid, "audit/bad-hours", $"Business hours are days, times and a time zone, such as `Mon-Fri 08:00-18:00 Europe/Berlin`; got `{Name.Shown(text)}`.");
    }

    public bool IsOpen(DateTimeOffset instant)
    {
        var local = Local(instant);
        var time = TimeOnly.FromDateTime(local);
        return Days.Contains(local.DayOfWeek) && (From == To || (To > From ? time >= From && time < To : time >= From || time < To));
    }

    internal DateTime Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone).DateTime;
}

/// <summary>From when on something in the log is worth a question to a privacy officer.</summary>
public sealed record AnomalySettings
{
    /// <summary>Null: looks count the same at any hour.</summary>
    public BusinessHours? Hours { get; init; } = BusinessHours.Parse("Mon-Sat 06:00-22:00 UTC");

    /// <summary>Different customers within an hour, for one person. Fewer are never bulk. 50 unless set, which is just below the read budget.</summary>
    public long BulkCustomers { get; init; } = 50;

    /// <summary>So many times what is usual for the person and for the others is bulk. 3 unless set.</summary>
    public long BulkFactor { get; init; } = 3;

    /// <summary>Separate looks of one person at one customer within 7 days. 8 unless set.</summary>
    public long SameCustomer { get; init; } = 8;

    /// <summary>Denials within an hour, for one person. 25 unless set; a program may have ten times as many. A few are every day's work: many customers have not agreed to everything.</summary>
    public long Denials { get; init; } = 25;

    /// <summary>Emergency accesses of one person within 7 days. 3 unless set.</summary>
    public long Emergencies { get; init; } = 3;

    /// <summary>Different customers looked at for a purpose that is new to the person, within a day after their roles were changed. 5 unless set.</summary>
    public long AfterRoles { get; init; } = 5;

    /// <summary>Reads of a program within an hour. Fewer are never bulk. 1,000 unless set.</summary>
    public long ProgramReads { get; init; } = 1_000;

    /// <summary>Reads <c>bulk=40 denials=20</c>.</summary>
    /// <exception cref="Fault">Invalid <c>audit/bad-limits</c>.</exception>
    public AnomalySettings With(string limits)
    {
        var changed = this;
        foreach (var limit in limits.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = limit.Split('=');
            var count = parts.Length == 2 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000_000 ? number : 0;
            changed = (parts[0], count) switch
            {
                ("bulk", > 0) => changed with { BulkCustomers = count },
                ("factor", > 0) => changed with { BulkFactor = count },
                ("same-customer", > 0) => changed with { SameCustomer = count },
                ("denials", > 0) => changed with { Denials = count },
                ("emergencies", > 0) => changed with { Emergencies = count },
                ("after-roles", > 0) => changed with { AfterRoles = count },
                ("program", > 0) => changed with { ProgramReads = count },
                _ => throw new Fault(FaultKind.Invalid, "audit/bad-limits",
                    $"A limit is `bulk`, `factor`, `same-customer`, `denials`, `emergencies`, `after-roles` or `program` with a number from 1 on, such as `bulk=40`; got `{Name.Shown(limit)}`."),
            };
        }

        return changed;
    }
}
