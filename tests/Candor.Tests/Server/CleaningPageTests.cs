using System.Text;
using System.Text.RegularExpressions;
using Candor.Collection;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class CleaningPageOnSqlite : CleaningPageTests<Sqlite>;

public sealed class CleaningPageOnPostgres : CleaningPageTests<Postgres>;

/// <summary>From what was found in values to its being taken out, on the pages; and who sends what is not declared.</summary>
public abstract class CleaningPageTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/governance/minimisation";

    [Fact]
    public async Task What_was_found_is_proposed_agreed_to_taken_out_and_seen_by_the_customer()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        var key = (await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct), Ct))!;
        await Host.Database.WriteAsync(async tx => await Host.Vault.PutFieldAsync(tx, key, DataPointId.Parse("fullName"), Encoding.UTF8.GetBytes("\"Ada 4242424242424242\""), "shop", Ct), Ct);
        var (otto, olga) = (await CookieAsync("privacy-officer"), await CookieAsync("administrator"));
        Assert.Equal(302, (await PostAsync(otto, Path + "/look", "", Path)).Status);
        await Host.ValueCheck.RunAsync(true, null, Ct);
        var page = await ShowAsync(otto, Path);
        Assert.Contains("card numbers", page, StringComparison.Ordinal);
        Assert.DoesNotContain("4242", page, StringComparison.Ordinal);
        var link = Path + "/clean?point=fullName&kind=Card";
        Assert.Contains(link.Replace("&", "&amp;", StringComparison.Ordinal), page, StringComparison.Ordinal);
        Assert.DoesNotContain("/clean?", await ShowAsync(olga, Path), StringComparison.Ordinal);
        Assert.Contains("[removed: card number]", await ShowAsync(otto, link), StringComparison.Ordinal);
        var proposed = await PostAsync(otto, Path + "/clean", "&point=fullName&kind=Card", link);
        Assert.Equal(302, proposed.Status);
        var change = proposed.Message.Headers.Location!.ToString();
        Assert.Contains("Card numbers", await ShowAsync(olga, change), StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync(olga, change + "/approve", "", change)).Status);
        Assert.Equal(1, await Host.ValueCleaning.RunDueAsync(Ct));
        Assert.Contains("1 values changed", await ShowAsync(otto, Path), StringComparison.Ordinal);
        Assert.Contains("Nothing was found", await ShowAsync(otto, Path), StringComparison.Ordinal);
        var session = await Host.Database.WriteAsync(tx => Host.Access.OpenCustomerSessionAsync(tx, key.Id, Ct), Ct);
        var looks = (await SendAsync("GET", "/me/looks", token: "", headers: ("Cookie", $"{CallerAuthentication.Cookie}={session}"))).Text;
        Assert.Contains("Taken out, because it should not have been kept there", looks, StringComparison.Ordinal);
        Assert.Contains("To take out what should not be kept", looks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_about_health_go_only_on_an_explicit_word_and_nothing_else_is_offered()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        var key = (await Host.Database.ReadAsync(tx => Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "c-0001", Ct), Ct))!;
        await Host.Database.WriteAsync(async tx => await Host.Vault.PutFieldAsync(tx, key, DataPointId.Parse("fullName"), "\"Ada, diabetic\""u8.ToArray(), "shop", Ct), Ct);
        await Host.ValueCheck.RunAsync(true, null, Ct);
        var otto = await CookieAsync("privacy-officer");
        var link = Path + "/clean?point=fullName&kind=Health";
        var refused = await PostAsync(otto, Path + "/clean", "&point=fullName&kind=Health", link);
        Assert.Equal(400, refused.Status);
        Assert.Contains("tick the box", refused.Text, StringComparison.Ordinal);
        Assert.Equal(302, (await PostAsync(otto, Path + "/clean", "&point=fullName&kind=Health&sure=yes", link)).Status);
        Assert.Equal(404, (await SendAsync("GET", Path + "/clean?point=fullName&kind=Empty", token: "", headers: ("Cookie", otto))).Status);
        Assert.Equal(404, (await SendAsync("GET", Path + "/clean?point=nothing&kind=Card", token: "", headers: ("Cookie", otto))).Status);
        Assert.Equal(403, (await SendAsync("GET", link, token: "", headers: ("Cookie", await CookieAsync("auditor")))).Status);
    }

    [Fact]
    public async Task The_table_names_who_sends_what_is_not_declared()
    {
        await StopHousekeepingAsync();
        await AddCustomerAsync("c-0001");
        await SendAsync("PATCH", "/v1/customers/c-0001", """{"shoeSize":44}""", headers: ("Idempotency-Key", "u-1"));
        var auditor = await CookieAsync("auditor");
        Assert.Contains("shoeSize", await ShowAsync(auditor, Path), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^shoeSize,[^,]+,key:[^,]+,1,\d{4}-", await ShowAsync(auditor, Path + "/undeclared.csv"));
        Assert.Equal(403, (await SendAsync("GET", Path + "/undeclared.csv", token: "", headers: ("Cookie", await CookieAsync("agent")))).Status);
    }

    private async Task<string> ShowAsync(string cookie, string path)
    {
        var answer = await SendAsync("GET", path, token: "", headers: ("Cookie", cookie));
        Assert.Equal((path, 200), (path, answer.Status));
        return System.Net.WebUtility.HtmlDecode(answer.Text).Replace("&", "&amp;", StringComparison.Ordinal);
    }

    private async Task<Answer> PostAsync(string cookie, string path, string fields, string from)
    {
        var form = Regex.Match(await ShowAsync(cookie, from), "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;
        return await SendAsync("POST", path, $"form={form}{fields}", token: "", contentType: "application/x-www-form-urlencoded", headers: [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")]);
    }

    private async Task<string> CookieAsync(string role) => await Host.Database.WriteAsync(async tx =>
    {
        var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
        return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
    }, Ct);
}
