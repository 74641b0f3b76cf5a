using System.Text;
using Candor.Catalog;
using MimeKit;

namespace Candor.Messages;

/// <summary>A file that goes with a letter.</summary>
internal sealed record LetterFile(string Name, string MediaType, byte[] Content);

/// <summary>A message in words, ready to be sent.</summary>
/// <param name="Id">Also the local part of the Message-ID, so that a receiver can tell a second copy.</param>
/// <param name="Unsubscribe">Where one click ends this kind of message; null for what needs no consent.</param>
internal sealed record Letter(
    string Id, string Address, string? Name, string Subject, string Text, string Html, IReadOnlyList<LetterFile> Files, Uri? Unsubscribe)
{
    /// <summary>RFC 5321 4.5.3.1.3, less the angle brackets of a path.</summary>
    private const int MaxAddress = 254;

    /// <summary>True for what can stand in a header as one address and nothing else.</summary>
    public static bool IsAddress(string? text) =>
        text is { Length: > 2 and <= MaxAddress } && text.Count('@') == 1 && text[0] != '@' && text[^1] != '@'
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';' or ':' or '"' or '(' or ')' or '\\');

    /// <summary>Text that stays on its line in a header.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();

    /// <summary>The letter as a mail: plain text and HTML, marked as made by a program (RFC 3834), with one-click unsubscribing (RFC 8058) where it has it.</summary>
    public MimeMessage ToMail(Organisation sender, string from, string host, DateTimeOffset now)
    {
        var mail = new MimeMessage { Subject = OneLine(Subject), Date = now, MessageId = $"{Id}@{host}" };
        mail.From.Add(new MailboxAddress(Encoding.UTF8, OneLine(sender.Name), from));
        mail.To.Add(new MailboxAddress(Encoding.UTF8, OneLine(Name ?? ""), Address));
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        if (Unsubscribe is not null)
        {
            mail.Headers.Add("List-Unsubscribe", $"<{Unsubscribe.AbsoluteUri}>");
            mail.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }

        var body = new BodyBuilder { TextBody = Text, HtmlBody = Html };
        foreach (var file in Files)
        {
            body.Attachments.Add(file.Name, file.Content, ContentType.Parse(file.MediaType));
        }

        mail.Body = body.ToMessageBody();
        return mail;
    }
}
