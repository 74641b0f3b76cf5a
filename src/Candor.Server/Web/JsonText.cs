using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Candor.Kernel;

namespace Candor.Server.Web;

/// <summary>Texts in JSON whose shape the catalog gives: the parser lets bad UTF-8 and halves of surrogate pairs through until somebody reads them.</summary>
internal static class JsonText
{
    /// <exception cref="Fault">Invalid <c>server/bad-text</c>.</exception>
    public static void Check(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (!Utf8.IsValid(raw) || (raw.IndexOf("\\u"u8) >= 0 && !IsReadable(value)))
        {
            throw new Fault(FaultKind.Invalid, "server/bad-text", "A text in the body is not valid Unicode.");
        }
    }

    private static bool IsReadable(JsonElement value)
    {
        try
        {
            Read(value);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Read(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Read(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    Read(member.Value);
                }

                break;
        }
    }
}
