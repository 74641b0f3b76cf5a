using System.Net;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>How mail leaves.</summary>
public sealed record MailSettings
{
    /// <summary>The relay; null: mails are written as files into <see cref="Pickup"/>.</summary>
    public SmtpRelay? Smtp { get; init; }

    /// <summary>Sender's address; null: the contact of the organisation.</summary>
    public string? From { get; init; }

    /// <summary>Folder for mails without a relay. They lie there in clear.</summary>
    public required string Pickup { get; init; }

    /// <summary>Folder of the texts that replace those that ship.</summary>
    public required string Texts { get; init; }

    /// <summary>How long after a choice its confirmation waits for further ones, so that several at once are one mail. 2 minutes unless set.</summary>
    public TimeSpan GatherChoices { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>A mail relay.</summary>
/// <param name="Port">465 speaks TLS from the first byte; on any other the connection is upgraded, and nothing is sent where it cannot be, loopback excepted.</param>
public sealed record SmtpRelay(string Host, int Port, string? User = null, string? Password = null)
{
    private const int DefaultPort = 587;

    /// <summary>A mail to this machine itself crosses no network.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads <c>HOST</c> or <c>HOST:PORT</c>; an IPv6 address stands in brackets.</summary>
    /// <exception cref="Fault">Invalid <c>messages/bad-relay</c>.</exception>
    public static SmtpRelay Parse(string text, string? user, string? password) =>
        Uri.TryCreate("smtp://" + text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.PathAndQuery is "/" or "" && uri.UserInfo.Length == 0
            && uri.Port is not 0 and var port
            ? new SmtpRelay(uri.Host.Trim('[', ']'), port > 0 ? port : DefaultPort, user, password)
            : throw new Fault(FaultKind.Invalid, "messages/bad-relay", $"A mail relay is `HOST` or `HOST:PORT`, such as `mail.example:587`; got `{Name.Shown(text)}`.");
}
