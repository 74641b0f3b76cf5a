using Candor.Kernel;
using Candor.Trust;
using CsCheck;

namespace Candor.Tests.Trust;

public sealed class SurveyRulesTests
{
    // Whenever somebody tries, in whatever rhythm: asked days are never in one calendar quarter, nor closer than its longest.
    [Fact]
    public void Nobody_is_asked_twice_in_a_quarter_however_often_it_is_tried() => Gen.Int[0, 60].List[1, 60].Sample(waits =>
    {
        var (day, last, asked) = ((long)new DateOnly(2026, 1, 1).DayNumber, (long?)null, new List<DateOnly>());
        foreach (var wait in waits)
        {
            day += wait;
            if (SurveyRules.MayAsk(day, last))
            {
                asked.Add(DateOnly.FromDayNumber((int)day));
                last = day;
            }
        }

        Assert.NotEmpty(asked);
        Assert.Equal(asked.Count, asked.Select(d => (d.Year, (d.Month - 1) / 3)).Distinct().Count());
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.True(pair.Second.DayNumber - pair.First.DayNumber >= SurveyRules.RestDays));
    });

    [Fact]
    public void Every_customer_has_one_turn_for_a_mail_in_every_round() => Gen.Int.Sample(_ =>
    {
        var id = CustomerId.New().Value;
        Assert.Single(Enumerable.Range(800_000, SurveyRules.RestDays), day =>
        {
            var (from, to) = SurveyRules.TurnOf(day);
            return string.CompareOrdinal(id, from) > 0 && (to is null || string.CompareOrdinal(id, to) < 0);
        });
    });

    [Theory]
    [InlineData(0, true)]
    [InlineData(29, true)]
    [InlineData(30, false)]
    [InlineData(-1, false)]
    public void A_question_can_be_answered_for_thirty_days(int later, bool isOpen) => Assert.Equal(isOpen, SurveyRules.IsOpen(800_000 + later, 800_000));

    [Theory]
    [InlineData("write to ada.brook@customers.example please", "write to •••• please")]
    [InlineData("call +44 7700 900123 or (030) 1234567", "call •••• or ••••")]
    [InlineData("call 0049-30-123 45 67.", "call ••••.")]
    [InlineData("I ordered 12 mugs in 2026 for 38.00", "I ordered 12 mugs in 2026 for 38.00")]
    [InlineData("  all well \r\n thanks ", "all well \n thanks")]
    public void Addresses_and_phone_numbers_are_made_unreadable(string text, string stored) => Assert.Equal(stored, SurveyText.Of(text).Text);

    [Theory]
    [InlineData("you charged 4111 1111 1111 1111 twice")]
    [InlineData("my SSN is 219-09-9999")]
    [InlineData("GB29 NWBK 6016 1331 9268 19 is my account")]
    [InlineData("my password is hunter22")]
    public void A_text_with_a_number_that_is_never_stored_is_refused_whole(string text)
    {
        var looked = SurveyText.Of(text);
        Assert.Null(looked.Text);
        Assert.NotEmpty(looked.Risky);
        Assert.Equal("trust/risky-text", Assert.Throws<Fault>(() => SurveyAnswer.Of([5, 5, 5, 5, 5], 9, looked)).What);
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 4 }, 5, "trust/not-all-statements")]
    [InlineData(new[] { 1, 2, 3, 4, 6 }, 5, "trust/bad-answer")]
    [InlineData(new[] { 0, 2, 3, 4, 5 }, 5, "trust/bad-answer")]
    [InlineData(new int[0], 11, "trust/bad-answer")]
    [InlineData(new int[0], -1, "trust/bad-answer")]
    [InlineData(new int[0], null, "trust/nothing-answered")]
    public void An_answer_out_of_bounds_is_a_fault(int[] statements, int? recommend, string what) =>
        Assert.Equal(what, Assert.Throws<Fault>(() => SurveyAnswer.Of(statements, recommend, SurveyText.Of(" "))).What);
}
