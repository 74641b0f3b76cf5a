using System.CommandLine;
using System.Globalization;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor request list|show|acknowledge|prove|extend|refuse|fulfil|report|figures</c>: rights requests from the console, each step logged as <c>system:cli</c>.</summary>
internal static class RequestCommand
{
    private const int Most = 10_000;
    private static readonly Asker Cli = Asker.System("cli");
    private static readonly Argument<string> Which = new("request") { Description = "Number, such as R-3F9A1C2B, or id." };
    private static readonly Option<string> Text = new("--text") { Description = "In words; the customer gets it.", Required = true };

    public static Command Make() => new("request", "Rights requests: what is open, until when, and the steps of each.")
    {
        MakeList(), MakeShow(), MakeAcknowledge(), MakeProve(), MakeExtend(), MakeRefuse(), MakeFulfil(), MakeReport(), MakeFigures(),
    };

    private static Command MakeList()
    {
        var all = new Option<bool>("--all") { Description = "Closed ones too." };
        var command = new Command("list", "Show open requests, the most urgent first. Exit code 1 when one is late.") { all, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var (listed, now) = (await host.Requests.WorkAsync(Cli, parsed.GetValue(all), Most, ct), host.Database.Clock.GetUtcNow());
            foreach (var request in listed.Requests!)
            {
                Write(Line(request, now), !request.State.IsOpen() ? "grey" : request.IsLate(now) ? "red" : now >= Deadlines.EndOf(request.Due).AddDays(-7) ? "yellow" : "green");
            }

            if (await host.Database.ReadAsync(async tx => await OpenDsrCallbacks.CountFailedAsync(tx, ct), ct) is > 0 and var failed)
            {
                Shared.Results.WriteLine($"{failed} OpenDSR callbacks were given up after several attempts.");
            }

            return listed.Requests!.Any(r => r.IsLate(now)) ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static Command MakeShow()
    {
        var command = new Command("show", "Show one request with its history. Reading what people wrote is logged.") { Which, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var view = (await host.RequestReads.ShowAsync(Cli, await FindAsync(host, parsed.GetValue(Which)!, ct), ct)).View!;
            Shared.Results.WriteLine(Line(view.Request, host.Database.Clock.GetUtcNow()));
            Shared.Results.WriteLine($"id {view.Request.Id}, by {view.Request.Channel.Code()}, GDPR until {Day(view.Request.GdprDue)}, CCPA until {Day(view.Request.CcpaDue)}, acknowledge until {Day(view.Request.AcknowledgeBy)}");
            foreach (var step in view.Steps)
            {
                Shared.Results.WriteLine($"{step.At:yyyy-MM-dd HH:mm} UTC  {step.State.Code()}  {step.Actor}{(step.Reason is null ? "" : $"  {step.Reason}")}{(step.Note is null ? "" : $"  {step.Note}")}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeAcknowledge() => MakeAct("acknowledge", "Receipt was confirmed.", [], (requests, id, _, ct) => requests.AcknowledgeAsync(Cli, id, ct));

    private static Command MakeProve()
    {
        var how = new Option<string?>("--how") { Description = "How identity was proven, in words; without it the customer is asked for proof by mail." };
        return MakeAct("prove", "Ask for proof of identity, or say how it was given.", [how], (requests, id, parsed, ct) =>
            parsed.GetValue(how) is { } text ? requests.ProveAsync(Cli, id, text, ct) : requests.AskIdentityAsync(Cli, id, ct));
    }

    private static Command MakeExtend()
    {
        var reason = new Option<string>("--reason") { Description = "complex or many-requests.", Required = true };
        return MakeAct("extend", "Take more time, once, within the first term.", [reason, Text], (requests, id, parsed, ct) =>
            requests.ExtendAsync(Cli, id, RequestStates.Parse<ExtensionReason>(parsed.GetValue(reason), "--reason"), parsed.GetValue(Text)!, ct));
    }

    private static Command MakeRefuse()
    {
        var reason = new Option<string>("--reason")
        {
            Description = "suspected-fraud, insufficient-verification, no-match, claim-not-covered, outside-jurisdiction, too-many-requests or other.", Required = true,
        };
        return MakeAct("refuse", "Refuse; the message names the ways to complain.", [reason, Text], (requests, id, parsed, ct) =>
            requests.RefuseAsync(Cli, id, RequestStates.Parse<RefusalReason>(parsed.GetValue(reason), "--reason"), parsed.GetValue(Text)!, ct));
    }

    private static Command MakeFulfil()
    {
        var text = new Option<string?>("--text") { Description = "What was done, in words; required for a rectification. The customer gets it." };
        return MakeAct("fulfil", "Do what was asked for: report, erasure, restriction, objection.", [text], (requests, id, parsed, ct) => requests.FulfilAsync(Cli, id, parsed.GetValue(text), ct));
    }

    private static Command MakeAct(string name, string description, IReadOnlyList<Option> options, Func<RightsRequests, string, ParseResult, CancellationToken, Task<RightsRequests.Outcome>> act)
    {
        var command = new Command(name, description) { Which, Shared.Data, Shared.Postgres };
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var outcome = await act(host.Requests, await FindAsync(host, parsed.GetValue(Which)!, ct), parsed, ct);
            Shared.Results.WriteLine(Line(outcome.Request!, host.Database.Clock.GetUtcNow()));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>For customers who cannot sign in: the file that answers an access or portability request, to be handed over.</summary>
    private static Command MakeReport()
    {
        var output = new Option<FileInfo>("--out") { Description = "ZIP file to write. It holds personal data: hand it over safely, then delete it.", Required = true };
        var language = new Option<string>("--language") { Description = "Of the readable page.", DefaultValueFactory = _ => "en" };
        var command = new Command("report", "Write the report of an access or portability request that was fulfilled.") { Which, output, language, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var request = (await host.RequestReads.ShowAsync(Cli, await FindAsync(host, parsed.GetValue(Which)!, ct), ct)).View!.Request;
            var now = host.Database.Clock.GetUtcNow();
            if (request.Customer is not { } customer || !(request.ReadyUntil > now))
            {
                throw new Fault(FaultKind.Conflict, "rights/no-report", $"`{request.Number}` has no report to fetch: it is no access or portability request, is not fulfilled, or was fulfilled more than {RequestFulfilment.ReportLives.TotalDays:0} days ago.");
            }

            var file = parsed.GetValue(output)!;
            var content = await host.Report.ReadForAsync(customer, new Staff.ActorState { Kind = Staff.ActorKind.System, Ref = "cli" }, $"request:{request.Id}", parsed.GetValue(language)!, ct)
                ?? throw new Fault(FaultKind.Erased, "rights/no-such-customer", "The customer of this request is not here any more.");
            var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var stream = new FileStream(file.FullName, how);
            await ReportArchive.WriteAsync(content, stream, ct);
            Shared.Results.WriteLine($"Wrote {file.FullName}. That it was read stands in the log.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeFigures()
    {
        var year = new Argument<int>("year");
        var command = new Command("figures", "A year's figures as 11 CCR 7102 has them published: received, complied with, denied, days to answer.") { year, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var figures = await host.Database.ReadAsync(tx => RequestFigures.OfYearAsync(tx, parsed.GetValue(year), ct), ct);
            foreach (var line in figures.ToCsv().Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            {
                Shared.Results.WriteLine(line);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<string> FindAsync(CandorHost host, string which, CancellationToken ct)
    {
        var all = (await host.Requests.WorkAsync(Cli, closedToo: true, Most, ct)).Requests!;
        return all.FirstOrDefault(r => r.Id == which || string.Equals(r.Number, which, StringComparison.OrdinalIgnoreCase))?.Id
            ?? throw new Fault(FaultKind.NotFound, "rights/no-such-request", $"There is no request `{Name.Shown(which)}`; `candor request list --all` shows them.");
    }

    private static string Line(RightsRequest r, DateTimeOffset now)
    {
        var end = (r.State.IsOpen(), r.IsLate(now)) switch
        {
            (false, _) => $"closed {r.ClosedAt:yyyy-MM-dd}, {r.Outcome}",
            (_, true) => $"LATE, was due {Day(r.Due)}",
            _ => $"due {Day(r.Due)}",
        };
        return $"{r.Number}  {r.Type.Code(),-13}  {r.State.Code(),-15}  {end}{(r.RunAt is { } at && r.State.IsOpen() ? $", happens {at:yyyy-MM-dd HH:mm} UTC" : "")}";
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Write(string line, string colour)
    {
        if (Console.IsOutputRedirected)
        {
            Shared.Results.WriteLine(line);
        }
        else
        {
            AnsiConsole.MarkupLine($"[{colour}]{Markup.Escape(line)}[/]");
        }
    }
}
