using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What an access report says, in clear and not yet written down.</summary>
public sealed class ReportContent
{
    internal ReportContent(RightsText text) => Text = text;

    internal RightsText Text { get; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Days that other modules know of, such as when the customer was last asked something.</summary>
    public required IReadOnlyList<(string Name, DateOnly Day)> Days { get; init; }

    /// <summary>Log entry of the report itself; it has no proof in here, because it was made after it.</summary>
    public required string Entry { get; init; }

    public required ActiveCatalog Catalog { get; init; }

    public required OpenedCustomer Opened { get; init; }

    public required IReadOnlyList<Choice> Choices { get; init; }

    public required bool IsRestricted { get; init; }

    /// <summary>All choices ever made, the oldest first.</summary>
    public required IReadOnlyList<ConsentRecord> Records { get; init; }

    /// <summary>The newest first, at most <see cref="AccessReport.MaxReceipts"/>.</summary>
    public required IReadOnlyList<Receipt> Receipts { get; init; }

    /// <summary>The newest first, at most <see cref="AccessReport.MaxEntries"/>.</summary>
    public required IReadOnlyList<AuditEntry> Entries { get; init; }

    /// <summary>Names of those who looked.</summary>
    public required LookNames Names { get; init; }

    /// <summary>For the newest entries, at most <see cref="AccessReport.MaxProofs"/>.</summary>
    public required IReadOnlyList<(PlacedEntry Entry, string Proof)> Proofs { get; init; }

    /// <summary>The key that checks the proofs.</summary>
    public required string LogKey { get; init; }

    internal string Language => Text.Language;

    /// <summary>Data points with their values, fields first, each in the order of the names.</summary>
    internal IEnumerable<(DataPoint Point, IReadOnlyList<OpenedValue> Values)> DataPoints => Opened.Values.GroupBy(v => v.DataPoint)
        .Select(g => (Point: Catalog.Catalog.DataPoints[g.Key], Values: (IReadOnlyList<OpenedValue>)[.. g]))
        .OrderBy(g => g.Point.Kind).ThenBy(g => g.Point.Id.Value, StringComparer.Ordinal);

    /// <summary>Purposes that use a data point now.</summary>
    internal IReadOnlyList<Purpose> UsersOf(DataPoint point) =>
        [.. Catalog.Catalog.Purposes.Values.Where(p => p.Active && p.Uses.ContainsKey(point.Id)).OrderBy(p => p.Id.Value, StringComparer.Ordinal)];

    /// <summary>Who outside the business receives a data point.</summary>
    internal IReadOnlyList<string> RecipientsOf(DataPoint point) =>
        [.. UsersOf(point).SelectMany(p => p.Recipients).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>When a value goes by the catalog; null while the person is a customer.</summary>
    internal static DateTimeOffset? KeptUntil(DataPoint point, OpenedValue value) => point.Retention.Period?.After(value.Time);

    /// <summary>Whether a purpose may use the data now, as the gate sees it.</summary>
    internal bool IsOn(Purpose purpose) => Permit.WhyNotThisCustomer(purpose, new CustomerState(
        Opened.Customer, Choices.FirstOrDefault(c => c.Purpose == purpose.Id), Catalog.ConsentSince.GetValueOrDefault(purpose.Id), IsRestricted), At) is null;

    /// <summary>GDPR article 20: what rests on consent or contract. All that Candor stores of a person was provided by them or observed; guesses are not stored as data points.</summary>
    internal static bool IsPortable(IEnumerable<Purpose> users) => users.Any(p => p.Basis is LegalBasis.Consent or LegalBasis.Contract);

    /// <summary>A value for people: texts bare, or by the label that the catalog gives them; objects as <c>name: value</c>.</summary>
    internal string Readable(ReadOnlyMemory<byte> json, DataPoint point)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return root.ValueKind == JsonValueKind.String && point.Values.FirstOrDefault(v => v.Value == root.GetString()) is { } declared ? declared.Label.In(Language)
            : root.ValueKind == JsonValueKind.Object ? string.Join(", ", root.EnumerateObject().Select(m => $"{m.Name}: {m.Value}")) : root.ToString();
    }
}
