using System.Globalization;

namespace Candor.Governance;

/// <summary>What has a day by which somebody has to see to it.</summary>
public enum DueKind
{
    /// <summary>The approval of an initiative: from then on what rests on it is refused.</summary>
    Review,
    /// <summary>A contract with a recipient of data.</summary>
    Contract,
    /// <summary>An internal audit that is not reviewed.</summary>
    Audit,
    /// <summary>A finding of an audit that is not closed.</summary>
    Finding,
}

/// <summary>How near a day is.</summary>
public enum DueStage
{
    Far = 0,
    /// <summary>Within <see cref="DueDate.SoonDays"/> days.</summary>
    Soon = 1,
    /// <summary>Within <see cref="DueDate.NearDays"/> days.</summary>
    Near = 2,
    Over = 3,
}

/// <summary>Something that somebody has to see to by a day.</summary>
/// <param name="Id">Tells it from others of its kind.</param>
/// <param name="Name">As staff know it; never anything about a customer.</param>
/// <param name="Last">The last day, in UTC, that is in time.</param>
/// <param name="Page">Where it is seen to, from the root of the site.</param>
public sealed record DueDate(DueKind Kind, string Id, string Name, DateOnly Last, string Page)
{
    public const int SoonDays = 30;
    public const int NearDays = 7;

    /// <summary>What is remembered as told. The day is part of it: one that is moved is told of anew.</summary>
    public string What => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Id} {Last:yyyy-MM-dd}");

    public DueStage StageOn(DateOnly today) => (Last.DayNumber - today.DayNumber) switch
    {
        < 0 => DueStage.Over,
        <= NearDays => DueStage.Near,
        <= SoonDays => DueStage.Soon,
        _ => DueStage.Far,
    };
}
