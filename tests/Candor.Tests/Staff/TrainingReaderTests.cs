using Candor.Kernel;
using Candor.Staff;
using Candor.Tests.House;
using CsCheck;

namespace Candor.Tests.Staff;

/// <summary>What the format of training modules allows, and how a mistake in one is told.</summary>
public sealed class TrainingReaderTests
{
    private const string Good =
        """
        ---
        id: tills
        title: Closing the tills
        edition: 2
        validity: P6M
        passMark: 75
        roles: [agent, marketing]
        minutes: 5
        ---
        ## How

        Count **twice**.

        ## ? How often do you count?
        - [ ] Once
        - [x] Twice
        > Twice: people err.
        """;

    [Fact]
    public void A_module_is_read_as_it_is_written()
    {
        var module = TrainingLibrary.Parse(Good, "tills.en.md");
        Assert.Equal(("tills", "P6M", 75, 5), (module.Id, module.Validity.Text, module.PassMark, module.Minutes));
        Assert.True(module.Roles.SetEquals(["agent", "marketing"]));
        Assert.Equal([new TrainingEdition("*", "2")], module.Editions);
        var text = Assert.Single(module.Texts);
        Assert.Equal(("en", "Closing the tills"), (text.Language, text.Title));
        Assert.Contains("<strong>twice</strong>", text.Html, StringComparison.Ordinal);
        var question = Assert.Single(text.Questions);
        Assert.Equal(("How often do you count?", "Twice: people err.", 14), (question.Text, question.Explanation, question.Line));
        Assert.Equal([new TrainingAnswer("Once", false), new TrainingAnswer("Twice", true)], question.Answers);
    }

