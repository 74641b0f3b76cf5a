using System.Collections.Frozen;
using System.Globalization;

namespace Candor.Catalog;

/// <summary>Somebody else who answers for data: a representative, a data protection officer, a controller who decides along.</summary>
/// <param name="Contact">E-mail address.</param>
public sealed record Party(string Name, string Contact, string? Address, string? Phone);

/// <summary>What a recipient is to the business.</summary>
public enum RecipientKind
{
    /// <summary>Works on the data for the business and as it says (GDPR article 28).</summary>
    Processor,
    /// <summary>Decides itself what it does with the data, such as a bank or an authority.</summary>
    Controller,
}

/// <summary>What makes it lawful that data leaves the country or area (GDPR articles 45, 46 and 49).</summary>
public enum TransferSafeguard
{
    Adequacy,
    StandardContractualClauses,
    BindingCorporateRules,
    CodeOfConduct,
    Certification,
    Derogation,
}

/// <summary>The contract with a recipient.</summary>
/// <param name="Until">The day on which it ends or is to be reviewed; null for none.</param>
/// <param name="Where">Where it lies, in words or as an address; null: the catalog does not say.</param>
public sealed record RecipientContract(DateOnly SignedOn, DateOnly? Until, string? Where)
{
    /// <summary>From this many days before its end on it is told.</summary>
    public const int SoonDays = 30;

    public bool IsOver(DateOnly today) => Until < today;

    public bool EndsSoon(DateOnly today) => Until is { } end && end >= today && end.DayNumber - today.DayNumber <= SoonDays;
}

/// <summary>Another organisation that receives data, as the catalog declares it. Purposes name it in their <see cref="Purpose.Recipients"/>.</summary>
/// <param name="Country">ISO 3166-1 alpha-2: where the data is.</param>
/// <param name="Safeguard">Null: none is declared.</param>
/// <param name="Contract">Null: none is recorded.</param>
public sealed record Recipient(string Name, RecipientKind Kind, LocalizedText Does, string Country, TransferSafeguard? Safeguard, RecipientContract? Contract)
{
    /// <summary>The European Economic Area: data moves within it as within one country.</summary>
    private static readonly FrozenSet<string> Area = FrozenSet.ToFrozenSet(
        ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"]);

    /// <summary>Whether a business in one country that gives data to the other sends it outside.</summary>
    public static bool IsOutside(string home, string country) => home != country && !(Area.Contains(home) && Area.Contains(country));

    public static bool IsInArea(string country) => Area.Contains(country);

    /// <summary>A day as the catalog writes it: <c>2027-03-01</c>.</summary>
    public static string DayText(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
