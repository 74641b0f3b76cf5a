using System.Globalization;
using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Admin;

/// <summary>A name and what stands behind it.</summary>
public sealed record FactView(string Label, string Text);

/// <summary>What every page of the administration has: words, dates, and what was sent and is to be shown again with what is wrong with it.</summary>
public sealed class AdminView
{
    /// <summary>The field that a mistake belongs to; the others stand above the page.</summary>
    private static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        ["staff/bad-email"] = "email", ["staff/email-taken"] = "email", ["staff/bad-name"] = "name", ["staff/no-role"] = "roles", ["staff/unknown-role"] = "roles", ["staff/same-roles"] = "roles",
        ["staff/bad-service"] = "service", ["staff/two-keys"] = "service", ["staff/bad-key-life"] = "days", ["staff/unknown-ability"] = "may",
        ["staff/bad-network"] = "networks", ["kernel/bad-name"] = "purposes", ["staff/bad-reason"] = "reason", ["messages/bad-webhook-url"] = "url", ["messages/bad-webhook-type"] = "types",
        ["governance/no-decision"] = "decision", ["governance/decision-is-no-initiative"] = "decision", ["governance/initiative-not-approved"] = "decision",
        ["governance/initiative-without-catalog"] = "decision", ["governance/not-covered"] = "decision", ["governance/bad-review-date"] = "review", ["governance/bad-quorum"] = "quorum",
        ["governance/no-such-purpose"] = "purpose", ["governance/nothing-changes"] = "text", ["server/no-catalog"] = "text", ["catalog/mistakes"] = "text",
        ["staff/bad-assistant-name"] = "assistant", ["staff/bad-assistant-budget"] = "customers", ["staff/assistant-reads-only"] = "may",
    };

    private readonly CultureInfo culture;
    private readonly HashSet<string> names;
    private readonly IFormCollection? sent;
    private readonly Fault? fault;

    /// <param name="sent">The form that cannot be taken as it is; null for none.</param>
    /// <param name="fault">Why not.</param>
    /// <param name="area">Whose texts it speaks with.</param>
    public AdminView(StaffView staff, IFormCollection? sent, Fault? fault, string area = "admin")
    {
        (Staff, this.sent, this.fault) = (staff, sent, fault);
        Words = PageText.In(area, staff.Frame.Language);
        culture = CultureInfo.GetCultureInfo(staff.Frame.Language);
        names = [.. Words.Names];
    }

    public StaffView Staff { get; }

    public Wording Words { get; }

    public string FormToken => Staff.FormToken;

    public string Language => Staff.Frame.Language;

    /// <summary>What is wrong and belongs to no field.</summary>
    public string? Mistake => fault is { } f && !Fields.ContainsKey(f.What) ? Sentence(f) : null;

    public int Status => fault is null ? StatusCodes.Status200OK : fault.Kind == FaultKind.Conflict ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest;

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Words.Text(name, values);

    public bool Has(string name) => names.Contains(name);

    /// <summary>The text of that name, or the word itself where there is none.</summary>
    public string TOr(string name, string word) => names.Contains(name) ? T(name) : word;

    public string Number(long n) => n.ToString("N0", culture);

    public string Day(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.day"), culture);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);

    public string Time(long us) => Time(Micros.ToInstant(us));

    public string Roles(IEnumerable<string> roles) => roles.ToList() is { Count: > 0 } some ? string.Join(", ", some.Select(r => T("role." + r))) : T("role.none");

    /// <summary>What was sent for a field, or what stands there otherwise.</summary>
    public string Value(string field, string otherwise = "") => sent is not null && sent.TryGetValue(field, out var value) ? value.ToString() : otherwise;

    public bool IsChosen(string field, string value, bool otherwise) => sent is null ? otherwise : sent[field].Contains(value);

    /// <summary>The sentence that stands at a field; null for none.</summary>
    public string? MistakeAt(string field) => fault is { } f && Fields.GetValueOrDefault(f.What) == field ? Sentence(f) : null;

    private string Sentence(Fault f) => names.Contains("mistake." + f.What) ? T("mistake." + f.What) : f.Message;
}
