using System.Text.RegularExpressions;
using Candor.Kernel;
using Candor.Messages;
using Candor.Tests.House;

namespace Candor.Tests.Messages;

public sealed class MessageTextsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-texts-");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Every_template_has_a_text_in_English_and_German_with_the_same_blanks()
    {
        var ready = MessageTexts.Ready().ToDictionary(t => t.File, t => t.Text);
        Assert.Equal(TemplateBlanks.Names.Append(MessageTexts.Frame).SelectMany(n => new[] { $"{n}.de.txt", $"{n}.en.txt" }).Order(StringComparer.Ordinal), ready.Keys.Order(StringComparer.Ordinal));
        Offences.None(TemplateBlanks.Names.Append(MessageTexts.Frame).Where(n => !Blanks(ready[$"{n}.en.txt"]).SetEquals(Blanks(ready[$"{n}.de.txt"]))));
    }

    [Fact]
    public void A_text_of_the_installation_stands_in_for_the_one_that_ships_and_a_change_counts_at_once()
    {
        Write("sign-in-link.en.txt", "Subject: Come in\n\nHere: {link}\n");
        var texts = MessageTexts.Open(folder.FullName);
        Assert.Equal("Come in", texts.Find("sign-in-link", "en").Text.Subject);
        Assert.Contains(texts.List(), t => t is { Template: "sign-in-link", Language: "en", IsReplaced: true });
        Write("sign-in-link.en.txt", "Subject: Come in, please\n\nHere: {link}\n");
        texts.Refresh();
        Assert.Equal("Come in, please", texts.Find("sign-in-link", "en").Text.Subject);
        Write("sign-in-link.en.txt", "Subject: Come in at once\n\nHere: {lnk}\n");
        Assert.Equal("messages/bad-text", Assert.Throws<Fault>(texts.Refresh).What);
        Assert.Equal("Come in, please", texts.Find("sign-in-link", "en").Text.Subject);
    }

    [Theory]
    [InlineData("sign-in-link.en.txt", "Subject: x\n\nHello\n{lnk}\n", 4, "`{lnk}` is no blank")]
    [InlineData("sign-in-link.en.txt", "Subject: {nothing}\n\nHello\n", 1, "`{nothing}` is no blank")]
    [InlineData("sign-in-link.en.txt", "Hello\n", 1, "`Subject: …`")]
    [InlineData("sign-in-link.en.txt", "Subject: x\n\n", 1, "a text follows")]
    [InlineData("sign-in.en.txt", "Subject: x\n\nHello\n", 1, "`TEMPLATE.LANGUAGE.txt`")]
    [InlineData("frame.en.txt", "greeting = Hi {name}\nnothing = x\n", 2, "names and blanks")]
    [InlineData("frame.en.txt", "greeting = Hi {nam}\n", 1, "names and blanks")]
    [InlineData("frame.en.txt", "greeting = Hi {name}\n", 1, "is missing")]
    public void A_mistake_is_told_with_file_and_line(string file, string text, int line, string said)
    {
        Write(file, text);
        var fault = Assert.Throws<Fault>(() => MessageTexts.Open(folder.FullName));
        Assert.StartsWith($"{Path.Combine(folder.FullName, file)}({line}): ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_language_is_one_more_file()
    {
        Write("sign-in-link.fr.txt", "Subject: Votre lien\n\nVoici : {link}\n");
        Write("frame.fr.txt", MessageTexts.Ready().Single(t => t.File == "frame.en.txt").Text);
        Assert.Equal("fr", MessageTexts.Open(folder.FullName).Find("sign-in-link", "fr", "en").Language);
        Assert.Equal("en", MessageTexts.Open(folder.FullName).Find("reminder", "fr", "en").Language);
    }

    [Fact]
    public void A_line_whose_blank_is_empty_is_left_out_and_a_value_is_not_filled_again()
    {
        var text = MessageText.Read("request-done", "Subject: Done\n\nHello\n\nWhat we keep:\n\n{kept}\n\nNumber: {request}\nWhy: {reason}\n", "x");
        Assert.Equal("Hello\n\nNumber: {link}\n", text.Fill(new Dictionary<string, string> { ["request"] = "{link}", ["link"] = "no" }).Text);
        Assert.Equal("Hello\n\nWhat we keep:\n\n- total\n\nWhy: law\n", text.Fill(new Dictionary<string, string> { ["kept"] = "- total", ["reason"] = "law" }).Text);
    }

    [Fact]
    public void The_html_says_what_the_text_says_and_runs_and_loads_nothing()
    {
        var html = MailPage.ToHtml("A & B", "Hello <script>alert(1)</script>\n\n- one https://x.example/?a=1&b=\"2\".\n- two\n\njavascript:alert(1)", "end", "en");
        Assert.Contains("<p>Hello &lt;script&gt;alert(1)&lt;/script&gt;</p>", html, StringComparison.Ordinal);
        Assert.Contains("<li>one <a href=\"https://x.example/?a=1&amp;b=\">https://x.example/?a=1&amp;b=</a>&quot;2&quot;.</li>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"javascript", html, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example:587", "mail.example", 587)]
    [InlineData("mail.example", "mail.example", 587)]
    [InlineData("mail.example:25", "mail.example", 25)]
    [InlineData("[::1]:2525", "::1", 2525)]
    public void A_relay_is_a_host_and_a_port(string text, string host, int port) => Assert.Equal(new SmtpRelay(host, port), SmtpRelay.Parse(text, null, null));

    [Theory]
    [InlineData("")]
    [InlineData("mail.example:0")]
    [InlineData("mail.example:99999")]
    [InlineData("user@mail.example")]
    [InlineData("mail.example/x")]
    public void Anything_else_is_refused(string text) => Assert.Equal("messages/bad-relay", Assert.Throws<Fault>(() => SmtpRelay.Parse(text, null, null)).What);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 16)]
    [InlineData(7, 1440)]
    [InlineData(40, 1440)]
    public void Waiting_grows_to_a_day(long attempts, int minutes) => Assert.Equal(TimeSpan.FromMinutes(minutes), Retry.After(attempts));

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(folder.FullName, file), text);

    private static HashSet<string> Blanks(string text) => [.. Regex.Matches(text, @"\{\w+\}").Select(m => m.Value)];
}
