using Candor.Gate;

namespace Candor.Fairness;

/// <summary>Bands of customers that can be made of everybody without asking or opening anything: for how long they are customers, how much of them the models hold, how they stand with a use.</summary>
/// <remarks>Their names begin with a sign that no data point's name has.</remarks>
public static class CustomerBands
{
    /// <summary>For how long somebody is a customer.</summary>
    public const string Since = "+since";

    /// <summary>How many visits or orders of somebody the models hold.</summary>
    public const string Records = "+records";

    /// <summary>How somebody stands with a use.</summary>
    public const string Choice = "+choice";

    public static IReadOnlyList<string> SinceBands { get; } = ["under-30-days", "under-1-year", "under-2-years", "from-2-years"];

    public static IReadOnlyList<string> RecordBands { get; } = ["one", "two-to-four", "five-to-nine", "from-ten"];

    public static IReadOnlyList<string> ChoiceBands { get; } = ["in", "nothing", "never", "no", "lapsed", "restricted"];

    public static bool IsBand(string attribute) => attribute.StartsWith('+');

    internal static IReadOnlyList<string> Of(string attribute) => attribute switch { Since => SinceBands, Records => RecordBands, _ => ChoiceBands };

    internal static string SinceOf(TimeSpan age) => SinceBands[age.TotalDays switch { < 30 => 0, < 365 => 1, < 730 => 2, _ => 3 }];

    /// <param name="records">1 or more.</param>
    internal static string RecordsOf(int records) => RecordBands[records switch { <= 1 => 0, < 5 => 1, < 10 => 2, _ => 3 }];

    /// <param name="why">Why the use may not be made; null: it may.</param>
    /// <param name="isIn">The models hold something.</param>
    /// <param name="saidNothing">There is no choice at all.</param>
    internal static string ChoiceOf(ReasonCode? why, bool isIn, bool saidNothing) => why switch
    {
        null => isIn ? "in" : "nothing",
        ReasonCode.Restricted => "restricted",
        ReasonCode.ConsentExpired or ReasonCode.ConsentOutdated => "lapsed",
        ReasonCode.NoConsent when saidNothing => "never",
        _ => "no",
    };
}
