using Candor.Audit;
using Candor.Governance;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Server.Pages.Staff;
using Candor.Storage;
using Checkpoint = Candor.Audit.Checkpoint;

namespace Candor.Server.Pages.Governance;

/// <summary>What proves the log: checkpoint, witnesses, the check of itself.</summary>
internal static class ProofRoutes
{
    private const int DaysShown = 14;

    public static void MapProofs(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/governance/log/proofs", ShowAsync).ForStaff(LogPost.Auditor, LogPost.Officer);
        pages.MapGet("/governance/log/checkpoints/{day}", DayAsync).ForStaff(LogPost.Auditor, LogPost.Officer);
    }

    private sealed record Loaded(string? Note, string? Broken, IReadOnlyList<WitnessState> Witnesses, IReadOnlyList<DayCheckpoint> Days, LogWalk? Check, string Consistency);

    private static async Task<IResult> ShowAsync(StaffDoor door, CandorHost host, HttpContext http)
    {
        var ct = http.RequestAborted;
        var (view, words, _) = await LogRoutes.ViewAsync(door, http, "proofs");
        var (note, broken) = await SignAsync(host, ct);
        var loaded = await host.Database.ReadAsync(async tx => new Loaded(
            note, broken, await host.Witnesses.StateAsync(tx, ct), await DayCheckpoints.AllAsync(tx, ct), await LogWalks.FindAsync(tx, LogSelfCheck.Walk, ct), await ConsistencyAsync(tx, host, note, door.Now, ct)), ct);
        var point = note is null ? null : Checkpoint.Parse(SignedNote.Open(note, host.Checkpoints.Key));
        var days = loaded.Days.Reverse().Take(DaysShown).Select(d => new FilterChoice(d.Day, words.T("proofs.day", ("day", words.Day(d.MadeAt)), ("size", words.Number(d.Size))))).ToList();
        return StaffDoor.Page<ProofsPage>(new ProofsView(
            view, words, point is null ? "–" : words.Number(point.Size), note ?? "", host.Checkpoints.Key.ToString(), [.. loaded.Witnesses.Select(w => Of(w, words))],
            words.T("consistency." + loaded.Consistency), loaded.Consistency != "broken", CheckOf(loaded.Check, words), AlarmOf(loaded, words), days));
    }

    /// <summary>A checkpoint as it was mailed, as a file.</summary>
    private static async Task<IResult> DayAsync(string day, CandorHost host, HttpContext http)
    {
        var found = (await host.Database.ReadAsync(tx => DayCheckpoints.AllAsync(tx, http.RequestAborted), http.RequestAborted)).FirstOrDefault(d => d.Day == day)
            ?? throw new Fault(FaultKind.NotFound, "governance/no-such-day", $"There is no checkpoint of `{Name.Shown(day)}`.");
        return TypedResults.File(System.Text.Encoding.UTF8.GetBytes(found.Note), "text/plain; charset=utf-8", $"checkpoint-{found.Day}.txt");
    }

    /// <summary>The newest checkpoint, or why none can be signed: that is what this page is for.</summary>
    private static async Task<(string? Note, string? Broken)> SignAsync(CandorHost host, CancellationToken ct)
    {
        try
        {
            return (await host.Database.WriteAsync(tx => host.Checkpoints.SignAsync(tx, ct), ct), null);
        }
        catch (Fault fault)
        {
            return (null, fault.Message);
        }
    }

    /// <summary>Whether the log, as it is now, begins with the last checkpoint that was made before today; proven as an outsider would.</summary>
    private static async ValueTask<string> ConsistencyAsync(Transaction tx, CandorHost host, string? note, DateTimeOffset now, CancellationToken ct)
    {
        var today = now.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if ((await DayCheckpoints.AllAsync(tx, ct)).LastOrDefault(d => string.CompareOrdinal(d.Day, today) < 0) is not { } before)
        {
            return note is null ? "broken" : "none";
        }

        if (note is null)
        {
            return "broken";
        }

        if (!IsSigned(before.Note, host.Checkpoints.Key))
        {
            return "broken";
        }

        var (older, newer) = (Checkpoint.Parse(SignedNote.Open(before.Note, host.Checkpoints.Key)), Checkpoint.Parse(SignedNote.Open(note, host.Checkpoints.Key)));
        var proof = older.Size <= newer.Size ? await LogTree.ConsistencyAsync(tx, older.Size, newer.Size, ct) : [];
        return Merkle.VerifyConsistency(older.Size, older.Root, newer.Size, newer.Root, proof) ? "holds" : "broken";
    }

    private static bool IsSigned(string note, NoteKey key)
    {
        try
        {
            SignedNote.Open(note, key);
            return true;
        }
        catch (Fault)
        {
            return false;
        }
    }

    private static WitnessView Of(WitnessState w, LogWords words) => new(
        w.Name, words.Number(w.Size), w.CosignedAt is { } at ? words.Time(at) : words.T("witness.never"),
        w.Problem is { } problem ? words.T("problem." + problem, ("time", words.Time(w.ProblemAt!.Value)), ("said", w.Said ?? "")) : words.T(w.CosignedAt is null ? "witness.waiting" : "witness.well"), w.Problem is null);

    private static string CheckOf(LogWalk? check, LogWords words) => check switch
    {
        null => words.T("check.never"),
        { Finding: { } finding } => words.T("check.found", ("finding", finding), ("time", words.Time(check.FoundAt!.Value))),
        { FinishedAt: { } at } => words.T("check.whole", ("time", words.Time(at))),
        _ => words.T("check.begun", ("entries", words.Number(check.Index))),
    };

    private static string? AlarmOf(Loaded loaded, LogWords words) =>
        loaded.Check?.Finding is { } finding ? words.T("alarm.tampered", ("finding", finding))
        : loaded.Broken is { } broken ? words.T("alarm.unsigned", ("why", broken))
        : loaded.Consistency == "broken" ? words.T("alarm.inconsistent")
        : loaded.Witnesses.FirstOrDefault(w => w.Problem is Witnesses.Conflict or Witnesses.Refused) is { } witness ? words.T("alarm." + witness.Problem, ("name", witness.Name))
        : null;
}
