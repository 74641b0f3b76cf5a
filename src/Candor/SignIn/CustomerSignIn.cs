using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.SignIn;

/// <summary>Why nobody was signed in.</summary>
public enum SignInTrouble
{
    /// <summary>The link or the way to the provider is used, run out, or was never there.</summary>
    Over,
    /// <summary>It belongs to another browser than the one that uses it.</summary>
    OtherBrowser,
    /// <summary>The token is malformed, wrongly signed, for somebody else, or run out.</summary>
    BadToken,
    /// <summary>The token was used before.</summary>
    Replayed,
    /// <summary>The token is good, and nobody is known by what it says.</summary>
    UnknownCustomer,
    /// <summary>The provider said no, or the customer did there.</summary>
    ProviderRefused,
    /// <summary>The provider's answer cannot be used.</summary>
    ProviderFailed,
    /// <summary>This way to sign in is not set up here.</summary>
    NotSetUp,
}

/// <summary>What came of signing in.</summary>
/// <param name="Session">Token of the new session, told this one time; null when there is none.</param>
/// <param name="Trouble">Why not; null when there is a session.</param>
/// <param name="GoTo">Where the customer wanted to go.</param>
/// <param name="KnownBrowser">Mark of a browser that has signed in with an address; null for other ways.</param>
public sealed record SignInOutcome(string? Session, SignInTrouble? Trouble, LocalPath GoTo, string? KnownBrowser = null);

/// <summary>The browser that signs in, as far as it is known.</summary>
/// <param name="Address">Its network address.</param>
/// <param name="Agent">Its own name for itself.</param>
/// <param name="Former">The session it had, which ends with the new one.</param>
public sealed record SignInClient(IPAddress? Address, string? Agent, CallerToken? Former = null)
{
    public static readonly SignInClient Unknown = new(null, null);
}

/// <summary>The last step of every way to sign in: a new session, the end of the former one, and a log entry.</summary>
public sealed class CustomerSignIn(AccessRegister access, AuditLog log, PersonalVault vault, KeyRing keys)
{
    internal const int MarkBytes = 16;

    /// <summary>Keyed digest of the network an address is in, /24 or /56: strangers are told apart by it, and it names nobody.</summary>
    public byte[] NetworkOf(IPAddress? address) => Mark("network|", Prefix(address));

    /// <summary>Keyed digest of network and browser, to say "this browser" in a list of sessions.</summary>
    public byte[] ClientOf(SignInClient client) => Mark("client|", [.. Prefix(client.Address), .. Encoding.UTF8.GetBytes(client.Agent ?? "")]);

    /// <summary>A digest under the platform's own key, 16 bytes.</summary>
    internal byte[] Mark(string kind, ReadOnlySpan<byte> value) =>
        HMACSHA256.HashData(keys.Secret(KeyRing.SessionPepper), (byte[])[.. "sign-in|"u8, .. Encoding.UTF8.GetBytes(kind), .. value])[..MarkBytes];

    /// <summary>A secret of 32 bytes that only this installation can compute.</summary>
    internal byte[] Derive(string kind, ReadOnlySpan<byte> value) =>
        HMACSHA256.HashData(keys.Secret(KeyRing.SessionPepper), (byte[])[.. "sign-in|"u8, .. Encoding.UTF8.GetBytes(kind), .. value]);

    /// <summary>Signs a customer in.</summary>
    /// <returns>The token of the session.</returns>
    internal async ValueTask<string> OpenAsync(Transaction tx, CustomerKey customer, string method, SignInClient client, CancellationToken ct)
    {
        await HoldAsync(tx, customer.Id, ct);
        if (client.Former is { KeyId: null } former)
        {
            await access.EndSessionAsync(tx, former, ct);
        }

        var (text, session) = await access.OpenCustomerSessionAsync(tx, customer.Id, method, ClientOf(client), ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = "customer", Session = session, CustomerRef = customer.AuditRef, Subject = "sign-in:" + method }, ct);
        return text;
    }

    /// <summary>Opens a session for the browser interface alone, for a page of the business's own site.</summary>
    internal async ValueTask<string> OpenVisitAsync(Transaction tx, CustomerKey customer, string method, CancellationToken ct)
    {
        await HoldAsync(tx, customer.Id, ct);
        var (text, session) = await access.OpenKnownVisitAsync(tx, customer.Id, method, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Login, Actor = "customer", Session = session, CustomerRef = customer.AuditRef, Subject = "web-visit:" + method }, ct);
        return text;
    }

    /// <summary>Waits for an erasure under way and looks again: no session outlives its customer.</summary>
    private async ValueTask HoldAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.LockCustomerAsync(customer, exclusive: false, ct);
        if (await vault.FindCustomerAsync(tx, customer, ct) is null)
        {
            throw new Fault(FaultKind.Erased, "sign-in/erased-meanwhile", "This account was erased at this moment.");
        }
    }

    /// <summary>Writes down that somebody was not signed in.</summary>
    internal async ValueTask RefuseAsync(Transaction tx, string method, SignInTrouble trouble, CustomerKey? customer, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Login, Actor = "system:sign-in", CustomerRef = customer?.AuditRef, Subject = "sign-in:" + method,
            Reason = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(trouble.ToString()),
        }, ct);

    private static byte[] Prefix(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is null ? [] : plain.GetAddressBytes()[..(plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 7)];
    }
}
