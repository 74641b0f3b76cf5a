using System.CommandLine;
using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary>How mail leaves, from options and the environment. A password is never an option: others on the machine can see those.</summary>
internal static class MailOptions
{
    private const string PasswordVariable = "CANDOR_SMTP_PASSWORD";

    public static readonly Option<string?> Smtp = new("--smtp")
    {
        Description = "Mail relay, HOST:PORT; also CANDOR_SMTP. The password comes from CANDOR_SMTP_PASSWORD or a file named by CANDOR_SMTP_PASSWORD_FILE. Without a relay mails are files in the folder `mail`.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_SMTP"),
    };

    public static readonly Option<string?> User = new("--smtp-user") { Description = "User at the relay; also CANDOR_SMTP_USER.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_SMTP_USER") };

    public static readonly Option<string?> From = new("--mail-from") { Description = "Sender's address; also CANDOR_MAIL_FROM; the organisation's contact unless set.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CANDOR_MAIL_FROM") };

    /// <exception cref="Fault">Invalid <c>messages/bad-relay</c> or <c>server/bad-mail-from</c>.</exception>
    public static MailSettings Settings(ParseResult parsed, DataFolder folder)
    {
        var (smtp, user, from) = (parsed.GetValue(Smtp), parsed.GetValue(User), parsed.GetValue(From));
        if (from is { Length: > 0 } && !System.Net.Mail.MailAddress.TryCreate(from, out _))
        {
            throw new Fault(FaultKind.Invalid, "server/bad-mail-from", $"`--mail-from` is an e-mail address; got `{Name.Shown(from)}`.");
        }

        return folder.MailSettings with { Smtp = smtp is { Length: > 0 } ? SmtpRelay.Parse(smtp, user, Password()) : null, From = from is { Length: > 0 } ? from : null };
    }

    private static string? Password() => Environment.GetEnvironmentVariable(PasswordVariable + "_FILE") is { Length: > 0 } file
        ? File.ReadAllText(file).TrimEnd('\r', '\n')
        : Environment.GetEnvironmentVariable(PasswordVariable);
}
