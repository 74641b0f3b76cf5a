using System.Net.Sockets;
using Candor.Kernel;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Candor.Messages;

/// <summary>A mail did not leave.</summary>
/// <param name="code">Short word for the row and the log, without anything about the receiver.</param>
/// <param name="isFinal">The relay will never take it: trying again is of no use.</param>
internal sealed class MailFailure(string code, bool isFinal, Exception? inner) : Exception(code, inner)
{
    public string Code { get; } = code;

    public bool IsFinal { get; } = isFinal;
}

/// <summary>The way that mails take. For one sender at a time.</summary>
internal abstract class MailRoute : IAsyncDisposable
{
    public static MailRoute Of(MailSettings settings) => settings.Smtp is { } relay ? new SmtpRoute(relay) : new PickupRoute(settings.Pickup);

    /// <exception cref="MailFailure">It did not leave.</exception>
    public abstract Task SendAsync(MimeMessage mail, CancellationToken ct);

    /// <summary>Nothing more is to be sent for now.</summary>
    public virtual Task RestAsync() => Task.CompletedTask;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Files in a folder, one a mail, named after its id: sent twice it is still one file.</summary>
internal sealed class PickupRoute(string folder) : MailRoute
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public override async Task SendAsync(MimeMessage mail, CancellationToken ct)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnerFolder);
            }

            var id = mail.MessageId!;
            var file = Path.Combine(folder, id[..id.IndexOf('@', StringComparison.Ordinal)] + ".eml");
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerFile;
            }

            await using (var stream = new FileStream(file + ".part", options))
            {
                await mail.WriteToAsync(stream, ct);
            }

            // Whoever collects mails from the folder never sees half of one.
            File.Move(file + ".part", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailFailure("pickup-folder", isFinal: false, e);
        }
    }
}

/// <summary>A relay, spoken to over an encrypted connection; without one only on this machine.</summary>
internal sealed class SmtpRoute(SmtpRelay relay) : MailRoute
{
    private const int TlsPort = 465;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly SmtpClient client = new() { Timeout = (int)Patience.TotalMilliseconds };

    private SecureSocketOptions Security => relay switch
    {
        { Port: TlsPort } => SecureSocketOptions.SslOnConnect,
        { IsLoopback: true } => SecureSocketOptions.StartTlsWhenAvailable,
        _ => SecureSocketOptions.StartTls,
    };

    public override async Task SendAsync(MimeMessage mail, CancellationToken ct)
    {
        try
        {
            if (!client.IsConnected)
            {
                await client.ConnectAsync(relay.Host, relay.Port, Security, ct);
                if (relay.User is { Length: > 0 } user)
                {
                    await client.AuthenticateAsync(user, relay.Password ?? "", ct);
                }
            }

            await client.SendAsync(mail, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            await RestAsync();
            throw Failure(e);
        }
    }

    public override async Task RestAsync()
    {
        if (!client.IsConnected)
        {
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or SmtpProtocolException or OperationCanceledException)
        {
            // The other side is gone already, which is what was wanted.
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await RestAsync();
        client.Dispose();
        await base.DisposeAsync();
    }

    private static MailFailure Failure(Exception e) => e switch
    {
        // What the relay says of the receiver or the mail itself; of the sender or the service, the next try may hear better.
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted, StatusCode: >= (SmtpStatusCode)500 and var code } =>
            new MailFailure($"smtp-{(int)code}", isFinal: true, e),
        SmtpCommandException { StatusCode: var code } => new MailFailure($"smtp-{(int)code}", isFinal: false, e),
        AuthenticationException => new MailFailure("smtp-authentication", isFinal: false, e),
        SslHandshakeException or NotSupportedException => new MailFailure("smtp-no-tls", isFinal: false, e),
        SmtpProtocolException or IOException or SocketException or TimeoutException or OperationCanceledException or ServiceNotConnectedException =>
            new MailFailure("smtp-unreachable", isFinal: false, e),
        _ => new MailFailure("smtp-failed", isFinal: false, e),
    };
}
