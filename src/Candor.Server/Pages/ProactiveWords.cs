using System.Globalization;
using Candor.Personalization;
using Candor.Server.Web;

namespace Candor.Server.Pages;

/// <summary>A line of the brief in words.</summary>
internal static class ProactiveWords
{
    public static string Say(ProactiveLine line, string language)
    {
        var text = PageText.In("proactive", language);
        var culture = CultureInfo.GetCultureInfo(text.Language);
        return text.Text(line.Rule, ("about", line.About), ("since", line.Since.UtcDateTime.ToString(text.Text("date.day"), culture)), ("n", line.Times.ToString(culture)));
    }
}
