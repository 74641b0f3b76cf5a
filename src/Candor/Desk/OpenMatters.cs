using System.Collections.Frozen;
using System.Text.Json;

namespace Candor.Desk;

/// <summary>Which records of a history are not settled, by what they say of themselves. Pure.</summary>
/// <remarks>A record is open with <c>answered: false</c>, <c>open: true</c>, or a <c>status</c> that is none of <see cref="Settled"/>; a question that a note answers is not.</remarks>
public static class OpenMatters
{
    /// <summary>Member of a note that names the record it answers.</summary>
    public const string Answers = "answers";

    /// <summary>What a <c>status</c> says of something that is over; compared without case.</summary>
    public static readonly FrozenSet<string> Settled =
        new[] { "delivered", "done", "closed", "complete", "completed", "cancelled", "canceled", "refunded", "returned", "resolved", "solved", "answered", "paid", "collected" }
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True while something is left to do about a record, as it stands by itself.</summary>
    public static bool IsOpen(JsonElement record) => record.ValueKind == JsonValueKind.Object
        && ((record.TryGetProperty("answered", out var answered) && answered.ValueKind == JsonValueKind.False)
            || (record.TryGetProperty("open", out var open) && open.ValueKind == JsonValueKind.True)
            || (record.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String && status.GetString() is { Length: > 0 } said && !Settled.Contains(said)));

    /// <summary>The id of the record that a note answers; null when it answers none.</summary>
    public static string? AnsweredBy(JsonElement record) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(Answers, out var answers) && answers.ValueKind == JsonValueKind.String ? answers.GetString() : null;
}
