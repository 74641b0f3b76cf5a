using System.Text.Json;
using System.Text.RegularExpressions;
using Candor.Governance;
using Candor.Kernel;
using Candor.Staff;
using Candor.Server.Web;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Server;

public sealed class RetentionRoutesOnSqlite : RetentionRoutesTests<Sqlite>;

public sealed class RetentionRoutesOnPostgres : RetentionRoutesTests<Postgres>;

/// <summary>The page about retention, and what the customer sees of it.</summary>
public abstract class RetentionRoutesTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly Dictionary<string, string> cookies = [];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await StopHousekeepingAsync();
        foreach (var role in AccessRegister.KnownRoles)
        {
            cookies[role] = await Host.Database.WriteAsync(async tx =>
            {
                var id = await Host.Access.AddStaffAsync(tx, "Eve " + role, [role], tx.Now.AddYears(1), "test", Ct);
                return $"{CallerAuthentication.StaffCookie}={await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct)}";
            }, Ct);
        }
    }

    [Fact]
    public async Task It_says_what_is_over_and_when_it_goes_to_officers_and_auditors()
    {
        await AddOldAsync("c-1");
        foreach (var role in AccessRegister.KnownRoles)
        {
            Assert.Equal((role, role is "privacy-officer" or "auditor" ? 200 : 403), (role, (await PageAsync(role, "/governance/retention")).Status));
        }

        Assert.Equal(302, (await SendAsync("POST", "/governance/retention/count", "form=" + await MarkAsync("privacy-officer"), "", Form, ("Cookie", cookies["privacy-officer"]), ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(403, (await SendAsync("POST", "/governance/retention/count", "form=" + await MarkAsync("auditor"), "", Form, ("Cookie", cookies["auditor"]), ("Sec-Fetch-Site", "same-origin"))).Status);
        await UntilAsync("the count", async () => (await Host.Database.ReadAsync(tx => RetentionWalk.FindCountsAsync(tx, Ct), Ct))?.Counts is { Count: > 0 });
        var page = (await PageAsync("privacy-officer", "/governance/retention")).Text;
        Assert.Contains("<strong>1</strong>", page, StringComparison.Ordinal);
        Assert.Contains("None yet", page, StringComparison.Ordinal);
        await Host.Retention.RunAsync(null, Ct);
        page = (await PageAsync("privacy-officer", "/governance/retention")).Text;
        Assert.Contains("1 values removed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<strong>1</strong>", page, StringComparison.Ordinal);
        Assert.Contains("Aufbewahrung", (await PageAsync("auditor", "/governance/retention?language=de")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_customer_sees_what_was_removed_and_why()
    {
        var id = await AddOldAsync("c-1");
        await Host.Retention.RunAsync(null, Ct);
        if (Host.Database.IsClustered)
        {
            await Host.Log.SequenceAsync(10_000, Ct);
        }

        var session = await Host.Database.WriteAsync(tx => Host.Access.OpenCustomerSessionAsync(tx, id, Ct), Ct);
        var page = (await SendAsync("GET", "/me/looks", token: "", headers: [("Cookie", $"{CallerAuthentication.Cookie}={session}"), ("Accept", "text/html"), ("Accept-Language", "en")])).Text;
        Assert.Contains("Removed, because its time was over", page, StringComparison.Ordinal);
        Assert.Contains("Candor, by itself", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_models_of_the_server_forget_with_it()
    {
        var id = await AddOldAsync("c-1");
        Assert.Equal(200, (await GiveAsync("c-1", "in-session-recommendations")).Status);
        await Host.Suggestions.LoadAsync(null, Ct);
        var time = Host.Database.Clock.GetUtcNow().AddMinutes(-1).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(200, (await SendAsync("POST", "/v1/events", $$$"""{"events":[{"customer":"c-1","dataPoint":"pageViews","id":"v-1","time":"{{{time}}}","data":{"product":"tea","session":"s"}}]}""")).Status);
        Assert.NotEqual(0, Host.Suggestions.Parts);
        Assert.Equal(1, (await Host.Retention.RunAsync(null, Ct)).Removed);
        Assert.Equal(0, Host.Suggestions.Parts);
        await Host.Suggestions.KeepUpAsync(Ct);
        Assert.NotEqual(0, Host.Suggestions.Parts);
        Assert.NotNull(id);
    }

    private const string Form = "application/x-www-form-urlencoded";

    private async Task<CustomerId> AddOldAsync(string reference)
    {
        await AddCustomerAsync(reference);
        return await Host.Database.WriteAsync(async tx =>
        {
            var key = (await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, Ct))!;
            await Host.Vault.AppendHistoryAsync(tx, key, DataPointId.Parse("purchases"), "p-1", tx.Now.AddYears(-5), JsonSerializer.SerializeToUtf8Bytes(new { product = "hat" }), "test", Ct);
            return key.Id;
        }, Ct);
    }

    private async Task<string> MarkAsync(string role) => Regex.Match((await PageAsync(role, "/staff/account")).Text, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;

    private Task<Answer> PageAsync(string role, string path) => SendAsync("GET", path, token: "", headers: [("Cookie", cookies[role]), ("Accept", "text/html"), ("Accept-Language", "en")]);
}
