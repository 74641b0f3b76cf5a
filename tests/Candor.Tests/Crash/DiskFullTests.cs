using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;

namespace Candor.Tests.Crash;

/// <summary>A disk of 24 MB that fills up. Without the right to mount one, a limit on file sizes stands in for it.</summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private const int LimitBlocks = 16_384; // of 512 bytes: 8 MB a file
    private const string Read = "/v1/customers/ada?purpose=order-fulfilment&fields=fullName";
    private const int MostTries = 20_000;

    private static readonly DateTimeOffset Yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly string folder = Directory.CreateTempSubdirectory("candor-full-").FullName;
    private bool isMounted;

    public async ValueTask InitializeAsync() => isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", folder);

    public async ValueTask DisposeAsync()
    {
        if (isMounted)
        {
            await RunAsync("umount", "-l", folder);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_is_read_while_its_log_entry_has_no_room_and_nothing_is_lost()
    {
        var (key, _) = await CrashStore.MakeAsync(folder, Ct);
        // Ignoring the signal makes a write beyond the limit fail like one to a full disk; the runtime's own mappings count as files unless switched off.
        var limit = isMounted ? null : $"export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f {LimitBlocks}";
        var stored = new List<string>();
        await using (var server = await ServerProcess.StartAsync("serve", folder, Ct, limit))
        {
            using var http = CrashClient.Http(server.Address, key);
            using var put = await http.PutAsJsonAsync("/v1/customers/ada", new { fullName = "Ada Example" }, Ct);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            Assert.Equal(HttpStatusCode.OK, await ReadAsync(http));
            await FillAsync(http, stored);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await UntilAsync(http, HttpStatusCode.ServiceUnavailable));
            if (isMounted)
            {
                File.Delete(Path.Combine(folder, "filler"));
                Assert.Equal(HttpStatusCode.OK, await UntilAsync(http, HttpStatusCode.OK));
                await CheckAsync(http, stored);
            }
        }

        await using (var server = await ServerProcess.StartAsync("serve", folder, Ct))
        {
            using var http = CrashClient.Http(server.Address, key);
            Assert.Equal(HttpStatusCode.OK, await ReadAsync(http));
            await CheckAsync(http, stored);
        }

        await CrashStore.VerifyLogAsync(folder, Ct);
    }

    /// <summary>Writes until there is no room, and remembers what was confirmed.</summary>
    private async Task FillAsync(HttpClient http, List<string> stored)
    {
        if (isMounted)
        {
            await RunAsync("sh", "-c", $"cat /dev/zero > {folder}/filler");
        }

        for (var batch = 0; batch < 1000; batch++)
        {
            var ids = Enumerable.Range(0, 100).Select(i => $"p{batch:0000}x{i:00}").ToList();
            using var response = await http.PostAsJsonAsync("/v1/events", new
            {
                events = ids.Select(id => new { customer = "ada", dataPoint = "purchases", id, time = Yesterday, data = new { item = id, note = new string('n', 2000) } }),
            }, Ct);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return;
            }

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            stored.AddRange(ids);
        }

        Assert.Fail("The disk did not fill up.");
    }

    private static async Task CheckAsync(HttpClient http, List<string> stored)
    {
        var answer = await http.GetStringAsync(new Uri("/v1/customers/ada?purpose=order-fulfilment&fields=purchases&limit=10000", UriKind.Relative), Ct);
        Assert.DoesNotContain(stored, id => !answer.Contains($"\"{id}\"", StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> ReadAsync(HttpClient http)
    {
        using var response = await http.GetAsync(new Uri(Read, UriKind.Relative), Ct);
        return response.StatusCode;
    }

    /// <summary>Reads until the answer is the expected one: the write-ahead log may have room for some more entries, or be slow to find it again.</summary>
    private static async Task<HttpStatusCode> UntilAsync(HttpClient http, HttpStatusCode expected)
    {
        var last = HttpStatusCode.Unused;
        for (var i = 0; i < MostTries && last != expected; i++)
        {
            last = await ReadAsync(http);
            if (last == HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(100, Ct);
            }
        }

        return last;
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}
