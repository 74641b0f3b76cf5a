using System.Text.RegularExpressions;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class TrainingRoutesOnSqlite : TrainingRoutesTests<Sqlite>;

public sealed class TrainingRoutesOnPostgres : TrainingRoutesTests<Postgres>;

/// <summary>The pages of training over HTTP: from the closed door to the open one, and every form used as it should not be.</summary>
public abstract class TrainingRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private string sam = "";
    private string samToken = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("c-0001");
        var trainings = Host.Trainings;
        await Host.Database.WriteAsync(tx => trainings.CountAsync(tx, "test", Ct), Ct);
        (sam, samToken) = await SignInAsync("Sam", "agent");
    }

    [Fact]
    public async Task Who_has_no_training_is_led_to_it_fails_passes_and_reads()
    {
        Assert.Equal("training-lapsed", (await ReadAsync()).Json.GetProperty("reason").GetString());
        var list = await PageAsync(sam, "/staff/training");
        Assert.Contains("You cannot open customer data yet", list.Text, StringComparison.Ordinal);
        foreach (var module in (string[])["privacy-basics", "phishing", "data-rules"])
        {
            Assert.Contains($"/staff/training/{module}", list.Text, StringComparison.Ordinal);
            var failed = await TakeAsync(module, right: 0);
            Assert.Contains("Not passed yet", failed.Text, StringComparison.Ordinal);
            Assert.Equal("training-lapsed", (await ReadAsync()).Json.GetProperty("reason").GetString());
            Assert.Contains("Passed:", (await TakeAsync(module, right: 100)).Text, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await ReadAsync()).Status);
        Assert.Contains("Your training counts until", (await PageAsync(sam, "/staff/training")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gaps_are_shown_and_what_was_marked_stays()
    {
        var questions = await BeginAsync("phishing");
        var answer = await PostAsync(sam, questions, $"q0=0&form={await MarkAsync(sam)}");
        Assert.Equal(400, answer.Status);
        Assert.Contains("7 still open", answer.Text, StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(answer.Text, " checked"));
        Assert.Equal(200, (await PageAsync(sam, questions)).Status);
    }

    [Fact]
    public async Task A_sheet_is_handed_in_once_and_only_by_its_owner()
    {
        var (olga, _) = await SignInAsync("Olga", "agent");
        var questions = await BeginAsync("phishing");
        Assert.Equal(302, (await PageAsync(olga, questions)).Status);
        Assert.Equal("/staff/training/phishing", (await PostAsync(olga, questions, $"q0=0&form={await MarkAsync(olga)}")).Message.Headers.Location!.ToString());
        var body = Answers(questions, "phishing", 100);
        Assert.Contains("/result/", (await PostAsync(sam, questions, $"{body}&form={await MarkAsync(sam)}")).Message.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal("/staff/training/phishing", (await PostAsync(sam, questions, $"{body}&form={await MarkAsync(sam)}")).Message.Headers.Location!.ToString());
        Assert.Contains("/result/", (await PageAsync(sam, questions)).Message.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(302, (await PageAsync(olga, questions.Replace("/questions/", "/result/", StringComparison.Ordinal))).Status);
    }

    [Theory]
    [InlineData("GET", "/staff/training/no-such-module", 404)]
    [InlineData("GET", "/staff/training/%2e%2e%2f", 404)]
    [InlineData("GET", "/staff/training/phishing/questions/x", 302)]
    [InlineData("GET", "/staff/training/phishing/questions/0123456789abcdef0123456789abcdef", 302)]
    [InlineData("POST", "/staff/training/no-such-module/begin", 404)]
    [InlineData("POST", "/staff/training/phishing/questions/0123456789abcdef0123456789abcdef", 302)]
    [InlineData("GET", "/staff/training/overview", 403)]
    [InlineData("GET", "/staff/training/overview.csv", 403)]
    [InlineData("GET", "/staff/training/certificate", 403)]
    [InlineData("POST", "/staff/training/certificate", 403)]
    public async Task What_is_not_there_or_not_for_the_role_is_refused(string method, string path, int status)
    {
        var answer = method == "GET" ? await PageAsync(sam, path) : await PostAsync(sam, path, $"q0=0&form={await MarkAsync(sam)}");
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task No_form_is_taken_without_its_mark_or_from_another_site()
    {
        var mark = await MarkAsync((await SignInAsync("Olga", "agent")).Cookie);
        foreach (var path in (string[])["/staff/training/phishing/begin", await BeginAsync("phishing")])
        {
            Assert.Equal(400, (await PostAsync(sam, path, $"q0=0&form={mark}")).Status);
            Assert.Equal(403, (await SendAsync("POST", path, $"q0=0&form={await MarkAsync(sam)}", "", Form, ("Cookie", sam), ("Sec-Fetch-Site", "cross-site"))).Status);
        }

        var odd = await BeginAsync("phishing");
        foreach (var bad in (string[])["q0=99999999999999999999", "q0=-1", "q0=a", string.Join('&', Enumerable.Range(0, 8).Select(q => $"q{q}=7")), "q0=%00"])
        {
            Assert.Equal(400, (await PostAsync(sam, odd, $"{bad}&form={await MarkAsync(sam)}")).Status);
        }
    }

    [Fact]
    public async Task The_overview_and_its_file_show_everybody_and_hold_no_formula()
    {
        var (pia, _) = await SignInAsync("=1+1 Pia", "privacy-officer");
        await TakeAsync("phishing", right: 0);
        await TakeAsync("phishing", right: 100);
        var page = await PageAsync(pia, "/staff/training/overview");
        Assert.Contains("Sam", page.Text, StringComparison.Ordinal);
        Assert.Contains("2 attempts", page.Text, StringComparison.Ordinal);
        Assert.Contains("<strong>0 %</strong>", page.Text, StringComparison.Ordinal);
        var file = await PageAsync(pia, "/staff/training/overview.csv");
        Assert.Equal("text/csv", file.Message.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("attachment", file.Message.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        Assert.Contains("\r\nSam,agent,phishing,yes,valid,", file.Text, StringComparison.Ordinal);
        Assert.Contains("\r\n'=1+1 Pia,privacy-officer,phishing,yes,never,,0,,", file.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_needs_a_fresh_second_factor_and_its_evidence()
    {
        var (stale, _) = await SignInAsync("Alma", "administrator", TimeSpan.FromMinutes(-6));
        Assert.StartsWith("/staff/confirm", (await PageAsync(stale, "/staff/training/certificate")).Message.Headers.Location!.ToString(), StringComparison.Ordinal);
        var (alma, _) = await SignInAsync("Ada", "administrator");
        var person = (await Host.Database.ReadAsync(tx => Host.Access.StaffAsync(tx, Ct), Ct)).Single(s => s.Name == "Sam").StaffId;
        var until = TimeProvider.System.GetUtcNow().AddDays(30);
        var body = $"person={person}&module=phishing&until={until:yyyy-MM-dd}&form={await MarkAsync(alma)}";
        Assert.Equal(400, (await PostAsync(alma, "/staff/training/certificate", body + "&evidence=short")).Status);
        Assert.Equal(400, (await PostAsync(alma, "/staff/training/certificate", body.Replace("until=", "until=x", StringComparison.Ordinal) + "&evidence=Filed+under+HR%2F12")).Status);
        var proposed = (await PostAsync(alma, "/staff/training/certificate", body + "&evidence=Filed+under+HR%2F12")).Message.Headers.Location!.ToString();
        Assert.StartsWith("/admin/changes/", proposed, StringComparison.Ordinal);
        Assert.Contains("Filed under HR/12", (await PageAsync(alma, proposed)).Text, StringComparison.Ordinal);
        var (ansel, anselToken) = await SignInAsync("Ansel", "administrator");
        Assert.Contains("Filed under HR/12", (await PageAsync(ansel, proposed)).Text, StringComparison.Ordinal);
        await Host.Database.WriteAsync(async tx => await Host.Eyes.ApproveAsync(tx, CallerToken.Parse(anselToken), proposed.Split('/')[^1], Ct), Ct);
        var standing = await Host.Database.ReadAsync(tx => TrainingOverview.OfAsync(tx, person, Ct), Ct);
        Assert.Equal(until.UtcDateTime.Date.AddDays(1), standing!.Modules.Single(m => m.Module == "phishing").Until!.Value.UtcDateTime);
    }

    private async Task<Answer> ReadAsync() => await GetAsync("/v1/customers/c-0001?purpose=support&fields=fullName&case=T-1", samToken);

    private async Task<(string Cookie, string Token)> SignInAsync(string name, string role, TimeSpan mfa = default)
    {
        var text = await Host.Database.WriteAsync(async tx => await Host.Access.OpenStaffSessionAsync(
            tx, await Host.Access.AddStaffAsync(tx, name, [role], null, "test", Ct), tx.Now + mfa, Ct), Ct);
        return ($"{CallerAuthentication.StaffCookie}={text}", text);
    }

    private Task<Answer> PageAsync(string cookie, string path) => SendAsync("GET", path, token: "", headers: [("Cookie", cookie), ("Accept", "text/html")]);

    private Task<Answer> PostAsync(string cookie, string path, string body) => SendAsync("POST", path, body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"));

    private async Task<string> MarkAsync(string cookie) => Regex.Match((await PageAsync(cookie, "/staff/training/phishing")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;

    private async Task<string> BeginAsync(string module) =>
        (await PostAsync(sam, $"/staff/training/{module}/begin", $"form={await MarkAsync(sam)}")).Message.Headers.Location!.ToString();

    private async Task<Answer> TakeAsync(string module, int right)
    {
        var questions = await BeginAsync(module);
        Assert.Contains("Hand in", (await PageAsync(sam, questions)).Text, StringComparison.Ordinal);
        var done = await PostAsync(sam, questions, $"{Answers(questions, module, right)}&form={await MarkAsync(sam)}");
        return await PageAsync(sam, done.Message.Headers.Location!.ToString());
    }

    private string Answers(string questions, string id, int right)
    {
        var module = Host.Database.ReadAsync(tx => Host.Trainings.FindAsync(tx, new HashSet<string> { "agent" }, id, Ct), Ct).GetAwaiter().GetResult()!;
        return string.Join('&', SheetFilling.Of(questions.Split('/')[^1], module.In("en").Questions, right).Marked.SelectMany((m, q) => m.Select(a => $"q{q}={a}")));
    }
}
