using System.Globalization;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Admin;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Server.Pages.Governance;

/// <summary>Initiatives: proposed, discussed, voted on, decided, reviewed.</summary>
internal static class InitiativeRoutes
{
    public const string Path = "/governance/initiatives";
    private const string Section = "initiatives";
    private const int MaxFormBytes = 4 * 1024 * 1024;
    private static readonly string[] Owners = [.. CommitteeOffice.Roles];
    private static readonly string[] Members = [CommitteeSetup.MemberRole];
    private static readonly string[] Appliers = [.. CatalogChanges.Roles];
    private static readonly string[] Reviewers = [CommitteeSetup.MemberRole, .. CommitteeOffice.Roles];

    public static void MapInitiatives(this IEndpointRouteBuilder pages)
    {
        var limit = new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxFormBytes);
        pages.MapGet(Path, ListAsync).ForStaff();
        pages.MapGet(Path + "/new", (StaffDoor door, HttpContext http) => EditAsync(door, http, null, null, null)).ForStaff();
        pages.MapPost(Path + "/new", ProposeAsync).ForStaff().WithMetadata(limit);
        pages.MapGet(Path + "/{id}", (StaffDoor door, string id, HttpContext http) => ShowAsync(door, http, id, null, null)).ForStaff();
        pages.MapGet(Path + "/{id}/edit", (StaffDoor door, string id, HttpContext http) => EditAsync(door, http, id, null, null)).ForStaff();
        pages.MapPost(Path + "/{id}/edit", ReviseAsync).ForStaff().WithMetadata(limit);
        pages.MapGet(Path + "/{id}/vote", (StaffDoor door, string id, HttpContext http) => VoteAsync(door, http, id, null, null)).ForSteppedUpStaff(Members);
        pages.MapGet(Path + "/{id}/apply", ApplyAsync).ForSteppedUpStaff(Appliers);
        pages.MapGet(Path + "/{id}/self-check", (StaffDoor door, string id, HttpContext http) => CheckAsync(door, http, id, null, null)).ForSteppedUpStaff(Owners);
        pages.MapPost(Path + "/{id}/self-check", SelfCheckAsync).ForSteppedUpStaff(Owners);
        Do("open", "opened", ShowAsync, (i, tx, token, id, _, ct) => i.OpenAsync(tx, token, id, ct)).ForStaff();
        Do("withdraw", "withdrawn", ShowAsync, (i, tx, token, id, _, ct) => i.WithdrawAsync(tx, token, id, ct)).ForStaff();
        Do("comment", "commented", ShowAsync, (i, tx, token, id, form, ct) => i.CommentAsync(tx, token, id, form["said"].ToString(), ct)).ForStaff();
        Do("review", "review-begun", ShowAsync, (i, tx, token, id, form, ct) => i.BeginReviewAsync(tx, token, id, form["said"].ToString(), ct)).ForSteppedUpStaff(Reviewers);
        Do("conflict", "conflict", VoteAsync, (i, tx, token, id, form, ct) => i.DeclareConflictAsync(tx, token, id, form["conflict"].ToString(), ct)).ForSteppedUpStaff(Members);
        Do("vote", "voted", VoteAsync, (i, tx, token, id, form, ct) => i.VoteAsync(tx, token, id, VoteOf(form["vote"].ToString()), form["reason"].ToString(), ct)).ForSteppedUpStaff(Members);
        Do("decide", "decided", VoteAsync, async (i, tx, token, id, form, ct) => await i.DecideAsync(tx, token, id, form["conditions"].ToString(), Day(form), ct)).ForSteppedUpStaff(Members);

