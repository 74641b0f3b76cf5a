using System.CommandLine;
using Candor.Catalog;
using Candor.Consent;

namespace Candor.Server.Commands;

/// <summary><c>candor catalog check|diff|apply</c>.</summary>
internal static class CatalogCommand
{
    private static readonly Argument<string> FileArgument = new("file") { Description = "A catalog file, or the name of a ready catalog.", DefaultValueFactory = _ => "candor.yaml" };

    public static Command Make() => new("catalog", "Check, compare and apply the catalog of data points and purposes.") { MakeCheck(), MakeDiff(), MakeApply() };

    private static Command MakeCheck()
    {
        var command = new Command("check", "Check a catalog and the wording of its notices.") { FileArgument };
        command.Runs((parsed, ct) =>
        {
            var file = parsed.GetValue(FileArgument)!;
            var report = CatalogCheck.Check(file);
            if (report.ExitCode == ExitCode.Done)
            {
                foreach (var hard in NoticeText.ReadabilityOf(PurposeCatalog.Read(CatalogText.Load(file), file)).Where(r => r.IsTooHard))
                {
                    Shared.Results.WriteLine($"{file}: warning: {hard.Warning}");
                }
            }

            return Task.FromResult(Printed(report));
        });
        return command;
    }

    private static Command MakeDiff()
    {
        var (from, to) = (new Argument<string>("from"), new Argument<string>("to"));
        var command = new Command("diff", "Compare two catalogs: what narrows, what widens. Exit code 1 when something widens.") { from, to };
        command.Runs((parsed, ct) => Task.FromResult(Printed(CatalogCheck.Diff(parsed.GetValue(from)!, parsed.GetValue(to)!))));
        return command;
    }

    private static Command MakeApply()
    {
        var decision = new Option<string?>("--decision") { Description = "Reference of the committee's decision, needed when something widens." };
        var command = new Command("apply", "Make a catalog the one that counts.") { FileArgument, decision, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            var file = parsed.GetValue(FileArgument)!;
            var catalog = PurposeCatalog.Read(CatalogText.Load(file), file);
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var active = await host.ApplyCatalogAsync(catalog, "system:cli", parsed.GetValue(decision), ct);
            Shared.Results.WriteLine($"Version {active.Version} counts from now.");
            return ExitCode.Done;
        });
        return command;
    }

    private static int Printed(CatalogReport report)
    {
        foreach (var line in report.Lines)
        {
            Shared.Results.WriteLine(line);
        }

        return report.ExitCode;
    }
}
