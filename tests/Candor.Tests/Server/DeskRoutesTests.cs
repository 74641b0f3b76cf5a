using System.Net;
using System.Text.RegularExpressions;
using Candor.Tests.Storage;
using CsCheck;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Candor.Tests.Server;

public sealed class DeskRoutesOnSqlite : DeskRoutesTests<Sqlite>;

public sealed class DeskRoutesOnPostgres : DeskRoutesTests<Postgres>;

/// <summary>The doors of the desk over HTTP: what they show, what they refuse, and that no address says who a page is about.</summary>
public abstract partial class DeskRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Customer = "canary-7f3a";
    private string agent = "";
    private string agentToken = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Assert.Equal(201, (await SendAsync("PUT", "/v1/customers/" + Customer, $$"""{"fullName":"Canary Wren","email":"{{Customer}}@customers.example","phone":"+44 7700 900777","preferredChannel":"phone"}""")).Status);
        Assert.Equal(200, (await SendAsync("POST", "/v1/events", $$"""{"events":[{"customer":"{{Customer}}","dataPoint":"purchases","id":"o-1","time":"{{TimeProvider.System.GetUtcNow().AddDays(-2):O}}","data":{"invoiceNumber":"CANARY-1","item":"Scarf","status":"delayed" } } ] }""")).Status);
        (agentToken, agent) = await SignInAsync("agent");
    }

    [Fact]
    public async Task Finding_leads_to_a_page_whose_address_says_nothing()
    {
        foreach (var text in new[] { Customer, Customer + "@customers.example", "07700 900777", "canary-1" })
        {
            var found = await FindAsync(text);
            Assert.Matches("^/desk/customers/[0-9a-f]{32}$", found);
            var page = await GetPageAsync(agent, found);
            Assert.Equal(200, page.Status);
            Assert.Contains("Canary Wren", page.Text, StringComparison.Ordinal);
            Assert.Contains("T-1", page.Text, StringComparison.Ordinal);
            Assert.Contains("delayed", page.Text, StringComparison.Ordinal);
            // What the browser keeps in its history says nothing either.
            Assert.DoesNotContain("Canary", Regex.Match(page.Text, "<title>.*?</title>", RegexOptions.Singleline).Value, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Links().Matches(page.Text), m => m.Value.Contains("canary", StringComparison.OrdinalIgnoreCase) || m.Value.Contains("900777", StringComparison.Ordinal));
        }

        var none = await PostAsync(agent, "/desk", $"text=ghost%40customers.example&purpose=support&case=T-1&form={await MarkAsync(agent)}");
        Assert.Equal(404, none.Status);
        Assert.Contains("Nobody is known by this", none.Text, StringComparison.Ordinal);
        Assert.Contains("""value="ghost@customers.example" """.TrimEnd(), none.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reloading_is_a_new_read_with_a_new_entry()
    {
        var page = await FindAsync(Customer);
        var entries = new[] { await GetPageAsync(agent, page), await GetPageAsync(agent, page) }.Select(a => Entry().Match(a.Text).Value).ToList();
        Assert.All(entries, e => Assert.NotEmpty(e));
        Assert.NotEqual(entries[0], entries[1]);
    }

    [Fact]
    public async Task A_note_with_a_card_number_comes_back_as_it_was_typed_and_is_not_stored()
    {
        var page = await FindAsync(Customer);
        var mark = await MarkAsync(agent);
        var refused = await PostAsync(agent, page, $"do=note&channel=chat&text=Card+4111+1111+1111+1111&form={mark}");
        Assert.Equal(400, refused.Status);
        Assert.Contains("Line 1, from character 6", refused.Text, StringComparison.Ordinal);
        Assert.Contains(">Card 4111 1111 1111 1111</textarea>", refused.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync(agent, page, $"do=note&channel=chat&text=Card+was+charged+twice&form={mark}")).Status);
        var after = (await GetPageAsync(agent, page)).Text;
        Assert.Contains("Card was charged twice", after, StringComparison.Ordinal);
        Assert.DoesNotContain("4111", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_for_the_customer_is_filed_with_how_they_proved_who_they_are()
    {
        var page = await FindAsync(Customer);
        foreach (var type in new[] { "access", "portability", "rectification", "erasure", "restriction", "objection" })
        {
            Assert.Equal((type, 302), (type, (await PostAsync(agent, page, $"do=request&type={type}&identity=called+back&text=please&form={await MarkAsync(agent)}")).Status));
        }

        Assert.Equal(400, (await PostAsync(agent, page, $"do=request&type=access&identity=called+back&form={await MarkAsync(agent)}")).Status);
        var requests = (await Host.Requests.WorkAsync(Candor.Rights.Asker.System("test"), false, 10, Ct)).Requests!;
        Assert.Equal(6, requests.Count);
        var (officer, _) = await SignInAsync("privacy-officer");
        var shown = (await Host.RequestReads.ShowAsync(Candor.Staff.CallerToken.Parse(officer), requests[0].Id, Ct)).View!;
        Assert.Equal("Identity: called back\nplease", shown.Steps[0].Note);
        Assert.All(requests, r => Assert.Contains("staff:", r.FiledBy, StringComparison.Ordinal));
    }

    // Every door that changes something, with a staff session in every place where a browser or a program could put one.
    [Fact]
    public async Task No_session_of_staff_gives_a_consent_by_any_route()
    {
        var page = await FindAsync(Customer);
        await PostAsync(agent, page, $"do=ask&purpose=newsletter&form={await MarkAsync(agent)}");
        var notice = await NoticeAsync();
        foreach (var role in Candor.Staff.AccessRegister.KnownRoles)
        {
            var (token, cookie) = await SignInAsync(role);
            var mark = await MarkAsync(cookie, "/desk", "/desk/emergencies");
            foreach (var endpoint in App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => !e.RoutePattern.RawText!.Contains("demo", StringComparison.Ordinal)))
            {
                foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Where(m => m is "POST" or "PUT" or "PATCH" or "DELETE") ?? [])
                {
                    var path = "/" + Regex.Replace(endpoint.RoutePattern.RawText!.Trim('/').Replace("{reference}", Customer, StringComparison.Ordinal).Replace("{purpose}", "newsletter", StringComparison.Ordinal)
                        .Replace("{visit}", page.Split('/')[^1], StringComparison.Ordinal), @"\{[^}]*\}", "0123456789abcdef0123456789abcdef");
                    var form = $"do=ask&purpose=newsletter&state=given&answer=yes&notice={notice}&customer={Customer}&form={mark}";
                    var json = $$"""{"state":"given","notice":"{{notice}}","choices":{"newsletter":true},"notices":{"newsletter":"{{notice}}"},"language":"en"}""";
                    foreach (var headers in new (string, string)[][] { [("Cookie", cookie)], [("Cookie", cookie.Replace("__Host-staff", "__Host-s", StringComparison.Ordinal))], [] })
                    {
                        Assert.True((await SendAsync(method, path, form, headers.Length == 0 ? token : "", Form, [.. headers, ("Sec-Fetch-Site", "same-origin")])).Status < 500, path);
                        Assert.True((await SendAsync(method, path, json, headers.Length == 0 ? token : "", headers: headers)).Status < 500, path);
                    }
                }
            }
        }

        Assert.Equal(0, await Host.Database.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM consent_record WHERE event = 'given' OR event = 'renewed'", null, Ct), Ct));
    }

    [Fact]
    public async Task The_customer_answers_in_a_session_of_their_own_and_the_agent_sees_it()
    {
        var page = await FindAsync(Customer);
        Assert.Equal(302, (await PostAsync(agent, page, $"do=ask&purpose=newsletter&form={await MarkAsync(agent)}")).Status);
        Assert.Contains("not answered yet", (await GetPageAsync(agent, page)).Text, StringComparison.Ordinal);
        var customer = await CustomerAsync();
        Assert.Contains("/me/asked", (await GetPageAsync(customer, "/me")).Text, StringComparison.Ordinal);
        var asked = (await GetPageAsync(customer, "/me/asked")).Text;
        var notice = Regex.Match(asked, """name="notice" value="([0-9a-f]{64})" """.TrimEnd()).Groups[1].Value;
        var answer = await PostAsync(customer, "/me/asked", $"purpose=newsletter&answer=no&notice={notice}&form={Mark().Match(asked).Groups[1].Value}");
        Assert.Equal(302, answer.Status);
        var after = (await GetPageAsync(agent, page)).Text;
        Assert.Contains("the customer said no", after, StringComparison.Ordinal);
        Assert.Equal(400, (await PostAsync(agent, page, $"do=ask&purpose=newsletter&form={await MarkAsync(agent)}")).Status);
    }

    [Fact]
    public async Task No_form_is_taken_from_another_session_or_another_site_and_no_hostile_value_breaks_one()
    {
        var page = await FindAsync(Customer);
        var (_, other) = await SignInAsync("agent");
        Assert.Equal(400, (await PostAsync(agent, page, $"do=note&channel=chat&text=x&form={await MarkAsync(other)}")).Status);
        var mark = await MarkAsync(agent);
        Assert.Equal(403, (await SendAsync("POST", page, $"do=note&channel=chat&text=x&form={mark}", "", Form, ("Cookie", agent), ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(404, (await GetPageAsync(other, page)).Status);
        string[] hostile = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\0", "\u202e", "' OR 1=1 --", "{{7*7}}", "%00", "😀", "4111111111111111", ""];
        string[] acts = ["note", "channel", "ask", "request", "why", "emergency", "nothing", ""];
        await Gen.Select(Gen.Int[0, hostile.Length - 1].Array[6], Gen.Int[0, acts.Length - 1], Gen.Bool).SampleAsync(async (which, act, find) =>
        {
            var v = which.Select(i => Uri.EscapeDataString(hostile[i])).ToList();
            var body = find ? $"text={v[0]}&purpose={v[1]}&case={v[2]}&form={mark}" : $"do={acts[act]}&text={v[0]}&purpose={v[1]}&case={v[2]}&channel={v[3]}&type={v[4]}&identity={v[5]}&answers={v[0]}&form={mark}";
            var answer = await PostAsync(agent, find ? "/desk" : page, body);
            Assert.True(answer.Status < 500, $"{body}: {answer.Status}");
            Assert.DoesNotContain("<script>alert", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", answer.Text, StringComparison.Ordinal);
        }, iter: 80, threads: 1);
    }

    [Fact]
    public async Task The_brief_for_programs_has_the_same_content_and_the_same_refusals()
    {
        var answer = await SendAsync("GET", $"/v1/customers/{Customer}/brief?case=T-9", token: agentToken);
        Assert.Equal(200, answer.Status);
        Assert.Equal("T-9", answer.Json.GetProperty("case").GetString());
        Assert.Contains(answer.Json.GetProperty("fields").EnumerateArray(), f => f.GetProperty("dataPoint").GetString() == "fullName" && f.GetProperty("value").GetString() == "Canary Wren" && f.GetProperty("source").GetString() == "shop");
        Assert.True(answer.Json.GetProperty("open")[0].GetProperty("open").GetBoolean());
        Assert.Equal("no-consent", answer.Json.GetProperty("needs").GetProperty("withheld").GetString());
        Assert.Equal("no-case", (await SendAsync("GET", $"/v1/customers/{Customer}/brief", token: agentToken)).Json.GetProperty("reason").GetString());
        Assert.Equal("role-not-allowed", (await GetAsync($"/v1/customers/{Customer}/brief?case=T-9")).Json.GetProperty("reason").GetString());
        Assert.Equal(401, (await GetAsync($"/v1/customers/{Customer}/brief?case=T-9", "")).Status);
        Assert.Equal(400, (await SendAsync("GET", $"/v1/customers/{Customer}/brief?case={new string('x', 65)}", token: agentToken)).Status);
    }

    [Fact]
    public async Task A_late_order_is_pointed_out_on_the_page_in_the_agents_language_and_to_programs()
    {
        var ordered = TimeProvider.System.GetUtcNow().AddDays(-9);
        Assert.Equal(200, (await SendAsync("POST", "/v1/events", $$"""{"events":[{"customer":"{{Customer}}","dataPoint":"purchases","id":"o-2","time":"{{ordered:O}}","data":{"invoiceNumber":"CANARY-2","item":"Pot","total":34.5 } } ] }""")).Status);
        var page = await FindAsync(Customer);
        var (english, german) = (await GetPageAsync(agent, page), await GetPageAsync(agent, page + "?language=de"));
        Assert.Contains("Order CANARY-2 is late", english.Text, StringComparison.Ordinal);
        Assert.Contains("Noticed in: Purchase history", english.Text, StringComparison.Ordinal);
        Assert.Contains("Bestellung CANARY-2 verspätet sich", System.Net.WebUtility.HtmlDecode(german.Text), StringComparison.Ordinal);
        var noticed = Assert.Single((await SendAsync("GET", $"/v1/customers/{Customer}/brief?case=T-9", token: agentToken)).Json.GetProperty("noticed").EnumerateArray());
        Assert.Equal(("lateOrders", "purchases", "CANARY-2", 1), (noticed.GetProperty("rule").GetString(), noticed.GetProperty("dataPoint").GetString(), noticed.GetProperty("about").GetString(), noticed.GetProperty("times").GetInt32()));
        Assert.Equal(["about", "at", "dataPoint", "rule", "since", "times"], noticed.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    private async Task<string> FindAsync(string text)
    {
        var answer = await PostAsync(agent, "/desk", $"text={Uri.EscapeDataString(text)}&purpose=support&case=T-1&form={await MarkAsync(agent)}");
        Assert.True(answer.Status == 302, $"{answer.Status}: {answer.Text}");
        return answer.Message.Headers.Location!.ToString();
    }

    private async Task<(string Token, string Cookie)> SignInAsync(string role)
    {
        var token = await Host.Database.WriteAsync(async tx =>
            await Host.Access.OpenStaffSessionAsync(tx, await Host.Access.AddStaffAsync(tx, role + " person", [role], tx.Now.AddYears(1), "test", Ct), tx.Now, Ct), Ct);
        return (token, "__Host-staff=" + token);
    }

    private async Task<string> CustomerAsync()
    {
        var key = await Host.Database.ReadAsync(async tx => (await Host.Vault.FindCustomerAsync(tx, "reference", Customer, Ct))!, Ct);
        return "__Host-s=" + await Host.Database.WriteAsync(tx => Host.Access.OpenCustomerSessionAsync(tx, key.Id, Ct), Ct);
    }

    private Task<Answer> PostAsync(string cookie, string path, string body) => SendAsync("POST", path, body, "", Form, ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"));

    private Task<Answer> GetPageAsync(string cookie, string path) => SendAsync("GET", path, token: "", headers: ("Cookie", cookie));

    private async Task<string> MarkAsync(string cookie, params string[] pages)
    {
        foreach (var page in pages is [] ? ["/desk"] : pages)
        {
            if (Mark().Match((await GetPageAsync(cookie, page)).Text) is { Success: true } found)
            {
                return WebUtility.HtmlDecode(found.Groups[1].Value);
            }
        }

        return "";
    }

    [GeneratedRegex("name=\"form\" value=\"([^\"]+)\"")]
    private static partial Regex Mark();

    [GeneratedRegex("(?:href|action)=\"[^\"]*\"")]
    private static partial Regex Links();

    [GeneratedRegex("(?<=Log entry <code class=\"hash\">)[0-9a-f]{32}")]
    private static partial Regex Entry();
}
