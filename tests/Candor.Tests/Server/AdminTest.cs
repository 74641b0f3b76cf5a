using System.Net;
using System.Text.RegularExpressions;
using Candor.Server.Pages.Demo;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

/// <summary>The server with the sample staff, two administrators among them, used by form as a browser does.</summary>
public abstract class AdminTest<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";

    protected string Alma { get; private set; } = "";

    protected string Ansel { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Host.Database.WriteAsync(tx => DemoStaff.AddAsync(Host, tx, Ct), Ct);
        (Alma, Ansel) = (await SignInAsync("Alma Admin"), await SignInAsync("Ansel Admin"));
    }

    /// <summary>Signs in as one of the sample staff; the cookie.</summary>
    protected async Task<string> SignInAsync(string name) =>
        (await SendAsync("POST", "/demo/staff", "name=" + Uri.EscapeDataString(name), "", Form, ("Sec-Fetch-Site", "same-origin"))).Message.Headers.GetValues("Set-Cookie")
            .Single(c => c.StartsWith("__Host-staff=", StringComparison.Ordinal)).Split(';')[0];

    protected Task<Answer> PageAsync(string cookie, string path, string language = "en") => SendAsync("GET", path, token: "", headers: [("Cookie", cookie), ("Accept-Language", language), ("Accept", "text/html")]);

    /// <summary>Sends a form with the mark of the session.</summary>
    protected async Task<Answer> PostAsync(string cookie, string path, string body = "") => await PostWithAsync(cookie, path, $"{body}&form={await MarkAsync(cookie)}");

    protected Task<Answer> PostWithAsync(string cookie, string path, string body) =>
        SendAsync("POST", path, body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"), ("Accept-Language", "en"));

    protected async Task<string> MarkAsync(string cookie) => Regex.Match((await PageAsync(cookie, "/admin/rights")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;

    protected async Task<string> StaffIdAsync(string name) => (await Host.Database.ReadAsync(tx => Host.Access.StaffAsync(tx, Ct), Ct)).Single(s => s.Name == name).StaffId;

    protected async Task<string> RolesAsync(string name) => (await Host.Database.ReadAsync(tx => Host.Access.StaffAsync(tx, Ct), Ct)).Single(s => s.Name == name).Roles;

    /// <summary>Path of the proposal that an answer goes on to.</summary>
    protected static string Proposal(Answer answer)
    {
        var path = answer.Message.Headers.Location?.ToString() ?? "";
        Assert.True(path.StartsWith("/admin/changes/", StringComparison.Ordinal), $"{answer.Status} {path} {answer.Text}");
        return path;
    }

    protected static void AssertShown(Answer answer, int status, params string[] texts)
    {
        Assert.True(answer.Status == status, $"{answer.Status}: {answer.Text}");
        var text = WebUtility.HtmlDecode(answer.Text);
        Assert.All(texts, t => Assert.Contains(t, text, StringComparison.Ordinal));
    }
}
