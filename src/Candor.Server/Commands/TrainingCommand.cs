using System.CommandLine;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Staff;

namespace Candor.Server.Commands;

/// <summary><c>candor training check|export</c>: the modules that staff must have passed.</summary>
internal static class TrainingCommand
{
    public static readonly Option<string?> Folder = new("--training-folder") { Description = "Folder with your own training modules; `training` in the data folder unless set." };

    public static Command Make() => new("training", "Training of staff: the modules that ship and your own.") { MakeCheck(), MakeExport() };

    private static Command MakeCheck()
    {
        var command = new Command("check", "Check the modules; every mistake with file and line.") { Folder, Shared.Data };
        command.Runs((parsed, _) =>
        {
            var folder = FolderOf(parsed);
            try
            {
                foreach (var module in TrainingLibrary.Open(folder).Modules)
                {
                    var roles = module.Roles.Count == 0 ? "everybody" : string.Join(", ", module.Roles.Order(StringComparer.Ordinal));
                    Shared.Results.WriteLine(
                        $"{module.Id,-20}  edition {module.Editions[0].Text,-3}  {module.Validity,-5}  {module.Texts[0].Questions.Count,3} questions  {string.Join(' ', module.Texts.Select(t => t.Language)),-6}  {roles}");
                }

                Shared.Results.WriteLine($"{folder}: no mistakes. `{TrainingLibrary.DataRules}` is made from the catalog.");
                return Task.FromResult(ExitCode.Done);
            }
            catch (Fault fault) when (fault.What == "staff/training-mistakes")
            {
                Shared.Results.WriteLine(fault.Message);
                return Task.FromResult(ExitCode.Refused);
            }
        });
        return command;
    }

    private static Command MakeExport()
    {
        var command = new Command("export", "Write the modules that ship into the folder, to be changed there. Files that are there stay as they are.") { Folder, Shared.Data };
        command.Runs(async (parsed, ct) =>
        {
            var folder = FolderOf(parsed);
            Directory.CreateDirectory(folder);
            foreach (var (file, text) in TrainingLibrary.Ready())
            {
                var path = Path.Combine(folder, file);
                if (!File.Exists(path))
                {
                    await File.WriteAllTextAsync(path, text, ct);
                    Shared.Results.WriteLine(path);
                }
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string FolderOf(ParseResult parsed) => parsed.GetValue(Folder) ?? DataFolder.At(parsed.GetValue(Shared.Data)!).Training;
}
