using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Deleting the account: what it means, once more the question, and the goodbye.</summary>
internal static class MeDeleteRoutes
{
    private const string Path = "/me/delete";

    public static void MapMyDelete(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (MeDoor door, HttpContext http) => ShowAsync(door, http, isConfirming: false));
        pages.MapGet(Path + "/confirm", (MeDoor door, HttpContext http) => ShowAsync(door, http, isConfirming: true));
        pages.MapPost(Path, DeleteAsync);
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http, bool isConfirming)
    {
        var ct = http.RequestAborted;
        var preview = await door.Host.Database.ReadAsync(async tx => await door.Host.OwnAccess.FindAsync(tx, http.Token(), exclusive: false, ct) is { } own
            ? await door.Host.Erasure.PreviewAsync(tx, own.Key.Id, ct) : null, ct);
        if (preview is null || (await door.Host.Requests.ListAsync(http.Token(), null, ct)).Requests is not { } requests)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, preview.Catalog, "delete");
        var waiting = requests.FirstOrDefault(r => r.Type == RequestType.Erasure && r.State.IsOpen());
        return MeDoor.Page<MeDeletePage>(new MeDelete(
            view, preview.In(view.Words.Language), preview.Catalog.Organisation.CoolingOff is { } period ? view.Words.Period(period) : null,
            waiting is null ? null : MeRequests.Line(view.Words, waiting), isConfirming));
    }

    private static async Task<IResult> DeleteAsync(MeDoor door, HttpContext http)
    {
        await door.ReadAsync(http);
        var frame = PageFrame.Of(http, (await door.Host.Database.ReadAsync(tx => door.Host.Catalogs.GetActiveAsync(tx, http.RequestAborted), http.RequestAborted)).Catalog.Organisation);
        try
        {
            var outcome = await door.Host.Requests.FileAsync(http.Token(), null, new NewRequest(RequestType.Erasure), http.RequestAborted);
            if (outcome.Request is not { } request)
            {
                return MeDoor.Ended(http);
            }

            if (request.State.IsOpen())
            {
                return MeDoor.Say(http, Path, "erasure-filed");
            }

            http.Response.Cookies.Delete(CallerAuthentication.Cookie, Forms.Cookie());
            http.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
            return MeDoor.Page<GoodbyePage>(frame);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            // It was asked for already: the page says when it happens.
            return TypedResults.Redirect(Path);
        }
    }
}