    [Theory]
    [InlineData("id: tills", "id: overview", 2, "`id` is `overview`")]
    [InlineData("id: tills", "id: other", 2, "both must be the same")]
    [InlineData("title: Closing the tills", "title:", 3, "`title` is ``")]
    [InlineData("edition: 2", "edition: two", 4, "a whole number from 1 to 9999")]
    [InlineData("validity: P6M", "validity: 6 months", 5, "`validity` is `6 months`; allowed is a period such as `P12M`")]
    [InlineData("passMark: 75", "passMark: 101", 6, "a whole number from 1 to 100")]
    [InlineData("roles: [agent, marketing]", "roles: [agnet]", 7, "there is no role `agnet`; allowed are `agent`")]
    [InlineData("minutes: 5", "colour: red", 8, "found `colour`")]
    [InlineData("minutes: 5", "title: Again", 8, "stands in line 3 already")]
    [InlineData("Count **twice**.", "# Count", 12, "begin with `##`")]
    [InlineData("Count **twice**.", "[Press](javascript:alert)", 12, "`javascript:alert`")]
    [InlineData("Count **twice**.", "![x](https://elsewhere.example/x.png)", 12, "pictures are not shown")]
    [InlineData("- [ ] Once", "- [x] Once", 14, "at least one is wrong")]
    [InlineData("- [x] Twice", "- [ ] Twice", 14, "at least one answer is right")]
    [InlineData("- [ ] Once", "- Once", 15, "found `- Once`")]
    [InlineData("- [ ] Once", "- [ ] Twice", 14, "no two say the same")]
    [InlineData("- [ ] Once\n", "", 14, "`1` answers; allowed are 2 to 8")]
    [InlineData("> Twice: people err.", "", 14, "the explanation is missing")]
    [InlineData("## ? How often do you count?\n- [ ] Once\n- [x] Twice\n> Twice: people err.", "", 14, "found `0`")]
    [InlineData("## How\n\nCount **twice**.\n", "", 9, "nothing to read")]
    public void A_mistake_is_told_with_file_line_what_was_found_and_what_is_allowed(string good, string bad, int line, string said)
    {
        var broken = Good.ReplaceLineEndings("\n").Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Good.ReplaceLineEndings("\n"), broken);
        var fault = Assert.Throws<Fault>(() => TrainingLibrary.Parse(broken, "tills.en.md"));
        Assert.Equal((FaultKind.Invalid, "staff/training-mistakes"), (fault.Kind, fault.What));
        Assert.Contains(fault.Message.Split('\n'), m => m.StartsWith($"tills.en.md:{line}: ", StringComparison.Ordinal) && m.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Html_of_the_author_is_shown_as_text()
    {
        var html = TrainingLibrary.Parse(Good.Replace("Count **twice**.", "<script>alert(1)</script> and <b onclick=\"x\">b</b>", StringComparison.Ordinal), "tills.en.md").Texts[0].Html;
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b ", html, StringComparison.OrdinalIgnoreCase);
    }

    // Whatever stands in a file: it is read, or refused with lines that exist; nothing else is thrown, and no script gets into the page.
    [Fact]
    public void Any_text_is_read_or_refused_with_its_lines()
    {
        var pieces = Good.ReplaceLineEndings("\n").Split('\n').Concat(["---", "## ?", "> ", "- [x] ", "<script>x</script>", "[a](javascript:x)", "[a](//x)", "\t", "| a |", "```", "id: x: y", "passMark: 99999999999"]).ToArray();
        Gen.OneOf(Choice.Of(pieces), Gen.String[0, 20]).Array[0, 40].Sample(lines =>
        {
            var text = string.Join('\n', lines);
            try
            {
                Assert.DoesNotContain("<script", TrainingLibrary.Parse(text, "tills.en.md").Texts[0].Html, StringComparison.OrdinalIgnoreCase);
            }
            catch (Fault fault) when (fault.What == "staff/training-mistakes")
            {
                var last = text.ReplaceLineEndings("\n").Split('\n').Length;
                Assert.All(fault.Message.Split("tills.en.md:").Skip(1), m => Assert.InRange(int.Parse(m.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture), 1, last + 1));
            }
        }, iter: 3000);
    }

    [Fact]
    public void What_ships_is_there_in_both_languages_and_takes_about_ten_minutes()
    {
        var modules = TrainingLibrary.Open("/nowhere").Modules;
        Assert.Equal(["privacy-basics", "phishing"], modules.Select(m => m.Id));
        Assert.All(modules, m =>
        {
            Assert.Equal(["de", "en"], m.Texts.Select(t => t.Language).Order(StringComparer.Ordinal));
            Assert.Empty(m.Roles);
            // 200 words a minute, and half a minute a question.
            Assert.All(m.Texts, t => Assert.InRange(t.Html.Split(' ').Length / 200.0 + t.Questions.Count / 2.0, 5, 12));
        });
    }

    [Fact]
    public void A_file_of_the_business_takes_the_place_of_a_shipped_module_and_languages_must_agree()
    {
        var folder = Directory.CreateTempSubdirectory("candor-training-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "phishing.en.md"), Good.Replace("id: tills", "id: phishing", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(folder.FullName, "tills.en.md"), Good);
            var library = TrainingLibrary.Open(folder.FullName);
            Assert.Equal(["privacy-basics", "phishing", "tills"], library.Modules.Select(m => m.Id));
            Assert.Equal("Closing the tills", library.Modules[1].In("de").Title);
            File.WriteAllText(Path.Combine(folder.FullName, "tills.de.md"), Good.Replace("passMark: 75", "passMark: 80", StringComparison.Ordinal).Replace("[ ] Once", "[x] Once", StringComparison.Ordinal).Replace("[x] Twice", "[ ] Twice", StringComparison.Ordinal));
            var fault = Assert.Throws<Fault>(library.Refresh);
            Assert.Contains("must be those of `tills.de.md`", fault.Message, StringComparison.Ordinal);
            Assert.Contains("tills.en.md:14: other answers are right here", fault.Message, StringComparison.Ordinal);
            Assert.Equal(3, library.Modules.Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_example_of_the_documentation_is_a_module() =>
        TrainingLibrary.Parse(Repository.Read("docs/training.md").Split("```markdown\n")[1].Split("```")[0], "tills.en.md");
}
