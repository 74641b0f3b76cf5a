using System.Net;
using System.Text.RegularExpressions;
using Candor.Tests.House;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Server;

public sealed class MeFormOnSqlite : MeFormTests<Sqlite>;

public sealed class MeFormOnPostgres : MeFormTests<Postgres>;

/// <summary>Every form of My Data &amp; Privacy, used as it should not be: nothing is leaked, nothing is lost, and nothing breaks.</summary>
public abstract partial class MeFormTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";

    private static readonly (string Path, string Body)[] Forms =
    [
        ("/me/choices", "purpose=next-needs&state=given&notice=x"), ("/me/choices/all-off", "x=1"), ("/me/data/email", "value=new@customers.example"), ("/me/data/fullName", "value=Ada"),
        ("/me/questions", "question=Hello"), ("/me/requests", "type=restriction&note=x"), ("/me/requests/0123456789abcdef0123456789abcdef/take-back", "x=1"),
        ("/me/requests/0123456789abcdef0123456789abcdef/prove", "x=1"), ("/me/requests/0123456789abcdef0123456789abcdef/lift", "x=1"), ("/me/delete", "x=1"),
        ("/me/choices/collected", "purpose=next-needs"), ("/me/download", "x=1"), ("/me/sessions/end", "session=0123456789abcdef"), ("/me/sessions/end-others", "x=1"),
        ("/me/why/wishes", "item=tea-assam"), ("/me/why/wishes/back", "wish=0123456789abcdef"),
    ];

    private string ada = "";
    private string ben = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("c-0001");
        await AddCustomerAsync("c-0002");
        (ada, ben) = (await SignInAsync("c-0001"), await SignInAsync("c-0002"));
    }

    [Fact]
    public async Task No_form_is_taken_from_another_session_another_site_or_without_its_mark()
    {
        var foreign = await MarkAsync(ben);
        foreach (var (path, body) in Forms)
        {
            foreach (var mark in new[] { foreign, "", new string('A', 43) })
            {
                Assert.Equal((path, 400), (path, (await PostAsync(ada, path, $"{body}&form={mark}")).Status));
            }

            var own = await MarkAsync(ada);
            Assert.Equal((path, 403), (path, (await SendAsync("POST", path, $"{body}&form={own}", "", Form, ("Cookie", ada), ("Sec-Fetch-Site", "cross-site"))).Status));
            Assert.Equal((path, 415), (path, (await SendAsync("POST", path, "{}", "", headers: [("Cookie", ada), ("Sec-Fetch-Site", "same-origin")])).Status));
        }

        Assert.Contains("c-0001@customers.example", (await GetPageAsync(ada, "/me/data/email")).Text, StringComparison.Ordinal);
        Assert.Contains("not made a request", (await GetPageAsync(ada, "/me/requests")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_customers_request_and_session_are_as_if_they_were_not_there()
    {
        var filed = await PostAsync(ada, "/me/requests", $"type=rectification&note=secret-note&form={await MarkAsync(ada)}");
        var path = filed.Message.Headers.Location!.ToString();
        Assert.Contains("secret-note", (await GetPageAsync(ada, path)).Text, StringComparison.Ordinal);
        var mark = await MarkAsync(ben);
        foreach (var answer in new[] { await GetPageAsync(ben, path), await PostAsync(ben, path + "/take-back", $"form={mark}"), await PostAsync(ben, path + "/lift", $"form={mark}") })
        {
            Assert.DoesNotContain("secret-note", answer.Text, StringComparison.Ordinal);
            Assert.True(answer.Status is 404 or 302 or 403, $"{answer.Status}");
        }

        var second = await SignInAsync("c-0001");
        var session = Regex.Match((await GetPageAsync(second, "/me/sessions")).Text, """name="session" value="([0-9a-f]+)" """.TrimEnd()).Groups[1].Value;
        Assert.NotEmpty(session);
        await PostAsync(ben, "/me/sessions/end", $"session={session}&form={mark}");
        Assert.Equal(200, (await GetPageAsync(ada, "/me")).Status);
        Assert.Equal(302, (await PostAsync(second, "/me/sessions/end", $"session={session}&form={await MarkAsync(second)}")).Status);
        Assert.Equal(302, (await GetPageAsync(ada, "/me")).Status);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_and_nothing_is_stored()
    {
        var mark = await MarkAsync(ada);
        Assert.Equal(400, (await PostAsync(ada, "/me/data/email", $"form={mark}&value={new string('x', 600)}@customers.example")).Status);
        Assert.Equal(400, (await PostAsync(ada, "/me/questions", $"form={mark}&question={new string('x', 2001)}")).Status);
        Assert.Equal(400, (await PostAsync(ada, "/me/requests", $"form={mark}&type=access&note={new string('x', 4001)}")).Status);
        Assert.True((await PostAsync(ada, "/me/questions", $"form={mark}&question={new string('x', 70_000)}")).Status is 400 or 413);
        Assert.True((await PostAsync(ada, "/me/data/email", $"form={mark}&" + string.Join('&', Enumerable.Range(0, 3000).Select(i => $"t.{i}=x")))).Status is 400 or 413);
        Assert.Contains("c-0001@customers.example", (await GetPageAsync(ada, "/me/data/email")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_hostile_value_breaks_a_form_or_comes_back_as_markup()
    {
        var mark = await MarkAsync(ada);
        string[] hostile = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\0", "\ud83d\ude00", "' OR 1=1 --", "{{7*7}}", "%00", "../../etc", "\u202e", "@", "a@b.example", "4111111111111111", "+44", "\r\n"];
        await Gen.Select(Gen.Int[0, hostile.Length - 1].Select(i => hostile[i]).Array[1, 4], Gen.Int[0, Forms.Length - 1], Gen.String[0, 40]).SampleAsync(async (parts, which, noise) =>
        {
            var (path, body) = Forms[which];
            // Not the one that would delete the account: it has nothing that could be hostile.
            path = path == "/me/delete" || path.StartsWith("/me/sessions", StringComparison.Ordinal) ? "/me/questions" : path;
            var value = Uri.EscapeDataString(string.Concat(parts) + string.Concat(noise.Where(c => !char.IsSurrogate(c))));
            var sent = Regex.Replace(body, "=[^&]*", "=" + value) + $"&value={value}&t.x={value}&n.x={value}&form={mark}";
            var answer = await PostAsync(ada, path, sent);
            Assert.True(answer.Status < 500, $"{path} {sent}: {answer.Status}");
            Assert.DoesNotContain("<script>alert", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", answer.Text, StringComparison.Ordinal);
        }, iter: 120, threads: 1);
        foreach (var path in new[] { "/me", "/me/data", "/me/data/email", "/me/data/fullName", "/me/questions", "/me/requests", "/me/choices" })
        {
            var page = await GetPageAsync(ada, path);
            Assert.Equal((path, 200), (path, page.Status));
            Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/me/data/nothing", 404)]
    [InlineData("/me/data/%00", 400)]
    [InlineData("/me/data/purchases?page=99999999999999999999", 200)]
    [InlineData("/me/looks?before=abc&own=2", 200)]
    [InlineData("/me/looks/zzz/proof", 404)]
    [InlineData("/me/requests/zzz", 404)]
    [InlineData("/me/questions?about=%3Cscript%3E&record=%00", 200)]
    public async Task An_address_that_was_tampered_with_gets_a_clear_answer(string path, int status) => Assert.Equal(status, (await GetPageAsync(ada, path)).Status);

    [Fact]
    public async Task Deleting_the_account_asks_twice_and_ends_with_a_goodbye()
    {
        Assert.Contains("href=\"/me/delete/confirm\"", (await GetPageAsync(ada, "/me/delete")).Text, StringComparison.Ordinal);
        Assert.Contains("Do you want to delete your account?", (await GetPageAsync(ada, "/me/delete/confirm")).Text, StringComparison.Ordinal);
        var answer = await PostAsync(ada, "/me/delete", $"form={await MarkAsync(ada)}");
        Assert.Equal(200, answer.Status);
        Assert.Contains("Goodbye", answer.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await GetPageAsync(ada, "/me")).Status);
        Assert.Equal(200, (await GetPageAsync(ben, "/me")).Status);
    }

    [Fact]
    public async Task A_restriction_shows_everywhere_and_can_be_lifted()
    {
        var filed = await PostAsync(ada, "/me/requests", $"type=restriction&form={await MarkAsync(ada)}");
        Assert.Contains("we hold your data still", WebUtility.HtmlDecode((await GetPageAsync(ada, "/me")).Text), StringComparison.Ordinal);
        Assert.Equal(400, (await PostAsync(ada, "/me/questions", $"question=Hello&form={await MarkAsync(ada)}")).Status);
        Assert.Equal(302, (await PostAsync(ada, filed.Message.Headers.Location + "/lift", $"form={await MarkAsync(ada)}")).Status);
        Assert.DoesNotContain("we hold your data still", (await GetPageAsync(ada, "/me")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_download_is_a_whole_archive_with_the_customers_data_and_nobody_elses()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/me/download") { Content = new StringContent($"form={await MarkAsync(ada)}", System.Text.Encoding.UTF8, Form) };
        request.Headers.TryAddWithoutValidation("Cookie", ada);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        using var answer = await Http.SendAsync(request, Ct);
        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.MediaType);
        using var zip = new System.IO.Compression.ZipArchive(await answer.Content.ReadAsStreamAsync(Ct));
        var texts = string.Concat(zip.Entries.Select(e => new StreamReader(e.Open()).ReadToEnd()));
        Assert.Contains("c-0001@customers.example", texts, StringComparison.Ordinal);
        Assert.DoesNotContain("c-0002@customers.example", texts, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_text_that_a_page_asks_for_is_there()
    {
        var names = Candor.Server.Web.PageText.In("me", "en").Names.ToHashSet();
        var asked = Repository.Files("src/Candor.Server/Pages/Me", ".cs", ".razor").SelectMany(f => AskedFor().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value))
            .Where(n => !n.EndsWith('.') && !n.EndsWith("basis", StringComparison.Ordinal));
        Offences.None(asked.Where(n => !names.Contains(n) && !names.Contains(n + ".one")).Distinct());
    }

    private async Task<string> SignInAsync(string reference) =>
        (await SendAsync("POST", "/demo/sign-in", $"reference={reference}", "", Form, ("Sec-Fetch-Site", "same-origin"))).Message.Headers.GetValues("Set-Cookie")
            .Single(c => c.StartsWith("__Host-s=", StringComparison.Ordinal)).Split(';')[0];

    private async Task<string> MarkAsync(string cookie) => Regex.Match((await GetPageAsync(cookie, "/me")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;

    private Task<Answer> GetPageAsync(string cookie, string path) => SendAsync("GET", path, token: "", headers: [("Cookie", cookie), ("Accept-Language", "en")]);

    private Task<Answer> PostAsync(string cookie, string path, string body) => SendAsync("POST", path, body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"));

    [GeneratedRegex("""\b(?:T|Count|TOr)\("([a-z][\w./&-]*)"[,)]""")]
    private static partial Regex AskedFor();
}
