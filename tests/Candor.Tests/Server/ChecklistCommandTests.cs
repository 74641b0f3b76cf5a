using System.Diagnostics;
using System.Text.Json.Nodes;
using Candor.Governance;
using Candor.Tests.Crash;

namespace Candor.Tests.Server;

/// <summary><c>candor doctor --ethics</c> as people and pipelines type it.</summary>
public sealed class ChecklistCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-ethics-");

    private string Data => Path.Combine(folder.FullName, "data");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_no_fails_and_against_a_baseline_only_what_fell_does()
    {
        Assert.Equal(0, (await RunAsync("init", "--data", Data)).Code);
        var (code, said, _) = await RunAsync("doctor", "--ethics", "--data", Data);
        Assert.Equal(1, code);
        Assert.Contains("  No              root-key: Does the root key lie apart from the data?", said, StringComparison.Ordinal);
        Assert.Contains("set CANDOR_ROOT_KEY.", said, StringComparison.Ordinal);

        var (withJson, json, _) = await RunAsync("doctor", "--ethics", "--json", "--data", Data);
        Assert.Equal(1, withJson);
        Assert.Equal(Checklist.Questions.Select(q => q.Id), JsonNode.Parse(json)!["answers"]!.AsArray().Select(a => a!["id"]!.GetValue<string>()));
        Assert.Equal((0, ""), await AgainstAsync(json));
        var better = JsonNode.Parse(json)!;
        better["answers"]!.AsArray().Single(a => a!["id"]!.GetValue<string>() == "backups")!["answer"] = "partial";
        Assert.Equal((1, "backups fell from partial to no."), await AgainstAsync(better.ToJsonString()));
        Assert.Equal((1, "`base.json` is no answer of the checklist; write one with `candor doctor --ethics --json > FILE`."), await AgainstAsync("{}"));
    }

    [Fact]
    public async Task Its_options_go_with_it_alone()
    {
        var (code, _, error) = await RunAsync("doctor", "--json", "--data", Data);
        Assert.Equal(2, code);
        Assert.Contains("go with `--ethics`", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> AgainstAsync(string baseline)
    {
        var file = Path.Combine(folder.FullName, "base.json");
        await File.WriteAllTextAsync(file, baseline, TestContext.Current.CancellationToken);
        var (code, _, error) = await RunAsync("doctor", "--ethics", "--baseline", file, "--data", Data);
        return (code, error.Trim());
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
