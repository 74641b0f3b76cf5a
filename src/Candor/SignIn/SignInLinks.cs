using System.Globalization;
using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Messages;
using Candor.Storage;
using Candor.Vault;

namespace Candor.SignIn;

/// <summary>Somebody asks for a link.</summary>
/// <param name="Email">As typed.</param>
/// <param name="Browser">Secret of the browser that asks; only it can use the link.</param>
/// <param name="KnownBrowser">Mark of an earlier sign-in with this address, if the browser has one.</param>
/// <param name="Language">Of the page.</param>
public sealed record LinkRequest(string Email, string Browser, SignInClient Client, string? KnownBrowser, string Language, LocalPath GoTo);

/// <summary>Signing in by a link that is sent to the customer's own address: for ten minutes, once, in the browser that asked.</summary>
/// <remarks>INVARIANT: asking does the same work and gives the same answer whether anybody is known by the address or not, because it looks nobody up.
/// That happens later, in the background, where nobody can time it.</remarks>
public sealed class SignInLinks(Database database, PersonalVault vault, BlindIndex index, Outbox outbox, CustomerSignIn signIn, Uri site)
{
    public const string Method = "link";
    public const string Template = "sign-in-link";

    /// <summary>How long a link counts after it was sent; a request that could not be served for this long is dropped.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Messages are counted over this time.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>Most messages to one address for one asker: a network, or a browser that has signed in with this address before.</summary>
    public const int MostForAsker = 3;

    /// <summary>Most messages to one address for all strangers together. Known browsers are not counted, so nobody can use up what is the owner's.</summary>
    public const int MostForStrangers = 6;

    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private sealed record AskedRow(byte[] Address, byte[] Asker, long IsKnown);

    private sealed record CountRow(long Asker, long Strangers);

    private sealed record UsedRow(string Subject, string GoTo, byte[] Address);

    /// <summary>Takes the request down.</summary>
    /// <exception cref="Fault">Invalid when the text is no e-mail address.</exception>
    public Task AskAsync(LinkRequest request, CancellationToken ct)
    {
        var address = index.Of(BlindIndex.Email, request.Email);
        var known = KnownAs(request.KnownBrowser, address);
        var row = new
        {
            id = RandomNumberGenerator.GetHexString(32, lowercase: true), address, asker = known ?? signIn.NetworkOf(request.Client.Address), known = known is null ? 0L : 1L,
            browser = RandomSecret.HashOf(request.Browser), request.Language, goTo = request.GoTo.Value,
        };
        return database.WriteAsync(async tx => await tx.RunAsync(
            """
            INSERT INTO sign_in_link (request_id, address, asker, is_known, browser_hash, language, go_to, state, asked_at_us, expires_at_us)
            VALUES (@id, @address, @asker, @known, @browser, @Language, @goTo, 'asked', @NowUs, @end)
            """,
            new { row.id, row.address, row.asker, row.known, row.browser, row.Language, row.goTo, tx.NowUs, end = Micros.From(tx.Now + Life) }, ct), ct);
    }

    /// <summary>Looks up who waits and queues their messages.</summary>
    /// <returns>How many requests were dealt with; less than <paramref name="most"/> when none is left.</returns>
    public async Task<int> SendDueAsync(int most, CancellationToken ct)
    {
        var due = await database.ReadAsync(async tx => await tx.QueryAsync<string>(
            "SELECT request_id FROM sign_in_link WHERE state = 'asked' ORDER BY asked_at_us, request_id LIMIT @most", new { most = (long)most }, ct), ct);
        foreach (var id in due)
        {
            await database.WriteAsync(tx => SendAsync(tx, id, ct), ct);
        }

        return due.Count;
    }

    /// <summary>What a link would do now, without using it up: programs that check mails open links too. Null: it would sign in.</summary>
    public Task<SignInTrouble?> LookAsync(string token, string? browser, CancellationToken ct) => database.ReadAsync(tx => WhyNotAsync(tx, token, browser, ct), ct);

