using System.Diagnostics;
using Candor.Tests.Crash;

namespace Candor.Tests.Server;

/// <summary><c>candor training</c> as people type it.</summary>
public sealed class TrainingCommandTests
{
    [Fact]
    public void Check_tells_every_mistake_with_its_place_and_export_repairs_nothing_that_is_there()
    {
        var folder = Directory.CreateTempSubdirectory("candor-training-");
        try
        {
            Assert.Equal(0, Run(folder, "export").Code);
            var file = Path.Combine(folder.FullName, "phishing.de.md");
            File.WriteAllText(file, File.ReadAllText(file).Replace("passMark: 80", "passMark: 180", StringComparison.Ordinal));
            var bad = Run(folder, "check");
            Assert.Equal((1, $"{file}:6: `passMark` is `180`; allowed is a whole number from 1 to 100.\n"), (bad.Code, bad.Said));
            Assert.Equal((0, ""), Run(folder, "export"));
            File.Delete(file);
            Run(folder, "export");
            var good = Run(folder, "check");
            Assert.Equal(0, good.Code);
            Assert.Contains("privacy-basics", good.Said, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Said) Run(DirectoryInfo folder, string verb)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, ["training", verb, "--training-folder", folder.FullName]) { RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
