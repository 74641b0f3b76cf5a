using Candor.Rights;
using CsCheck;

namespace Candor.Tests.Rights;

/// <summary>Sources: GDPR article 12(3); Regulation 1182/71 article 3; EDPB guidelines 01/2022; 11 CCR 7021 and 7026; Cal. Civ. Code section 10.</summary>
public sealed class DeadlinesTests
{
    private static readonly IReadOnlySet<DateOnly> None = new HashSet<DateOnly>();

    private static readonly IReadOnlySet<DateOnly> Holidays = new HashSet<DateOnly> { new(2026, 12, 25), new(2026, 12, 28), new(2027, 1, 1), new(2026, 4, 3), new(2026, 4, 6) };

    private static readonly Gen<DateOnly> Days = Gen.Int[0, 20_000].Select(d => new DateOnly(2018, 5, 25).AddDays(d));

    [Theory]
    [InlineData("2026-03-05", "2026-04-07")] // 5 April is a Sunday, Easter Monday follows
    [InlineData("2027-01-31", "2027-03-01")] // no 31 February: 28 February 2027 is a Sunday
    [InlineData("2028-01-31", "2028-02-29")] // a leap year, a Tuesday
    [InlineData("2026-08-31", "2026-09-30")]
    [InlineData("2026-11-25", "2026-12-29")] // 25 December, weekend, 28 December is a holiday here
    [InlineData("2026-06-01", "2026-07-01")]
    [InlineData("2026-12-01", "2027-01-04")] // 1 January is a holiday, 2 and 3 a weekend
    public void A_month_ends_on_the_same_day_or_the_last_and_then_on_a_working_day(string received, string due) =>
        Assert.Equal(Day(due), Deadlines.Gdpr(Day(received), false, Holidays));

    [Theory]
    [InlineData("2026-11-30", "2027-03-01")] // three months: 28 February 2027 is a Sunday
    [InlineData("2026-06-01", "2026-09-01")]
    public void Extended_it_is_three_months_from_receipt_not_from_the_first_end(string received, string due) =>
        Assert.Equal(Day(due), Deadlines.Gdpr(Day(received), true, Holidays));

    [Theory]
    [InlineData("2026-01-01", false, "2026-02-15")]
    [InlineData("2026-01-01", true, "2026-04-01")]
    [InlineData("2026-11-10", false, "2026-12-25")] // not moved: the earlier day
    public void The_ccpa_counts_calendar_days(string received, bool extended, string due) =>
        Assert.Equal(Day(due), Deadlines.Ccpa(Day(received), extended));

    [Theory]
    [InlineData("2026-06-01", 10, "2026-06-15")] // a Monday
    [InlineData("2026-06-06", 10, "2026-06-19")] // a Saturday
    [InlineData("2026-12-21", 10, "2027-01-07")] // over three holidays
    [InlineData("2026-06-01", 15, "2026-06-22")]
    public void Business_days_leave_out_weekends_and_holidays_and_the_day_of_receipt(string received, int days, string last) =>
        Assert.Equal(Day(last), Deadlines.BusinessDaysAfter(Day(received), days, Holidays));

    [Fact]
    public void A_term_ends_on_a_working_day_within_a_few_days_of_the_month() => Days.Sample(day =>
    {
        var due = Deadlines.Gdpr(day, false, None);
        Assert.True(Deadlines.IsWorkingDay(due, None));
        Assert.InRange(due.DayNumber - day.AddMonths(1).DayNumber, 0, 2);
        Assert.InRange(due.DayNumber - day.DayNumber, 28, 33);
        Assert.True(Deadlines.Gdpr(day, true, None) > due);
    });

    [Fact]
    public void Exactly_so_many_working_days_lie_in_a_term_of_business_days() => Gen.Select(Days, Gen.Int[1, 40], Gen.Int[0, 60].List[0, 10]).Sample((day, count, offsets) =>
    {
        var holidays = offsets.Select(day.AddDays).ToHashSet();
        var last = Deadlines.BusinessDaysAfter(day, count, holidays);
        var between = Enumerable.Range(1, last.DayNumber - day.DayNumber).Select(day.AddDays).ToList();
        Assert.Equal(count, between.Count(d => Deadlines.IsWorkingDay(d, holidays)));
        Assert.True(Deadlines.IsWorkingDay(last, holidays));
    });

    [Fact]
    public void A_later_request_is_never_due_earlier() => Gen.Select(Days, Gen.Int[0, 40]).Sample((day, later) =>
    {
        Assert.True(Deadlines.Gdpr(day.AddDays(later), false, None) >= Deadlines.Gdpr(day, false, None));
        Assert.True(Deadlines.BusinessDaysAfter(day.AddDays(later), 15, None) >= Deadlines.BusinessDaysAfter(day, 15, None));
    });

    [Theory]
    [InlineData("GB", RequestLaw.Gdpr)]
    [InlineData("DE", RequestLaw.Gdpr)]
    [InlineData("US", RequestLaw.Ccpa)]
    [InlineData("BR", RequestLaw.Gdpr)]
    public void The_country_says_whose_clock_counts(string country, RequestLaw law) => Assert.Equal(law, Deadlines.LawOf(country));

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void A_day_is_a_day_in_utc()
    {
        Assert.Equal(new DateOnly(2026, 6, 2), Deadlines.DayOf(new DateTimeOffset(2026, 6, 1, 23, 30, 0, TimeSpan.FromHours(-8))));
        Assert.Equal(new DateTimeOffset(2026, 7, 2, 0, 0, 0, TimeSpan.Zero), Deadlines.EndOf(new DateOnly(2026, 7, 1)));
    }

    [Fact]
    public void An_opt_out_has_fifteen_business_days_and_no_extension()
    {
        var day = new DateOnly(2026, 6, 1);
        Assert.Equal(new DateOnly(2026, 6, 22), Deadlines.Due(RequestType.Objection, RequestLaw.Ccpa, day, false, None));
        Assert.False(Deadlines.MayExtend(RequestType.Objection, RequestLaw.Ccpa));
        Assert.True(Deadlines.MayExtend(RequestType.Objection, RequestLaw.Gdpr));
        Assert.True(Deadlines.MayExtend(RequestType.Access, RequestLaw.Ccpa));
    }
}
