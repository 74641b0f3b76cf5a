using System.Globalization;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Server.Pages.Training;

/// <summary>Training: reading, answering, and the result. Open to everybody who works here, whatever their training.</summary>
internal static class TrainingRoutes
{
    private const string Area = "training";
    private const string Root = "/staff/training";

    public static void MapTraining(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Root, ListAsync).ForStaff();
        pages.MapGet(Root + "/{module}", ReadAsync).ForStaff();
        pages.MapPost(Root + "/{module}/begin", BeginAsync).ForStaff();
        pages.MapGet(Root + "/{module}/questions/{sheet}", AskAsync).ForStaff();
        pages.MapPost(Root + "/{module}/questions/{sheet}", HandInAsync).ForStaff();
        pages.MapGet(Root + "/{module}/result/{sheet}", ResultAsync).ForStaff();
        pages.MapTrainingOffice();
    }

    /// <summary>Whoever is here as this transaction finds them: a session that has ended since, or an account that was disabled, does nothing any more.</summary>
    internal static async ValueTask<ActorState> ActorAsync(CandorHost host, Transaction tx, HttpContext http, CancellationToken ct) =>
        await host.Access.FindActorAsync(tx, http.Token(), ct) is { } actor && actor.IsStaffAt(tx.Now)
            ? actor
            : throw new Fault(FaultKind.Conflict, "staff/session-ended", "Your session has ended; sign in again and repeat it.");

    private static HashSet<string> RolesOf(ActorState actor) => [.. actor.Roles.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static async Task<IResult> ListAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var ct = http.RequestAborted;
        var view = await door.ViewAsync(http, Area, Area);
        var actor = view.Visit.Actor;
        var trainings = host.Trainings;
        var (modules, standing) = await host.Database.ReadAsync(
            async tx => (await trainings.ForAsync(tx, RolesOf(actor), ct), await TrainingOverview.OfAsync(tx, actor.Ref, ct)), ct);
        return StaffDoor.Page<TrainingListPage>(new TrainingList(view, modules, standing!, door.Now).Made());
    }

    private static async Task<IResult> ReadAsync(StaffDoor door, CandorHost host, string module, HttpContext http)
    {
        var found = await ModuleAsync(host, http, module);
        return StaffDoor.Page<TrainingModulePage>(new TrainingReading(await door.ViewAsync(http, Area, Area), found));
    }

    private static async Task<IResult> BeginAsync(StaffDoor door, CandorHost host, string module, HttpContext http)
    {
        await door.ReadAsync(http);
        var (ct, trainings, view) = (http.RequestAborted, host.Trainings, await door.ViewAsync(http, Area, Area));
        var sheet = await host.Database.WriteAsync(async tx =>
        {
            var actor = await ActorAsync(host, tx, http, ct);
            var found = await trainings.FindAsync(tx, RolesOf(actor), module, ct) ?? throw None(module);
            return await trainings.Register.BeginAsync(tx, actor.Ref, found, view.Frame.Language, ct);
        }, ct);
        return TypedResults.Redirect($"{Root}/{module}/questions/{sheet}");
    }

    private static async Task<IResult> AskAsync(StaffDoor door, CandorHost host, string module, string sheet, HttpContext http)
    {
        var found = await ModuleAsync(host, http, module);
        return await SheetAsync(host, http, found, sheet) switch
        {
            null => StaffDoor.Say(http, $"{Root}/{module}", "over"),
            { AttemptId: not null } => TypedResults.Redirect($"{Root}/{module}/result/{sheet}"),
            var open when open.TextHash != found.In(open.Language).Hash => StaffDoor.Say(http, $"{Root}/{module}", "changed"),
            var open => StaffDoor.Page<TrainingQuestionsPage>(new TrainingQuestions(await door.ViewAsync(http, Area, Area), found, open, [], isChecked: false)),
        };
    }

    private static async Task<IResult> HandInAsync(StaffDoor door, CandorHost host, string module, string sheet, HttpContext http)
    {
        var (form, ct, trainings) = (await door.ReadAsync(http), http.RequestAborted, host.Trainings);
        var found = await ModuleAsync(host, http, module);
        if (await SheetAsync(host, http, found, sheet) is not { AttemptId: null } open)
        {
            return StaffDoor.Say(http, $"{Root}/{module}", "over");
        }

        var marked = Enumerable.Range(0, found.In(open.Language).Questions.Count).Select(q => Marked(form, q)).ToList();
        if (marked.Any(m => m.Length == 0))
        {
            return StaffDoor.Page<TrainingQuestionsPage>(
                new TrainingQuestions(await door.ViewAsync(http, Area, Area), found, open, marked, isChecked: true), StatusCodes.Status400BadRequest);
        }

        try
        {
            await host.Database.WriteAsync(async tx =>
            {
                var actor = await ActorAsync(host, tx, http, ct);
                var now = await trainings.FindAsync(tx, RolesOf(actor), module, ct) ?? throw None(module);
                return await trainings.Register.HandInAsync(tx, actor, sheet, now, new SheetAnswers(marked), ct);
            }, ct);
            return TypedResults.Redirect($"{Root}/{module}/result/{sheet}");
        }
        catch (Fault fault) when (fault.What is "staff/sheet-handed-in" or "staff/no-such-sheet" or "staff/module-changed")
        {
            return StaffDoor.Say(http, $"{Root}/{module}", fault.What == "staff/module-changed" ? "changed" : "over");
        }
    }

    private static async Task<IResult> ResultAsync(StaffDoor door, CandorHost host, string module, string sheet, HttpContext http)
    {
        var found = await ModuleAsync(host, http, module);
        if (await SheetAsync(host, http, found, sheet) is not { AttemptId: not null } done || done.TextHash != found.In(done.Language).Hash)
        {
            return StaffDoor.Say(http, $"{Root}/{module}", "over");
        }

        var view = await door.ViewAsync(http, Area, Area);
        var standing = await host.Database.ReadAsync(tx => TrainingOverview.OfAsync(tx, view.Visit.Actor.Ref, http.RequestAborted), http.RequestAborted);
        return StaffDoor.Page<TrainingResultPage>(new TrainingResult(view, found, done, standing!, door.Now));
    }

    private static async Task<TrainingModule> ModuleAsync(CandorHost host, HttpContext http, string module)
    {
        var (ct, roles, trainings) = (http.RequestAborted, RolesOf(StaffDoor.Visit(http).Actor), host.Trainings);
        return await host.Database.ReadAsync(tx => trainings.FindAsync(tx, roles, module, ct), ct) ?? throw None(module);
    }

    private static async Task<OpenSheet?> SheetAsync(CandorHost host, HttpContext http, TrainingModule module, string sheet)
    {
        var (ct, me) = (http.RequestAborted, StaffDoor.Visit(http).Actor.Ref);
        return TrainingSheet.IsId(sheet) && await host.Database.ReadAsync(tx => host.TrainingRegister.FindSheetAsync(tx, me, sheet, ct), ct) is { } found && found.Module == module.Id ? found : null;
    }

    /// <summary>What was marked for one question; what is no number counts as nothing.</summary>
    private static int[] Marked(IFormCollection form, int question) =>
        [.. form["q" + question.ToString(CultureInfo.InvariantCulture)].Select(v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1).Where(n => n >= 0).Distinct().Order()];

    private static Fault None(string module) =>
        new(FaultKind.NotFound, "staff/no-such-module", $"None of your modules is called `{Name.Shown(module)}`; `{Root}` shows them.");
}
