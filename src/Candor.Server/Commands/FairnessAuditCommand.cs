using System.CommandLine;
using Candor.Fairness;
using Candor.Kernel;
using Candor.Server.Pages.Fairness;
using Spectre.Console;

namespace Candor.Server.Commands;

/// <summary><c>candor fairness audit FILE</c>: outcomes by group of any CSV of decisions, as a table, picture, JSON and HTML.</summary>
internal static class FairnessAuditCommand
{
    /// <summary>Groups of one grouping that the terminal shows.</summary>
    private const int MaxRows = 40;

    /// <summary>Columns of text when the output is no terminal; a narrow table breaks names.</summary>
    private const int PipedWidth = 160;

    private static readonly Argument<FileInfo> Source = new("file") { Description = "CSV file, plain or gzip, one row a person." };
    private static readonly Option<FileInfo?> ColumnsFile = new("--columns") { Description = "YAML file that names the columns, instead of the options; docs/fairness.md has an example." };
    private static readonly Option<string?> Decision = new("--decision") { Description = "Column of what was decided: 1 and 0, true and false, yes and no." };
    private static readonly Option<string?> DecisionYes = new("--decision-yes") { Description = "Value of the decision that means yes; everything else is no." };
    private static readonly Option<string?> Truth = new("--truth") { Description = "Column of what was right, where it is known." };
    private static readonly Option<string?> TruthYes = new("--truth-yes") { Description = "Value of the truth that means yes." };
    private static readonly Option<string?> Score = new("--score") { Description = "Column of the score behind the decision, a number." };
    private static readonly Option<string[]> Group = new("--group") { Description = "Column of groups; a*b for the intersection of two. May be given several times." };
    private static readonly Option<string[]> Reference = new("--reference") { Description = "Group to compare with, as column=value; the one with the largest share of yes unless set. May be given several times." };
    private static readonly Option<int> MinGroup = new("--min-group") { Description = "Smaller groups are shown as too few and not compared.", DefaultValueFactory = _ => AuditPlan.DefaultMinimum };
    private static readonly Option<bool> MergeSmall = new("--merge-small") { Description = "Put the groups that are too small together into one." };
    private static readonly Option<double> MinRatio = new("--min-impact-ratio") { Description = "Limit: share of yes of a group / of the reference group, 0 for none. The four-fifths rule.", DefaultValueFactory = _ => 0.8 };
    private static readonly Option<double?> MaxGap = new("--max-selection-gap") { Description = "Limit: largest difference of the shares of yes, 0 to 1." };
    private static readonly Option<double?> MaxTruePositiveGap = new("--max-tpr-gap") { Description = "Limit: largest difference of the true positive rates, 0 to 1." };
    private static readonly Option<double?> MaxFalsePositiveGap = new("--max-fpr-gap") { Description = "Limit: largest difference of the false positive rates, 0 to 1." };
    private static readonly Option<int> Resamples = new("--resamples") { Description = "Of the bootstrap, 0 for none.", DefaultValueFactory = _ => AuditPlan.DefaultResamples };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "Of the bootstrap; the same seed gives the same report.", DefaultValueFactory = _ => AuditPlan.DefaultSeed };
    private static readonly Option<string?> Html = new("--html") { Description = "Write a report for people to this file." };
    private static readonly Option<string?> Json = new("--json") { Description = "Write all figures to this file." };
    private static readonly Option<string?> Png = new("--png") { Description = "Write a picture to this file." };
    private static readonly Option<string?> Svg = new("--svg") { Description = "Write a picture to this file." };
    private static readonly Option<string> Language = new("--language") { Description = "Of the HTML report and the pictures: en or de.", DefaultValueFactory = _ => "en" };

    public static Command Make()
    {
        Group.AllowMultipleArgumentsPerToken = true;
        Language.AcceptOnlyFromAmong("en", "de");
        var command = new Command("audit", "Compare outcomes between groups. Exit code 1 when a limit is broken together with its 95 % interval.")
        {
            Source, ColumnsFile, Decision, DecisionYes, Truth, TruthYes, Score, Group, Reference, MinGroup, MergeSmall,
            MinRatio, MaxGap, MaxTruePositiveGap, MaxFalsePositiveGap, Resamples, Seed, Html, Json, Png, Svg, Language,
        };
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var columns = parsed.GetValue(ColumnsFile) is { } file
            ? DecisionColumns.Read(await File.ReadAllTextAsync(file.FullName, ct), file.Name)
            : FromOptions(parsed);
        var plan = Plan(parsed);
        plan.Check();
        var (source, tally) = (parsed.GetValue(Source)!, new OutcomeTally(columns.Groupings, columns.Score is not null));
        var read = await Shared.WithProgressAsync("Decisions", report => Task.Run(
            () => new DecisionFile(source.ToString(), columns).ReadInto(tally, share => report(share, "Decisions"), ct), ct));
        var audit = AuditReport.Of(tally, plan);
        var day = DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().Date);
        Print(new AuditPage(audit, columns, read, source.Name, day, "en"));
        await WriteAsync(parsed, new AuditPage(audit, columns, read, source.Name, day, parsed.GetValue(Language)!), ct);
        return audit.IsBroken ? ExitCode.Refused : ExitCode.Done;
    }

    private static DecisionColumns FromOptions(ParseResult parsed)
    {
        var (decision, groups) = (parsed.GetValue(Decision), parsed.GetValue(Group) ?? []);
        return decision is { Length: > 0 } && groups.Length > 0
            ? new DecisionColumns(decision, parsed.GetValue(DecisionYes), parsed.GetValue(Truth), parsed.GetValue(TruthYes), parsed.GetValue(Score), groups)
            : throw new Fault(FaultKind.Invalid, "fairness/bad-columns", "An audit needs `--decision COLUMN` and at least one `--group COLUMN`, or `--columns FILE` that names them.");
    }

    private static AuditPlan Plan(ParseResult parsed)
    {
        var limits = new AuditLimits(parsed.GetValue(MinRatio), parsed.GetValue(MaxGap), parsed.GetValue(MaxTruePositiveGap), parsed.GetValue(MaxFalsePositiveGap));
        var reference = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(Reference) ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } column, { Length: > 0 } value])
            {
                throw new Fault(FaultKind.Invalid, "fairness/no-such-reference", $"A reference group is written as column=value, got `{Name.Shown(text)}`.");
            }

            reference[column] = value;
        }

        return new AuditPlan(limits, parsed.GetValue(MinGroup), parsed.GetValue(MergeSmall), reference, parsed.GetValue(Resamples), parsed.GetValue(Seed));
    }

    private static async Task WriteAsync(ParseResult parsed, AuditPage page, CancellationToken ct)
    {
        if (parsed.GetValue(Json) is { } json)
        {
            AuditFiles.WriteJson(json, page);
        }

        if (parsed.GetValue(Html) is { } html)
        {
            await File.WriteAllTextAsync(html, await AuditFiles.HtmlAsync(page), ct);
        }

        if (parsed.GetValue(Png) is { } png)
        {
            await File.WriteAllBytesAsync(png, AuditFiles.Png(page), ct);
        }

        if (parsed.GetValue(Svg) is { } svg)
        {
            await File.WriteAllTextAsync(svg, AuditFiles.Svg(page), ct);
        }
    }

    private static void Print(AuditPage page)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Shared.Results) });
        console.Profile.Width = Console.IsOutputRedirected ? PipedWidth : console.Profile.Width;
        foreach (var audit in page.Report.Groupings)
        {
            var table = new Table { Title = new TableTitle(Markup.Escape(audit.Grouping.Name)), Border = TableBorder.Rounded };
            string[] headings = [audit.Grouping.Name, "people", "yes (95 %)", "of reference", .. page.Columns.Truth is null ? Array.Empty<string>() : ["yes where right", "yes where wrong"], "finding"];
            Array.ForEach(headings, h => table.AddColumn(Markup.Escape(h)));
            foreach (var group in AuditPage.Listed(audit, MaxRows))
            {
                string[] cells = [page.NameOf(group), page.People(group), page.Share(group, Fairness.Rate.Selection), page.ImpactRatio(audit, group),
                    .. page.Columns.Truth is null ? Array.Empty<string>() : [page.Share(group, Fairness.Rate.TruePositive), page.Share(group, Fairness.Rate.FalsePositive)], page.Mark(audit, group)];
                table.AddRow([.. cells.Select(Markup.Escape)]);
            }

            console.Write(table);
            if (audit.Groups.Count > MaxRows)
            {
                Shared.Results.WriteLine($"The {MaxRows} groups with the lowest shares of {page.Number(audit.Groups.Count)}; --json has all.");
            }
        }

        foreach (var crossed in page.Report.Crossed.OrderByDescending(c => c.IsBroken).Take(MaxRows))
        {
            Shared.Results.WriteLine(page.Sentence(crossed));
        }

        Shared.Results.WriteLine(page.Verdict);
    }
}
