using System.Text.RegularExpressions;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

/// <summary>The server, and people who set up their accounts and sign in over real HTTP.</summary>
public abstract class StaffSignInTest<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    protected const string Password = "maple thread violet canoe";
    protected const string Origin = "http://shop.example";

    internal override SiteOptions Options => new("http://127.0.0.1:0", 100_000, SignIn: new SignInOptions(AttemptsPerMinute: 100_000));

    protected StaffBrowser NewBrowser() => new(Http, Ct);

    /// <summary>Somebody who has opened their invitation, with a session that sets an account up and nothing else.</summary>
    protected async Task<StaffBrowser> InviteAsync(string name, params string[] roles)
    {
        var token = await Host.Database.WriteAsync(tx => Host.Invitations.InviteAsync(tx, EmailOf(name), name, roles, "test", Ct), Ct);
        var browser = NewBrowser();
        Assert.Equal(200, (await browser.GetAsync(StaffInvitations.PathOf(token))).Status);
        var entered = await browser.PostAsync("/staff/invite", ("token", token));
        Assert.Equal((302, "/staff/enrol"), (entered.Status, entered.Message.Headers.Location!.OriginalString));
        return browser;
    }

    /// <summary>Somebody with a passkey, signed in.</summary>
    protected async Task<(StaffBrowser Browser, SoftAuthenticator Device)> WithPasskeyAsync(string name, params string[] roles)
    {
        var (browser, device) = (await InviteAsync(name, roles), new SoftAuthenticator(Origin));
        var made = await EnrolAsync(browser, device);
        Assert.Equal((302, "/staff/enrol/done"), (made.Status, made.Message.Headers.Location?.OriginalString));
        return (browser, device);
    }

    /// <summary>Somebody with password and authenticator, signed in, and the secret of the authenticator.</summary>
    protected async Task<(StaffBrowser Browser, byte[] Secret)> WithCodesAsync(string name, params string[] roles)
    {
        var browser = await InviteAsync(name, roles);
        var secret = SecretOf((await browser.GetAsync("/staff/enrol/codes")).Text);
        var kept = await browser.FillAsync("/staff/enrol/codes", "/staff/enrol/codes", ("password", Password), ("again", Password), ("code", CodeOf(secret)));
        Assert.True(kept.Status == 302, kept.Text);
        return (browser, secret);
    }

    protected static Task<Answer> EnrolAsync(StaffBrowser browser, SoftAuthenticator device) =>
        browser.MakeAsync(device, "/staff/enrol", "/staff/enrol/passkey/options", "/staff/enrol/passkey", ("name", "Laptop"));

    protected static Task<Answer> SignInAsync(StaffBrowser browser, SoftAuthenticator device, string to = "") =>
        browser.ShowAsync(device, "/staff/sign-in", "/staff/sign-in/passkey/options", "/staff/sign-in/passkey", ("to", to));

    protected static Task<Answer> ConfirmAsync(StaffBrowser browser, SoftAuthenticator device, string to = "") =>
        browser.ShowAsync(device, "/staff/confirm", "/staff/confirm/options", "/staff/confirm/passkey", ("to", to));

    protected static string EmailOf(string name) => name.ToLowerInvariant() + "@shop.example";

    protected static byte[] SecretOf(string html)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var (text, bits, held, secret) = (Regex.Match(html, "<code class=\"hash\">([A-Z2-7 ]+)</code>").Groups[1].Value, 0, 0, new List<byte>());
        foreach (var c in text.Where(c => c != ' '))
        {
            (bits, held) = (((bits << 5) | Letters.IndexOf(c, StringComparison.Ordinal)) & 0xfff, held + 5);
            if (held >= 8)
            {
                held -= 8;
                secret.Add((byte)((bits >> held) & 0xff));
            }
        }

        return [.. secret];
    }

    /// <summary>The code of now, or of a step around now. The server runs on the real clock.</summary>
    protected static string CodeOf(byte[] secret, int steps = 0) => TotpCode.At(secret, TotpCode.StepAt(TimeProvider.System.GetUtcNow()) + steps);

    /// <summary>Lets the authenticator of somebody be used again at once; a real one shows its next code within 30 seconds.</summary>
    protected Task ForgetStepAsync() => Host.Database.WriteAsync(async tx => await tx.RunAsync("UPDATE staff_secret SET totp_last_step = 0", null, Ct), Ct);

    /// <summary>Makes every second factor older.</summary>
    protected Task AgeAsync(TimeSpan by) => Host.Database.WriteAsync(async tx =>
        await tx.RunAsync("UPDATE session SET mfa_at_us = mfa_at_us - @by WHERE mfa_at_us IS NOT NULL", new { by = (long)by.TotalMicroseconds }, Ct), Ct);

    protected Task<ActorState?> ActorAsync(StaffBrowser browser) => Host.Database.ReadAsync(tx => Host.Access.FindActorAsync(tx, CallerToken.Parse(browser.Session!), Ct), Ct);
}
