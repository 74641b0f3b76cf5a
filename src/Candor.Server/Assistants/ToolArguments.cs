using System.Text.Json;
using Candor.Kernel;
using Candor.Vault;
using ModelContextProtocol.Protocol;

namespace Candor.Server.Assistants;

/// <summary>The arguments of one call of a tool, taken strictly: what the tool does not know is refused by name.</summary>
internal sealed class ToolArguments
{
    private readonly string tool;
    private readonly IDictionary<string, JsonElement> given;

    /// <exception cref="Fault">Invalid <c>assistants/unknown-argument</c>.</exception>
    public ToolArguments(Tool tool, IDictionary<string, JsonElement>? given)
    {
        (this.tool, this.given) = (tool.Name, given ?? new Dictionary<string, JsonElement>());
        var known = tool.InputSchema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToList();
        if (this.given.Keys.FirstOrDefault(k => !known.Contains(k)) is { } wrong)
        {
            throw new Fault(FaultKind.Invalid, "assistants/unknown-argument",
                $"`{tool.Name}` has no argument `{Name.Shown(wrong)}`; {(known.Count == 0 ? "it takes none" : "allowed are " + string.Join(", ", known.Select(k => $"`{k}`")))}.");
        }
    }

    public string Customer => Text("customer") is var text && BlindIndex.IsReference(text)
        ? text : throw Bad("customer", "the business's own id of the customer, 1 to 128 characters");

    public PurposeId Purpose => PurposeId.Parse(Text("purpose"));

    /// <summary>The text of an argument that the tool cannot do without.</summary>
    public string Text(string name) => FindText(name) ?? throw new Fault(FaultKind.Invalid, "assistants/missing-argument", $"`{tool}` needs the argument `{name}`.");

    /// <summary>Null when it is left out.</summary>
    public string? FindText(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Bad(name, "a text");

    /// <summary>Null when it is left out.</summary>
    public int? FindNumber(string name) => Find(name) is not { } value ? null : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Bad(name, "a whole number");

    /// <summary>Empty when it is left out.</summary>
    public IReadOnlyList<string> Texts(string name) => Find(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : throw Bad(name, "a list of texts");

    private JsonElement? Find(string name) => given.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private Fault Bad(string name, string allowed) => new(FaultKind.Invalid, "assistants/bad-argument", $"The argument `{name}` of `{tool}` is {allowed}; got `{Name.Shown(Find(name)?.ToString())}`.");
}
