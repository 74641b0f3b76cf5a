using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Candor.Catalog;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>What a value of a data point holds that was not declared for it, and the value without it. Pure.</summary>
public static partial class ValueContent
{
    /// <summary>Names the rules; another version looks at every value anew.</summary>
    public const int Version = 1;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What can be taken out of values.</summary>
    public static IReadOnlyList<FoundKind> Cleaned { get; } = [FoundKind.Card, FoundKind.NationalId, FoundKind.BankAccount, FoundKind.Health];

    /// <summary>Kinds that are looked for in a data point: none that its category declares, and in what customers are looked up by only whether there is anything.</summary>
    public static IReadOnlyList<FoundKind> KindsFor(DataPoint point) => (point, point.Category) switch
    {
        ({ Values.Count: > 0 }, _) => [],
        _ when BlindIndex.KindOf(point.Category) is not null => [FoundKind.Empty],
        (_, "Financial" or "FinancialAccount") => [FoundKind.Empty, FoundKind.NationalId, FoundKind.Health],
        (_, "Health") => [FoundKind.Empty, FoundKind.Card, FoundKind.NationalId, FoundKind.BankAccount],
        _ => Enum.GetValues<FoundKind>(),
    };

    /// <summary>What a value holds, of what is looked for in its data point.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    public static IReadOnlySet<FoundKind> Find(DataPoint point, ReadOnlySpan<byte> json)
    {
        var (found, kinds, root) = (new HashSet<FoundKind>(), KindsFor(point), JsonNode.Parse(json));
        if (IsEmpty(root))
        {
            found.Add(FoundKind.Empty);
        }

        Walk(root, default, (text, member) =>
        {
            found.UnionWith(PlacesIn(text, member.Inner).Select(p => p.Kind));
            return null;
        });
        found.IntersectWith(kinds);
        return found;
    }

    /// <summary>The value with a word of ours in place of what was found of a kind; null when there is nothing of it, or only where the law or the desk needs the member as it is.</summary>
    /// <param name="word">Such as <c>[removed: card number]</c>.</param>
    public static byte[]? Without(DataPoint point, ReadOnlySpan<byte> json, FoundKind kind, string word)
    {
        var changed = false;
        var root = Walk(JsonNode.Parse(json), default, (text, member) =>
        {
            var places = IsKept(point, member.Outer) ? [] : PlacesIn(text, member.Inner).Where(p => p.Kind == kind).ToList();
            if (places.Count == 0)
            {
                return null;
            }

            changed = true;
            var left = new StringBuilder(text);
            for (var i = places.Count - 1; i >= 0; i--)
            {
                left.Remove(places[i].Start, places[i].Length).Insert(places[i].Start, word);
            }

            return left.ToString();
        });
        return changed ? JsonSerializer.SerializeToUtf8Bytes(root, Plain) : null;
    }

    /// <summary>What the law makes the business keep, and what customers are found by, stays as it is.</summary>
    private static bool IsKept(DataPoint point, string? member) => member is not null && (point.FindBy == member || point.LegalHold?.Keeps.Contains(member) == true);

    private static IEnumerable<FoundSpan> PlacesIn(string text, string? member)
    {
        // A member that is named after a number of something else, and holds a number alone, is that number.
        if (member is not null && NumberOfOther().IsMatch(member) && text.All(c => char.IsAsciiDigit(c) || c is ' ' or '-'))
        {
            return [];
        }

        // The member's name stands before its text, as a word before a number does.
        var name = member is null ? "" : member + ": ";
        return FoundText.Numbers(name + text).Where(f => f.Start >= name.Length).Select(f => f with { Start = f.Start - name.Length })
            .Concat(HealthWords.Find(text));
    }

    /// <summary>Names of the members that a text stands in; null outside of any.</summary>
    private readonly record struct Member(string? Outer, string? Inner);

    /// <summary>Gives each text and number with its place, and puts what comes back there.</summary>
    private static JsonNode? Walk(JsonNode? node, Member member, Func<string, Member, string?> look)
    {
        switch (node)
        {
            case JsonObject parts:
                foreach (var (name, part) in parts.ToList())
                {
                    Put(part, Walk(part, new Member(member.Outer ?? name, name), look), changed => parts[name] = changed);
                }

                return node;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Put(items[i], Walk(items[i], member, look), changed => items[i] = changed);
                }

                return node;
            case JsonValue value when value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number:
                return look(value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(), member) is { } other ? JsonValue.Create(other) : node;
            default:
                return node;
        }
    }

    private static void Put(JsonNode? before, JsonNode? after, Action<JsonNode?> put)
    {
        if (!ReferenceEquals(before, after))
        {
            put(after);
        }
    }

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject parts => parts.All(p => IsEmpty(p.Value)),
        JsonArray items => items.All(IsEmpty),
        _ => node.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(node.GetValue<string>()),
    };

    [GeneratedRegex("^(?!.*(?:card|karte|pan$)).*(?:id|number|nummer|no|nr|ean|gtin|isbn|sku|code|ref|reference|order|invoice|barcode)$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberOfOther();
}
