using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Mail;

/// <summary>One click ends a kind of message, without signing in. Looking at the link changes nothing: programs look at links in mails.</summary>
internal static class UnsubscribeRoutes
{
    /// <summary>RFC 8058 section 3.1: the body that a mail provider posts; our own button posts the same.</summary>
    public const string Field = "List-Unsubscribe";
    public const string Value = "One-Click";

    public static void MapUnsubscribe(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/unsubscribe/{token}", ShowAsync).AllowAnonymous();
        pages.MapPost("/unsubscribe/{token}", EndAsync).AllowAnonymous();
    }

    private static async Task<IResult> ShowAsync(string token, CandorHost host, HttpContext http) => await PageAsync(Target(host, token), token, isDone: false, host, http);

    /// <summary>No redirect, which RFC 8058 forbids; reloading repeats something that changes nothing the second time.</summary>
    private static async Task<IResult> EndAsync(string token, CandorHost host, HttpContext http)
    {
        var target = Target(host, token);
        var form = await Forms.ReadAsync(http);
        if (form[Field] != Value)
        {
            throw new Fault(FaultKind.Invalid, "messages/bad-unsubscribe", $"The form holds `{Field}={Value}`, as RFC 8058 has it.");
        }

        await host.Mail.Unsubscribing.EndAsync(target, http.RequestAborted);
        return await PageAsync(target, token, isDone: true, host, http);
    }

    private static Unsubscribing.Target Target(CandorHost host, string token) => host.Mail.Unsubscribing.Read(token)
        ?? throw new Fault(FaultKind.NotFound, "messages/bad-link", "This link is not one of ours, or a part of it is missing; open the whole link of the message.");

    private static async Task<IResult> PageAsync(Unsubscribing.Target target, string token, bool isDone, CandorHost host, HttpContext http)
    {
        var catalog = (await host.Database.ReadAsync(tx => host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog;
        var frame = PageFrame.Of(http, catalog.Organisation);
        return new RazorComponentResult<UnsubscribePage>(new
        {
            Frame = frame,
            Purpose = catalog.Purposes.GetValueOrDefault(target.Purpose)?.Label.In(frame.Language) ?? target.Purpose.Value,
            Action = "/unsubscribe/" + token,
            IsDone = isDone,
        });
    }
}
