using System.Text.RegularExpressions;
using Candor.Server.Pages.Demo;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Candor.Tests.Server;

public sealed class StaffDoorsOnSqlite : StaffDoorTests<Sqlite>;

public sealed class StaffDoorsOnPostgres : StaffDoorTests<Postgres>;

/// <summary>Every door for staff with every kind of session, by enumeration: a door that is added is tested by being there.</summary>
public abstract class StaffDoorTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string WayOut = "/staff/sign-out";
    private static readonly string[] Paths = ["/staff", "/desk", "/admin", "/governance", "/trust"];

    /// <summary>Doors under the paths of staff that anybody may open: the ways in. A new one is a decision: it is written here.</summary>
    private static readonly string[] Open =
    [
        "/staff/invite", "/staff/recover", "/staff/sign-in", "/staff/sign-in/code", "/staff/sign-in/oidc", "/staff/sign-in/oidc/back", "/staff/sign-in/passkey", "/staff/sign-in/passkey/options",
    ];

    private readonly Dictionary<string, string> staff = [];

    internal override SiteOptions Options => new("http://127.0.0.1:0", RequestsPerSecond: 100_000, IsDemo: true, SignIn: new SignInOptions(AttemptsPerMinute: 100_000));

    private IReadOnlyList<RouteEndpoint> Endpoints => [.. App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    private IEnumerable<(string Method, string Path, StaffAccess Access)> Doors =>
        from endpoint in Endpoints
        let access = endpoint.Metadata.GetMetadata<StaffAccess>()
        where access is not null
        from method in Methods(endpoint)
        select (method, Sample(endpoint), access);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var role in AccessRegister.KnownRoles)
        {
            staff[role] = await Host.Database.WriteAsync(tx => Host.Access.AddStaffAsync(tx, role, [role], tx.Now.AddYears(1), "test", Ct), Ct);
        }
    }

    [Fact]
    public void Every_door_under_the_paths_of_staff_says_who_may_open_it_or_is_listed_as_open()
    {
        var without = Endpoints.Where(e => Paths.Any(p => Pattern(e) == p || Pattern(e).StartsWith(p + "/", StringComparison.Ordinal)) && e.Metadata.GetMetadata<StaffAccess>() is null)
            .Select(Pattern).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Open, without);
        // And nowhere else, because elsewhere the cookie of staff does not count.
        Assert.All(Endpoints.Where(e => e.Metadata.GetMetadata<StaffAccess>() is not null), e => Assert.Contains(Paths, p => Pattern(e) == p || Pattern(e).StartsWith(p + "/", StringComparison.Ordinal)));
        Assert.All(Endpoints.Where(e => e.Metadata.GetMetadata<StaffAccess>() is not null), e => Assert.Null(e.Metadata.GetMetadata<IAllowAnonymous>()));
        Assert.All(Doors, d => Assert.Empty(d.Access.Roles.Except(AccessRegister.KnownRoles)));
        Assert.True(Doors.Count() > 20);
    }

    [Fact]
    public async Task Every_door_opens_for_its_roles_and_for_no_other()
    {
        foreach (var (role, staffId) in staff)
        {
            foreach (var (method, path, access) in Doors)
            {
                var session = await OpenAsync(staffId, Fresh);
                var answer = await CallAsync(method, path, session);
                var isAllowed = access.Roles.Count == 0 || access.Roles.Contains(role);
                var what = $"{method} {path} as {role}: {answer.Status} {answer.Message.Headers.Location}";
                if (isAllowed)
                {
                    Assert.True(answer.Status < 500 && (path == WayOut || !IsTo(answer, StaffGuard.SignInPath)) && !IsTo(answer, StaffGuard.ConfirmPath), what);
                    Assert.DoesNotContain("staff/role-not-allowed", answer.Text, StringComparison.Ordinal);
                }
                else
                {
                    Assert.True(answer.Status == 403 && answer.Text.Contains("staff/role-not-allowed", StringComparison.Ordinal), what);
                }
            }
        }
    }

    [Fact]
    public async Task Without_a_second_factor_nothing_but_enrolment_opens()
    {
        foreach (var (method, path, access) in Doors.ToList())
        {
            var answer = await CallAsync(method, path, await OpenAsync(staff[RoleFor(access)], null));
            Assert.True(access.IsForEnrolment ? (path == WayOut || !IsTo(answer, StaffGuard.SignInPath)) && answer.Status < 500 : IsTo(answer, StaffGuard.EnrolPath), $"{method} {path}: {answer.Status} {answer.Message.Headers.Location}");
        }
    }

    [Fact]
    public async Task With_an_old_second_factor_what_cannot_be_taken_back_asks_for_it_again()
    {
        foreach (var (method, path, access) in Doors.Where(d => d.Access.IsSteppedUp).ToList())
        {
            var staffId = staff[RoleFor(access)];
            var old = await CallAsync(method, path, await OpenAsync(staffId, now => now - StaffSignIn.StepUpLasts));
            Assert.True(IsTo(old, StaffGuard.ConfirmPath), $"{method} {path}: {old.Status}");
            var nearly = await CallAsync(method, path, await OpenAsync(staffId, now => now - StaffSignIn.StepUpLasts + TimeSpan.FromMinutes(1)));
            Assert.False(IsTo(nearly, StaffGuard.ConfirmPath), $"{method} {path}: {nearly.Status}");
        }
    }

    [Fact]
    public async Task No_other_session_opens_a_door_of_staff()
    {
        await AddCustomerAsync("ada");
        var customer = await Host.Database.WriteAsync(async tx =>
            await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct))!.Id, Ct), Ct);
        foreach (var (method, path, access) in Doors.ToList())
        {
            var staffId = staff[RoleFor(access)];
            var good = await OpenAsync(staffId, Fresh);
            foreach (var (name, cookies) in new (string, string)[]
            {
                ("nobody", ""), ("a made-up token", $"{CallerAuthentication.StaffCookie}=cds_{new string('A', 43)}"), ("a customer's cookie", $"{CallerAuthentication.Cookie}={customer}"),
                ("a customer's session as that of staff", $"{CallerAuthentication.StaffCookie}={customer}"), ("staff's session as that of a customer", $"{CallerAuthentication.Cookie}={good}"),
                ("an ended session", $"{CallerAuthentication.StaffCookie}={await EndedAsync(staffId)}"), ("an API key", $"{CallerAuthentication.StaffCookie}={Key}"),
            })
            {
                var answer = await SendAsync(method, path, method == "GET" ? null : "", "", Form, ("Cookie", cookies), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"));
                Assert.True(IsTo(answer, StaffGuard.SignInPath), $"{method} {path} with {name}: {answer.Status} {answer.Message.Headers.Location}");
            }
        }
    }

    [Fact]
    public async Task A_disabled_account_opens_nothing_more()
    {
        foreach (var (method, path, access) in Doors.ToList())
        {
            var role = RoleFor(access);
            var staffId = await Host.Database.WriteAsync(tx => Host.Access.AddStaffAsync(tx, "Leaver", [role], tx.Now.AddYears(1), "test", Ct), Ct);
            var session = await OpenAsync(staffId, Fresh);
            await Host.Database.WriteAsync(tx => Host.Access.DisableStaffAsync(tx, staffId, "test", Ct), Ct);
            Assert.True(IsTo(await CallAsync(method, path, session), StaffGuard.SignInPath), $"{method} {path}");
        }
    }

    [Fact]
    public async Task Forms_without_their_token_or_from_another_site_change_nothing()
    {
        foreach (var (_, path, access) in Doors.Where(d => d.Method == "POST").ToList())
        {
            var session = await OpenAsync(staff[RoleFor(access)], Fresh);
            var cookie = ("Cookie", $"{CallerAuthentication.StaffCookie}={session}");
            var without = await SendAsync("POST", path, "x=y", "", Form, cookie, ("Sec-Fetch-Site", "same-origin"));
            Assert.True(without.Status == 400 && without.Type == "urn:candor:server/old-form", $"{path} without its token: {without.Status} {without.Text}");
            var other = await SendAsync("POST", path, "form=" + new string('A', 43), "", Form, cookie, ("Sec-Fetch-Site", "same-origin"));
            Assert.True(other.Type == "urn:candor:server/old-form", $"{path} with another's token: {other.Status} {other.Text}");
            foreach (var (name, value) in new[] { ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example"), ("X-Nothing", "x") })
            {
                var cross = await SendAsync("POST", path, "x=y", "", Form, cookie, (name, value));
                Assert.True(cross.Status == 403 && cross.Type == "urn:candor:server/cross-site", $"{path} with {name}: {value}: {cross.Status}");
            }
        }

        foreach (var path in Endpoints.Where(e => Open.Contains(Pattern(e)) && Methods(e).Contains("POST")).Select(Pattern))
        {
            var cross = await SendAsync("POST", path, "x=y", "", Form, ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"));
            Assert.True(cross.Status == 403 && cross.Type == "urn:candor:server/cross-site", $"{path}: {cross.Status}");
        }
    }

    [Fact]
    public async Task Every_cookie_that_any_door_sets_is_bound_to_this_host_and_out_of_reach_of_scripts()
    {
        var seen = new HashSet<string>();
        await Host.Database.WriteAsync(tx => DemoStaff.AddAsync(Host, tx, Ct), Ct);
        foreach (var endpoint in Endpoints)
        {
            foreach (var method in Methods(endpoint))
            {
                foreach (var cookies in new[] { "", $"{CallerAuthentication.StaffCookie}={await OpenAsync(staff["administrator"], Fresh)}; __Host-staff-said=x; __Host-staff-step=x" })
                {
                    var answer = await SendAsync(method, Sample(endpoint) + "?language=de", method == "GET" ? null : "email=a@b&name=Sam Sample", "", Form, ("Cookie", cookies), ("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html"));
                    foreach (var cookie in answer.Message.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                    {
                        seen.Add(cookie.Split('=')[0]);
                        Assert.Matches("^__Host-[a-z-]+=[^;]*;( expires=[^;]+;)?( max-age=[0-9]+;)? path=/; secure; samesite=(strict|lax); httponly$", cookie);
                        Assert.True(!cookie.StartsWith("__Host-staff", StringComparison.Ordinal) || cookie.StartsWith("__Host-staff-browser=", StringComparison.Ordinal) || cookie.Contains("samesite=strict", StringComparison.Ordinal), cookie);
                    }
                }
            }
        }

        Assert.Superset(new HashSet<string> { "__Host-staff", "__Host-language", "__Host-sign-in", "__Host-staff-said" }, seen);
    }

    /// <summary>A role that may open the door.</summary>
    private static string RoleFor(StaffAccess access) => access.Roles.Count > 0 ? access.Roles[0] : "agent";

    private static DateTimeOffset? Fresh(DateTimeOffset now) => now;

    private async Task<string> OpenAsync(string staffId, Func<DateTimeOffset, DateTimeOffset?>? mfaAt) =>
        await Host.Database.WriteAsync(tx => Host.Access.OpenStaffSessionAsync(tx, staffId, mfaAt?.Invoke(tx.Now), Ct), Ct);

    private async Task<string> EndedAsync(string staffId)
    {
        var session = await OpenAsync(staffId, Fresh);
        await Host.Database.WriteAsync(tx => Host.Access.EndSessionAsync(tx, CallerToken.Parse(session), Ct), Ct);
        return session;
    }

    /// <summary>As the page of the door itself would send it: with the form's token, and nothing filled in.</summary>
    private Task<Answer> CallAsync(string method, string path, string session)
    {
        var token = App.Services.GetRequiredService<FormToken>().Of(CallerToken.Parse(session));
        return SendAsync(method, path, method == "GET" ? null : $"{FormToken.Field}={token}", "", Form, ("Cookie", $"{CallerAuthentication.StaffCookie}={session}"), ("Sec-Fetch-Site", "same-origin"));
    }

    private static bool IsTo(Answer answer, string path) => answer.Status == 302 && answer.Message.Headers.Location!.OriginalString.Split('?')[0] == path;

    private static string Pattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"];

    /// <summary>The pattern with something in its blanks that is of the right kind and names nothing.</summary>
    private static string Sample(RouteEndpoint endpoint) => Regex.Replace(Pattern(endpoint), @"\{\**(\w+)(:[^}]+)?\??\}", m => m switch
    {
        _ when m.Groups[2].Value.Contains("long", StringComparison.Ordinal) || m.Groups[2].Value.Contains("int", StringComparison.Ordinal) => "1",
        { Groups: [_, { Value: "language" }, ..] } => "en",
        _ => "x",
    });
}
