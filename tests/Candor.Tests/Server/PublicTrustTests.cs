using Candor.Kernel;
using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class PublicTrustOnSqlite : PublicTrustTests<Sqlite>;

public sealed class PublicTrustOnPostgres : PublicTrustTests<Postgres>;

/// <summary>The page that a business shows everybody.</summary>
public abstract class PublicTrustTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Path = "/trust/public";

    internal override SiteOptions Options => base.Options with { HasPublicTrust = true };

    [Fact]
    public async Task It_says_what_is_collected_and_how_to_check_the_log_and_nothing_about_anybody()
    {
        await AddCustomerAsync("plainly-wren-7q");
        var page = await GetAsync(Path, "");
        Assert.Equal(200, page.Status);
        var active = await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, Ct), Ct);
        Assert.All(active.Catalog.Purposes.Values, p => Assert.Equal(p.Active, page.Text.Contains(System.Net.WebUtility.HtmlEncode(p.Why.In("en")), StringComparison.Ordinal)));
        Assert.Contains(Host.Log.Origin, page.Text, StringComparison.Ordinal);
        Assert.Contains("Fewer than 10 requests", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("plainly-wren", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Ada Brook", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("witness", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("backup", page.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_cookie_of_staff_that_is_old_wrong_or_good_changes_nothing()
    {
        var (old, ended, good) = await Host.Database.WriteAsync(async tx =>
        {
            var id = await Host.Access.AddStaffAsync(tx, "Eve", ["analyst"], tx.Now.AddYears(1), "test", Ct);
            var ended = await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct);
            await Host.Access.EndSessionAsync(tx, Candor.Staff.CallerToken.Parse(ended), Ct);
            return (await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now.AddDays(-40), Ct), ended, await Host.Access.OpenStaffSessionAsync(tx, id, tx.Now, Ct));
        }, Ct);
        var nobody = await GetAsync(Path, "");
        foreach (var cookie in (string[])[old, ended, good, "cds_nonsense", ""])
        {
            var answer = await SendAsync("GET", Path, token: "", headers: [("Cookie", $"{CallerAuthentication.StaffCookie}={cookie}"), ("Accept", "text/html")]);
            Assert.Equal((200, nobody.Text), (answer.Status, answer.Text));
        }

        Assert.Equal(302, (await SendAsync("GET", "/trust", token: "", headers: [("Cookie", $"{CallerAuthentication.StaffCookie}={ended}"), ("Accept", "text/html")])).Status);
    }

    [Fact]
    public async Task Asking_again_does_not_ask_the_database()
    {
        var size = SignedSize(await GetAsync(Path, ""));
        Assert.NotEmpty(size);
        await Host.Database.WriteAsync(async tx => await tx.RunAsync("UPDATE audit_head SET signed_size = signed_size + 1000", null, Ct), Ct);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync(Path, "")));
        Assert.All(answers, answer => Assert.Equal(size, SignedSize(answer)));
    }

    [Fact]
    public async Task Figures_are_shown_from_ten_answers_on()
    {
        await Host.Database.WriteAsync(async tx =>
        {
            for (var i = 0; i < 12; i++)
            {
                var (received, closed) = (Micros.From(tx.Now.AddDays(-20)), Micros.From(tx.Now.AddDays(-18.5)));
                await tx.RunAsync(
                    """
                    INSERT INTO rights_request (customer_id, request_id, kind, state, channel, law, filed_by, received_at_us, acknowledge_by_us, gdpr_due_us, ccpa_due_us, due_us, closed_at_us, outcome, steps)
                    VALUES ('', @Id, 'access', 'done', 'page', 'gdpr', 'customer', @received, @due, @due, @due, @due, @closed, 'fulfilled', 0)
                    """, new { Id = $"{i:x32}", received, closed, due = Micros.From(tx.Now.AddDays(10)) }, Ct);
            }
        }, Ct);
        var page = await GetAsync(Path + "?language=en", "");
        Assert.Contains("at least 10<", page.Text, StringComparison.Ordinal);
        Assert.Contains("2 days", page.Text, StringComparison.Ordinal);
        Assert.Contains("all of them", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("12<", page.Text, StringComparison.Ordinal);
    }

    /// <summary>The line below the name of the log.</summary>
    private string SignedSize(Answer page)
    {
        var (text, name) = (System.Net.WebUtility.HtmlDecode(page.Text), Host.Log.Origin + "\n");
        Assert.Contains(name, text, StringComparison.Ordinal);
        return text.Split(name, 2)[1].Split('\n')[0];
    }
}

/// <summary>Off unless the server is told to.</summary>
public sealed class NoPublicTrustTests : ServerTest<Sqlite>
{
    [Fact]
    public async Task It_does_not_exist_unless_asked_for() => Assert.Equal(404, (await GetAsync("/trust/public", "")).Status);

    [Fact]
    public async Task Nothing_is_counted_unless_asked_for() =>
        Assert.Equal((404, "urn:candor:server/no-metrics"), ((await GetAsync("/metrics", await NewKeyAsync("monitor", ["metrics"]))) is var a ? (a.Status, a.Type) : default));
}
