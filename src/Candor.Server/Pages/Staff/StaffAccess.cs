namespace Candor.Server.Pages.Staff;

/// <summary>Who may open a door for staff. Every such door carries it, and a test goes through all of them with every role.</summary>
/// <param name="Roles">One of them is needed; empty: any member of staff.</param>
/// <param name="IsSteppedUp">The second factor must be a few minutes old at most.</param>
/// <param name="IsForEnrolment">Also open before there is a second factor.</param>
internal sealed record StaffAccess(IReadOnlyList<string> Roles, bool IsSteppedUp = false, bool IsForEnrolment = false);

/// <summary>Puts the guard before a door.</summary>
internal static class StaffDoors
{
    public static RouteHandlerBuilder ForStaff(this RouteHandlerBuilder door, params string[] roles) => door.Guarded(new StaffAccess(roles));

    /// <summary>For what cannot be taken back: export, erasure, keys, roles, catalog, training records. The page with the form carries it too, so that no form is filled in for nothing.</summary>
    public static RouteHandlerBuilder ForSteppedUpStaff(this RouteHandlerBuilder door, params string[] roles) => door.Guarded(new StaffAccess(roles, IsSteppedUp: true));

    /// <summary>Where a second factor is set up, and the way out.</summary>
    public static RouteHandlerBuilder ForEnrolment(this RouteHandlerBuilder door) => door.Guarded(new StaffAccess([], IsForEnrolment: true));

    private static RouteHandlerBuilder Guarded(this RouteHandlerBuilder door, StaffAccess access) => door.WithMetadata(access).AddEndpointFilter<StaffGuard>();
}
