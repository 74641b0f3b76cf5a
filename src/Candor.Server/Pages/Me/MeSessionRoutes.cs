using Candor.Server.Pages.SignIn;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Where the customer is signed in, and how to end that.</summary>
internal static class MeSessionRoutes
{
    private const string Path = "/me/sessions";

    public static void MapMySessions(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync);
        pages.MapPost(Path + "/end", EndAsync);
        pages.MapPost(Path + "/end-others", EndOthersAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        return await door.Host.OwnSessions.ListAsync(http.Token(), SignInRoutes.ClientOf(http), ct) is { } sessions && await door.Host.Own.ChoicesAsync(http.Token(), ct) is { } own
            ? MeDoor.Page<MeSessionsPage>(new MeSessions(door.View(http, own.Catalog.Catalog, "sessions"), sessions))
            : MeDoor.Ended(http);
    }

    private static async Task<IResult> EndAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        return await door.Host.OwnSessions.EndAsync(http.Token(), form["session"].ToString(), http.RequestAborted) is { } ended
            ? MeDoor.Say(http, Path, ended > 0 ? "signed-out-there" : "not-changed") : MeDoor.Ended(http);
    }

    private static async Task<IResult> EndOthersAsync(MeDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        return await door.Host.OwnSessions.EndOthersAsync(http.Token(), http.RequestAborted) is null ? MeDoor.Ended(http) : MeDoor.Say(http, Path, "signed-out-there");
    }
}
