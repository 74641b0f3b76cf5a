using System.CommandLine;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Governance;
using Candor.Kernel;

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
        var initiatives = new Option<string[]>("--initiative") { Description = "Id of an approved initiative that covers what widens; repeat it for more." };
        var approved = new Option<string?>("--approved") { Description = "The signed list of approved initiatives: what /v1/initiatives serves, or `candor initiative export` prints." };
        var key = new Option<string?>("--key") { Description = "The log's key, as /v1/log/key shows it; keep it in the repository." };
        var command = new Command("diff", "Compare two catalogs: what narrows, what widens. Exit code 1 when something widens that no named initiative covers.") { from, to, initiatives, approved, key };
        command.Runs(async (parsed, ct) =>
        {
            var (old, next) = (parsed.GetValue(from)!, parsed.GetValue(to)!);
            if (parsed.GetValue(initiatives) is not { Length: > 0 } named)
            {
                return Printed(CatalogCheck.Diff(old, next));
            }

            if (parsed.GetValue(approved) is not { } list || parsed.GetValue(key) is not { } verifier)
            {
                throw new Fault(FaultKind.Invalid, "governance/no-list", "`--initiative` is checked against a signed list: name it with `--approved FILE`, and the log's key with `--key`.");
            }

            return PrintedCovered(
                PurposeCatalog.Read(CatalogText.Load(old), old), PurposeCatalog.Read(CatalogText.Load(next), next), named, InitiativeNote.Open(await File.ReadAllTextAsync(list, ct), NoteKey.Parse(verifier)));
        });
        return command;
    }

    private static int PrintedCovered(PurposeCatalog from, PurposeCatalog to, string[] initiatives, InitiativeNote approved)
    {
        Printed(CatalogCheck.Diff(from, to));
        var wanted = WidenedPart.Between(from, to);
        var missing = approved.Missing(initiatives, wanted, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        foreach (var part in missing)
        {
            Shared.Results.WriteLine($"not covered: {part.Root} as it stands here is not what was approved.");
        }

        Shared.Results.WriteLine(missing.Count == 0 ? $"All that is wider is covered by {string.Join(", ", initiatives)}." : "What is not covered waits for the committee's decision.");
        return missing.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static Command MakeApply()
    {
        var decision = new Option<string?>("--decision") { Description = "Id of the approved initiative, needed when something widens; the reference of a decision where decisions are made elsewhere." };
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
