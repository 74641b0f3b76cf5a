using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Requests about the customer's rights: seen, made, proven, taken back.</summary>
internal static class MeRequestRoutes
{
    private const string Path = "/me/requests";

    public static void MapMyRequests(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (MeDoor door, HttpContext http) => ListAsync(door, http, null));
        pages.MapPost(Path, FileAsync);
        pages.MapGet(Path + "/{id}", ShowAsync);
        pages.MapPost(Path + "/{id}/take-back", (string id, MeDoor door, HttpContext http) => ActAsync(id, door, http, "taken-back", (r, ct) => r.WithdrawAsync(http.Token(), id, ct)));
        pages.MapPost(Path + "/{id}/prove", (string id, MeDoor door, HttpContext http) => ActAsync(id, door, http, "proven", (r, ct) => r.ProveAsync(http.Token(), id, null, ct)));
        pages.MapPost(Path + "/{id}/lift", (string id, MeDoor door, HttpContext http) => ActAsync(id, door, http, "lifted", (r, ct) => r.LiftRestrictionAsync(http.Token(), id, null, ct)));
    }

    private static async Task<IResult> ListAsync(MeDoor door, HttpContext http, string? mistake)
    {
        var ct = http.RequestAborted;
        if ((await door.Host.Requests.ListAsync(http.Token(), null, ct)).Requests is not { } requests || await door.Host.Own.ChoicesAsync(http.Token(), ct) is not { } own)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, own.Catalog.Catalog, "requests");
        return MeDoor.Page<MeRequestsPage>(
            new MeRequests(view, requests, mistake is null ? null : view.Words.TOr("mistake." + mistake, "mistake.other")), mistake is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ShowAsync(string id, MeDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        return (await door.Host.RequestReads.ShowAsync(http.Token(), id, ct)).View is { } shown && await door.Host.Own.ChoicesAsync(http.Token(), ct) is { } own
            ? MeDoor.Page<MeRequestPage>(new MeRequest(door.View(http, own.Catalog.Catalog, "requests"), shown, own.RestrictedSince is not null))
            : MeDoor.Ended(http);
    }

    private static async Task<IResult> FileAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        try
        {
            var type = RequestStates.Parse<RequestType>(form["type"].ToString(), "type");
            if (type == RequestType.Erasure)
            {
                // Its own page says first what it means.
                return TypedResults.Redirect("/me/delete");
            }

            var outcome = await door.Host.Requests.FileAsync(http.Token(), null, new NewRequest(type, Note: form["note"].ToString()), http.RequestAborted);
            return outcome.Request is { } request ? MeDoor.Say(http, $"{Path}/{request.Id}", "request-filed") : MeDoor.Ended(http);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict)
        {
            return await ListAsync(door, http, fault.What);
        }
    }

    private static async Task<IResult> ActAsync(
        string id, MeDoor door, HttpContext http, string said, Func<RightsRequests, CancellationToken, Task<RightsRequests.Outcome>> act)
    {
        await door.ReadAsync(http);
        try
        {
            return (await act(door.Host.Requests, http.RequestAborted)).Request is { } request ? MeDoor.Say(http, $"{Path}/{request.Id}", said) : MeDoor.Ended(http);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            // It went on meanwhile: the page shows where it stands.
            return MeDoor.Say(http, Path, "not-changed");
        }
    }
}
