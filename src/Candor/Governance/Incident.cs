using Candor.Kernel;

namespace Candor.Governance;

/// <summary>What happened to data (EDPB guidelines 9/2022, 17).</summary>
public enum BreachKind
{
    /// <summary>Somebody saw what they may not.</summary>
    Confidentiality,
    /// <summary>It was changed.</summary>
    Integrity,
    /// <summary>It was lost, or could not be reached.</summary>
    Availability,
}

/// <summary>How likely it is that people are harmed.</summary>
public enum BreachRisk
{
    /// <summary>Unlikely: no notification, but the record is kept all the same.</summary>
    Unlikely,
    /// <summary>The authority is told.</summary>
    Risk,
    /// <summary>The authority and the people concerned are told.</summary>
    High,
}

/// <summary>What is known of an incident.</summary>
/// <param name="NoticedAt">When there was reasonable certainty: the clock starts here.</param>
/// <param name="BeganAt">Null while unknown.</param>
/// <param name="DataPoints">Ids, as the catalog had them.</param>
/// <param name="Customers">About how many; null while unknown.</param>
/// <param name="Records">About how many; null while unknown.</param>
/// <param name="Unintelligible">Nobody can read what got out: it was encrypted, and the key is safe (article 34(3)(a)).</param>
/// <param name="Source">Such as <c>anomaly:ID</c>; null for none.</param>
public sealed record IncidentFacts(
    string Title, string What, DateTimeOffset NoticedAt, DateTimeOffset? BeganAt, IReadOnlyList<BreachKind> Kinds, IReadOnlyList<string> DataPoints, IReadOnlyList<string> Purposes,
    long? Customers, long? Records, string Consequences, string Measures, BreachRisk Risk, bool Unintelligible, string? Source)
{
    public const int MaxTitle = 120;
    public const int MaxText = 8_000;
    public const int MaxSource = 64;

    /// <exception cref="Fault">Invalid <c>governance/bad-incident</c>, naming the part.</exception>
    public IncidentFacts Checked(DateTimeOffset now)
    {
        Text("title", Title, MaxTitle);
        Text("what", What, MaxText);
        Text("consequences", Consequences, MaxText);
        Text("measures", Measures, MaxText);
        return Kinds.Count == 0 ? throw Bad("An incident concerns the confidentiality, the integrity or the availability of data, or several of them; choose at least one.")
            : NoticedAt > now ? throw Bad($"An incident was noticed by now; got `{NoticedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm}`, which is still to come.")
            : BeganAt > NoticedAt ? throw Bad($"An incident began before it was noticed; got `{BeganAt.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm}`.")
            : Customers < 0 || Records < 0 ? throw Bad("The number of people and of records is 0 or more, or left open.")
            : Source?.Length > MaxSource ? throw Bad($"What an incident was made of has at most `{MaxSource}` characters.") : this;
    }

    internal static void Text(string name, string text, int most)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > most)
        {
            throw Bad($"`{name}` has 1 to `{most}` characters; got `{text.Length}`.");
        }
    }

    internal static Fault Bad(string sentence) => new(FaultKind.Invalid, "governance/bad-incident", sentence);
}

/// <summary>What was done about an incident. The stored text is the name.</summary>
public enum IncidentStepKind
{
    /// <summary>What is known was written down, or written anew.</summary>
    Facts,
    Note,
    /// <summary>The authority was told, the first time or a further phase.</summary>
    Authority,
    /// <summary>The people concerned were told.</summary>
    Customers,
    /// <summary>The people concerned need not be told, with the reason.</summary>
    NotCustomers,
    Closed,
    Reopened,
}

/// <summary>Somebody was told, or need not be.</summary>
/// <param name="At">When; of what need not be, when that was found.</param>
/// <param name="Reference">Of the authority, or how people were told; may be empty.</param>
/// <param name="Reason">Why it was late, or why people need not be told; may be empty where neither is so.</param>
public sealed record IncidentTold(DateTimeOffset At, string Reference, string Reason);

/// <summary>One step, as it stands for good.</summary>
/// <param name="By">Staff id.</param>
/// <param name="Facts">Of a step of that kind.</param>
/// <param name="Told">Of steps about telling.</param>
/// <param name="Text">Of notes, and of closing and opening again.</param>
public sealed record IncidentStep(long Number, IncidentStepKind Kind, string By, DateTimeOffset At, IncidentFacts? Facts, IncidentTold? Told, string? Text);

/// <summary>How a duty to tell stands.</summary>
public enum TellingState
{
    NotNeeded,
    Waiting,
    Overdue,
    Told,
    /// <summary>Told after the clock had run out.</summary>
    ToldLate,
}

/// <summary>An incident with personal data: what is known, what was done, and the clock of GDPR article 33.</summary>
/// <param name="Id">16 hex characters.</param>
/// <param name="Number">1 for the first.</param>
/// <param name="Steps">Oldest first; the first has the facts.</param>
public sealed record Incident(string Id, long Number, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, IReadOnlyList<IncidentStep> Steps)
{
    /// <summary>The authority is told within so many hours of the clock, nights and holidays included (article 33(1), Regulation 1182/71 article 3).</summary>
    public static readonly TimeSpan Clock = TimeSpan.FromHours(72);

    /// <summary>What is known now.</summary>
    public IncidentFacts Facts => Steps.Last(s => s.Facts is not null).Facts!;

    public DateTimeOffset DueAt => Facts.NoticedAt + Clock;

    /// <summary>When the authority was first told; null while it was not.</summary>
    public DateTimeOffset? AuthorityAt => Steps.FirstOrDefault(s => s.Kind == IncidentStepKind.Authority)?.Told!.At;

    /// <summary>Pure: how telling the authority stands.</summary>
    public TellingState AuthorityAsOf(DateTimeOffset now) => (AuthorityAt, Facts.Risk) switch
    {
        ({ } at, _) => at <= DueAt ? TellingState.Told : TellingState.ToldLate,
        (null, BreachRisk.Unlikely) => TellingState.NotNeeded,
        _ => now < DueAt ? TellingState.Waiting : TellingState.Overdue,
    };

    /// <summary>How telling the people concerned stands: without undue delay, which no clock measures (article 34).</summary>
    public TellingState Customers => Steps.Any(s => s.Kind == IncidentStepKind.Customers) ? TellingState.Told
        : Facts.Risk != BreachRisk.High || Facts.Unintelligible || Steps.Any(s => s.Kind == IncidentStepKind.NotCustomers) ? TellingState.NotNeeded : TellingState.Waiting;

    /// <summary>Nothing is left to be told.</summary>
    public bool MayClose(DateTimeOffset now) => AuthorityAsOf(now) is not (TellingState.Waiting or TellingState.Overdue) && Customers != TellingState.Waiting;

    /// <summary>How far privacy officers are to be reminded: 1 at once, 2 from a day before the end of the clock on, 3 from its end on.</summary>
    public long StageAsOf(DateTimeOffset now) => ClosedAt is not null || AuthorityAsOf(now) is not (TellingState.Waiting or TellingState.Overdue) ? 1 : now >= DueAt ? 3 : now >= DueAt - TimeSpan.FromDays(1) ? 2 : 1;
}
