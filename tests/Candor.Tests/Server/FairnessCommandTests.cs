using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Candor.Tests.Crash;
using Candor.Tests.Fairness;
using Candor.Tests.House;

namespace Candor.Tests.Server;

/// <summary><c>candor fairness</c> as a shell sees it.</summary>
public sealed class FairnessCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-fairness-");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_audit_writes_table_pictures_json_and_a_report_that_stands_alone()
    {
        var (code, said, error) = await RunAsync("audit", FairnessOracle.PathOf("compas"), "--decision", "y_pred", "--truth", "y_true", "--score", "score", "--group", "race", "race*sex",
            "--html", At("a.html"), "--json", At("a.json"), "--png", At("a.png"), "--svg", At("a.svg"), "--language", "de");
        Assert.True(code == 1 && error.Length == 0, error);
        Assert.Contains("beyond the limit", said, StringComparison.Ordinal);
        Assert.Contains("too few (under 10)", said, StringComparison.Ordinal);
        Assert.Equal([0x89, .. "PNG"u8], File.ReadAllBytes(At("a.png"))[..4]);
        Assert.True(new FileInfo(At("a.png")).Length > 10_000);
        Assert.Contains("<svg", await File.ReadAllTextAsync(At("a.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var json = JsonDocument.Parse(File.ReadAllText(At("a.json"))).RootElement;
        Assert.True(json.GetProperty("broken").GetBoolean());
        var groups = json.GetProperty("groupings")[1].GetProperty("groups").EnumerateArray().ToList();
        Assert.Equal(12, groups.Count);
        Assert.All(groups.Where(g => g.GetProperty("tooFew").GetBoolean()), g => Assert.False(g.TryGetProperty("n", out _)));
        var html = File.ReadAllText(At("a.html"));
        Assert.Contains("<html lang=\"de\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"/", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html + said + File.ReadAllText(At("a.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_may_come_from_a_yaml_file_and_nothing_broken_ends_with_0()
    {
        File.WriteAllText(At("columns.yaml"), "decision: approved\ndecisionYes: ok\ngroups: [region]\n");
        File.WriteAllText(At("d.csv"), "region,approved\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{(i % 2 == 0 ? "Süd" : "<b>Nord</b>")},{(i % 3 == 0 ? "ok" : "nein")}\n")));
        var (code, said, _) = await RunAsync("audit", At("d.csv"), "--columns", At("columns.yaml"), "--html", At("a.html"));
        Assert.True(code == 0, said);
        Assert.Contains("Süd", said, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Nord&lt;/b&gt;", File.ReadAllText(At("a.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,x\n", "--decision c --group b", "`c`")]
    [InlineData("a,b\n1,x\nmaybe,x\n", "--decision a --group b", "Line `3`")]
    [InlineData("a,b\n1,x\n1\n", "--decision a --group b", "Line `3`")]
    [InlineData("a,b,s\n1,x,NaN\n", "--decision a --group b --score s", "`NaN`")]
    [InlineData("a,b\n1,x\n", "--decision a", "--group")]
    [InlineData("a,b\n1,x\n", "--decision a --group b --min-impact-ratio 8", "`8`")]
    [InlineData("a,b\n1,x\n", "--decision a --group b --reference b=y", "`y`")]
    [InlineData("a,b\n1,x\n", "--decision a --group b --min-group 0", "`0`")]
    [InlineData("", "--decision a --group b", "first line")]
    public async Task Bad_input_is_one_sentence_that_names_it(string csv, string options, string named)
    {
        File.WriteAllText(At("d.csv"), csv);
        var (code, _, error) = await RunAsync(["audit", At("d.csv"), .. options.Split(' ')]);
        Assert.Equal(1, code);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gzip_file_that_was_cut_off_is_not_taken_for_a_whole_one()
    {
        using (var whole = new MemoryStream())
        {
            using (var gzip = new GZipStream(whole, CompressionLevel.Fastest, leaveOpen: true))
            {
                gzip.Write(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i % 2},{i * 7919L % 97}\n"))));
            }

            File.WriteAllBytes(At("d.csv.gz"), whole.ToArray()[..(int)(whole.Length / 2)]);
        }

        var (code, _, error) = await RunAsync("audit", At("d.csv.gz"), "--decision", "a", "--group", "b");
        Assert.Equal(1, code);
        Assert.Contains("cut off", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_decisions_and_groups_are_counted_and_said()
    {
        File.WriteAllText(At("d.csv"), "a,t,b\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{(i % 6 == 0 ? "" : (i % 2).ToString(System.Globalization.CultureInfo.InvariantCulture))},{(i % 5 == 0 ? "" : "1")},{(i % 4 == 0 ? "" : "x")}\n")));
        var (_, said, error) = await RunAsync("audit", At("d.csv"), "--decision", "a", "--truth", "t", "--group", "b", "--json", At("a.json"));
        Assert.Contains("not given", said + error, StringComparison.Ordinal);
        Assert.Contains("not defined", said, StringComparison.Ordinal);
        var json = JsonDocument.Parse(File.ReadAllText(At("a.json"))).RootElement;
        Assert.Equal((60, 10, 50, 10), (json.GetProperty("rows").GetInt32(), json.GetProperty("withoutDecision").GetInt32(), json.GetProperty("people").GetInt32(), json.GetProperty("withoutTruth").GetInt32()));
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_rows()
    {
        long few = await PeakAsync(20_000), many = await PeakAsync(1_000_000);
        Assert.True(many - few < 40L << 20, $"{few >> 20} MiB for 20,000 rows, {many >> 20} MiB for 1,000,000");
    }

    [Fact]
    public async Task The_risk_of_finding_people_again_is_measured_and_a_way_down_is_found()
    {
        var adult = Repository.Shared("datasets/adult/adult.csv.gz");
        var (code, said, error) = await RunAsync("risk", adult, "--by", "age", "sex", "race", "--as", "age=age", "--sensitive", "occupation");
        Assert.True(code == 1, error);
        Assert.Contains("48,842 records in 575 classes; the smallest has k = 1.", said, StringComparison.Ordinal);
        Assert.Contains("Least loss", said, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("risk", adult, "--by", "sex")).Code);
        Assert.Contains("`sex=colour`", (await RunAsync("risk", adult, "--by", "sex", "--as", "sex=colour")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_offs_by_group_need_a_legal_reason_say_what_they_cost_and_stand_in_the_log()
    {
        string[] ask = ["thresholds", FairnessOracle.PathOf("german-lr"), "--decision", "y_pred", "--truth", "y_true", "--score", "score", "--group", "sex"];
        const string Reason = "Positive action under section 5 AGG, works council agreement 12";
        foreach (var wrong in (string[][])[[], ["--legal-reason", "because"], ["--legal-reason", new string('x', 501)]])
        {
            var (refused, said, error) = await RunAsync([.. ask, .. wrong, "--json", At("t.json")]);
            Assert.Equal((1, ""), (refused, said));
            Assert.Contains("`--legal-reason`", error, StringComparison.Ordinal);
            Assert.False(File.Exists(At("t.json")));
        }

        using (var init = Process.Start(new ProcessStartInfo(ServerProcess.Program, ["init", "--catalog", "shop", "--data", At("data")]) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            await init.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await init.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var (code, table, wrongs) = await RunAsync([.. ask, "--legal-reason", Reason, "--json", At("t.json"), "--data", At("data")]);
        Assert.True(code == 0, wrongs);
        Assert.Contains("It costs", table, StringComparison.Ordinal);
        Assert.Contains(Reason, table, StringComparison.Ordinal);
        var json = JsonDocument.Parse(File.ReadAllText(At("t.json"))).RootElement;
        Assert.Equal(Reason, json.GetProperty("legalReason").GetString());
        Assert.True(json.GetProperty("byGroup").GetProperty("gap").GetDouble() <= 0.01 && json.GetProperty("common").GetProperty("gap").GetDouble() > 0.01);
        Assert.Equal(json.GetProperty("common").GetProperty("accuracy").GetDouble() - json.GetProperty("byGroup").GetProperty("accuracy").GetDouble(), json.GetProperty("cost").GetDouble(), 12);
        await using var host = await Candor.Server.Hosting.CandorHost.OpenAsync(
            new(Candor.Server.Hosting.DataFolder.At(At("data")), null, new Uri("http://shop.example")), Candor.Server.Hosting.DataFolder.At(At("data")).LoadKey(), TestContext.Current.CancellationToken);
        var entries = await host.Database.ReadAsync(async tx => await tx.QueryAsync<byte[]>("SELECT entry FROM audit_entry UNION ALL SELECT entry FROM audit_pending", null, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var logged = entries.Select(e => Candor.Audit.AuditEntry.Decode(e)).Single(e => e.Id == json.GetProperty("entry").GetString());
        Assert.Equal(("group-thresholds:SelectionRate:sex", Reason), (logged.Event.Subject, logged.Event.Reason));
    }

    [Fact]
    public async Task Lists_that_lead_a_group_to_dearer_items_end_with_1_and_say_so()
    {
        WriteLists(dearForOld: true);
        var (code, said, error) = await RunAsync("lists", At("lists.csv"), "--group", "âge", "--item", "sku", "--json", At("l.json"));
        Assert.True(code == 1 && error.Length == 0, error + said);
        Assert.Contains("âge: the suggestions lead `über 50` to dearer items than all others", said, StringComparison.Ordinal);
        Assert.Contains("not given", said, StringComparison.Ordinal);
        Assert.Contains("too few (under 10)", said, StringComparison.Ordinal);
        Assert.Contains("Möbel AG", said, StringComparison.Ordinal);
        Assert.DoesNotContain("kunde", said + File.ReadAllText(At("l.json")), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", said + File.ReadAllText(At("l.json")), StringComparison.Ordinal);
        var json = JsonDocument.Parse(File.ReadAllText(At("l.json"))).RootElement;
        var groups = json.GetProperty("groupings")[0].GetProperty("groups").EnumerateArray().ToDictionary(g => g.GetProperty("values")[0].GetString() ?? "");
        Assert.Equal((true, JsonValueKind.Null, JsonValueKind.Null), (groups["few"].GetProperty("tooFew").GetBoolean(), groups["few"].GetProperty("customers").ValueKind, groups["few"].GetProperty("got").ValueKind));
        Assert.True(json.GetProperty("broken").GetBoolean() && groups["über 50"].GetProperty("steersByPrice").GetBoolean());
        Assert.Equal(27 / 30.0, groups["über 50"].GetProperty("got").GetProperty("value").GetDouble());
        Assert.Equal(11, json.GetProperty("items").GetProperty("offered").GetInt32());
        Assert.Equal(10, json.GetProperty("items").GetProperty("seen").GetInt32());
    }

    [Fact]
    public async Task Lists_that_are_alike_or_of_one_customer_end_with_0()
    {
        WriteLists(dearForOld: false);
        var (code, said, _) = await RunAsync("lists", At("lists.csv"), "--group", "âge", "--item", "sku");
        Assert.True(code == 0, said);
        Assert.Contains("No limit is broken beyond doubt", said, StringComparison.Ordinal);
        Assert.DoesNotContain("steers", said, StringComparison.Ordinal);
        File.WriteAllText(At("one.csv"), "customer,g,rank,item\nx,a,1,i\n");
        (code, said, var error) = await RunAsync("lists", At("one.csv"), "--group", "g", "--min-group", "1", "--json", At("one.json"));
        Assert.True(code == 0 && error.Length == 0, said + error);
        Assert.Contains("not defined", said, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", said + File.ReadAllText(At("one.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customer,g,rank,item\nx,a,1,i\n", "--group h", "`h`")]
    [InlineData("customer,g,rank,item\nx,a,1,i\n", "--group g --price p", "`p`")]
    [InlineData("customer,g,rank,item\nx,a,first,i\n", "--group g", "`first`")]
    [InlineData("customer,g,rank,item\nx,a,,i\n", "--group g", "Line `2`")]
    [InlineData("customer,g,rank,item\nx,a,1,i\nx,a,1,j\n", "--group g", "Line `3`")]
    [InlineData("customer,g,rank,item,price\nx,a,1,i,NaN\n", "--group g", "`NaN`")]
    [InlineData("customer,g,rank,item,price\nx,a,1,i,9.9.9\n", "--group g", "`9.9.9`")]
    [InlineData("customer,g,rank,item,came\nx,a,1,i,maybe\n", "--group g", "`maybe`")]
    [InlineData("customer,g,rank,item\nx,a,1\n", "--group g", "Line `2`")]
    [InlineData("customer,g,rank,item\nx,a,1,i\n", "--group g --min-ratio 8", "`8`")]
    [InlineData("customer,g,rank,item\nx,a,1,i\n", "--group g --max-price-gap 2", "`2`")]
    [InlineData("customer,g,rank,item\nx,a,1,i\n", "--group g --length 0", "`0`")]
    [InlineData("", "--group g", "first line")]
    public async Task A_bad_file_of_lists_is_one_sentence_that_names_it(string csv, string options, string named)
    {
        File.WriteAllText(At("d.csv"), csv);
        var (code, _, error) = await RunAsync(["lists", At("d.csv"), .. options.Split(' ')]);
        Assert.Equal(1, code);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("bug", error, StringComparison.Ordinal);
    }

    /// <summary>Thirty customers in each of three groups and three in another, of ten items of growing prices; every tenth got none.</summary>
    private void WriteLists(bool dearForOld)
    {
        var rows = new StringBuilder("customer,âge,rank,sku,came,price,seller,sellerGroup\n");
        for (var c = 0; c < 93; c++)
        {
            var group = c >= 90 ? "few" : (c % 3) switch { 0 => "über 50", 1 => "unter 30", _ => "" };
            if (c / 3 % 10 == 0)
            {
                rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"kunde{c},{group},,,,,,\n");
                continue;
            }

            for (var rank = 1; rank <= 3; rank++)
            {
                var item = dearForOld && c % 3 == 0 ? 6 + (c + rank) % 4 : (c / 3 + 3 * rank) % 10;
                rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"kunde{c},{group},{rank},i{item},{(rank == 2 ? 1 : 0)},{item + 1}.50,{(item < 5 ? "Möbel AG" : "Holz & Co")},{(item < 5 ? "large" : "small")}\n");
            }
        }

        File.WriteAllText(At("lists.csv"), rows.Append(",,,i10,,99,Holz & Co,small\n").ToString());
    }

    private async Task<long> PeakAsync(int rows)
    {
        using (var file = new StreamWriter(At("big.csv")))
        {
            file.WriteLine("id,decision,truth,group");
            for (var i = 0; i < rows; i++)
            {
                file.WriteLine($"{i},{i % 3 / 2},{i % 2},group {i % 12}");
            }
        }

        using var process = Start("audit", At("big.csv"), "--decision", "decision", "--truth", "truth", "--group", "group");
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var peak = 0L;
        while (true)
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.WorkingSet64);
            }
            catch (InvalidOperationException) when (process.HasExited)
            {
                return peak;
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(ServerProcess.Program, ["fairness", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
