using System.Text.Json;
using Candor.Catalog;
using Candor.Collection;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What a customer may write into a field.</summary>
internal static class CorrectedValue
{
    /// <summary>Members of an object at most.</summary>
    private const int MaxMembers = 40;

    /// <summary>Checks a value and gives its JSON in UTF-8; texts lose the blanks around them.</summary>
    /// <exception cref="Fault">Invalid, without the value itself in its sentence.</exception>
    public static byte[] Check(JsonElement value, DataPoint field, Organisation organisation, BlindIndex index)
    {
        var clean = value.ValueKind == JsonValueKind.Object ? Members(value, field.Id) : Simple(value, field.Id);
        var json = JsonSerializer.SerializeToUtf8Bytes(clean);
        if (json.Length > ProfileCollection.MaxValueBytes)
        {
            throw new Fault(FaultKind.Invalid, "rights/value-too-large", $"`{field.Id}` has `{json.Length}` bytes; a field's value has at most {ProfileCollection.MaxValueBytes}.");
        }

        if (BlindIndex.KindOf(field.Category) is { } kind)
        {
            // Normalising is the check.
            index.Of(kind, clean as string ?? throw Bad("rights/not-a-text", $"`{field.Id}` is a text."));
        }

        if (field.Category == "Language" && (clean is not string language || !organisation.Languages.Contains(language)))
        {
            throw Bad("rights/unknown-language", $"`{field.Id}` is one of {string.Join(", ", organisation.Languages.Select(l => $"`{l}`"))}.");
        }

        return field.Takes(clean as string) ? json : throw Bad("rights/unknown-value", $"`{field.Id}` is one of {ProfileCollection.ValuesOf(field)}.");
    }

    /// <summary>The text of a value that <see cref="Check"/> gave for a field that is looked up.</summary>
    public static string Text(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<string>(json)!;

    private static Dictionary<string, object> Members(JsonElement value, DataPointId id)
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (members.Count == MaxMembers || !members.TryAdd(member.Name, Simple(member.Value, id, mayBeEmpty: true)))
            {
                throw Bad("rights/bad-members", $"`{id}` has at most {MaxMembers} parts, each once.");
            }
        }

        return members.Count > 0 ? members : throw Bad("rights/empty", $"`{id}` is empty.");
    }

    private static object Simple(JsonElement value, DataPointId id, bool mayBeEmpty = false)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean();
            case JsonValueKind.Number:
                return value.Clone();
            case JsonValueKind.String:
                var text = value.GetString()!.Trim();
                return (text, mayBeEmpty) switch
                {
                    ("", false) => throw Bad("rights/empty", $"`{id}` is empty."),
                    _ when text.Length > Corrections.MaxText => throw Bad("rights/too-long", $"`{id}` has at most {Corrections.MaxText} characters; got `{text.Length}`."),
                    _ when text.Any(c => char.IsControl(c) && c is not '\n' and not '\r') => throw Bad("rights/control-characters", $"`{id}` has no control characters."),
                    _ => text,
                };
            default:
                throw Bad("rights/bad-value", $"`{id}` is a text, a number, or several of them.");
        }
    }

    private static Fault Bad(string what, string sentence) => new(FaultKind.Invalid, what, sentence);
}
