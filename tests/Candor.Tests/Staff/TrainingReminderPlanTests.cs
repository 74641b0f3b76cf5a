using Candor.Staff;
using CsCheck;

namespace Candor.Tests.Staff;

/// <summary>When staff are reminded of training.</summary>
public sealed class TrainingReminderPlanTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Who_does_nothing_is_told_30_7_and_1_days_before_at_the_end_and_three_times_after()
    {
        var until = Start.AddDays(60);
        Assert.Equal([30, 53, 59, 60, 67, 74, 81], Walk(_ => until, 200, TimeSpan.FromHours(1)).Select(m => (int)(m - Start).TotalDays));
    }

    [Fact]
    public void Who_never_had_training_is_told_after_a_day_and_three_times_after() =>
        Assert.Equal([1, 8, 15, 22], Walk(_ => null, 200, TimeSpan.FromHours(1)).Select(m => (int)(m - Start).TotalDays));

    [Fact]
    public void It_stops_when_it_is_done()
    {
        var until = Start.AddDays(40);
        Assert.Equal([10, 33], Walk(now => now < Start.AddDays(34) ? until : until.AddYears(1), 200, TimeSpan.FromHours(1)).Select(m => (int)(m - Start).TotalDays));
    }

    // Whatever happens to the training, and however seldom somebody looks: never two mails in a day, never one while more than 30 days are left, and never more than seven about one end.
    [Fact]
    public void Never_two_mails_in_a_day_and_none_while_there_is_time()
    {
        var changes = Gen.Select(Gen.Int[0, 200], Gen.Int[-40, 400].Nullable(), (day, end) => (Day: day, End: end)).Array[1, 6];
        Gen.Select(changes, Gen.Int[1, 80]).Sample((list, hours) =>
        {
            DateTimeOffset? Until(DateTimeOffset now) => list.Where(c => Start.AddDays(c.Day) <= now).OrderBy(c => c.Day).Select(c => c.End is { } e ? Start.AddDays(c.Day + e) : (DateTimeOffset?)null).LastOrDefault();
            var mails = Walk(Until, 300, TimeSpan.FromHours(hours)).ToList();
            Assert.All(mails.Zip(mails.Skip(1)), p => Assert.True(p.Second - p.First >= TrainingReminderPlan.Pause));
            Assert.All(mails, m => Assert.False(Until(m) > m.AddDays(30)));
            Assert.All(mails.GroupBy(Until), g => Assert.InRange(g.Count(), 1, g.Key is null ? 4 * list.Length + 4 : 7 * list.Length));
        }, iter: 2000);
    }

    // Whoever looks at least every day tells before access ends.
    [Fact]
    public void Somebody_whose_training_ends_was_told_before() => Gen.Select(Gen.Int[31, 300], Gen.Int[1, 23]).Sample((days, hours) =>
        Assert.Contains(Walk(_ => Start.AddDays(days), days, TimeSpan.FromHours(hours)), m => m >= Start.AddDays(days - 30) && m < Start.AddDays(days)));

    private static IEnumerable<DateTimeOffset> Walk(Func<DateTimeOffset, DateTimeOffset?> until, int days, TimeSpan every)
    {
        TrainingReminderMark? mark = null;
        for (var now = Start; now < Start.AddDays(days); now += every)
        {
            (mark, var isDue) = TrainingReminderPlan.Next(mark, until(now), now);
            if (isDue)
            {
                yield return now;
            }
        }
    }
}