    /// <summary>Uses a link. Of many at the same moment one succeeds.</summary>
    public Task<SignInOutcome> UseAsync(string token, string? browser, SignInClient client, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var used = await tx.FindAsync<UsedRow>(
            """
            UPDATE sign_in_link SET state = 'used' WHERE token_hash = @token AND browser_hash = @browser AND state = 'sent' AND expires_at_us > @NowUs
            RETURNING subject, go_to, address
            """, new { token = RandomSecret.HashOf(token), browser = RandomSecret.HashOf(browser ?? ""), tx.NowUs }, ct);
        var customer = used is null ? null : await vault.FindCustomerAsync(tx, CustomerId.Parse(used.Subject), ct);
        if (customer is null)
        {
            var trouble = await WhyNotAsync(tx, token, browser, ct) ?? SignInTrouble.Over;
            await signIn.RefuseAsync(tx, Method, trouble, null, ct);
            return new SignInOutcome(null, trouble, LocalPath.Home);
        }

        return new SignInOutcome(await signIn.OpenAsync(tx, customer, Method, client, ct), null, LocalPath.OrHome(used!.GoTo), MarkKnown(used.Address));
    }, ct);

    /// <summary>Forgets requests that count for nothing any more.</summary>
    /// <returns>How many.</returns>
    public Task<int> CleanAsync(CancellationToken ct) => database.WriteAsync(async tx =>
        await tx.RunAsync("DELETE FROM sign_in_link WHERE asked_at_us < @before", new { before = Micros.From(tx.Now - Kept) }, ct), ct);

    /// <summary>Forgets a customer's links; part of erasure.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM sign_in_link WHERE subject = @Value", new { customer.Value }, ct);

    private async ValueTask SendAsync(Transaction tx, string id, CancellationToken ct)
    {
        // One at a time on all nodes, so that the limits hold.
        await tx.LockJobAsync("sign-in-links", ct);
        var asked = await tx.FindAsync<AskedRow>(
            "UPDATE sign_in_link SET state = 'dropped' WHERE request_id = @id AND state = 'asked' AND expires_at_us > @NowUs RETURNING address, asker, is_known", new { id, tx.NowUs }, ct);
        if (asked is null)
        {
            await tx.RunAsync("UPDATE sign_in_link SET state = 'dropped' WHERE request_id = @id AND state = 'asked'", new { id }, ct);
            return;
        }

        if (await IsTooMuchAsync(tx, asked, ct) || await vault.FindByDigestAsync(tx, BlindIndex.Email, asked.Address, ct) is not { } customer)
        {
            return;
        }

        var token = RandomSecret.New();
        await tx.RunAsync("UPDATE sign_in_link SET state = 'sent', token_hash = @token, subject = @Value, expires_at_us = @end WHERE request_id = @id",
            new { id, token = RandomSecret.HashOf(token), customer.Id.Value, end = Micros.From(tx.Now + Life) }, ct);
        await outbox.QueueAsync(tx, customer, new OutgoingMessage(Template, null, new Dictionary<string, string>
        {
            ["link"] = new Uri(site, "/sign-in/link?token=" + token).ToString(),
            ["minutes"] = Life.TotalMinutes.ToString("0", CultureInfo.InvariantCulture),
        }), ct);
    }

    private static async ValueTask<bool> IsTooMuchAsync(Transaction tx, AskedRow asked, CancellationToken ct)
    {
        var count = await tx.FindAsync<CountRow>(
            """
            SELECT count(CASE WHEN asker = @Asker THEN 1 END) AS asker, count(CASE WHEN is_known = 0 THEN 1 END) AS strangers FROM sign_in_link
            WHERE address = @Address AND asked_at_us > @since AND (state = 'sent' OR state = 'used')
            """, new { asked.Asker, asked.Address, since = Micros.From(tx.Now - Window) }, ct);
        return count!.Asker >= MostForAsker || (asked.IsKnown == 0 && count.Strangers >= MostForStrangers);
    }

    private static async ValueTask<SignInTrouble?> WhyNotAsync(Transaction tx, string token, string? browser, CancellationToken ct)
    {
        var hash = await tx.FindAsync<byte[]>("SELECT browser_hash FROM sign_in_link WHERE token_hash = @token AND state = 'sent' AND expires_at_us > @NowUs",
            new { token = RandomSecret.HashOf(token), tx.NowUs }, ct);
        return hash is null ? SignInTrouble.Over
            : CryptographicOperations.FixedTimeEquals(hash, RandomSecret.HashOf(browser ?? "")) ? null : SignInTrouble.OtherBrowser;
    }

    /// <summary>A mark for a browser that has signed in with an address: a random number and its keyed digest. It does not name the address.</summary>
    private string MarkKnown(byte[] address)
    {
        var nonce = RandomNumberGenerator.GetBytes(CustomerSignIn.MarkBytes);
        return System.Buffers.Text.Base64Url.EncodeToString([.. nonce, .. signIn.Mark("known|", [.. address, .. nonce])]);
    }

    /// <summary>Under what a known browser is counted; null for a stranger's.</summary>
    private byte[]? KnownAs(string? mark, byte[] address) =>
        mark is { Length: < 64 } && SignedToken.Decode(mark) is { Length: 2 * CustomerSignIn.MarkBytes } bytes
        && CryptographicOperations.FixedTimeEquals(signIn.Mark("known|", [.. address, .. bytes.AsSpan(0, CustomerSignIn.MarkBytes)]), bytes.AsSpan(CustomerSignIn.MarkBytes))
            ? bytes[..CustomerSignIn.MarkBytes] : null;
}
