using System.Text.RegularExpressions;
using Candor.Server.Web;
using Candor.Tests.House;

namespace Candor.Tests.Server;

/// <summary>Every area of the pages says the same in each language that ships.</summary>
public sealed partial class PageTextTests
{
    public static TheoryData<string> Areas =>
        [.. Repository.Files("src/Candor.Server/Pages/Texts", ".txt").Select(f => Path.GetFileName(f).Split('.')[0]).Distinct()];

    [Theory]
    [MemberData(nameof(Areas))]
    public void German_has_the_texts_of_English_with_the_same_blanks(string area)
    {
        var (english, german) = (PageText.In(area, "en"), PageText.In(area, "de"));
        Assert.Equal(("en", "de"), (english.Language, german.Language));
        Assert.Equal(english.Names.Order(StringComparer.Ordinal), german.Names.Order(StringComparer.Ordinal));
        Offences.None(english.Names.Where(n => !BlanksOf(english.Text(n)).SetEquals(BlanksOf(german.Text(n)))));
    }

    [Fact]
    public void A_language_without_texts_gets_English() => Assert.Equal("en", PageText.In("shell", "fr").Language);

    private static HashSet<string> BlanksOf(string text) => [.. Blank().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Blank();
}