        RouteHandlerBuilder Do(
            string what, string said, Func<StaffDoor, HttpContext, string, IFormCollection?, Fault?, Task<IResult>> again,
            Func<Initiatives, Transaction, CallerToken, string, IFormCollection, CancellationToken, ValueTask> act) =>
            pages.MapPost($"{Path}/{{id}}/{what}", (StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
            {
                await host.Database.WriteAsync(tx => act(host.Initiatives, tx, http.Token(), id, form, http.RequestAborted), http.RequestAborted);
                return StaffDoor.Say(http, $"{Path}/{id}", said);
            }, (form, fault) => again(door, http, id, form, fault)));
    }

    internal static async Task<AdminView> ViewAsync(StaffDoor door, HttpContext http, IFormCollection? sent = null, Fault? fault = null) =>
        new(await door.ViewAsync(http, Section, "governance"), sent, fault, "governance");

    internal static DateOnly? Day(IFormCollection form) =>
        DateOnly.TryParseExact(form["review"].ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static StepKind VoteOf(string vote) => vote switch { "yes" => StepKind.VoteYes, "no" => StepKind.VoteNo, "abstain" => StepKind.VoteAbstain, _ => StepKind.Comment };

    private static async Task<IResult> ListAsync(StaffDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await ViewAsync(door, http);
        var (all, approvals, names, setup) = await door.Host.Database.ReadAsync(async tx => (
            await InitiativeRows.NewestAsync(tx, ct), (await PurposeApprovals.AllAsync(tx, ct)).ToDictionary(a => a.Purpose), await LogNames.LoadAsync(tx, ct), await CommitteeOffice.FindAsync(tx, ct)), ct);
        var words = new InitiativeWords(view, names, door.Now);
        var waits = all.ToLookup(i => i.StateAt(door.Now) is InitiativeState.Draft or InitiativeState.Open or InitiativeState.DueForReview);
        var grounds = view.Staff.Catalog.Purposes.Values.Where(p => p.Active).OrderBy(p => p.Id.Value, StringComparer.Ordinal).Select(p => words.Ground(p, approvals.GetValueOrDefault(p.Id.Value)));
        return StaffDoor.Page<InitiativesPage>(new InitiativeList(
            view, [.. waits[true].Select(words.Line)], [.. waits[false].Select(words.Line)], [.. grounds], view.T("mode." + setup.Mode)));
    }

    private static Task<IResult> ProposeAsync(StaffDoor door, CandorHost host, HttpContext http) => door.TryAsync(http, async form =>
    {
        var made = await host.WriteAsync(http, tx => host.Initiatives.ProposeAsync(tx, http.Token(), FormOf(form), http.RequestAborted));
        return StaffDoor.Say(http, $"{Path}/{made.Id}", "proposed");
    }, (form, fault) => EditAsync(door, http, null, form, fault));

    private static Task<IResult> ReviseAsync(StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
    {
        await host.Database.WriteAsync(tx => host.Initiatives.ReviseAsync(tx, http.Token(), id, FormOf(form), http.RequestAborted), http.RequestAborted);
        return StaffDoor.Say(http, $"{Path}/{id}", "revised");
    }, (form, fault) => EditAsync(door, http, id, form, fault));

    private static InitiativeForm FormOf(IFormCollection form) => new(
        form["title"].ToString(), form["what"].ToString(), form["why"].ToString(), form["data"].ToString(), form["helps"].ToString(), form["harms"].ToString(), form["purpose"].ToString(), form["text"].ToString());

    private static async Task<IResult> EditAsync(StaffDoor door, HttpContext http, string? id, IFormCollection? sent, Fault? fault) => await WriteAsync(
        door, http, id, id is null ? new InitiativeForm("", "", "", "", "", "", null, null) : (await door.Host.Database.ReadAsync(tx => InitiativeRows.GetAsync(tx, id, http.RequestAborted), http.RequestAborted)).Form, sent, fault);

    /// <summary>The form, filled in.</summary>
    internal static async Task<IResult> WriteAsync(StaffDoor door, HttpContext http, string? id, InitiativeForm form, IFormCollection? sent = null, Fault? fault = null)
    {
        var view = await ViewAsync(door, http, sent, fault);
        return StaffDoor.Page<InitiativeFormPage>(new InitiativeEdit(
            view, id, form, [.. view.Staff.Catalog.Purposes.Values.OrderBy(p => p.Id.Value, StringComparer.Ordinal).Select(p => (p.Id.Value, p.Label.In(view.Language)))]), view.Status);
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var (host, actor, ct) = (door.Host, StaffDoor.Visit(http).Actor, http.RequestAborted);
        var view = await ViewAsync(door, http, sent, fault);
        var (i, steps, count, setup, text, names) = await host.Database.ReadAsync(async tx =>
        {
            var (found, taken) = (await InitiativeRows.GetAsync(tx, id, ct), await InitiativeRows.StepsAsync(tx, id, ct));
            return (found, taken, await Initiatives.CountAsync(tx, found, taken, ct), await CommitteeOffice.FindAsync(tx, ct), await InitiativeText.FindAsync(tx, host.Catalogs, found, ct), await LogNames.LoadAsync(tx, ct));
        }, ct);
        var (words, isVoting) = (new InitiativeWords(view, names, door.Now), i.VotingSince(door.Now) is not null);
        var hasCommittee = setup.Mode == CommitteeMode.Committee;
        return StaffDoor.Page<InitiativePage>(new InitiativeShown(
            view, i, words.Line(i), words.Facts(i, view.Staff.Catalog), text?.Changes ?? [], text is null ? [] : words.Uses(text),
            hasCommittee && (isVoting || count.Ballots.Count > 0) ? words.Votes(count) : null, [.. steps.Select(words.Step)],
            i.ProposedBy == actor.Ref, isVoting, hasCommittee && isVoting && actor.HasRole(CommitteeSetup.MemberRole) && setup.SeatOf(actor.Ref) is not null,
            !hasCommittee && isVoting && Owners.Any(actor.HasRole), i.WasApproved && !isVoting && Reviewers.Any(actor.HasRole),
            i.IsLive(door.Now) && text is not null && text.To.Text != view.Staff.Catalog.Text && Appliers.Any(actor.HasRole),
            isVoting && count.HasQuorum && !count.AllVoted ? view.T("votes.waits", ("when", view.Time(i.VotingSince(door.Now)!.Value + VoteCount.VotingLasts))) : null), view.Status);
    }

    /// <summary>What the approved text comes to now, for somebody to look at and make count.</summary>
    private static async Task<IResult> ApplyAsync(StaffDoor door, string id, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await door.AdminViewAsync(http, "catalog");
        var initiative = await door.Host.Database.ReadAsync(tx => InitiativeRows.GetAsync(tx, id, ct), ct);
        if (!initiative.IsLive(door.Now) || initiative.Form.CatalogText is not { } text)
        {
            return StaffDoor.Say(http, $"{Path}/{id}", "cannot-apply");
        }

        var preview = await door.Host.Database.ReadAsync(tx => door.Host.CatalogChanges.PreviewAsync(tx, text, ct), ct);
        return StaffDoor.Page<AdminCatalogPreviewPage>(new AdminCatalogPreview(view, text, preview, id, initiative.BasedOn == preview.BasedOn ? null : initiative.BasedOn));
    }

    private static async Task<IResult> VoteAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var (actor, ct) = (StaffDoor.Visit(http).Actor, http.RequestAborted);
        var view = await ViewAsync(door, http, sent, fault);
        var (i, count, names) = await door.Host.Database.ReadAsync(async tx =>
        {
            var found = await InitiativeRows.GetAsync(tx, id, ct);
            return (found, await Initiatives.CountAsync(tx, found, await InitiativeRows.StepsAsync(tx, id, ct), ct), await LogNames.LoadAsync(tx, ct));
        }, ct);
        var words = new InitiativeWords(view, names, door.Now);
        var isReview = i.State != InitiativeState.Open;
        return StaffDoor.Page<InitiativeVotePage>(new InitiativeVote(
            view, i, words.Votes(count), count.Conflicted.Any(c => c.StaffId == actor.Ref), isReview, i.VotingSince(door.Now) is { } since && count.CanDecide(since, door.Now), count.IsYes,
            view.T($"outcome.{(isReview ? "review" : "first")}.{(count.IsYes ? "yes" : "no")}"), IsoDay(door.Now.AddDays(1)), IsoDay(door.Now.AddYears(1))), view.Status);
    }

    private static async Task<IResult> CheckAsync(StaffDoor door, HttpContext http, string id, IFormCollection? sent, Fault? fault)
    {
        var view = await ViewAsync(door, http, sent, fault);
        var i = await door.Host.Database.ReadAsync(tx => InitiativeRows.GetAsync(tx, id, http.RequestAborted), http.RequestAborted);
        return StaffDoor.Page<SelfCheckPage>(new SelfCheckPageView(view, i, IsoDay(door.Now.AddDays(1)), IsoDay(door.Now.AddYears(1))), view.Status);
    }

    private static Task<IResult> SelfCheckAsync(StaffDoor door, CandorHost host, string id, HttpContext http) => door.TryAsync(http, async form =>
    {
        var answers = SelfChecks.Questions.Select(q => form[q].ToString()).ToList();
        var proposal = await host.WriteAsync(http, tx => host.SelfChecks.ProposeAsync(tx, http.Token(), id, answers, Day(form), http.RequestAborted));
        return AdminDoor.Done(http, proposal, Path);
    }, (form, fault) => CheckAsync(door, http, id, form, fault));

    private static string IsoDay(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
