using System.Text;

namespace Candor.Tests.Server;

/// <summary>The shapes in which a text may turn up in another: as it is in any case, escaped for a URL, in hex, and in base64 at any of its three places.</summary>
public static class CanaryForms
{
    public static bool Holds(string text, string canary) =>
        ((string[])[canary, Uri.EscapeDataString(canary), .. Cased(canary).Select(c => Convert.ToHexString(Encoding.UTF8.GetBytes(c)))]).Any(f => text.Contains(f, StringComparison.OrdinalIgnoreCase))
        || Cased(canary).SelectMany(Base64).Any(f => text.Contains(f, StringComparison.Ordinal));

    private static IEnumerable<string> Cased(string canary) => ((string[])[canary, canary.ToUpperInvariant(), canary.ToLowerInvariant()]).Distinct();

    /// <summary>The characters that stand for whole bytes of the canary, whatever is before and after it.</summary>
    private static IEnumerable<string> Base64(string canary)
    {
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. Encoding.UTF8.GetBytes(canary)]).TrimEnd('=');
            var (first, last) = ((before * 8 + 5) / 6, (before + Encoding.UTF8.GetByteCount(canary)) * 8 / 6);
            yield return text[first..last];
            yield return text[first..last].Replace('+', '-').Replace('/', '_');
        }
    }
}

public sealed class CanaryFormsTests
{
    private const string Canary = "Wren-über+7Q";

    [Fact]
    public void A_canary_is_found_in_every_form()
    {
        string[] around = ["", "x", "xy", "xyz"];
        Assert.All(around, before => Assert.All((string[])[
            before + Canary + before, before + Canary.ToUpperInvariant(), Uri.EscapeDataString(before + Canary), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(before + Canary)),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Canary + before)), Convert.ToBase64String(Encoding.UTF8.GetBytes(before + Canary)).Replace('+', '-').Replace('/', '_').TrimEnd('=')],
            form => Assert.True(CanaryForms.Holds(form, Canary), form)));
    }

    [Fact]
    public void Other_texts_hold_none() => Assert.All((string[])["", "Wren", "Wren-uber+7Q", Convert.ToBase64String("Wren-uber+7Q"u8)], text => Assert.False(CanaryForms.Holds(text, Canary)));
}
