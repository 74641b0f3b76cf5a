namespace Candor.Personalization;

/// <summary>How session suggestions weigh what they see. The defaults came out of the automatic search; `candor evaluate` finds others for other shops.</summary>
/// <remarks>Method and letters: VSTAN-style session neighbours, as compared in the session-rec study (Ludewig, Mauro, Latifi, Jannach 2021).</remarks>
public sealed record SessionSettings
{
    /// <summary>How many of the newest visits that share an item are looked at (m). 1 to 100,000.</summary>
    public int NewestVisits { get; init; } = 1000;

    /// <summary>How many of them, the most similar, carry the suggestions (k). 1 to <see cref="NewestVisits"/>.</summary>
    public int Neighbours { get; init; } = 500;

    /// <summary>How slowly an item of the current visit loses weight with each item after it (spw), in items. Above 0.</summary>
    public double CurrentDecay { get; init; } = 1.25;

    /// <summary>How slowly a past visit loses weight with age (snh), in days. Above 0.</summary>
    public double AgeDecayDays { get; init; } = 5;

    /// <summary>How slowly an item of a past visit loses weight with its distance from the shared item (inh), in places. Above 0.</summary>
    public double DistanceDecay { get; init; } = 10;

    /// <summary>How slowly a neighbour loses weight the further back the newest shared item lies in the current visit (ipw), in items. Above 0.</summary>
    public double SharedDecay { get; init; } = 1;

    /// <summary>How much rare items gain (idf). 0: not.</summary>
    public double Rarity { get; init; } = 0.5;

    /// <summary>Weight of what followed the current item directly, against the neighbours' best (beta). 0: not used.</summary>
    public double Followers { get; init; } = 0.2;

    /// <summary>How many places after the current item count as following (trans). 1 or more.</summary>
    public int FollowerSteps { get; init; } = 5;

    /// <summary>Part of a list's exposure that at least goes to rarer items, where there are enough: 0 to <see cref="RareExposure.MaxShare"/>. 0: not. No search sets it; whoever wants it says so, after it was measured.</summary>
    public double RareShare { get; init; }
}
