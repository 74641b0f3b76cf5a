using System.Text;
using System.Text.Json;
using Candor.Catalog;
using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>One input of the form that corrects a field.</summary>
/// <param name="Name">Of the form field: <c>value</c>, or a letter for the kind and the member's name.</param>
/// <param name="Kind"><c>text</c>, <c>email</c>, <c>tel</c>, <c>number</c>, <c>check</c> or <c>choice</c>.</param>
/// <param name="Fill">What browsers may fill in; empty for nothing.</param>
public sealed record InputView(string Name, string Label, string Kind, string Value, string Fill, IReadOnlyList<(string Value, string Label)> Options);

/// <summary>A past correction.</summary>
/// <param name="Tone"><c>yes</c>, <c>no</c> or <c>wait</c>.</param>
public sealed record CorrectionView(string When, string State, string Tone, string From, string To, string? Reason);

/// <summary>A field with the form that corrects it, and the corrections so far.</summary>
public sealed class MeField
{
    private static readonly Dictionary<string, (string Kind, string Fill)> Kinds = new(StringComparer.Ordinal)
    {
        ["EmailAddress"] = ("email", "email"), ["TelephoneNumber"] = ("tel", "tel"), ["Name"] = ("text", "name"), ["PhysicalAddress"] = ("text", "street-address"),
    };

    public MeField(MeView view, Corrections.Field field, string? mistake, IFormCollection? sent)
    {
        (View, Id, Label, Mistake) = (view, field.DataPoint.Id.Value, view.Words.Label(field.DataPoint), mistake);
        var words = view.Words;
        Lines = field.Value is null ? [] : [MeData.Line(words, field.DataPoint, field.Value)];
        Facts = MeData.Facts(words, field.DataPoint, field.Value is { } v ? new Vault.Held(field.DataPoint.Id, 1, v.Time, v.Time) : null, field.Value is { } known ? [words.Source(known.Source)] : []);
        NeedsApproval = field.DataPoint.CorrectionNeedsApproval;
        Counted = words.Catalog.BiasAudit is { } audit && audit.Uses.ContainsKey(field.DataPoint.Id) ? words.T("field.counted", ("use", audit.Label.In(words.Language))) : null;
        Inputs = [.. Of(field, words).Select(i => sent is not null && sent.ContainsKey(i.Name) ? i with { Value = sent[i.Name].ToString() } : i)];
        Corrections = [.. field.Corrections.Select(c => new CorrectionView(
            words.Time(c.AskedAt), words.T("state." + c.State.Code()), c.State switch { CorrectionState.Refused => "no", CorrectionState.Waiting => "wait", _ => "yes" },
            c.Former is { } former ? words.Line(former, field.DataPoint) : words.T("nothing"), words.Line(c.Proposed, field.DataPoint), c.Reason))];
    }

    public MeView View { get; }

    public string Id { get; }

    public string Label { get; }

    public string? Mistake { get; }

    public bool NeedsApproval { get; }

    /// <summary>What is told where the value is only ever counted; null where it is not.</summary>
    public string? Counted { get; }

    public IReadOnlyList<LineView> Lines { get; }

    public IReadOnlyList<PartView> Facts { get; }

    /// <summary>Empty where the value is too involved for a form.</summary>
    public IReadOnlyList<InputView> Inputs { get; }

    public IReadOnlyList<CorrectionView> Corrections { get; }

    /// <summary>The value that a form holds, as JSON.</summary>
    public static JsonElement Read(IFormCollection form)
    {
        if (form.TryGetValue("value", out var only))
        {
            return JsonSerializer.SerializeToElement(only.ToString());
        }

        var members = new Dictionary<string, object>();
        foreach (var (name, sent) in form.Where(f => f.Key.Length > 2 && f.Key[1] == '.'))
        {
            var text = sent.ToString();
            members[name[2..]] = name[0] switch
            {
                'n' when decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
                'b' => text == "true",
                _ => text,
            };
        }

        return JsonSerializer.SerializeToElement(members);
    }

    private static List<InputView> Of(Corrections.Field field, MeWords words)
    {
        var (d, label) = (field.DataPoint, words.Label(field.DataPoint));
        if (d.Values.Count > 0)
        {
            return [new InputView("value", label, "choice", field.Value is { } given ? Text(given.Json) : "", "", [("", words.T("field.choose")), .. d.Values.Select(v => (v.Value, v.Label.In(words.Language)))])];
        }

        if (d.Category == "Language")
        {
            return [new InputView("value", label, "choice", field.Value is { } v ? Text(v.Json) : words.Language, "", [.. words.Catalog.Organisation.Languages.Select(l => (l, words.LanguageName(l)))])];
        }

        if (field.Value is { } value && value.Json.Span.TrimStart((byte)' ') is [(byte)'{' or (byte)'[', ..])
        {
            return Members(value.Json, words);
        }

        var (kind, fill) = Kinds.GetValueOrDefault(d.Category, ("text", ""));
        return [new InputView("value", label, kind, field.Value is { } plain ? Text(plain.Json) : "", fill, [])];
    }

    private static List<InputView> Members(ReadOnlyMemory<byte> json, MeWords words)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object || document.RootElement.EnumerateObject().Any(m => m.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
        {
            return [];
        }

        return [.. document.RootElement.EnumerateObject().Select(m => m.Value.ValueKind switch
        {
            JsonValueKind.Number => new InputView("n." + m.Name, words.Member(m.Name), "number", m.Value.GetRawText(), "", []),
            JsonValueKind.True or JsonValueKind.False => new InputView("b." + m.Name, words.Member(m.Name), "choice", m.Value.GetRawText(), "", [("true", words.T("yes")), ("false", words.T("no"))]),
            _ => new InputView("t." + m.Name, words.Member(m.Name), "text", m.Value.ToString(), "", []),
        })];
    }

    private static string Text(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString()! : Encoding.UTF8.GetString(json.Span);
    }
}
