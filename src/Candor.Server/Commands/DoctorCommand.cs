using System.CommandLine;
using Candor.Governance;
using Candor.Server.Pages.Governance;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor doctor</c>: looks an installation over and says what to do; with <c>--ethics</c> it answers the checklist.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Ethics = new("--ethics") { Description = "Answer the checklist of the ethics of data instead, from what is there now. Exit code 1 when an answer is no." };
    private static readonly Option<bool> Json = new("--json") { Description = "With --ethics: the answers as JSON." };
    private static readonly Option<FileInfo?> Baseline = new("--baseline") { Description = "With --ethics: answers as --json wrote them earlier. Exit code 1 when one fell since, and only then." };

    public static Command Make()
    {
        var command = new Command("doctor", "Check keys, database, file modes, disk and the log's head.") { Ethics, Json, Baseline, Shared.Data, Shared.Postgres };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(Ethics) && (result.GetValue(Json) || result.GetValue(Baseline) is not null))
            {
                result.AddError("`--json` and `--baseline` go with `--ethics`.");
            }
        });
        command.Runs((parsed, ct) => parsed.GetValue(Ethics) ? AnswerAsync(parsed, ct) : LookAsync(parsed, ct));
        return command;
    }

    private static async Task<int> LookAsync(ParseResult parsed, CancellationToken ct)
    {
        var checks = await Doctor.LookAsync(Shared.Settings(parsed), ct);
        foreach (var check in checks)
        {
            Shared.Results.WriteLine($"{check.State.ToString().ToUpperInvariant(),-4}  {check.Name}: {check.Finding}{(check.Advice is { } advice ? $" {advice}" : "")}");
        }

        return checks.All(c => c.State != DoctorState.Fail) ? ExitCode.Done : ExitCode.Refused;
    }

    private static async Task<int> AnswerAsync(ParseResult parsed, CancellationToken ct)
    {
        // Read first: a file that cannot be read says so before anything is looked at.
        var before = parsed.GetValue(Baseline) is { } file ? ChecklistJson.Read(await File.ReadAllTextAsync(file.FullName, ct), file.Name) : null;
        await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
        var (at, lines) = await host.Database.ReadAsync(async tx => (tx.Now, await host.Checklist.LookAsync(tx, ct)), ct);
        var words = new ChecklistWords("en");
        var fallen = lines.Where(l => before is null ? l.Finding.Answer == ChecklistAnswer.No
            : before.TryGetValue(l.Question.Id, out var was) && Checklist.HasFallen(was, l.Finding.Answer)).ToList();
        if (parsed.GetValue(Json))
        {
            Shared.Results.WriteLine(ChecklistJson.Write(at, lines, words.Figure));
        }
        else
        {
            Print(lines, words);
        }

        foreach (var line in fallen.Where(_ => before is not null))
        {
            Shared.Notes.WriteLine($"{line.Question.Id} fell from {InitiativeCover.Word(before![line.Question.Id])} to {InitiativeCover.Word(line.Finding.Answer)}.");
        }

        return fallen.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static void Print(IReadOnlyList<ChecklistLine> lines, ChecklistWords words)
    {
        var wide = Enum.GetValues<ChecklistAnswer>().Max(a => words.Answer(a).Length);
        foreach (var area in lines.GroupBy(l => l.Question.Area))
        {
            Shared.Results.WriteLine(words.Area(area.Key));
            foreach (var line in area)
            {
                var action = words.Action(line) is { } todo ? " " + todo : "";
                Shared.Results.WriteLine($"  {words.Answer(line.Finding.Answer).PadRight(wide)}  {line.Question.Id}: {words.Question(line.Question.Id)} {words.Figure(line)}{action}");
            }
        }
    }
}
