using System.Net;
using System.Text.RegularExpressions;
using Candor.Server.Pages.Governance;
using Candor.Server.Web;
using Candor.Tests.Governance;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

/// <summary>The cross-reference: each requirement once, each with words and with a page that is there.</summary>
public sealed class StandardPagesTests : AdminTest<Sqlite>
{
    private const string Path = "/governance/standards";

    [Fact]
    public void Each_category_and_each_control_stands_once()
    {
        Assert.Equal(StandardRow.All.Count, StandardRow.All.Select(r => r.Id).Distinct().Count());
        Assert.Equal(
            ["ID.IM-P", "ID.BE-P", "ID.RA-P", "ID.DE-P", "GV.PO-P", "GV.RM-P", "GV.AT-P", "GV.MT-P", "CT.PO-P", "CT.DM-P", "CT.DP-P", "CM.PO-P", "CM.AW-P", "PR.PO-P", "PR.AC-P", "PR.DS-P", "PR.MA-P", "PR.PT-P"],
            StandardRow.All.Where(r => r.Standard == Standard.Nist).Select(r => r.Id));
        (string Clause, int Controls)[] iso = [("7.2", 8), ("7.3", 10), ("7.4", 9), ("7.5", 4)];
        Assert.Equal(
            iso.SelectMany(c => Enumerable.Range(1, c.Controls).Select(n => $"{c.Clause}.{n}")).Concat(["8.2", "8.3", "8.4", "8.5"]), StandardRow.All.Where(r => r.Standard == Standard.Iso).Select(r => r.Id));
        var words = PageText.In("standards", "en");
        Assert.Equal(StandardRow.All.SelectMany(r => (string[])[r.Asks, r.Has]).Order(), words.Names.Where(n => !n.StartsWith("column.", StringComparison.Ordinal) && (n.EndsWith(".asks", StringComparison.Ordinal) || n.EndsWith(".has", StringComparison.Ordinal))).Order());
        Assert.All(StandardRow.All.Where(r => r.Answer != StandardAnswer.Yes), r => Assert.Matches("yours|you judge|your |own ", words.Text(r.Has)));
        Assert.DoesNotContain(StandardRow.All, r => r.Answer == StandardAnswer.Yes && words.Text(r.Has).Contains("yours", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_link_leads_to_a_page()
    {
        var pia = await SignInAsync("Pia Private");
        foreach (var link in StandardRow.All.Select(r => r.Link).Distinct())
        {
            var answers = new[] { (await PageAsync(Alma, link)).Status, (await PageAsync(pia, link)).Status };
            Assert.True(answers.Contains(200), $"{link}: {string.Join(", ", answers)}");
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public async Task The_page_and_its_files_say_the_same(string language)
    {
        var words = PageText.In("standards", language);
        var expected = StandardRow.All.Select(r => (r.Id, words.Text(r.Asks), words.Text("answer." + r.Answer), words.Text(r.Has), r.Link)).ToList();
        var page = (await PageAsync(Alma, Path, language)).Text;
        Assert.Equal(expected, Regex.Matches(page, "<li class=\"card look\">.*?<a class=\"strong\" href=\"(.*?)\">(.*?)</a><span[^>]*>(.*?)</span></p>\\s*<p>(.*?)</p>\\s*<p class=\"quiet\">(.*?)</p>", RegexOptions.Singleline)
            .Select(m => (m.Groups[2].Value, WebUtility.HtmlDecode(m.Groups[4].Value), WebUtility.HtmlDecode(m.Groups[3].Value), WebUtility.HtmlDecode(m.Groups[5].Value), m.Groups[1].Value)));
        Assert.Equal(expected, DocumentReader.Markdown((await PageAsync(Alma, Path + ".md", language)).Text).SelectMany(s => s.Rows).Select(r => (r[0], r[1], r[2], r[3], r[4])));
        Assert.Equal(expected, DocumentReader.Csv((await PageAsync(Alma, Path + ".csv", language)).Text).Select(r => (r["id"], r["asks"], r["answer"], r["has"], r["evidence"])));
        Assert.Equal(403, (await PageAsync(await SignInAsync("Sam Sample"), Path)).Status);
    }
}
