using System.Diagnostics;
using Candor.Tests.Crash;

namespace Candor.Tests.Server;

/// <summary>The executable as a shell sees it: what it says, where, and its exit code.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-command-");

    private string Data => Path.Combine(folder.FullName, "data");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("demo --help")]
    [InlineData("init --help")]
    [InlineData("serve --help")]
    [InlineData("import --help")]
    [InlineData("catalog check --help")]
    [InlineData("catalog diff --help")]
    [InlineData("catalog apply --help")]
    [InlineData("initiative export --help")]
    [InlineData("key create --help")]
    [InlineData("key list --help")]
    [InlineData("key revoke --help")]
    [InlineData("key rotate --help")]
    [InlineData("staff add --help")]
    [InlineData("staff list --help")]
    [InlineData("staff invite --help")]
    [InlineData("staff disable --help")]
    [InlineData("staff reset --help")]
    [InlineData("audit verify --help")]
    [InlineData("audit prove --help")]
    [InlineData("texts list --help")]
    [InlineData("texts show --help")]
    [InlineData("texts export --help")]
    [InlineData("webhook add --help")]
    [InlineData("webhook list --help")]
    [InlineData("webhook remove --help")]
    [InlineData("webhook deliveries --help")]
    [InlineData("webhook retry --help")]
    [InlineData("erase --help")]
    [InlineData("erase ledger --help")]
    [InlineData("erase replay --help")]
    [InlineData("held --help")]
    [InlineData("backup --help")]
    [InlineData("backup init --help")]
    [InlineData("backup verify --help")]
    [InlineData("backup list --help")]
    [InlineData("restore --help")]
    [InlineData("restore finish --help")]
    [InlineData("correction list --help")]
    [InlineData("correction show --help")]
    [InlineData("correction approve --help")]
    [InlineData("correction refuse --help")]
    [InlineData("doctor --help")]
    [InlineData("evaluate --help")]
    [InlineData("outcomes --help")]
    [InlineData("fairness audit --help")]
    [InlineData("fairness lists --help")]
    [InlineData("fairness risk --help")]
    public async Task Every_verb_explains_itself(string command)
    {
        var (code, said, _) = await RunAsync(command.Split(' '));
        Assert.Equal(0, code);
        Assert.Contains("Usage", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("serve --wings")]
    [InlineData("key create")]
    [InlineData("staff add Eve")]
    public async Task Wrong_use_ends_with_2(string command) => Assert.Equal(2, (await RunAsync(command.Split(' '))).Code);

    [Fact]
    public async Task A_refusal_is_one_sentence_on_standard_error_and_ends_with_1()
    {
        foreach (var command in new[] { $"serve --data {Data}", $"key list --data {Data}", "catalog check no-such-file.yaml", $"init --data {Data} --catalog nothing.yaml" })
        {
            var (code, _, error) = await RunAsync(command.Split(' '));
            Assert.True(code == 1, $"{command}: {code} {error}");
            Assert.Single(error.Trim().Split('\n'));
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_installation_is_made_once_looked_over_and_served_until_interrupted()
    {
        Assert.Equal(0, (await RunAsync("init", "--data", Data)).Code);
        Assert.Equal(1, (await RunAsync("init", "--data", Data)).Code);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        }

        var (code, key, _) = await RunAsync("key", "create", "shop", "--may", "collect", "--data", Data);
        Assert.Equal(0, code);
        Assert.StartsWith("cdp_live_", key, StringComparison.Ordinal);
        Assert.Contains(key.Split('_')[2], (await RunAsync("key", "list", "--data", Data)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("key", "revoke", key.Split('_')[2], "--data", Data)).Code);
        Assert.Equal(1, (await RunAsync("key", "revoke", "aaaaaaaaaa", "--data", Data)).Code);
        var (health, findings, _) = await RunAsync("doctor", "--data", Data);
        Assert.True(health == 0, findings);
        Assert.Equal(0, (await RunAsync("audit", "verify", "--data", Data)).Code);

        using var server = Start("serve", "--data", Data, "--urls", $"http://127.0.0.1:{ServerProcess.FreePort()}");
        Assert.Contains("Candor serves", await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // Not the signal of Ctrl+C, which a run of these tests in the background ignores, and what it starts with it.
        using var interrupt = Process.Start("kill", ["-TERM", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await server.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(0, server.ExitCode);
    }

    [Fact]
    public async Task A_piped_start_writes_a_catalog_from_the_answers_and_never_over_one_that_is_there()
    {
        Directory.CreateDirectory(Data);
        var file = Path.Combine(Data, "candor.yaml");
        await File.WriteAllTextAsync(file, "# mine\n", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync("init", "--data", Data)).Code);
        const string Answers = "shop\nAda's Tea\nada@tea.example\nDE\nde\nnone\n\nMailwell, US\nnone\nP1Y\nyes\n";
        var (refused, _, _) = await RunWithAsync(Answers + "\n", "init", "--ask", "--data", Data);
        Assert.Equal((1, "# mine\n"), (refused, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));
        var (cut, _, error) = await RunWithAsync("shop\n", "init", "--ask", "--data", Data);
        Assert.Equal(1, cut);
        Assert.Contains("The answers ended at question `2` of `10`", error, StringComparison.Ordinal);
        var (done, said, _) = await RunWithAsync(Answers + "yes\n", "init", "--ask", "--data", Data);
        Assert.Equal(0, done);
        Assert.Contains("/governance/records", said, StringComparison.Ordinal);
        Assert.Contains("`Mailwell` has the data in `US`", said, StringComparison.Ordinal);
        Assert.Contains("Ada's Tea", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("catalog", "check", file)).Code);
        Assert.Equal(2, (await RunAsync("init", "--ask", "--yes", "--data", Data)).Code);
    }

    private static async Task<(int Code, string Output, string Error)> RunWithAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output).Trim(), await error);
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(ServerProcess.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output).Trim(), await error);
    }
}
