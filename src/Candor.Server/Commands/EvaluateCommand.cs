using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Server.Hosting;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor evaluate</c>: measures suggestions on an installation's own data, read through the gate, or on a file; finds settings; and tries whether less data does.</summary>
internal static class EvaluateCommand
{
    /// <summary>Longest search for settings, in minutes.</summary>
    private const int MaxMinutes = 24 * 60;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private static readonly Option<string?> Source = new("--file") { Description = "CSV of clicks (item, session, time) or purchases (item, order, customer, time), plain or gzip, instead of the installation's own data. Nothing is stored then." };
    private static readonly Option<double> Minutes = new("--minutes") { Description = "Most minutes for each search for settings; the best so far counts.", DefaultValueFactory = _ => 5 };
    private static readonly Option<double?> RareShare = new("--rare-share") { Description = "Measure too what it costs to give rarer items this part of each list's exposure, above 0 to 0.5; with --apply, use it as it was measured last." };
    private static readonly Option<bool> Apply = new("--apply") { Description = "Use the settings found from now on." };
    private static readonly Option<bool> Defaults = new("--defaults") { Description = "Use the default settings again; measures nothing." };
    private static readonly Option<bool> Show = new("--show") { Description = "Show the newest evaluation and the settings in use; measures nothing." };
    private static readonly Option<string?> Json = new("--json") { Description = "Write all figures to this file." };
    private static readonly Option<string?> Png = new("--png") { Description = "Write the picture of quality with less data to this file." };
    private static readonly Option<string?> Svg = new("--svg") { Description = "Write the same picture as SVG." };

    public static Command Make()
    {
        var command = new Command("evaluate", "Measure suggestions on your own data, split by time, look for better settings, and try whether less data does as well. What is read for it stands in the log.")
        {
            Shared.Data, Shared.Postgres, Source, Minutes, RareShare, Apply, Defaults, Show, Json, Png, Svg,
        };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var plan = PlanOf(parsed);
        if (parsed.GetValue(Source) is { } file)
        {
            var report = await Shared.WithProgressAsync("Reading", report => Task.Run(() => ModelEvaluation.Run(new ShopFile().Read(file), plan, Progress(report)), ct));
            return await WriteAsync(parsed, report, null, ct);
        }

        await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
        if (parsed.GetValue(Defaults))
        {
            await host.Database.WriteAsync(tx => host.Suggestions.Evaluations.UseDefaultsAsync(tx, ct), ct);
            Shared.Notes.WriteLine("The default settings count again.");
            return ExitCode.Done;
        }

        if (plan.RareShare > 0 && parsed.GetValue(Apply))
        {
            var (number, counts) = await host.Database.WriteAsync(tx => host.ModelAudits.UseExposureAsync(tx, plan.RareShare, ct), ct);
            Shared.Notes.WriteLine(counts ? $"Evaluation {number} counts from now on: rarer items have their part of each list. --defaults or a new --apply ends it." : Waits(number));
            return counts ? ExitCode.Done : ExitCode.Refused;
        }

        return parsed.GetValue(Show) ? await ShowAsync(parsed, host, ct) : await MeasureAsync(parsed, host, plan, ct);
    }

    private static EvaluationPlan PlanOf(ParseResult parsed)
    {
        var minutes = parsed.GetValue(Minutes);
        if (minutes is not (> 0 and <= MaxMinutes))
        {
            throw new Fault(FaultKind.Invalid, "personalization/bad-minutes", $"`--minutes` is above 0 and at most {MaxMinutes}; got `{minutes}`.");
        }

        var share = parsed.GetValue(RareShare);
        if (share is not (null or (> 0 and <= RareExposure.MaxShare)) || (share is not null && (parsed.GetValue(Show) || parsed.GetValue(Defaults))))
        {
            throw new Fault(FaultKind.Invalid, "personalization/bad-rare-share", $"`--rare-share` is above 0 and at most {RareExposure.MaxShare}, and goes with `--file`, with `--apply` or alone; got `{share}`.");
        }

        var only = new[] { parsed.GetValue(Show), parsed.GetValue(Defaults), parsed.GetValue(Apply) };
        return only.Count(o => o) + (parsed.GetValue(Source) is null ? 0 : 1) <= 1 ? new EvaluationPlan(TimeSpan.FromMinutes(minutes)) { RareShare = share ?? 0 }
            : throw new Fault(FaultKind.Invalid, "personalization/bad-options", "Give one of `--file`, `--apply`, `--show` and `--defaults`: settings are applied where they were measured.");
    }

