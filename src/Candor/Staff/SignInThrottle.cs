using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>May somebody guess now?</summary>
/// <param name="Wait">How long to wait first; zero when the guess counts now.</param>
/// <param name="IsSpent">The account's guesses of this day are used up: only a passkey signs in.</param>
public sealed record GuessLeave(TimeSpan Wait, bool IsSpent)
{
    public bool IsGranted => Wait == TimeSpan.Zero && !IsSpent;
}

/// <summary>Holds back who guesses passwords and codes, without letting strangers lock an owner out. In the database, so that all nodes agree.</summary>
/// <remarks>Counted for an account and an asker: a network (IPv4 /24, IPv6 /56), or a browser that has signed in to this account before (OWASP, "device cookies").
/// After <see cref="FreeGuesses"/> failures an asker waits 1, 2, 4 … 900 seconds between guesses. All strangers together have <see cref="GuessesPerDay"/> guesses
/// a day at one account; known browsers are counted apart. A passkey is never held back, because it cannot be guessed.</remarks>
public sealed class SignInThrottle(StaffSecrets secrets)
{
    public const int FreeGuesses = 5;
    public const int GuessesPerDay = 100;
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(900);
    public static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private const int NonceBytes = 16;

    private sealed record CountRow(long Own, long Last, long Strangers);

    /// <summary>An account as it is counted: by the address typed, whether or not anybody has it.</summary>
    public byte[] AccountOf(string email) => secrets.Mark("account", StaffEmail.TryParse(email, out var parsed) ? parsed.Value : email);

    /// <summary>Asks for a guess, and counts it before it is made: many at the same moment are many guesses.</summary>
    public async ValueTask<GuessLeave> AskAsync(Transaction tx, string email, StaffClient client, CancellationToken ct)
    {
        var account = AccountOf(email);
        var (asker, isKnown) = AskerOf(account, client);
        await tx.LockJobAsync("staff-attempt:" + Convert.ToHexString(account), ct);
        var count = (await tx.FindAsync<CountRow>(
            """
            SELECT count(CASE WHEN asker = @asker THEN 1 END) AS own, COALESCE(max(CASE WHEN asker = @asker THEN at_us END), 0) AS last, count(CASE WHEN is_known = 0 THEN 1 END) AS strangers
            FROM staff_attempt WHERE account = @account AND at_us > @since
            """, new { account, asker, since = Micros.From(tx.Now - Day) }, ct))!;
        if ((isKnown ? count.Own : count.Strangers) >= GuessesPerDay)
        {
            return new GuessLeave(TimeSpan.Zero, IsSpent: true);
        }

        var wait = Micros.ToInstant(count.Last) + WaitAfter(count.Own) - tx.Now;
        if (count.Own >= FreeGuesses && wait > TimeSpan.Zero)
        {
            return new GuessLeave(wait, IsSpent: false);
        }

        await tx.RunAsync(
            "INSERT INTO staff_attempt (attempt_id, account, asker, is_known, at_us) VALUES (@id, @account, @asker, @known, @NowUs)",
            new { id = RandomNumberGenerator.GetHexString(32, lowercase: true), account, asker, known = isKnown ? 1L : 0L, tx.NowUs }, ct);
        return new GuessLeave(TimeSpan.Zero, IsSpent: false);
    }

    /// <summary>A sign-in came to its good end: what this asker tried before is forgiven.</summary>
    public async ValueTask ForgiveAsync(Transaction tx, string email, StaffClient client, CancellationToken ct)
    {
        var account = AccountOf(email);
        await tx.RunAsync("DELETE FROM staff_attempt WHERE account = @account AND asker = @asker", new { account, asker = AskerOf(account, client).Asker }, ct);
    }

    /// <summary>A mark for a browser that has signed in to an account: a random number and its keyed digest. It names nobody.</summary>
    public string MarkKnown(string email)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        return System.Buffers.Text.Base64Url.EncodeToString([.. nonce, .. KnownMark(AccountOf(email), nonce)]);
    }

    /// <summary>Forgets what is older than a day.</summary>
    public static async ValueTask<int> CleanAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM staff_attempt WHERE at_us <= @before", new { before = Micros.From(tx.Now - Day) }, ct);

    /// <summary>How long to wait after so many failures in a row.</summary>
    internal static TimeSpan WaitAfter(long failures) => failures < FreeGuesses ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, Math.Pow(2, failures - FreeGuesses)));

    private (byte[] Asker, bool IsKnown) AskerOf(byte[] account, StaffClient client)
    {
        var bytes = new byte[2 * NonceBytes];
        return client.KnownMark is { Length: < 64 } mark && System.Buffers.Text.Base64Url.IsValid(mark) && System.Buffers.Text.Base64Url.TryDecodeFromChars(mark, bytes, out var length) && length == bytes.Length
            && CryptographicOperations.FixedTimeEquals(KnownMark(account, bytes.AsSpan(0, NonceBytes)), bytes.AsSpan(NonceBytes))
            ? (bytes[..NonceBytes], true) : (client.Network, false);
    }

    private byte[] KnownMark(byte[] account, ReadOnlySpan<byte> nonce) => secrets.Mark("known", [.. account, .. nonce])[..NonceBytes];
}

/// <summary>The browser that somebody signs in with.</summary>
/// <param name="Network">Keyed digest of the network it is in.</param>
/// <param name="Browser">Keyed digest of network and browser, to say "this browser" in a list.</param>
/// <param name="KnownMark">Mark of an earlier sign-in, if it has one.</param>
/// <param name="Former">The session it had, which ends with the new one.</param>
public sealed record StaffClient(byte[] Network, byte[]? Browser = null, string? KnownMark = null, CallerToken? Former = null);
