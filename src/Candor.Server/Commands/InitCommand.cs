using System.CommandLine;
using Candor.Catalog;
using Candor.Server.Hosting;

namespace Candor.Server.Commands;

/// <summary><c>candor init</c>: a data folder, fresh keys, a catalog.</summary>
internal static class InitCommand
{
    public static Command Make()
    {
        var catalog = new Option<string>("--catalog") { Description = "A ready catalog (shop, services, minimal) or a file.", DefaultValueFactory = _ => "minimal" };
        var command = new Command("init", "Make a new installation: data folder, fresh random keys, a catalog.") { Shared.Data, Shared.Postgres, catalog };
        command.Runs(async (parsed, ct) =>
        {
            var (settings, name) = (Shared.Settings(parsed), parsed.GetValue(catalog)!);
            var text = ReadyCatalogs.Names.Contains(name) ? ReadyCatalogs.Text(name) : await File.ReadAllTextAsync(name, ct);
            var read = PurposeCatalog.Read(text, name);
            await using var host = await CandorHost.OpenAsync(settings, settings.Folder.Make(), ct);
            await host.ApplyCatalogAsync(read, "system:init", null, ct);
            await File.WriteAllTextAsync(Path.Combine(settings.Folder.Path, "candor.yaml"), text, ct);
            await File.WriteAllTextAsync(Path.Combine(settings.Folder.Path, ReadyCatalogs.SchemaFile), ReadyCatalogs.Schema(), ct);
            Shared.Results.WriteLine($"Made {settings.Folder.Path} with the catalog `{name}`.");
            Shared.Results.WriteLine($"The root key is {settings.Folder.RootKey}: keep a copy elsewhere. Without it nothing here can be read, by anybody.");
            Shared.Results.WriteLine("Next: edit candor.yaml and `candor catalog apply` it, `candor key create`, `candor serve`.");
            Shared.Results.WriteLine("The first `candor serve` shows a one-time link for the first administrator. There is no default password.");
            return ExitCode.Done;
        });
        return command;
    }
}
