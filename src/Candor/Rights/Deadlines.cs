namespace Candor.Rights;

/// <summary>Whose clock counts for a request. Both are always kept; this one is shown and marks it late.</summary>
public enum RequestLaw
{
    /// <summary>GDPR article 12(3): a calendar month, two more when extended. For every country but the one below: it is the stricter one.</summary>
    Gdpr,
    /// <summary>CCPA, 11 CCR 7021: 45 calendar days, 45 more when extended; 15 business days for an opt-out (7026(f)).</summary>
    Ccpa,
}

/// <summary>The clocks of rights requests. Pure. A day is a day in UTC, wherever the customer is, and every term includes its last day.</summary>
/// <remarks>Start of a term: the day of receipt itself is not counted (Regulation (EEC, Euratom) 1182/71 article 3(1); California Civil Code section 10). A month
/// ends on the day of the same number, or on the last day of a month that has none (article 3(2)(c)): 31 January and a month is the last day of February.
/// Where that is a Saturday, a Sunday or a holiday it ends on the next working day (article 3(4); EDPB guidelines 01/2022 on the right of access). The 45 and 90 days are
/// not moved: California lets a last day that is a holiday be moved, and answering earlier is always allowed.</remarks>
public static class Deadlines
{
    public const int GdprMonths = 1;
    public const int GdprMonthsExtended = 3;
    public const int CcpaDays = 45;
    public const int CcpaDaysExtended = 90;

    /// <summary>11 CCR 7021(a).</summary>
    public const int AcknowledgeBusinessDays = 10;

    /// <summary>11 CCR 7026(f)(1) and 7027(g)(1).</summary>
    public const int OptOutBusinessDays = 15;

    /// <summary>Which clock counts, by the organisation's country (ISO 3166-1 alpha-2).</summary>
    public static RequestLaw LawOf(string country) => country == "US" ? RequestLaw.Ccpa : RequestLaw.Gdpr;

    /// <summary>The day, in UTC, on which something came in.</summary>
    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <summary>Last day of the term of the GDPR.</summary>
    public static DateOnly Gdpr(DateOnly received, bool isExtended, IReadOnlySet<DateOnly> holidays)
    {
        var day = received.AddMonths(isExtended ? GdprMonthsExtended : GdprMonths);
        while (!IsWorkingDay(day, holidays))
        {
            day = day.AddDays(1);
        }

        return day;
    }

    /// <summary>Last day of the term of the CCPA, from receipt whatever the verification takes (7021(b)).</summary>
    public static DateOnly Ccpa(DateOnly received, bool isExtended) => received.AddDays(isExtended ? CcpaDaysExtended : CcpaDays);

    /// <summary>The last of so many business days after a day that does not count itself.</summary>
    public static DateOnly BusinessDaysAfter(DateOnly received, int days, IReadOnlySet<DateOnly> holidays)
    {
        var day = received;
        for (var left = days; left > 0; left -= IsWorkingDay(day, holidays) ? 1 : 0)
        {
            day = day.AddDays(1);
        }

        return day;
    }

    /// <summary>The term that counts for a request.</summary>
    public static DateOnly Due(RequestType type, RequestLaw law, DateOnly received, bool isExtended, IReadOnlySet<DateOnly> holidays) => (law, type) switch
    {
        (RequestLaw.Gdpr, _) => Gdpr(received, isExtended, holidays),
        (_, RequestType.Objection) => BusinessDaysAfter(received, OptOutBusinessDays, holidays),
        _ => Ccpa(received, isExtended),
    };

    /// <summary>An opt-out under the CCPA has one term and no second one.</summary>
    public static bool MayExtend(RequestType type, RequestLaw law) => law == RequestLaw.Gdpr || type != RequestType.Objection;

    public static bool IsWorkingDay(DateOnly day, IReadOnlySet<DateOnly> holidays) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !holidays.Contains(day);

    /// <summary>The first instant after a day: exclusive end of a term.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>The last day before an exclusive end.</summary>
    internal static DateOnly LastDay(DateTimeOffset end) => DayOf(end.AddTicks(-1));
}
