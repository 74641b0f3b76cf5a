using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Admin;

/// <summary>Changes that need two people: proposed, decided, collected.</summary>
internal static class AdminChangeRoutes
{
    public const int Most = 200;

    private const string Path = "/admin/changes";
    private static readonly string[] Roles = [AdminDoor.Administrator, AdminDoor.PrivacyOfficer];

    public static void MapAdminChanges(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ListAsync).ForStaff(Roles);
        pages.MapGet(Path + "/{id}", (StaffDoor door, string id, HttpContext http) => ShowAsync(door, http, id, null, null)).ForSteppedUpStaff(Roles);
        Decide("approve", "approved", async (host, tx, token, id, _, ct) => await host.Eyes.ApproveAsync(tx, token, id, ct));
        Decide("refuse", "refused", (host, tx, token, id, form, ct) => host.Eyes.RefuseAsync(tx, token, id, form["reason"].ToString(), ct));
        Decide("withdraw", "withdrawn", (host, tx, token, id, _, ct) => host.Eyes.WithdrawAsync(tx, token, id, ct));
        pages.MapPost(Path + "/{id}/collect", CollectAsync).ForSteppedUpStaff(Roles);

        void Decide(string what, string said, Func<CandorHost, Storage.Transaction, CallerToken, string, IFormCollection, CancellationToken, ValueTask> act) =>
            pages.MapPost($"{Path}/{{id}}/{what}", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
            {
                await host.Database.WriteAsync(tx => act(host, tx, http.Token(), id, form, http.RequestAborted), http.RequestAborted);
                return StaffDoor.Say(http, $"{Path}/{id}", said);
            }, (form, fault) => ShowAsync(door, http, id, form, fault))).ForSteppedUpStaff(Roles);
    }

    private static async Task<IResult> ListAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var (view, actor, ct) = (await door.AdminViewAsync(http, "changes"), StaffDoor.Visit(http).Actor, http.RequestAborted);
        var (all, names) = await host.Database.ReadAsync(async tx => (await host.Eyes.NewestAsync(tx, Most, ct), await AdminDoor.NamesAsync(tx, ct)), ct);
        var lines = all.Where(p => host.Eyes.IsFor(p.Kind, actor)).Select(p => ProposalWords.Line(view, p, names, door.Now)).ToList();
        return StaffDoor.Page<AdminChangesPage>(new AdminChanges(view, [.. lines.Where(l => l.Tone == "wait")], [.. lines.Where(l => l.Tone != "wait")]));
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var (host, actor, ct) = (door.Host, StaffDoor.Visit(http).Actor, http.RequestAborted);
        var (p, names, before) = await host.Database.ReadAsync(async tx =>
        {
            var proposal = await host.Eyes.GetAsync(tx, id, ct);
            return (proposal, await AdminDoor.NamesAsync(tx, ct), proposal.Kind == CatalogChanges.Kind ? await host.Catalogs.LoadAsync(tx, proposal.Read<CatalogWish>().BasedOn, ct) : null);
        }, ct);
        if (!host.Eyes.IsFor(p.Kind, actor))
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-proposal", $"There is no proposed change `{Name.Shown(id)}`.");
        }

        var view = await door.AdminViewAsync(http, "changes", sent, fault);
        var (isOpen, isOwn) = (p.ExpiresAt > door.Now, p.ProposedBy == actor.Ref);
        return StaffDoor.Page<AdminChangePage>(new AdminChange(
            view, p, ProposalWords.Line(view, p, names, door.Now), ProposalWords.Facts(view, p, names),
            before is null ? [] : CatalogDiff.Told(before.Catalog, PurposeCatalog.Read(p.Read<CatalogWish>().Text, "candor.yaml")),
            p.State == ProposalState.Waiting && isOpen && p.AloneSince is { } since ? view.Time(since + FourEyes.AloneWait) : null,
            p.State == ProposalState.Waiting && isOpen && !isOwn, isOwn && isOpen && p.State is ProposalState.Waiting or ProposalState.Ready,
            isOwn && isOpen && p.State == ProposalState.Ready ? "collect." + p.Kind : null), view.Status);
    }

    /// <summary>Makes what was approved at this moment, and shows it this once.</summary>
    private static Task<IResult> CollectAsync(StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async _ =>
    {
        var ct = http.RequestAborted;
        var kind = (await host.Database.ReadAsync(tx => host.Eyes.GetAsync(tx, id, ct), ct)).Kind;
        switch (kind)
        {
            case ApiKeys.Kind:
                var text = await host.WriteAsync(http, tx => host.ApiKeys.CollectAsync(tx, http.Token(), id, ct));
                return await OnceAsync(door, http, "once.key", text, "/admin/keys");
            case StaffChanges.InviteKind or StaffChanges.ResetKind:
                var link = await host.WriteAsync(http, tx => host.InvitationPost.CollectAsync(tx, http.Token(), id, StaffDoor.Visit(http).Name, ct));
                return link is null ? StaffDoor.Say(http, $"{Path}/{id}", "mailed") : await OnceAsync(door, http, "once.link", link.AbsoluteUri, "/admin/people");
            default:
                await host.KeyCare.DestroyAsync(http.Token(), id, ct);
                return StaffDoor.Say(http, "/admin/encryption", "destroyed");
        }
    }, (form, fault) => ShowAsync(door, http, id, form, fault));

    internal static async Task<IResult> OnceAsync(StaffDoor door, HttpContext http, string words, string secret, string back)
    {
        var view = await door.AdminViewAsync(http, "changes");
        return StaffDoor.Page<ShownOncePage>(new ShownOnce(view, view.T(words), view.T(words + ".lead"), secret, back));
    }
}
