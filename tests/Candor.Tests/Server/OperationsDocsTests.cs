using System.Diagnostics;
using System.Text.RegularExpressions;
using Candor.Tests.Crash;
using Candor.Tests.House;

namespace Candor.Tests.Server;

/// <summary>What these pages tell people to type works, line by line, in its order.</summary>
public sealed partial class OperationsDocsTests : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-operations-");
    private ServerProcess? server;
    private string key = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("operations", 9)]
    [InlineData("ai-assistants", 6)]
    public async Task Every_command_of_the_page_works_in_its_order(string page, int least)
    {
        await ShellAsync("./candor init --catalog shop --data my-data");
        var lines = Blocks().Matches(Repository.Read($"docs/{page}.md")).SelectMany(m => m.Groups[1].Value.Split('\n')).Where(l => l.Length > 0).ToList();
        Assert.True(lines.Count >= least);
        foreach (var line in lines)
        {
            if (Serve().Match(line) is { Success: true } serve)
            {
                await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
                server = await ServerProcess.StartAsync("serve", Path.Combine(folder.FullName, "my-data"), Ct,
                    $"{(serve.Groups["set"].Length > 0 ? "export " + serve.Groups["set"].Value : ":")}\nset -- \"$@\" {serve.Groups["options"].Value}");
                continue;
            }

            var said = await ShellAsync(line);
            key = line.Contains("key create", StringComparison.Ordinal) ? said.Trim() : key;
            Assert.True(said.Length > 0 || line.StartsWith("sed ", StringComparison.Ordinal), line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
        folder.Delete(recursive: true);
    }

    private async Task<string> ShellAsync(string line)
    {
        var command = line.Replace("./candor", ServerProcess.Program, StringComparison.Ordinal).Replace("http://localhost:5080", server?.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KEY"] = key },
        })!;
        var (said, error) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        Assert.True(process.ExitCode == 0, $"{line}: {process.ExitCode} {await said} {await error}");
        return await said;
    }

    [GeneratedRegex(@"```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"^(?<set>([A-Z_]+=\S+ )*)\./candor serve --data my-data ?(?<options>.*)$")]
    private static partial Regex Serve();
}
