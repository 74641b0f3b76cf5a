using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Preferences: a switch a purpose, all off at once, and the receipts of every choice.</summary>
internal static class MeChoiceRoutes
{
    private const string Path = "/me/choices";
    private const string Method = "switch in My Data & Privacy";

    public static void MapMyChoices(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapGet(Path + "/history", HistoryAsync);
        pages.MapPost(Path, ChooseAsync);
        pages.MapPost(Path + "/all-off", AllOffAsync);
        pages.MapPost(Path + "/collected", RemoveCollectedAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http)
    {
        if (await door.Host.Own.ChoicesAsync(http.Token(), http.RequestAborted) is not { } choices)
        {
            return MeDoor.Ended(http);
        }

        await door.Host.TrustVisits.OpenSettingsAsync(http.Token(), http.RequestAborted);
        var view = door.View(http, choices.Catalog.Catalog, "choices");
        var off = view.Said is { Code: "withdrawn", Version: { } version } ? choices.Now.FirstOrDefault(c => c.Version == version)?.Purpose : null;
        var collected = off is null ? null : await door.Host.PurposeData.LookAsync(http.Token(), null, off, http.RequestAborted);
        return MeDoor.Page<MeChoicesPage>(new MeChoices(view, choices, collected?.Data ?? [], door.Now));
    }

    private static async Task<IResult> RemoveCollectedAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        return await door.Host.PurposeData.RemoveAsync(http.Token(), null, PurposeId.Parse(form["purpose"].ToString()), http.RequestAborted) switch
        {
            null => MeDoor.Ended(http),
            { Refused: null } => MeDoor.Say(http, Path, "collected-gone"),
            _ => MeDoor.Say(http, Path, "not-changed"),
        };
    }

    private static async Task<IResult> HistoryAsync(MeDoor door, HttpContext http) =>
        await door.Host.Own.RecordsAsync(http.Token(), http.RequestAborted) is var (catalog, records)
            ? MeDoor.Page<MeChoiceHistoryPage>(new MeChoiceHistory(door.View(http, catalog.Catalog, "choices"), records))
            : MeDoor.Ended(http);

    private static async Task<IResult> ChooseAsync(MeDoor door, HttpContext http)
    {
        var (form, token, ct) = (await door.ReadAsync(http), http.Token(), http.RequestAborted);
        var (purpose, language, choices) = (PurposeId.Parse(form["purpose"].ToString()), await door.LanguageAsync(http), door.Host.Choices);
        var notice = new NoticeRef(form["notice"].ToString(), language);
        var outcome = form["state"].ToString() switch
        {
            "given" => await choices.GiveAsync(token, null, purpose, notice, Method, ct),
            "withdrawn" => await choices.WithdrawAsync(token, null, purpose, Method, language, ct),
            "objected" => await choices.ObjectAsync(token, null, purpose, Method, language, ct),
            "objection-lifted" => await choices.LiftObjectionAsync(token, null, purpose, Method, language, ct),
            var other => throw new Fault(FaultKind.Invalid, "consent/bad-state", $"`{Name.Shown(other)}` is not a choice."),
        };
        return outcome switch
        {
            { Changed: { } changed } => MeDoor.Say(http, $"{Path}#p-{purpose}", changed.Record.Event.Code(), changed.Record.Version),
            { Refused: not null } => MeDoor.Say(http, Path, "not-changed"),
            _ => MeDoor.Ended(http),
        };
    }

    private static async Task<IResult> AllOffAsync(MeDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        return await door.Host.Choices.AllOffAsync(http.Token(), Method, await door.LanguageAsync(http), http.RequestAborted) is null
            ? MeDoor.Ended(http)
            : MeDoor.Say(http, Path, "all-off");
    }
}
