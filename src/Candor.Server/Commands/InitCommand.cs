using System.CommandLine;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary><c>candor init</c>: a data folder, fresh keys, a catalog; on a terminal with ten questions first.</summary>
internal static class InitCommand
{
    public static Command Make()
    {
        var catalog = new Option<string?>("--catalog") { Description = "A ready catalog (shop, services, minimal) or a file; without it, and without questions, minimal." };
        var ask = new Option<bool>("--ask") { Description = "Ask ten questions and write the catalog from the answers, also when they come from a pipe. A terminal is asked without this." };
        var yes = new Option<bool>("--yes") { Description = "Ask nothing." };
        var command = new Command("init", "Make a new installation: data folder, fresh random keys, a catalog.") { Shared.Data, Shared.Postgres, catalog, ask, yes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ask) && (result.GetValue(yes) || result.GetValue(catalog) is not null))
            {
                result.AddError("`--ask` writes a catalog from answers; it goes with neither `--yes` nor `--catalog`.");
            }
        });
        command.Runs(async (parsed, ct) =>
        {
            var (settings, name) = (Shared.Settings(parsed), parsed.GetValue(catalog));
            settings.Folder.CheckNotMade();
            var asks = parsed.GetValue(ask) || (!parsed.GetValue(yes) && name is null && !Console.IsInputRedirected && !Console.IsOutputRedirected);
            var text = asks ? Asked() : await LoadAsync(name ?? "minimal", ct);
            if (text is null || !MayWrite(settings.Folder.Catalog, text, asks))
            {
                Shared.Results.WriteLine("Nothing was written.");
                return ExitCode.Refused;
            }

            await MakeAsync(settings, text, asks ? "from your answers" : $"`{name ?? "minimal"}`", ct);
            return ExitCode.Done;
        });
        return command;
    }

    private static string? Asked() => new InitQuestions(Console.In, Shared.Results).Ask() is { } answers ? GuidedStart.Write(answers) : null;

    private static async Task<string> LoadAsync(string name, CancellationToken ct) => ReadyCatalogs.Names.Contains(name) ? ReadyCatalogs.Text(name) : await File.ReadAllTextAsync(name, ct);

    /// <summary>A catalog that somebody wrote is not overwritten unless they say so.</summary>
    private static bool MayWrite(string path, string text, bool asks)
    {
        if (!File.Exists(path) || File.ReadAllText(path) == text)
        {
            return true;
        }

        if (!asks)
        {
            throw new Fault(FaultKind.Conflict, "server/catalog-is-there", $"`{path}` is there already and would be overwritten; begin from it with `--catalog {path}`, or move it away.");
        }

        Shared.Results.Write($"`{path}` is there already. Overwrite it? [no] ");
        return Console.In.ReadLine()?.Trim() == "yes";
    }

    private static async Task MakeAsync(HostSettings settings, string text, string from, CancellationToken ct)
    {
        var read = PurposeCatalog.Read(text, "candor.yaml");
        await using var host = await CandorHost.OpenAsync(settings, settings.Folder.Make(), ct);
        await host.ApplyCatalogAsync(read, "system:init", null, ct);
        await File.WriteAllTextAsync(settings.Folder.Catalog, text, ct);
        await File.WriteAllTextAsync(Path.Combine(settings.Folder.Path, ReadyCatalogs.SchemaFile), ReadyCatalogs.Schema(), ct);
        Shared.Results.WriteLine($"Made {settings.Folder.Path} with the catalog {from}.");
        Shared.Results.WriteLine($"The root key is {settings.Folder.RootKey}: keep a copy elsewhere. Without it nothing here can be read, by anybody.");
        foreach (var warning in read.Warnings)
        {
            Shared.Results.WriteLine($"  {warning}");
        }

        Shared.Results.WriteLine("Next: edit candor.yaml and `candor catalog apply` it, `candor key create`, `candor serve`.");
        Shared.Results.WriteLine("It then shows your notice at /notice, your privacy policy at /privacy, and your record of processing at /governance/records; all three follow the catalog.");
        Shared.Results.WriteLine("The first `candor serve` shows a one-time link for the first administrator. There is no default password.");
    }
}
