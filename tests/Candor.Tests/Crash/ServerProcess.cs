using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Candor.Tests.Crash;

/// <summary>The real executable in a process of its own, as users run it; killed without warning when asked or when the test is over.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(240);
    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();

    private ServerProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Of the process; a shell that came first has become it.</summary>
    public int Id => process.Id;

    public string Output => string.Join('\n', output);

    /// <summary>The build that lies beside the tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "candor");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts `candor VERB --data FOLDER --urls …` and waits until it answers.</summary>
    /// <param name="shell">Shell text to run first in the same process, such as a limit; null for none.</param>
    public static async Task<ServerProcess> StartAsync(string verb, string folder, CancellationToken ct, string? shell = null)
    {
        var address = new Uri($"http://localhost:{FreePort()}");
        string[] arguments = [verb, "--data", folder, "--urls", address.GetLeftPart(UriPartial.Authority), .. verb == "serve" ? ["--rate", "100000"] : Array.Empty<string>()];
        var start = shell is null
            ? new ProcessStartInfo(Program, arguments)
            : new ProcessStartInfo("/bin/sh", ["-c", shell + "\nexec \"$@\"", "sh", Program, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        var server = new ServerProcess(Process.Start(start)!, address);
        server.process.OutputDataReceived += server.Keep;
        server.process.ErrorDataReceived += server.Keep;
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        await server.WaitUntilReadyAsync(ct);
        return server;
    }

    /// <summary>Ends it with SIGKILL: nothing is flushed, nothing is closed.</summary>
    public async Task KillAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            output.Enqueue(text);
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < StartLimit; await Task.Delay(30, ct))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {process.ExitCode}:\n{Output}");
            }

            try
            {
                if ((await http.GetAsync(new Uri("/healthz", UriKind.Relative), ct)).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                // Not listening yet, or slow on a busy machine.
            }
        }

        await KillAsync();
        throw new InvalidOperationException($"The server did not answer within {StartLimit.TotalSeconds} s:\n{Output}");
    }
}
