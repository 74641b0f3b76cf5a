using System.Globalization;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using MimeKit;

namespace Candor.Server.Pages.Demo;

/// <summary>One mail of the sample shop, as the list shows it.</summary>
public sealed record MailLine(string Id, string Subject, string To, string Date);

/// <summary>One mail of the sample shop.</summary>
/// <param name="Lines">The plain text, line by line, each with its links: a part with an address is a link.</param>
public sealed record MailView(MailLine Head, string From, string? Unsubscribe, IReadOnlyList<string> Files, IReadOnlyList<IReadOnlyList<(string Text, string? Address)>> Lines);

/// <summary>The mails that the sample shop would have sent, from the pickup folder. Mapped by <c>candor demo</c> alone: anybody may read them.</summary>
internal static partial class MailboxRoutes
{
    private const int MostShown = 100;
    private const int IdLength = 32;

    /// <summary>The HTML of a mail has its style inside and nothing else; nothing in it may run, load or be sent.</summary>
    private const string HtmlPolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

    public static void MapMailbox(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/demo/mailbox", ListAsync).AllowAnonymous();
        pages.MapGet("/demo/mailbox/{id}", ShowAsync).AllowAnonymous();
        pages.MapGet("/demo/mailbox/{id}/html", HtmlAsync).AllowAnonymous();
    }

    private static async Task<IResult> ListAsync(CandorHost host, HttpContext http)
    {
        var lines = new List<MailLine>();
        foreach (var file in Files(host).Take(MostShown))
        {
            using var mail = await MimeMessage.LoadAsync(file.FullName, http.RequestAborted);
            lines.Add(Line(Path.GetFileNameWithoutExtension(file.Name), mail));
        }

        return new RazorComponentResult<MailboxPage>(new { Frame = await FrameAsync(host, http), Mails = lines, Shown = (MailView?)null });
    }

    private static async Task<IResult> ShowAsync(string id, CandorHost host, HttpContext http)
    {
        using var mail = await LoadAsync(id, host, http.RequestAborted);
        var link = mail.Headers["List-Unsubscribe"]?.Trim().Trim('<', '>');
        var view = new MailView(Line(id, mail), mail.From.ToString(), Here(link), [.. mail.Attachments.Select(a => a.ContentDisposition?.FileName ?? "?")], Lines(mail.TextBody ?? ""));
        // The page has a frame of our own; every other page has none.
        http.Response.Headers.ContentSecurityPolicy = http.Response.Headers.ContentSecurityPolicy.ToString() + "; frame-src 'self'";
        return new RazorComponentResult<MailboxPage>(new { Frame = await FrameAsync(host, http), Mails = Array.Empty<MailLine>(), Shown = view });
    }

    private static async Task<IResult> HtmlAsync(string id, CandorHost host, HttpContext http)
    {
        using var mail = await LoadAsync(id, host, http.RequestAborted);
        http.Response.Headers.ContentSecurityPolicy = HtmlPolicy;
        // Links leave the frame, which may show nothing but this mail.
        return TypedResults.Content((mail.HtmlBody ?? "").Replace("<head>", "<head>\n<base target=\"_blank\">", StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    private static IEnumerable<FileInfo> Files(CandorHost host) => Directory.Exists(host.Mail.Settings.Pickup)
        ? new DirectoryInfo(host.Mail.Settings.Pickup).EnumerateFiles("*.eml").OrderByDescending(f => f.LastWriteTimeUtc)
        : [];

    private static async Task<MimeMessage> LoadAsync(string id, CandorHost host, CancellationToken ct)
    {
        var file = Path.Combine(host.Mail.Settings.Pickup, id + ".eml");
        return id.Length == IdLength && id.All(char.IsAsciiHexDigitLower) && File.Exists(file)
            ? await MimeMessage.LoadAsync(file, ct)
            : throw new Fault(FaultKind.NotFound, "server/no-such-mail", "There is no such mail in the sample shop's mailbox.");
    }

    private static async Task<PageFrame> FrameAsync(CandorHost host, HttpContext http) =>
        PageFrame.Of(http, (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog.Organisation);

    private static MailLine Line(string id, MimeMessage mail) =>
        new(id, mail.Subject ?? "", mail.To.ToString(), mail.Date.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));

    private static List<IReadOnlyList<(string Text, string? Address)>> Lines(string text) => [.. text.ReplaceLineEndings("\n").Split('\n').Select(Parts)];

    private static List<(string Text, string? Address)> Parts(string line)
    {
        var parts = new List<(string, string?)>();
        var at = 0;
        foreach (System.Text.RegularExpressions.Match link in Address().Matches(line))
        {
            parts.Add((line[at..link.Index], null));
            parts.Add((link.Value, Here(link.Value)));
            at = link.Index + link.Length;
        }

        parts.Add((line[at..], null));
        return parts;
    }

    /// <summary>An address of a page; anything else is text.</summary>
    private static string? Here(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? address : null;

    [System.Text.RegularExpressions.GeneratedRegex(@"https?://[^\s<>""']*[^\s<>""'.,;:!?)]")]
    private static partial System.Text.RegularExpressions.Regex Address();
}
