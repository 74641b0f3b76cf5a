using System.Text.RegularExpressions;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class StaffSignInRoutesOnSqlite : StaffSignInRoutesTests<Sqlite>;

public sealed class StaffSignInRoutesOnPostgres : StaffSignInRoutesTests<Postgres>;

/// <summary>Setting up an account, signing in, confirming: as a browser does it, over real HTTP, with a passkey device in software.</summary>
public abstract class StaffSignInRoutesTests<TEngine> : StaffSignInTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task An_invited_person_makes_a_passkey_signs_out_and_in_again()
    {
        var (browser, device) = await WithPasskeyAsync("Sam", "agent");
        var first = browser.Session;
        Assert.Equal(200, (await browser.GetAsync("/staff/enrol/done")).Status);
        Assert.Equal(200, (await browser.GetAsync("/staff/account")).Status);
        Assert.Equal("/staff/sign-in", (await browser.FillAsync("/staff/account", "/staff/sign-out")).Message.Headers.Location!.OriginalString);
        Assert.Null(browser.Session);
        var entered = await SignInAsync(browser, device, "/staff/account?x=1");
        Assert.Equal((302, "/staff/account?x=1"), (entered.Status, entered.Message.Headers.Location!.OriginalString));
        Assert.NotEqual(first, browser.Session);
        Assert.NotNull((await ActorAsync(browser))!.MfaAt);
        Assert.All(browser.Written, c => Assert.Matches("^__Host-staff(-known|-said|-step)?=.*path=/; secure; samesite=strict; httponly$", c));
    }

    [Fact]
    public async Task Before_there_is_a_second_factor_every_page_leads_to_enrolment()
    {
        var browser = await InviteAsync("Sam", "agent");
        foreach (var path in new[] { "/staff", "/staff/account", "/staff/confirm", "/staff/enrol/done" })
        {
            Assert.Equal("/staff/enrol", (await browser.GetAsync(path)).Message.Headers.Location?.OriginalString);
        }

        Assert.Null((await ActorAsync(browser))!.MfaAt);
    }

    [Fact]
    public async Task Password_and_code_sign_in_and_a_recovery_code_stands_in_for_the_code()
    {
        var (browser, secret) = await WithCodesAsync("Mia", "marketing");
        var shown = await browser.FillAsync("/staff/account/recovery-codes", "/staff/account/recovery-codes");
        var codes = Regex.Matches(shown.Text, "<code>([0-9a-z-]{19})</code>").Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        await ForgetStepAsync();
        foreach (var code in new[] { CodeOf(secret), codes[0] })
        {
            var other = NewBrowser();
            var step = await other.PostAsync("/staff/sign-in", ("email", " MIA@shop.example"), ("password", Password), ("to", "/staff/account"));
            Assert.Equal((302, "/staff/sign-in/code?to=%2Fstaff%2Faccount"), (step.Status, step.Message.Headers.Location!.OriginalString));
            Assert.Equal(200, (await other.FollowAsync(step)).Status);
            Assert.Null(other.Session);
            Assert.Equal("/staff/account", (await other.PostAsync("/staff/sign-in/code", ("code", code), ("to", "/staff/account"))).Message.Headers.Location?.OriginalString);
            Assert.Equal(200, (await other.GetAsync("/staff/account")).Status);
            // Neither counts a second time.
            var again = NewBrowser();
            await again.PostAsync("/staff/sign-in", ("email", "mia@shop.example"), ("password", Password));
            Assert.Equal(403, (await again.PostAsync("/staff/sign-in/code", ("code", code))).Status);
            Assert.Null(again.Session);
        }
    }

    [Fact]
    public async Task Unknown_accounts_and_wrong_passwords_get_the_same_answer_to_the_byte()
    {
        await WithCodesAsync("Mia", "marketing");
        await WithPasskeyAsync("Sam", "agent");
        var texts = new List<string>();
        foreach (var email in new[] { "mia@shop.example", "sam@shop.example", "nobody@shop.example", "nonsense" })
        {
            var answer = await NewBrowser().PostAsync("/staff/sign-in", ("email", email), ("password", "wrong horse battery"));
            texts.Add($"{answer.Status} {answer.Text} {string.Join(',', answer.Message.Headers.Where(h => h.Key is not "Date").Select(h => h.Key + string.Join(';', h.Value)))}");
        }

        Assert.Single(texts.Distinct());
        Assert.StartsWith("403 ", texts[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_failures_an_asker_waits()
    {
        var statuses = new List<int>();
        // The waits grow: 1, 2, 4 seconds and so on, so that a slow machine meets one of them too.
        for (var i = 0; i < 12; i++)
        {
            statuses.Add((await NewBrowser().PostAsync("/staff/sign-in", ("email", "nobody@shop.example"), ("password", "x"))).Status);
        }

        Assert.Equal([403, 403, 403, 403, 403], statuses.Take(5));
        Assert.Contains(429, statuses);
    }

    [Fact]
    public async Task A_step_up_gives_a_new_token_and_the_old_one_counts_no_more()
    {
        var (browser, device) = await WithPasskeyAsync("Sam", "agent");
        await AgeAsync(TimeSpan.FromMinutes(5));
        var refused = await browser.GetAsync("/staff/account/passkeys/new");
        Assert.Equal("/staff/confirm?to=%2Fstaff%2Faccount%2Fpasskeys%2Fnew", refused.Message.Headers.Location!.OriginalString);
        var before = browser.Session!;
        var confirmed = await ConfirmAsync(browser, device, "/staff/account/passkeys/new");
        Assert.Equal("/staff/account/passkeys/new", confirmed.Message.Headers.Location?.OriginalString);
        Assert.Equal(200, (await browser.FollowAsync(confirmed)).Status);
        Assert.NotEqual(before, browser.Session);
        Assert.Null(await Host.Database.ReadAsync(tx => Host.Access.FindActorAsync(tx, Candor.Staff.CallerToken.Parse(before), Ct), Ct));
    }

    [Fact]
    public async Task Only_a_passkey_of_the_same_person_confirms()
    {
        var (browser, _) = await WithPasskeyAsync("Sam", "agent");
        var (_, other) = await WithPasskeyAsync("Pia", "privacy-officer");
        Assert.Equal(403, (await ConfirmAsync(browser, other)).Status);
    }

    [Fact]
    public async Task A_code_confirms_once()
    {
        var (browser, secret) = await WithCodesAsync("Mia", "marketing");
        await AgeAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(403, (await browser.FillAsync("/staff/confirm", "/staff/confirm", ("code", CodeOf(secret)))).Status);
        await ForgetStepAsync();
        Assert.Equal(302, (await browser.FillAsync("/staff/confirm", "/staff/confirm", ("code", CodeOf(secret)), ("to", "//evil.example"))).Status);
        Assert.Equal(200, (await browser.GetAsync("/staff/account/password")).Status);
    }

    [Theory]
    [InlineData("origin")]
    [InlineData("domain")]
    [InlineData("unverified")]
    [InlineData("forged")]
    [InlineData("counter")]
    public async Task A_passkey_that_is_not_right_signs_nobody_in(string how)
    {
        var (browser, device) = await WithPasskeyAsync("Sam", "agent");
        (device.Origin, device.Domain) = how switch { "origin" => ("http://evil.example", null), "domain" => (Origin, "evil.example"), _ => (Origin, null) };
        (device.IsVerified, device.IsForged, device.Counter) = (how != "unverified", how == "forged", how == "counter" ? 0u : device.Counter);
        var other = NewBrowser();
        Assert.Equal(403, (await SignInAsync(other, device)).Status);
        Assert.Null(other.Session);
        Assert.NotNull(browser.Session);
    }

    [Fact]
    public async Task A_device_that_does_not_check_its_owner_is_not_enrolled()
    {
        var browser = await InviteAsync("Sam", "agent");
        using var device = new SoftAuthenticator(Origin) { IsVerified = false };
        Assert.Equal(400, (await EnrolAsync(browser, device)).Status);
        Assert.Null((await ActorAsync(browser))!.MfaAt);
    }

    [Fact]
    public async Task A_challenge_counts_once_and_for_what_it_was_made()
    {
        var (_, device) = await WithPasskeyAsync("Sam", "agent");
        var browser = NewBrowser();
        var asked = (await browser.PostAsync("/staff/sign-in/passkey/options")).Json;
        var (step, credential) = (asked.GetProperty("step").GetString()!, device.Show(asked.GetProperty("options")));
        Assert.Equal(302, (await browser.PostAsync("/staff/sign-in/passkey", ("step", step), ("credential", credential))).Status);
        Assert.Equal(403, (await NewBrowser().PostAsync("/staff/sign-in/passkey", ("step", step), ("credential", credential))).Status);
    }

    [Fact]
    public async Task An_administrator_sets_up_passkeys_alone()
    {
        var browser = await InviteAsync("Alma", "administrator");
        Assert.DoesNotContain("/staff/enrol/codes", (await browser.GetAsync("/staff/enrol")).Text, StringComparison.Ordinal);
        Assert.Equal("/staff/enrol", (await browser.GetAsync("/staff/enrol/codes")).Message.Headers.Location?.OriginalString);
        Assert.Equal(409, (await browser.FillAsync("/staff/enrol", "/staff/enrol/codes", ("password", Password), ("again", Password), ("code", "000000"))).Status);
    }

    [Fact]
    public async Task Who_became_administrator_needs_a_passkey_even_with_the_right_password()
    {
        var (browser, _) = await WithCodesAsync("Mia", "marketing");
        var staffId = (await ActorAsync(browser))!.Ref;
        await Host.Database.WriteAsync(tx => Host.Access.ChangeStaffAsync(tx, staffId, ["administrator"], false, "test", Ct), Ct);
        var answer = await NewBrowser().PostAsync("/staff/sign-in", ("email", "mia@shop.example"), ("password", Password));
        Assert.Equal(403, answer.Status);
        Assert.Contains("Administrators sign in with a passkey", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recovery_code_leads_to_enrolment_and_what_was_lost_counts_no_more()
    {
        var (browser, device) = await WithPasskeyAsync("Sam", "agent");
        var shown = await browser.FillAsync("/staff/account/recovery-codes", "/staff/account/recovery-codes");
        var code = Regex.Match(shown.Text, "<code>([0-9a-z-]{19})</code>").Groups[1].Value;
        var other = NewBrowser();
        Assert.Equal("/staff/enrol", (await other.PostAsync("/staff/recover", ("email", "sam@shop.example"), ("code", code.ToUpperInvariant()))).Message.Headers.Location?.OriginalString);
        Assert.Equal("/staff/enrol", (await other.GetAsync("/staff/account")).Message.Headers.Location?.OriginalString);
        using var fresh = new SoftAuthenticator(Origin);
        Assert.Equal("/staff/enrol/done", (await EnrolAsync(other, fresh)).Message.Headers.Location?.OriginalString);
        Assert.Equal("/staff/sign-in?to=%2Fstaff%2Faccount", (await browser.GetAsync("/staff/account")).Message.Headers.Location?.OriginalString);
        Assert.Equal(403, (await SignInAsync(NewBrowser(), device)).Status);
        Assert.Equal(302, (await SignInAsync(NewBrowser(), fresh)).Status);
        Assert.Equal(403, (await NewBrowser().PostAsync("/staff/recover", ("email", "sam@shop.example"), ("code", code))).Status);
    }

    [Theory]
    [InlineData("/staff/sign-in", "")]
    [InlineData("/staff/sign-in", "email=%00&password=%ff")]
    [InlineData("/staff/sign-in", "email=a@b&password=a&password=b")]
    [InlineData("/staff/sign-in/code", "code=%00")]
    [InlineData("/staff/sign-in/passkey", "step=x&credential={}")]
    [InlineData("/staff/sign-in/passkey", "credential=%00")]
    [InlineData("/staff/recover", "email=&code=")]
    [InlineData("/staff/invite", "token=%00")]
    [InlineData("/staff/invite", "token=' OR 1=1 --")]
    public async Task A_hostile_form_gets_a_clear_answer(string path, string body)
    {
        var answer = await SendAsync("POST", path, body, "", "application/x-www-form-urlencoded", ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"));
        Assert.True(answer.Status is 400 or 403, $"{path} {body}: {answer.Status} {answer.Text}");
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"id\":1}")]
    [InlineData("{\"id\":\"AA\",\"rawId\":\"AA\",\"type\":\"public-key\",\"clientExtensionResults\":{},\"response\":{}}")]
    [InlineData("{\"id\":\"AA\",\"rawId\":\"AA\",\"type\":\"public-key\",\"clientExtensionResults\":{},\"response\":{\"clientDataJSON\":\"!!\",\"authenticatorData\":\"AA\",\"signature\":\"AA\"}}")]
    [InlineData("\ud800")]
    public async Task A_broken_passkey_gets_a_clear_answer(string credential)
    {
        var browser = NewBrowser();
        var step = (await browser.PostAsync("/staff/sign-in/passkey/options")).Json.GetProperty("step").GetString()!;
        Assert.Equal(403, (await browser.PostAsync("/staff/sign-in/passkey", ("step", step), ("credential", credential))).Status);
        var enrolling = await InviteAsync("Sam", "agent");
        var form = StaffBrowser.FormOf((await enrolling.GetAsync("/staff/enrol")).Text);
        step = (await enrolling.PostAsync("/staff/enrol/passkey/options", ("form", form))).Json.GetProperty("step").GetString()!;
        Assert.Equal(400, (await enrolling.PostAsync("/staff/enrol/passkey", ("form", form), ("step", step), ("credential", credential), ("name", "x"))).Status);
    }
}
