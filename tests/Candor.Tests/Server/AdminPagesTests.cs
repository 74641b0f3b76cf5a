using System.Text.RegularExpressions;
using Candor.Catalog;
using Candor.Server.Pages.Admin;
using Candor.Tests.House;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class AdminPagesOnSqlite : AdminPagesTests<Sqlite>;

public sealed class AdminPagesOnPostgres : AdminPagesTests<Postgres>;

/// <summary>Every form of the administration: what it does, what it refuses, and who may not.</summary>
public abstract partial class AdminPagesTests<TEngine> : AdminTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly string[] Pages = ["/admin", "/admin/people", "/admin/people/invite", "/admin/changes", "/admin/keys", "/admin/keys/new", "/admin/webhooks", "/admin/mail", "/admin/mail/texts/reminder/de",
        "/admin/encryption", "/admin/backups", "/admin/catalog", "/admin/catalog/1", "/admin/rights", "/admin/rights.csv"];

    private static readonly string[] Forms = ["/admin/people/invite", "/admin/people/{id}/roles", "/admin/people/{id}/disable", "/admin/people/{id}/enable", "/admin/people/{id}/reset",
        "/admin/people/{id}/sign-out", "/admin/keys/new", "/admin/keys/x/revoke", "/admin/webhooks", "/admin/webhooks/x/test", "/admin/webhooks/x/remove", "/admin/webhooks/retry", "/admin/mail/test",
        "/admin/encryption/rotate", "/admin/encryption/1/destroy", "/admin/backups", "/admin/catalog/check", "/admin/catalog/submit", "/admin/changes/x/approve", "/admin/changes/x/refuse", "/admin/changes/x/withdraw", "/admin/changes/x/collect"];

    [Theory]
    [InlineData("en")]
    [InlineData("de")]
    public async Task Every_page_opens_for_an_administrator_in_both_languages(string language)
    {
        foreach (var path in Pages.Append("/admin/people/" + await StaffIdAsync("Sam Sample")))
        {
            var page = await PageAsync(Alma, path, language);
            Assert.Equal((path, 200), (path, page.Status));
        }
    }

    [Fact]
    public async Task Each_page_and_form_is_for_its_roles_and_nobody_else()
    {
        string[] shared = ["/admin/changes", "/admin/catalog", "/admin/rights"];
        foreach (var (name, allowed) in new[] { ("Sam Sample", Array.Empty<string>()), ("Ollie Audit", ["/admin/rights"]), ("Pia Private", shared), ("Mia Market", []), ("Cleo Council", []) })
        {
            var cookie = await SignInAsync(name);
            foreach (var path in Pages)
            {
                Assert.Equal((name, path, allowed.Any(a => path.StartsWith(a, StringComparison.Ordinal)) ? 200 : 403), (name, path, (await PageAsync(cookie, path)).Status));
            }

            foreach (var path in Forms.Where(f => !allowed.Any(a => f.StartsWith(a, StringComparison.Ordinal))))
            {
                Assert.Equal((name, path, 403), (name, path, (await PostWithAsync(cookie, path, "x=1")).Status));
            }
        }
    }

    [Fact]
    public async Task No_form_is_taken_with_the_mark_of_another_session_or_without_one()
    {
        var foreign = await MarkAsync(Ansel);
        foreach (var path in Forms)
        {
            Assert.Equal((path, 400), (path, (await PostWithAsync(Alma, path, "form=" + foreign)).Status));
            Assert.Equal((path, 400), (path, (await PostWithAsync(Alma, path, "x=1")).Status));
        }

        Assert.Equal("agent", await RolesAsync("Sam Sample"));
    }

    [Fact]
    public async Task A_second_factor_that_is_not_fresh_is_asked_for_first()
    {
        var id = await StaffIdAsync("Alma Admin");
        var old = "__Host-staff=" + await Host.Database.WriteAsync(tx => Host.Access.OpenStaffSessionAsync(tx, id, tx.Now.AddMinutes(-6), Ct), Ct);
        Assert.Equal(200, (await PageAsync(old, "/admin/people")).Status);
        foreach (var path in new[] { "/admin/people/invite", "/admin/keys/new", "/admin/people/" + id })
        {
            Assert.Equal("/staff/confirm?to=" + Uri.EscapeDataString(path), (await PageAsync(old, path)).Message.Headers.Location!.ToString());
        }

        Assert.Equal("/staff/confirm", (await PostAsync(old, $"/admin/people/{id}/disable")).Message.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_role_is_proposed_by_one_and_approved_by_another_administrator()
    {
        var id = await StaffIdAsync("Sam Sample");
        var path = Proposal(await PostAsync(Alma, $"/admin/people/{id}/roles", "roles=agent&roles=marketing"));
        AssertShown(await PageAsync(Alma, path), 200, "Other roles for Sam Sample", "You proposed this", "Agent, Marketing");
        AssertShown(await PostAsync(Alma, path + "/approve"), 409, "Nobody decides on what they proposed themselves");
        AssertShown(await PostAsync(Ansel, path + "/refuse", "reason="), 400, "Say why, in 1 to 500 characters.");
        Assert.Equal(404, (await PageAsync(await SignInAsync("Pia Private"), path)).Status);
        Assert.Equal(302, (await PostAsync(Ansel, path + "/approve")).Status);
        Assert.Equal("agent marketing", await RolesAsync("Sam Sample"));
        AssertShown(await PostAsync(Ansel, path + "/approve"), 409, "decided already");
        AssertShown(await PostAsync(Alma, $"/admin/people/{id}/roles", "roles=agent&roles=marketing"), 400, "These are the roles that this person has already.");
        AssertShown(await PostAsync(Alma, $"/admin/people/{id}/roles", "roles=king"), 400, "One of these roles does not exist.");
        Assert.Equal(302, (await PostAsync(Alma, $"/admin/people/{id}/roles")).Status);
        Assert.Equal("", await RolesAsync("Sam Sample"));
    }

    [Fact]
    public async Task An_account_is_disabled_at_once_and_its_sessions_end_and_opening_it_takes_two()
    {
        var (sam, id) = (await SignInAsync("Mia Market"), await StaffIdAsync("Mia Market"));
        Assert.Equal(403, (await PageAsync(sam, "/admin")).Status);
        Assert.Equal(302, (await PostAsync(Alma, $"/admin/people/{id}/disable")).Status);
        Assert.Equal(302, (await PageAsync(sam, "/admin")).Status);
        var path = Proposal(await PostAsync(Alma, $"/admin/people/{id}/enable"));
        AssertShown(await PostAsync(Alma, $"/admin/people/{id}/enable"), 409, "proposed already");
        Assert.Equal(302, (await PostAsync(Alma, path + "/withdraw")).Status);
        AssertShown(await PageAsync(Alma, "/admin/people"), 200, "Disabled");
        Assert.Equal(404, (await PostAsync(Alma, "/admin/people/nobody/disable")).Status);
    }

    [Fact]
    public async Task Somebody_new_gets_a_link_after_a_second_look_and_bad_input_is_kept()
    {
        AssertShown(await PostAsync(Alma, "/admin/people/invite", "name=Nora&email=nora&roles=agent"), 400, "An e-mail address has one @", "value=\"nora\"", "value=\"Nora\"");
        AssertShown(await PostAsync(Alma, "/admin/people/invite", "name=&email=nora@shop.example&roles=agent"), 400, "A name has 1 to 100 characters.");
        AssertShown(await PostAsync(Alma, "/admin/people/invite", "name=Nora&email=nora@shop.example"), 400, "Choose at least one role");
        var path = Proposal(await PostAsync(Alma, "/admin/people/invite", "name=Nora&email=nora%40shop.example&roles=agent"));
        AssertShown(await PostAsync(Alma, path + "/collect"), 409, "decided already");
        Assert.Equal(302, (await PostAsync(Ansel, path + "/approve")).Status);
        AssertShown(await PostAsync(Ansel, path + "/collect"), 409, "Only whoever proposed it");
        AssertShown(await PostAsync(Alma, path + "/collect"), 200, "http://shop.example/staff/invite?token=");
        AssertShown(await PageAsync(Alma, "/admin/people"), 200, "Nora", "Not set up");
    }

    [Fact]
    public async Task A_key_is_shown_once_to_its_proposer_and_counts_from_its_networks_alone()
    {
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mail er&days=0&networks=10.0.0.1/8"), 400, "A service name has 1 to 64 characters", "value=\"mail er\"", "10.0.0.1/8");
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=400"), 400, "A key lives 1 to 366 days.");
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=30&networks=10.0.0.1/99"), 400, "A network is such as");
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=30&may=everything"), 400, "One of these abilities does not exist.");
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=30&purposes=%20"), 400, "One of these purposes does not exist.");
        var text = await KeyAsync("127.0.0.0/8");
        Assert.Equal(200, (await GetAsync("/v1/customers/nobody?purpose=newsletter", text)).Status is 200 or 403 ? 200 : 0);
        AssertShown(await PageAsync(Alma, "/admin/keys"), 200, "127.0.0.0/8", $"<dd>{Today()}</dd>");
        Assert.Equal(401, (await GetAsync("/v1/customers/nobody?purpose=newsletter", await KeyAsync("192.0.2.0/24"))).Status);
        AssertShown(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=30"), 409, "This service has two live keys already.");
        var id = text.Split('_')[2];
        Assert.Equal(302, (await PostAsync(Alma, $"/admin/keys/{id}/revoke")).Status);
        Assert.Equal(404, (await PostAsync(Alma, $"/admin/keys/{id}/revoke")).Status);
        Assert.NotEqual(200, (await GetAsync("/v1/customers/nobody?purpose=newsletter", text)).Status);

        async Task<string> KeyAsync(string network)
        {
            var path = Proposal(await PostAsync(Alma, "/admin/keys/new", "service=mailer&days=30&networks=" + Uri.EscapeDataString(network)));
            Assert.Equal(302, (await PostAsync(Ansel, path + "/approve")).Status);
            var shown = await PostAsync(Alma, path + "/collect");
            Assert.DoesNotContain("cdp_", (await PageAsync(Alma, path)).Text, StringComparison.Ordinal);
            return Regex.Match(shown.Text, "cdp_[^<]+").Value;
        }

        string Today() => Host.Database.Clock.GetUtcNow().UtcDateTime.ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_catalog_that_narrows_counts_at_once_and_one_that_widens_takes_a_decision_and_two()
    {
        var shop = Candor.Tests.Catalog.ShopCatalog.Yaml;
        AssertShown(await PostAsync(Alma, "/admin/catalog/check", "text=" + Uri.EscapeDataString(shop.Replace("basis: contract", "basis: magic", StringComparison.Ordinal))), 400, "This catalog cannot be used.", "Line ", "basis: magic");
        AssertShown(await PostAsync(Alma, "/admin/catalog/check", "text="), 400, "Choose a file, or write a catalog");
        var wider = shop.Replace("roles: [marketing]", "roles: [marketing, analyst]", StringComparison.Ordinal);
        Assert.NotEqual(shop, wider);
        AssertShown(await PostAsync(Alma, "/admin/catalog/check", "text=" + Uri.EscapeDataString(wider)), 200, "Something uses more data than before.", "Wider", "Initiative or decision");
        AssertShown(await PostAsync(Alma, "/admin/catalog/submit", "based-on=1&decision=&text=" + Uri.EscapeDataString(wider)), 400, "Name the decision that this rests on");
        AssertShown(await PostAsync(Alma, "/admin/catalog/submit", "based-on=7&decision=C-1&text=" + Uri.EscapeDataString(wider)), 409, "Another version counts by now.");
        var path = Proposal(await PostAsync(Alma, "/admin/catalog/submit", "based-on=1&decision=C-1&text=" + Uri.EscapeDataString(wider)));
        var pia = await SignInAsync("Pia Private");
        AssertShown(await PageAsync(pia, path), 200, "Wider", "C-1");
        Assert.Equal(302, (await PostAsync(pia, path + "/approve")).Status);
        AssertShown(await PageAsync(Alma, "/admin/catalog/2"), 200, "Wider", "C-1", "Pia Private");
        Assert.Equal(302, (await PostAsync(pia, "/admin/catalog/submit", "based-on=2&text=" + Uri.EscapeDataString(shop))).Status);
        AssertShown(await PageAsync(Alma, "/admin/catalog/3"), 200, "Narrower");
        Assert.Equal(404, (await PageAsync(Alma, "/admin/catalog/4")).Status);
        Assert.Equal(3, (await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, Ct), Ct)).Version);
    }

    [Fact]
    public async Task Webhooks_are_added_tried_and_removed()
    {
        AssertShown(await PostAsync(Alma, "/admin/webhooks", "url=http://10.0.0.1/x&types=candor.consent.given"), 400, "An address begins with https://", "value=\"http://10.0.0.1/x\"");
        AssertShown(await PostAsync(Alma, "/admin/webhooks", "url=https://hooks.example/x&types=UPPER"), 400, "An event is such as");
        AssertShown(await PostAsync(Alma, "/admin/webhooks", "url=https://127.0.0.1/x"), 400, "leads to the internet");
        AssertShown(await PostAsync(Alma, "/admin/webhooks", "url=https://hooks.invalid/x"), 200, "The secret of the webhook", "whsec_");
        var id = (await Host.Database.ReadAsync(tx => Host.Mail.Webhooks.ListAsync(tx, Ct), Ct)).Single().Id;
        AssertShown(await PostAsync(Alma, $"/admin/webhooks/{id}/test"), 200, "The test was not taken");
        Assert.Equal(404, (await PostAsync(Alma, "/admin/webhooks/nothing/test")).Status);
        Assert.Equal(302, (await PostAsync(Alma, "/admin/webhooks/retry")).Status);
        Assert.Equal(302, (await PostAsync(Alma, $"/admin/webhooks/{id}/remove")).Status);
        Assert.Equal(404, (await PostAsync(Alma, $"/admin/webhooks/{id}/remove")).Status);
    }

    [Fact]
    public async Task The_key_encryption_key_is_rotated_at_once_and_an_old_version_destroyed_by_two()
    {
        await AddCustomerAsync("c-1");
        AssertShown(await PostAsync(Alma, "/admin/encryption/1/destroy"), 409, "This version still wraps keys.");
        Assert.Equal(302, (await PostAsync(Alma, "/admin/encryption/rotate")).Status);
        await UntilAsync("all keys to be wrapped again", async () => (await PageAsync(Alma, "/admin/encryption")).Text.Contains("/admin/encryption/1/destroy", StringComparison.Ordinal));

        var path = Proposal(await PostAsync(Alma, "/admin/encryption/1/destroy"));
        Assert.Equal(302, (await PostAsync(Ansel, path + "/approve")).Status);
        Assert.Equal("/admin/encryption", (await PostAsync(Alma, path + "/collect")).Message.Headers.Location!.ToString());
        AssertShown(await PageAsync(Alma, "/admin/encryption"), 200, "Destroyed");
        Assert.Equal(200, (await SendAsync("PUT", "/v1/customers/c-1", """{"fullName":"Ada Stream"}""")).Status);
    }

    [Fact]
    public async Task A_backup_needs_a_folder_and_a_key_first()
    {
        AssertShown(await PageAsync(Alma, "/admin/backups"), 200, "There is no backup yet.", "candor backup init makes the key");
        AssertShown(await PostAsync(Alma, "/admin/backups"), 409, "There is no folder or no key for backups.");
    }

    [Fact]
    public async Task A_test_mail_goes_to_ones_own_address_alone()
    {
        AssertShown(await PostAsync(Alma, "/admin/mail/test"), 409, "Your account has no e-mail address");
        Assert.Equal(404, (await PageAsync(Alma, "/admin/mail/texts/nothing/en")).Status);
        Assert.Equal(404, (await PageAsync(Alma, "/admin/mail/texts/reminder/..%2f..")).Status);
        Assert.Null(await Host.Mail.SendTestAsync("alma@shop.example", ("Mail arrives", "Test", "End"), (await Host.Database.ReadAsync(tx => Host.Catalogs.GetActiveAsync(tx, Ct), Ct)).Catalog.Organisation, "en", Ct));
        Assert.Contains("alma@shop.example", await File.ReadAllTextAsync(Directory.GetFiles(Host.Mail.Settings.Pickup, "*.eml").Single(), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_rights_has_a_line_for_each_and_no_formula()
    {
        var csv = (await PageAsync(Alma, "/admin/rights.csv")).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var catalog = PurposeCatalog.Read(Candor.Tests.Catalog.ShopCatalog.Yaml, "shop.yaml");
        Assert.Equal(Candor.Gate.RightsTable.Of(catalog).Count + 1, csv.Length);
        Assert.Contains("agent,role,support,contract,purchases,high,PurchasesAndSpendingHabit,yes", csv);
        Assert.DoesNotContain(AdminRightsRoutes.Csv(catalog).Split("\r\n"), l => l.Length > 0 && "=+-@".Contains(l[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_hostile_value_breaks_a_form_or_comes_back_as_markup()
    {
        var (mark, id) = (await MarkAsync(Alma), await StaffIdAsync("Mia Market"));
        string[] hostile = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\0", "' OR 1=1 --", "{{7*7}}", "../../etc", "\u202e", "9".PadLeft(400, '9'), "", "\r\n", "ä".PadLeft(5000, 'ä')];
        string[] fields = ["name", "email", "roles", "training", "service", "days", "may", "purposes", "networks", "url", "types", "event", "text", "decision", "based-on", "reason"];
        foreach (var path in Forms.Where(f => !f.Contains("rotate", StringComparison.Ordinal)).Select(f => f.Replace("{id}", id, StringComparison.Ordinal)))
        {
            foreach (var value in hostile)
            {
                var answer = await PostWithAsync(Alma, path, string.Join('&', fields.Select(f => $"{f}={Uri.EscapeDataString(value)}")) + "&form=" + mark);
                Assert.True(answer.Status < 500, $"{path} {value}: {answer.Status}");
                Assert.DoesNotContain("<script>alert", answer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain("<img src=x", answer.Text, StringComparison.Ordinal);
            }
        }

        foreach (var path in Pages)
        {
            Assert.Equal((path, 200), (path, (await PageAsync(Alma, path)).Status));
        }
    }

    [Theory]
    [InlineData("/admin/changes/zzz", 404)]
    [InlineData("/admin/people/%00", 400)]
    [InlineData("/admin/catalog/99999999999999999999", 404)]
    [InlineData("/admin/mail/texts/%3Cscript%3E/en", 404)]
    public async Task An_address_that_was_tampered_with_gets_a_clear_answer(string path, int status) => Assert.Equal(status, (await PageAsync(Alma, path)).Status);

    [Fact]
    public void Every_text_that_a_page_asks_for_is_there()
    {
        var names = Candor.Server.Web.PageText.In("admin", "en").Names.ToHashSet();
        var asked = Repository.Files("src/Candor.Server/Pages/Admin", ".cs", ".razor").SelectMany(f => AskedFor().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value)).Where(n => !n.EndsWith('.'));
        Offences.None(asked.Where(n => !names.Contains(n)));
    }

    [GeneratedRegex("""\bT\("([a-z0-9./-]+)"(?! \+)""")]
    private static partial Regex AskedFor();
}
