using System.CommandLine;
using Candor.Catalog;
using Candor.Consent;
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
            var (file, text) = Read(parsed.GetValue(FileArgument)!);
            try
            {
                var catalog = PurposeCatalog.Read(text, file);
                foreach (var report in NoticeText.ReadabilityOf(catalog).Where(r => r.IsTooHard))
                {
                    Shared.Results.WriteLine($"{file}: warning: {report.Warning}");
                }

                Shared.Results.WriteLine($"{file}: {catalog.DataPoints.Count} data points, {catalog.Purposes.Count} purposes, no mistakes.");
                return Task.FromResult(ExitCode.Done);
            }
            catch (Fault fault) when (CatalogMistakes.Of(fault) is { Count: > 0 } mistakes)
            {
                foreach (var mistake in mistakes)
                {
                    Shared.Results.WriteLine(mistake);
                }

                Shared.Results.WriteLine($"{mistakes.Count} mistake{(mistakes.Count == 1 ? "" : "s")}.");
                return Task.FromResult(ExitCode.Refused);
            }
        });
        return command;
    }

    private static Command MakeDiff()
    {
        var (from, to) = (new Argument<string>("from"), new Argument<string>("to"));
        var command = new Command("diff", "Compare two catalogs: what narrows, what widens. Exit code 1 when something widens.") { from, to };
        command.Runs((parsed, ct) =>
        {
            var (a, b) = (Read(parsed.GetValue(from)!), Read(parsed.GetValue(to)!));
            var changes = CatalogDiff.Compare(PurposeCatalog.Read(a.Text, a.File), PurposeCatalog.Read(b.Text, b.File));
            foreach (var change in changes)
            {
                Shared.Results.WriteLine($"{(change.IsWidening ? "widens " : change.IsNarrowing ? "narrows" : "wording")}  {change.Path}: {change.Description}");
            }

            Shared.Results.WriteLine(changes.Count == 0 ? "No difference."
                : changes.Any(c => c.IsWidening) ? "Something widens: it waits for the committee's decision." : "Nothing widens: it may be applied at once.");
            return Task.FromResult(changes.Any(c => c.IsWidening) ? ExitCode.Refused : ExitCode.Done);
        });
        return command;
    }

    private static Command MakeApply()
    {
        var decision = new Option<string?>("--decision") { Description = "Reference of the committee's decision, needed when something widens." };
        var command = new Command("apply", "Make a catalog the one that counts.") { FileArgument, decision, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            var (file, text) = Read(parsed.GetValue(FileArgument)!);
            var catalog = PurposeCatalog.Read(text, file);
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var active = await host.ApplyCatalogAsync(catalog, "system:cli", parsed.GetValue(decision), ct);
            Shared.Results.WriteLine($"Version {active.Version} counts from now.");
            return ExitCode.Done;
        });
        return command;
    }

    private static (string File, string Text) Read(string name) => File.Exists(name) ? (name, File.ReadAllText(name))
        : ReadyCatalogs.Names.Contains(name) ? (name + ".yaml", ReadyCatalogs.Text(name))
        : throw new Fault(FaultKind.NotFound, "catalog/no-such-file", $"There is no file `{name}`; ready catalogs are {string.Join(", ", ReadyCatalogs.Names)}.");
}
