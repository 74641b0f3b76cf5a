using System.Globalization;
using Candor.Kernel;

namespace Candor.Trust;

/// <summary>By which way a person is asked.</summary>
public enum SurveyChannel
{
    /// <summary>A mail with a link.</summary>
    Mail,
    /// <summary>A card on the customer's own page.</summary>
    Me,
    /// <summary>The business's own site, by candor.js.</summary>
    Site,
}

/// <summary>When a person may be asked. Pure: no clock, no storage. Days are UTC, counted as <see cref="DateOnly.DayNumber"/>.</summary>
public static class SurveyRules
{
    /// <summary>Days from one question to the next: the longest quarter, so that no two fall into one, and none are closer than that.</summary>
    public const int RestDays = 92;

    /// <summary>Days for which a question can be answered, the day it was put included.</summary>
    public const int LifeDays = 30;

    /// <summary>The purpose that the catalog must declare for anybody to be asked.</summary>
    public static readonly PurposeId Purpose = PurposeId.Parse("trust-survey");

    // Customer ids are 32 random hex digits: their first four spread customers evenly over the days.
    private const int Digits = 4;
    private const int Places = 1 << (4 * Digits);

    /// <summary>May a person be asked on a day?</summary>
    /// <param name="askedDay">When they were asked last; null: never.</param>
    public static bool MayAsk(long day, long? askedDay) => askedDay is not { } last || day >= last + RestDays;

    /// <summary>Can a question that was put on a day still be answered?</summary>
    public static bool IsOpen(long day, long askedDay) => day >= askedDay && day < askedDay + LifeDays;

    /// <summary>The customers whose turn for a mail a day is: those with ids from the first, inclusive, to the second, exclusive, or to the end of all ids where that is null.</summary>
    /// <remarks>Each customer has one such day in every <see cref="RestDays"/>, so mails go out at an even rate, not all at once.</remarks>
    public static (string From, string? To) TurnOf(long day)
    {
        var turn = (int)(day % RestDays);
        return (First(turn), turn + 1 == RestDays ? null : First(turn + 1));
    }

    internal static string CodeOf(SurveyChannel channel) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(channel.ToString());

    private static string First(int turn) => (turn * Places / RestDays).ToString("x4", CultureInfo.InvariantCulture);
}
