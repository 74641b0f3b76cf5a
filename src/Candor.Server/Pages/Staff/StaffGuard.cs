using Candor.Server.Hosting;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Staff;

/// <summary>The member of staff behind a request, as the guard found them.</summary>
/// <param name="Actor">Roles, second factor and training as they stood when the request came. What changes something looks again in its own transaction.</param>
/// <param name="Name">To be shown.</param>
public sealed record StaffVisit(ActorState Actor, string Name)
{
    public bool HasRole(string role) => Actor.HasRole(role);
}

/// <summary>Lets a request through to a door for staff, or sends it to where what is missing can be had.</summary>
internal sealed class StaffGuard(CandorHost host) : IEndpointFilter
{
    public const string SignInPath = "/staff/sign-in";
    public const string EnrolPath = "/staff/enrol";
    public const string ConfirmPath = "/staff/confirm";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var access = http.GetEndpoint()!.Metadata.GetRequiredMetadata<StaffAccess>();
        if (await FindAsync(http) is not { } visit)
        {
            // The cookie stays: another tab may have got a new one while this request was on its way with the old one.
            return TypedResults.Redirect(StaffDoor.PathWithReturn(SignInPath, http));
        }

        if (visit.Actor.MfaAt is not { } mfaAt)
        {
            if (!access.IsForEnrolment)
            {
                return TypedResults.Redirect(EnrolPath);
            }
        }
        else if (access.IsSteppedUp && mfaAt + StaffSignIn.StepUpLasts <= host.Database.Clock.GetUtcNow())
        {
            return TypedResults.Redirect(StaffDoor.PathWithReturn(ConfirmPath, http));
        }

        if (access.Roles.Count > 0 && !access.Roles.Any(visit.HasRole))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await ErrorPages.TellAsync(http, "urn:candor:staff/role-not-allowed", "Not for your role",
                $"This page is for the roles {string.Join(", ", access.Roles.Select(r => $"`{r}`"))}. An administrator gives roles.");
            return Results.Empty;
        }

        http.Items[typeof(StaffVisit)] = visit;
        return await next(context);
    }

    private async Task<StaffVisit?> FindAsync(HttpContext http)
    {
        if (http.FindToken() is not { KeyId: null, IsVisit: false } token)
        {
            return null;
        }

        var ct = http.RequestAborted;
        var visit = await host.Database.ReadAsync(async tx => await host.Access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Staff, IsRevoked: false } actor && actor.ExpiresAt > tx.Now
            ? new StaffVisit(actor, await host.Access.NameOfAsync(tx, actor.Ref, ct))
            : null, ct);
        if (visit is not null && SessionRegister.IsDue(visit.Actor, host.Database.Clock.GetUtcNow()))
        {
            await host.Database.WriteAsync(tx => SessionRegister.MarkSeenAsync(tx, token, ct), ct);
        }

        return visit;
    }
}
