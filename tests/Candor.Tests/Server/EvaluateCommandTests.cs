using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Candor.Tests.Crash;

namespace Candor.Tests.Server;

/// <summary><c>candor evaluate</c> and <c>candor outcomes</c> as a shell sees them.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-evaluate-");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_file_gives_a_table_the_smallest_set_of_data_a_picture_and_all_figures()
    {
        // Everybody walks through the same items, which change completely after two thirds of the visits.
        File.WriteAllText(At("clicks.csv"), "session,item,time\n" + string.Concat(Enumerable.Range(0, 600).SelectMany(v => Enumerable.Range(0, 4).Select(i =>
            $"v{v},{(v < 400 ? "old" : "new")}-{v % 10}-{i},{DateTimeOffset.UnixEpoch.AddHours(v).AddSeconds(i):O}\n"))));
        var (code, said, error) = await RunAsync("evaluate", "--file", At("clicks.csv"), "--minutes", "0.02", "--rare-share", "0.2", "--png", At("a.png"), "--svg", At("a.svg"), "--json", At("a.json"));
        Assert.True(code == 0, error);
        Assert.Contains("600 visits", said, StringComparison.Ordinal);
        Assert.Contains("20 % of the exposure for rarer items: hits", said.Replace('\u00a0', ' '), StringComparison.Ordinal);
        Assert.Contains("The smallest set that keeps 99 % of the quality: ", said, StringComparison.Ordinal);
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(At("a.png"))[..4]);
        Assert.Contains("<svg", File.ReadAllText(At("a.svg")), StringComparison.Ordinal);
        var figures = JsonDocument.Parse(File.ReadAllText(At("a.json"))).RootElement;
        Assert.Equal(600, figures.GetProperty("data").GetProperty("visits").GetInt32());
        Assert.Equal(0.2, figures.GetProperty("exposure").GetProperty("share").GetDouble());
        Assert.Equal(0, figures.GetProperty("visits").GetProperty("rareShare").GetDouble());
        var result = figures.GetProperty("lines")[0].GetProperty("result");
        foreach (var measure in (string[])["hitRate", "mrr", "recall", "ndcg", "coverage", "popularityBias", "p50Ms", "p90Ms"])
        {
            Assert.Equal(JsonValueKind.Number, result.GetProperty(measure).ValueKind);
        }

        Assert.True(figures.GetProperty("lessData")[0].GetProperty("sets").GetArrayLength() > 3);
    }

    [Theory]
    [InlineData("evaluate --minutes 0", "`--minutes`")]
    [InlineData("evaluate --show --apply", "one of")]
    [InlineData("evaluate --rare-share 0.6", "`0.6`")]
    [InlineData("evaluate --rare-share 0.2 --show", "`--rare-share`")]
    [InlineData("outcomes --days 0", "`--days`")]
    public async Task A_wrong_option_is_refused_with_its_name(string arguments, string named)
    {
        var (code, _, error) = await RunAsync(arguments.Split(' '));
        Assert.Equal(1, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_without_customers_says_that_there_is_nothing_yet()
    {
        Assert.Equal(0, (await RunAsync("init", "--data", At("data"), "--catalog", "shop")).Code);
        var (code, said, _) = await RunAsync("evaluate", "--data", At("data"));
        Assert.Equal(1, code);
        Assert.Contains("Too little to measure", said, StringComparison.Ordinal);
        (code, said, _) = await RunAsync("outcomes", "--data", At("data"));
        Assert.Equal(0, code);
        Assert.Contains("Nothing was counted", said, StringComparison.Ordinal);
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(ServerProcess.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
