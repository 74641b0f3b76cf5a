using System.Text.Json;

namespace Candor.Trust;

/// <summary>What is counted of a day. Stored as <see cref="TrustCell.CodeOf"/>.</summary>
public enum TrustMeasure
{
    /// <summary>Times a notice was asked for; nobody knows by whom.</summary>
    NoticeViews,
    /// <summary>Times the preferences were opened in My Data &amp; Privacy.</summary>
    SettingsViews,
    /// <summary>Visitors who said no and stay nobody.</summary>
    VisitorRefusals,
    /// <summary>People who gave consent, by purpose; about nothing: to any of them.</summary>
    Given,
    /// <summary>People who said no when asked, by purpose.</summary>
    Refused,
    /// <summary>People who said yes or no to at least one purpose.</summary>
    Decided,
    /// <summary>People who took consent back, by purpose.</summary>
    Withdrawn,
    /// <summary>People who objected, by purpose.</summary>
    Objected,
    /// <summary>Consents that counted when the day ended, by purpose.</summary>
    ConsentsOn,
    /// <summary>People who looked at their own data, or at who looked at it.</summary>
    Looked,
    /// <summary>People who changed a choice.</summary>
    Changed,
    /// <summary>People who did either of the two, or opened the preferences.</summary>
    Engaged,
    /// <summary>People of whom something new came in, or who did any of the three.</summary>
    Active,
    /// <summary>Requests that came in, by kind.</summary>
    RequestsFiled,
    /// <summary>Requests that were answered, by kind.</summary>
    RequestsClosed,
    /// <summary>Of them, those answered by their last day.</summary>
    RequestsInTime,
    /// <summary>Whole hours from receipt to answer, of all of them together.</summary>
    RequestHours,
    /// <summary>Customers who bought in the month that begins on this day, by the month in which they first did.</summary>
    Buyers,
    /// <summary>Of them, those who had bought in the 90 days before.</summary>
    RepeatBuyers,
    /// <summary>Customers who bought in the month that begins on this day and in none of the three after it, or of whom that is not known yet, by the month in which they first bought.</summary>
    LastBought,
}

/// <summary>A count of one day.</summary>
/// <param name="Day">UTC.</param>
/// <param name="About">A purpose, a kind of request, a month such as <c>2026-05</c>; empty where nothing is told apart.</param>
/// <param name="Number">Of people: those whom the same month did not count before, so that the days of a month add up to different people.</param>
public sealed record TrustCell(DateOnly Day, TrustMeasure Measure, string About, long Number)
{
    private static readonly Dictionary<string, TrustMeasure> ByCode = Enum.GetValues<TrustMeasure>().ToDictionary(CodeOf);

    /// <summary>The published name, such as <c>consents-on</c>.</summary>
    public static string CodeOf(TrustMeasure measure) => JsonNamingPolicy.KebabCaseLower.ConvertName(measure.ToString());

    /// <summary>Null for a name that this version does not know.</summary>
    internal static TrustMeasure? Find(string code) => ByCode.TryGetValue(code, out var measure) ? measure : null;
}
