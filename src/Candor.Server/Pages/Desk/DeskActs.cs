using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Desk;

/// <summary>What was typed on a customer's page and could not be taken, so that nothing of it has to be typed again.</summary>
/// <param name="Act">Which form: <c>note</c>, <c>request</c>, <c>emergency</c>, …; empty when nothing was sent.</param>
/// <param name="Mistake">Name of a text; null when nothing is wrong.</param>
/// <param name="Risky">Places of numbers that are never stored.</param>
public sealed record DeskDraft(string Act = "", string Text = "", string Channel = "", string Identity = "", string? Mistake = null, IReadOnlyList<Collection.RiskySpot>? Risky = null)
{
    public bool IsRefused => Mistake is not null || Risky is { Count: > 0 };
}

/// <summary>What an agent does on a customer's page. Each form is sent to the page itself and names what it wants.</summary>
internal static class DeskActs
{
    public static async Task<IResult> ActAsync(string visit, StaffDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var act = form["do"].ToString();
        try
        {
            return act switch
            {
                "note" => await NoteAsync(visit, door, http, form),
                "channel" => await AnswerAsync(visit, door, http, new DeskDraft(act), await door.Host.ContactNotes.ChangeChannelAsync(http.Token(), visit, form["channel"].ToString(), http.RequestAborted), "channel"),
                "ask" => await AskAsync(visit, door, http, form),
                "request" => await RequestAsync(visit, door, http, form),
                "why" => await WhyAsync(visit, door, http, form),
                "emergency" => await EmergencyAsync(visit, door, http, form),
                _ => throw new Fault(FaultKind.Invalid, "desk/unknown-act", $"`{Name.Shown(act)}` is nothing that this page does."),
            };
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict && act.Length > 0 && fault.What != "desk/unknown-act")
        {
            return await AgainAsync(visit, door, http, DraftOf(act, form) with { Mistake = fault.What });
        }
    }

    private static async Task<IResult> NoteAsync(string visit, StaffDoor door, HttpContext http, IFormCollection form) => await AnswerAsync(
        visit, door, http, DraftOf("note", form),
        await door.Host.ContactNotes.WriteAsync(http.Token(), visit, form["text"].ToString(), form["channel"].ToString(), form["answers"].ToString(), http.RequestAborted), "note");

    private static async Task<IResult> AskAsync(string visit, StaffDoor door, HttpContext http, IFormCollection form)
    {
        var outcome = await door.Host.ConsentQuestions.AskAsync(http.Token(), visit, PurposeId.Parse(form["purpose"].ToString()), form["mail"] == "1", http.RequestAborted);
        return outcome switch
        {
            { Why: null, Refused: null } => Say(http, visit, "asked"),
            { Refused: { } reason } => await AgainAsync(visit, door, http, new DeskDraft("ask", Mistake: "reason." + reason.Code())),
            { Why: var why } => await AgainAsync(visit, door, http, new DeskDraft("ask", Mistake: "not-asked." + why)),
        };
    }

    private static async Task<IResult> RequestAsync(string visit, StaffDoor door, HttpContext http, IFormCollection form)
    {
        var view = await door.ViewAsync(http, "desk", "desk");
        var type = RequestStates.Parse<RequestType>(form["type"].ToString(), "type");
        var label = PageText.In("desk", view.Frame.Language).Text("request.identity.label");
        var outcome = await door.Host.DeskRequests.FileAsync(http.Token(), visit, type, label, form["identity"].ToString(), form["text"].ToString(), http.RequestAborted);
        return outcome.Refused is { } refused
            ? await AgainAsync(visit, door, http, DraftOf("request", form) with { Mistake = "reason." + refused.Reason.Code() })
            : Say(http, visit, "request");
    }

    private static async Task<IResult> WhyAsync(string visit, StaffDoor door, HttpContext http, IFormCollection form)
    {
        await door.Host.Finder.ChangeReasonAsync(http.Token(), visit, PurposeId.Parse(form["purpose"].ToString()), form["case"].ToString(), http.RequestAborted);
        return TypedResults.Redirect(DeskRoutes.CustomerPath + visit);
    }

    private static async Task<IResult> EmergencyAsync(string visit, StaffDoor door, HttpContext http, IFormCollection form) =>
        await door.Host.Emergencies.DeclareAsync(http.Token(), visit, form["text"].ToString(), http.RequestAborted) is { } reason
            ? await AgainAsync(visit, door, http, DraftOf("emergency", form) with { Mistake = "reason." + reason.Code() })
            : TypedResults.Redirect(DeskRoutes.CustomerPath + visit);

    private static Task<IResult> AnswerAsync(string visit, StaffDoor door, HttpContext http, DeskDraft draft, DeskOutcome outcome, string said) => outcome switch
    {
        { Stored: true } => Task.FromResult(Say(http, visit, said)),
        { Risky.Count: > 0 } => AgainAsync(visit, door, http, draft with { Risky = outcome.Risky }),
        { NotNeeded: not null } => AgainAsync(visit, door, http, draft with { Mistake = outcome.NotNeeded == ReasonCode.Restricted ? "not-needed.restricted" : "not-needed" }),
        { Refused: var reason } => AgainAsync(visit, door, http, draft with { Mistake = "reason." + reason!.Value.Code() }),
    };

    /// <summary>The page begins with what happened; a mistake is shown at its form, to which the form's own address leads.</summary>
    private static IResult Say(HttpContext http, string visit, string said) => StaffDoor.Say(http, $"{DeskRoutes.CustomerPath}{visit}#main", said);

    private static Task<IResult> AgainAsync(string visit, StaffDoor door, HttpContext http, DeskDraft draft) => DeskRoutes.CustomerAsync(door, http, visit, draft);

    private static DeskDraft DraftOf(string act, IFormCollection form) => new(act, form["text"].ToString(), form["channel"].ToString(), form["identity"].ToString());
}
