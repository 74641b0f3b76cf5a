using System.Text.Json;
using System.Text.Json.Nodes;
using Candor.Kernel;

namespace Candor.Governance;

/// <summary>The answers as a file, which is also what later answers are compared with.</summary>
public static class ChecklistJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="figure">The sentence of an answer.</param>
    public static string Write(DateTimeOffset at, IEnumerable<ChecklistLine> lines, Func<ChecklistLine, string> figure) => new JsonObject
    {
        ["at"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["answers"] = new JsonArray([.. lines.Select(l => new JsonObject
        {
            ["id"] = l.Question.Id, ["area"] = InitiativeCover.Word(l.Question.Area), ["answer"] = InitiativeCover.Word(l.Finding.Answer), ["finding"] = figure(l),
            ["figures"] = new JsonObject(l.Finding.Figures.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value))), ["path"] = l.Question.Path,
        })]),
    }.ToJsonString(Indented);

    /// <summary>The answers of such a file by question.</summary>
    /// <param name="name">As messages name the file.</param>
    /// <exception cref="Fault">Invalid <c>governance/bad-baseline</c>.</exception>
    public static IReadOnlyDictionary<string, ChecklistAnswer> Read(string json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("answers").EnumerateArray().ToDictionary(
                a => a.GetProperty("id").GetString()!, a => Enum.GetValues<ChecklistAnswer>().First(v => InitiativeCover.Word(v) == a.GetProperty("answer").GetString()), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-baseline", $"`{name}` is no answer of the checklist; write one with `candor doctor --ethics --json > FILE`.");
        }
    }
}
