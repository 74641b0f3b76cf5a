using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Catalog;
using Candor.Kernel;

namespace Candor.Governance;

/// <summary>What an impact assessment is about: a purpose of the catalog that counts, or an initiative with its own catalog text.</summary>
/// <param name="Kind"><see cref="Purposes"/> or <see cref="Initiatives"/>.</param>
public sealed record DpiaSubject(string Kind, string Id)
{
    public const string Purposes = "purposes";
    public const string Initiatives = "initiatives";

    public override string ToString() => $"{Kind}/{Id}";
}

/// <summary>A risk to the rights and freedoms of customers (GDPR article 35(7)(c)), before and after measures.</summary>
/// <param name="Likelihood">1 (remote) to 4 (almost certain).</param>
/// <param name="Severity">1 (small) to 4 (very grave).</param>
public sealed record DpiaRisk(string Risk, int Likelihood, int Severity, string Measures, int LikelihoodAfter, int SeverityAfter)
{
    public const int Most = 4;

    /// <summary>From here on a risk is high: 9 of 16.</summary>
    public const int High = 9;

    public int Before => Likelihood * Severity;

    public int After => LikelihoodAfter * SeverityAfter;
}

/// <summary>What people write into an assessment.</summary>
/// <param name="Necessity">Why it is necessary and in proportion (article 35(7)(b)).</param>
/// <param name="Advice">Of the data protection officer (article 35(2)).</param>
/// <param name="Views">Of customers, or why they were not asked (article 35(9)).</param>
public sealed record DpiaContent(string Necessity, IReadOnlyList<DpiaRisk> Risks, string Advice, string Views)
{
    public const int MaxText = 8_000;
    public const int MaxRisks = 12;

    /// <exception cref="Fault">Invalid <c>governance/bad-dpia</c>, naming the part.</exception>
    public DpiaContent Checked()
    {
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("necessity", Necessity), ("advice", Advice), ("views", Views)])
        {
            Check(name, text);
        }

        if (Risks.Count is 0 or > MaxRisks)
        {
            throw Bad($"An assessment has 1 to `{MaxRisks}` risks; got `{Risks.Count}`.");
        }

        foreach (var risk in Risks)
        {
            Check("risk", risk.Risk);
            Check("measures", risk.Measures);
            if (new[] { risk.Likelihood, risk.Severity, risk.LikelihoodAfter, risk.SeverityAfter }.Any(n => n is < 1 or > DpiaRisk.Most))
            {
                throw Bad($"Likelihood and severity are 1 to `{DpiaRisk.Most}`, before the measures and after them.");
            }
        }

        return this;
    }

    private static void Check(string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxText)
        {
            throw Bad($"The part `{name}` has 1 to `{MaxText}` characters; got `{text.Trim().Length}`.");
        }
    }

    private static Fault Bad(string sentence) => new(FaultKind.Invalid, "governance/bad-dpia", sentence);
}

/// <summary>One version of an assessment, as it was written.</summary>
/// <param name="CatalogVersion">The catalog it describes; of an initiative, the one that its text is compared with.</param>
/// <param name="Digest">Of the use it describes; another one now means that it is outdated.</param>
/// <param name="Settings">Of the models, as JSON; empty where the use makes no suggestions.</param>
/// <param name="WrittenBy">Staff id.</param>
/// <param name="SignedBy">Staff id; null until somebody answers for it.</param>
public sealed record Dpia(
    DpiaSubject Subject, long Version, long CatalogVersion, string Digest, string Settings, DpiaContent Content, string WrittenBy, DateTimeOffset WrittenAt, string? SignedBy, DateTimeOffset? SignedAt);

/// <summary>A use as it stands: what an assessment of it describes.</summary>
/// <param name="Purposes">One, or those that an initiative makes new or wider.</param>
/// <param name="Settings">Of the models, as JSON; empty where they make no suggestions.</param>
/// <param name="Title">Of the initiative; null for a purpose.</param>
public sealed record DpiaUse(DpiaSubject Subject, PurposeCatalog Catalog, long CatalogVersion, IReadOnlyList<Purpose> Purposes, string Settings, string? Title)
{
    internal const string EvaluationMember = "Evaluation";

    /// <summary>The version of the models: the evaluation that their settings, and the audits of these, are of. Null: the defaults, which none was made of, or no models.</summary>
    public long? Evaluation => Settings.Length == 0 ? null : JsonNode.Parse(Settings)![EvaluationMember]?.GetValue<long>();

    /// <summary>Over everything that an assessment describes: the purposes with their texts, their data points, and the models' settings.</summary>
    public string Digest => WidenedPart.DigestOf(
    [
        "candor dpia 1", .. Purposes.SelectMany(p => (string[])
        [
            p.Id.Value, JsonSerializer.Serialize(TextsOf(p.Label)), JsonSerializer.Serialize(TextsOf(p.Why)), .. WidenedPart.WeightOf(Catalog, p),
            .. Catalog.DataPointsOf(p).SelectMany(d => (string[])[d.Id.Value, .. WidenedPart.WeightOf(d)]),
        ]), Settings,
    ]);

    private static IEnumerable<string> TextsOf(LocalizedText text) => text.Languages.Order(StringComparer.Ordinal).Select(l => l + " " + text.In(l));
}
