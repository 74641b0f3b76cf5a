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
        ["newsletter"] = ["items", "purpose"],
        [CartReminder] = ["items", "purpose"],
        [LateOrder] = ["items", "purpose"],
        [RunningOut] = ["items", "purpose"],
    }.ToFrozenDictionary(t => t.Key, t => t.Value.Concat(Common).ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>All templates, by name.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Templates.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What a template may be filled with; nothing for a name that there is no template of.</summary>
    public static FrozenSet<string> Of(string template) => Templates.GetValueOrDefault(template, []);

    public static bool Exists(string template) => Templates.ContainsKey(template);
}
