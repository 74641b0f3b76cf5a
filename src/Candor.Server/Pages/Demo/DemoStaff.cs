using Candor.Collection;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Storage;

namespace Candor.Server.Pages.Demo;

/// <summary>The made-up staff of the sample shop. Anybody who tries it out may sign in as one of them, as if with a passkey.</summary>
internal static class DemoStaff
{
    /// <summary>Name, role, and the page that each begins with.</summary>
    public static readonly IReadOnlyList<(string Name, string Role, string Home)> People =
    [
        ("Sam Sample", "agent", "/desk"), ("Mia Market", "marketing", "/staff/account"), ("Pia Private", "privacy-officer", "/governance/anomalies"),
        ("Cleo Council", "committee-member", "/governance/initiatives"), ("Ollie Audit", "auditor", "/governance/log"),
        ("Alma Admin", "administrator", "/admin"), ("Ansel Admin", "administrator", "/admin"),
        (Lapsed, "agent", "/staff/training"), ("Conny Council", "committee-member", "/governance/initiatives"), ("Cass Council", "committee-member", "/governance/initiatives"),
    ];

    /// <summary>Whose training is over, so that it can be seen what happens then.</summary>
    public const string Lapsed = "Lars Lapsed";

    public static async ValueTask AddAsync(CandorHost host, Transaction tx, CancellationToken ct)
    {
        var there = (await host.Access.StaffAsync(tx, ct)).Select(s => s.Name).ToHashSet();
        var trainings = host.Trainings;
        await trainings.CountAsync(tx, "system:demo", ct);
        foreach (var ((name, role, _), i) in People.Select((p, i) => (p, i)).Where(p => !there.Contains(p.p.Name)))
        {
            var staff = await host.Access.AddStaffAsync(tx, name, [role], null, "system:demo", ct);
            // Between three weeks and seven months ago; one person's ended last week.
            await SampleTraining.TakeAsync(tx, trainings, staff, role, TimeSpan.FromDays(name == Lapsed ? 372 : 21 + 30 * i), stumbles: i % 3 == 1, ct);
        }
    }

    public static void MapDemoStaff(this IEndpointRouteBuilder pages) => pages.MapPost("/demo/staff", SignInAsync).AllowAnonymous();

    private static async Task<IResult> SignInAsync(CandorHost host, HttpContext http)
    {
        var (form, ct) = (await Forms.ReadAsync(http), http.RequestAborted);
        var name = form["name"].ToString();
        var home = People.FirstOrDefault(p => p.Name == name).Home
            ?? throw new Fault(FaultKind.NotFound, "server/no-such-staff", "That is none of the sample staff.");
        var session = await host.Database.WriteAsync(async tx =>
        {
            var row = (await host.Access.StaffAsync(tx, ct)).First(s => s.Name == name);
            return await host.Access.OpenStaffSessionAsync(tx, row.StaffId, tx.Now, ct);
        }, ct);
        http.Response.Cookies.Append(CallerAuthentication.StaffCookie, session, StaffDoor.Cookie());
        return TypedResults.Redirect(home);
    }
}
