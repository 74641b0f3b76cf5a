using Candor.Personalization;
using Candor.Server.Pages.Demo;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Why something is suggested, and what the customer can do about it there and then.</summary>
internal static class MeWhyRoutes
{
    private const string Path = "/me/why";
    private const int Shown = 6;

    public static void MapMyWhy(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapPost("/me/why/wishes", WishAsync);
        pages.MapPost("/me/why/wishes/back", TakeBackAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, SiteOptions options, HttpContext http)
    {
        var (host, ct) = (door.Host, http.RequestAborted);
        if (await host.Own.ChoicesAsync(http.Token(), ct) is not { } choices)
        {
            return MeDoor.Ended(http);
        }

        var answers = new List<SuggestionAnswer>();
        foreach (var kind in host.Suggestions.IsLoaded ? Enum.GetValues<SuggestionKind>() : [])
        {
            if (await host.Suggestions.OwnAsync(http.Token(), kind, Shown, ct) is { } answer)
            {
                answers.Add(answer);
            }
        }

        var view = door.View(http, choices.Catalog.Catalog, "why");
        var wishes = await host.Suggestions.WishesAsync(http.Token(), ct);
        return MeDoor.Page<MeWhyPage>(new MeWhy(view, answers, wishes, id => options.IsDemo ? DemoFrame.FindName(id, view.Frame.Language) ?? id : id));
    }

    private static async Task<IResult> WishAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var kind = form["kind"] == "hide" ? WishKind.Hide : WishKind.Dismiss;
        return await door.Host.Suggestions.WishAsync(http.Token(), kind, form["item"].ToString(), http.RequestAborted)
            ? MeDoor.Say(http, Path, kind == WishKind.Hide ? "hidden" : "dismissed")
            : MeDoor.Ended(http);
    }

    private static async Task<IResult> TakeBackAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        return MeDoor.Say(http, Path, await door.Host.Suggestions.TakeBackAsync(http.Token(), form["wish"].ToString(), http.RequestAborted) ? "wish-back" : "wish-gone");
    }
}
