using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>A request as OpenDSR 2.0 section 7 writes it, read and checked.</summary>
internal sealed partial record OpenDsrRequest
{
    public const int MaxIdentities = 20;
    public const int MaxCallbacks = 5;

    /// <summary>Identities that are answered. Digests are not: what is held here is found by a keyed digest, which no outsider's plain digest can be compared with.</summary>
    public static readonly IReadOnlyList<(string Type, string Format, string Lookup)> Supported =
        [("controller_customer_id", "raw", BlindIndex.Reference), ("email", "raw", BlindIndex.Email)];

    public static readonly IReadOnlyList<string> Types = ["access", "portability", "erasure"];

    private static readonly string[] Known =
        ["regulation", "subject_request_id", "subject_request_type", "subject_identities", "submitted_time", "api_version", "status_callback_urls", "extensions"];

    private OpenDsrRequest()
    {
    }

    public required string Id { get; init; }

    public required RequestType Type { get; init; }

    public required RequestLaw Law { get; init; }

    /// <summary>Kind of look-up and value of each identity that is answered; at least one.</summary>
    public required IReadOnlyList<(string Lookup, string Value)> Identities { get; init; }

    public required IReadOnlyList<string> Callbacks { get; init; }

    /// <param name="legacy">By its old name OpenGDPR, which had no <c>regulation</c>.</param>
    /// <exception cref="Fault">Invalid <c>rights/open-dsr-…</c>; never with a value of the request that could name somebody.</exception>
    public static OpenDsrRequest Parse(ReadOnlyMemory<byte> body, bool legacy, bool privateCallbacks)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(document.RootElement, legacy, privateCallbacks);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad("not-json", "The body is one JSON object whose members have the types of OpenDSR 2.0, section 7.1.");
        }
    }

    private static OpenDsrRequest Read(JsonElement root, bool legacy, bool privateCallbacks)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Bad("not-json", "The body is one JSON object.");
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!Known.Contains(member.Name))
            {
                throw Bad("unknown-member", $"`{Name.Shown(member.Name)}` is no member of a request; allowed are {string.Join(", ", Known.Select(k => $"`{k}`"))}.");
            }
        }

        var id = Text(root, "subject_request_id");
        if (!UuidV4().IsMatch(id))
        {
            throw Bad("bad-id", "`subject_request_id` is a UUID of version 4 in small letters.");
        }

        var type = Text(root, "subject_request_type");
        if (!Types.Contains(type))
        {
            throw Bad("bad-type", $"`subject_request_type` is `access`, `portability` or `erasure`; got `{Name.Shown(type)}`.");
        }

        if (!DateTimeOffset.TryParseExact(Text(root, "submitted_time"), ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
        {
            throw Bad("bad-time", "`submitted_time` is an RFC 3339 date and time.");
        }

        return new OpenDsrRequest
        {
            Id = id, Type = RequestStates.Parse<RequestType>(type, "subject_request_type"), Law = Regulation(root, legacy), Identities = ReadIdentities(root),
            Callbacks = ReadCallbacks(root, privateCallbacks),
        };
    }

    private static RequestLaw Regulation(JsonElement root, bool legacy) => (root.TryGetProperty("regulation", out _) ? Text(root, "regulation") : legacy ? "gdpr" : "") switch
    {
        "gdpr" => RequestLaw.Gdpr,
        "ccpa" => RequestLaw.Ccpa,
        var other => throw Bad("bad-regulation", $"`regulation` is `gdpr` or `ccpa`; got `{Name.Shown(other)}`."),
    };

    private static List<(string, string)> ReadIdentities(JsonElement root)
    {
        if (!root.TryGetProperty("subject_identities", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxIdentities)
        {
            throw Bad("bad-identities", $"`subject_identities` is an array of 1 to {MaxIdentities} identities.");
        }

        var found = new List<(string, string)>();
        foreach (var identity in list.EnumerateArray())
        {
            var (type, format) = (Text(identity, "identity_type"), Text(identity, "identity_format"));
            var value = Text(identity, "identity_value");
            if (Supported.FirstOrDefault(s => s.Type == type && s.Format == format) is { Lookup: { } lookup })
            {
                found.Add((lookup, value));
            }
        }

        return found.Count > 0 ? found
            : throw Bad("no-supported-identity", "None of the identities can be answered; `GET /opendsr/v2/discovery` lists types and formats that can.");
    }

    private static List<string> ReadCallbacks(JsonElement root, bool privateCallbacks)
    {
        var urls = new List<string>();
        if (root.TryGetProperty("status_callback_urls", out var list) && list.ValueKind != JsonValueKind.Null)
        {
            urls.AddRange(list.EnumerateArray().Select(u => u.GetString() ?? "").Distinct(StringComparer.Ordinal));
        }

        return urls.Count <= MaxCallbacks && urls.TrueForAll(u => CallbackRoute.IsAllowed(u, privateCallbacks)) ? urls
            : throw Bad("bad-callback", $"`status_callback_urls` are at most {MaxCallbacks} addresses that begin with `https://`, of at most {CallbackRoute.MaxUrl} characters, without user name and fragment, and of a public host.");
    }

    private static string Text(JsonElement of, string member) => of.TryGetProperty(member, out var value) && value.GetString() is { Length: > 0 and <= 1024 } text ? text
        : throw Bad("missing-member", $"`{member}` is required: a text of 1 to 1024 characters.");

    private static Fault Bad(string what, string sentence) => new(FaultKind.Invalid, "rights/open-dsr-" + what, sentence);

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex UuidV4();
}
