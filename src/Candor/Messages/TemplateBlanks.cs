using System.Collections.Frozen;

namespace Candor.Messages;

/// <summary>The templates there are, and what each may be filled with.</summary>
public static class TemplateBlanks
{
    public const string ChoiceChanged = "choice-changed";
    public const string Reminder = "reminder";
    public const string AskAgain = "ask-again";
    public const string ConsentExpiring = "consent-expiring";
    public const string CartReminder = "cart-reminder";
    public const string LateOrder = "late-order";
    public const string RunningOut = "running-out";

    /// <summary>Of every text: the greeting with the customer's name, who writes, and where the customer's page is.</summary>
    private static readonly string[] Common = ["greeting", "name", "organisation", "contact", "me", "site"];

    /// <summary>Of every text to a member of staff: <c>staff</c> is where their pages are.</summary>
    private static readonly string[] CommonForStaff = ["greeting", "name", "organisation", "contact", "staff"];

    /// <summary>To members of staff. INVARIANT: no blank is for anything about a customer.</summary>
    private static readonly FrozenDictionary<string, FrozenSet<string>> ForStaff = new Dictionary<string, string[]>
    {
        ["staff-invitation"] = ["by", "link", "until"],
        ["staff-account"] = ["what", "at", "link"],
        ["emergency-access"] = ["actor", "at", "reason", "entry", "link"],
        ["training-reminder"] = ["modules", "until", "link"],
        ["training-lapsed"] = ["modules", "link"],
        ["log-findings"] = ["findings", "link"],
        ["fairness-findings"] = ["findings", "link"],
        ["model-waits"] = ["number", "link"],
        ["log-checkpoint"] = ["origin", "day", "size", "grown", "witnesses", "key", "link"],
        ["trust-digest"] = ["span", "index", "alerts", "moved", "still", "link"],
        ["incident-clock"] = ["what", "number", "until", "link"],
        ["due-dates"] = ["dates", "link"],
        ["log-alarm"] = ["problem", "at", "link"],
    }.ToFrozenDictionary(t => t.Key, t => t.Value.Concat(CommonForStaff).ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, FrozenSet<string>> Templates = new Dictionary<string, string[]>
    {
        [ChoiceChanged] = ["changes", "receipts"],
        ["sign-in-link"] = ["link", "minutes"],
        [Reminder] = ["choices", "ask"],
        [AskAgain] = ["ask"],
        [ConsentExpiring] = ["expiring", "choices", "ask"],
        ["request-received"] = ["request", "right", "due", "link"],
        ["request-extended"] = ["request", "right", "due", "reason", "link"],
        ["request-refused"] = ["request", "right", "reason", "link"],
        ["request-done"] = ["request", "right", "link", "kept", "reason"],
        ["request-identity"] = ["request", "right", "link", "due"],
        ["correction-decided"] = ["request", "dataPoint", "outcome", "reason", "link"],
        ["question-received"] = ["request", "question", "due", "link"],
        ["erased"] = ["request", "kept", "until", "backups", "checked"],
        ["address-changed"] = ["dataPoint"],
        ["consent-question"] = ["use", "why", "link"],
        ["emergency-look"] = ["at", "use", "reason", "entry", "link"],
        ["newsletter"] = ["items", "purpose"],
        [CartReminder] = ["items", "purpose"],
        [LateOrder] = ["items", "purpose"],
        [RunningOut] = ["items", "purpose"],
        ["survey"] = ["link", "days"],
    }.ToFrozenDictionary(t => t.Key, t => t.Value.Concat(Common).ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>All templates, by name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Templates.Keys.Concat(ForStaff.Keys).Order(StringComparer.Ordinal)];

    /// <summary>What a template may be filled with; nothing for a name that there is no template of.</summary>
    public static FrozenSet<string> Of(string template) => Templates.GetValueOrDefault(template) ?? ForStaff.GetValueOrDefault(template, []);

    public static bool Exists(string template) => Templates.ContainsKey(template) || IsForStaff(template);

    /// <summary>True for the texts that go to members of staff and never to a customer.</summary>
    public static bool IsForStaff(string template) => ForStaff.ContainsKey(template);
}