    private static async Task<int> MeasureAsync(ParseResult parsed, CandorHost host, EvaluationPlan plan, CancellationToken ct)
    {
        var customers = new EvaluatedCustomers();
        var (report, audit) = await Shared.WithProgressAsync("Reading", async report =>
        {
            await host.Suggestions.LoadAsync(new Progress<ModelProgress>(p => report(0, $"{p.Customers:N0} of {p.All:N0} customers read")), ct);
            var found = await Task.Run(() => host.Suggestions.Evaluate(plan, Progress(report), customers), ct);
            report(1, "Counting who is in the models, and how it comes out for groups");
            return (found, found.Lines.Count > 0 ? await host.ModelAudits.MakeAsync(customers, ct) : null);
        });
        var code = await WriteAsync(parsed, report, audit, ct);
        return audit is null ? code : await StoreAsync(parsed, host, report, audit, ct);
    }

    private static async Task<int> StoreAsync(ParseResult parsed, CandorHost host, EvaluationReport report, ModelAudit audit, CancellationToken ct)
    {
        var isWanted = parsed.GetValue(Apply);
        var (number, counts) = await host.Database.WriteAsync(async tx =>
        {
            var stored = await host.Suggestions.Evaluations.AddAsync(tx, report, audit.ToStored(), ct);
            return (stored, isWanted && await host.ModelAudits.ApplyAsync(tx, stored, ct));
        }, ct);
        Shared.Notes.WriteLine((isWanted, counts) switch
        {
            (true, true) => $"Evaluation {number} is stored with its audits, and its settings count from now on.",
            (true, false) => Waits(number),
            _ => $"Evaluation {number} is stored with its audits. --apply would use its settings.",
        });
        return isWanted && !counts ? ExitCode.Refused : ExitCode.Done;
    }

    private static string Waits(long number) =>
        $"Evaluation {number} is stored, and its settings wait: their audit breaks a limit of the catalog beyond doubt. What counted goes on counting, until the committee or a privacy officer decides on /governance/models.";

    private static async Task<int> ShowAsync(ParseResult parsed, CandorHost host, CancellationToken ct)
    {
        var (newest, used) = await host.Database.ReadAsync(async tx =>
            (await host.Suggestions.Evaluations.FindNewestAsync(tx, ct), await host.Suggestions.Evaluations.FindInUseAsync(tx, ct)), ct);
        if (newest is null)
        {
            Shared.Results.WriteLine("Nothing was evaluated yet; the default settings count.");
            return ExitCode.Refused;
        }

        Shared.Results.WriteLine(EvaluationText.About(newest));
        var code = await WriteAsync(parsed, newest.Report, newest.Audit is { } audit ? ModelAudit.Of(audit) : null, ct);
        if (newest.IsWaiting)
        {
            Shared.Results.WriteLine(Waits(newest.Number));
        }

        Shared.Results.WriteLine(used is null ? "In use: the defaults." : $"In use: the settings of evaluation {used.Number}, since {EvaluationText.At(used.AppliedAt!.Value)}.");
        return code;
    }

    /// <param name="audit">Null: none was made, as of a file or before it was asked for.</param>
    private static async Task<int> WriteAsync(ParseResult parsed, EvaluationReport report, ModelAudit? audit, CancellationToken ct)
    {
        foreach (var line in EvaluationText.Lines(report).Concat(audit is null ? [] : ModelAuditText.Lines(audit)))
        {
            Shared.Results.WriteLine(line);
        }

        if (parsed.GetValue(Json) is { } json)
        {
            var figures = JsonSerializer.SerializeToNode(report, Indented)!;
            figures["audit"] = audit is null ? null : JsonSerializer.SerializeToNode(audit, Indented);
            await File.WriteAllTextAsync(json, figures.ToJsonString(Indented), ct);
        }

        var picture = new EvaluationPicture(report.LessData);
        if (parsed.GetValue(Png) is { } png)
        {
            await File.WriteAllBytesAsync(png, picture.Png(), ct);
        }

        if (parsed.GetValue(Svg) is { } svg)
        {
            await File.WriteAllTextAsync(svg, picture.Svg(), ct);
        }

        return report.Lines.Count > 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static Progress<EvaluationProgress> Progress(Action<double, string> report) => new(p => report(p.Share, p.Step));
}
