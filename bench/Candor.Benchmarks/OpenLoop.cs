using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Candor.Benchmarks;

/// <summary>Sends requests at fixed instants, whether or not earlier ones were answered, and measures from the instant at which each was due:
/// a server that stalls is charged for every request that waited meanwhile (no coordinated omission).</summary>
/// <remarks>Plain sockets with HTTP/1.1 keep-alive, so that the generator costs little on cores that it shares with the server.</remarks>
internal static class OpenLoop
{
    private const int Connections = 32;

    /// <summary>Shortest wait that is slept instead of spun, in stopwatch ticks: what a sleep oversleeps.</summary>
    private static readonly long Sleepable = Stopwatch.Frequency / 800;

    /// <returns>Milliseconds from due to answered, one a request, the first tenth left out.</returns>
    public static List<double> Run(Uri url, int perSecond, TimeSpan length)
    {
        var (due, times) = (new BlockingCollection<long>(), new ConcurrentBag<(long Due, double Ms)>());
        var workers = Enumerable.Range(0, Connections).Select(i => new Thread(() => Work(url, i, due, times))).ToList();
        workers.ForEach(w => w.Start());
        var (start, step, count) = (Stopwatch.GetTimestamp(), Stopwatch.Frequency / (double)perSecond, (int)(perSecond * length.TotalSeconds));
        for (var i = 0; i < count; i++)
        {
            var at = start + (long)(i * step);
            while (Stopwatch.GetTimestamp() is var now && now < at)
            {
                if (at - now > Sleepable)
                {
                    Thread.Sleep(1);
                }
                else
                {
                    Thread.SpinWait(20);
                }
            }

            due.Add(at);
        }

        due.CompleteAdding();
        workers.ForEach(w => w.Join());
        var first = start + (long)(count / 10 * step);
        return [.. times.Where(t => t.Due >= first).Select(t => t.Ms)];
    }

    private static void Work(Uri url, int worker, BlockingCollection<long> due, ConcurrentBag<(long Due, double Ms)> times)
    {
        using var client = new TcpClient(url.Host, url.Port) { NoDelay = true };
        using var stream = client.GetStream();
        var (buffer, number) = (new byte[1 << 16], worker);
        foreach (var at in due.GetConsumingEnumerable())
        {
            number += Connections;
            stream.Write(Encoding.ASCII.GetBytes($"GET {url.AbsolutePath}?visit={number} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n"));
            Receive(stream, buffer);
            times.Add((at, Stopwatch.GetElapsedTime(at).TotalMilliseconds));
        }
    }

    /// <summary>Reads one answer to its end.</summary>
    private static void Receive(NetworkStream stream, byte[] buffer)
    {
        for (var got = 0; ;)
        {
            var read = stream.Read(buffer, got, buffer.Length - got);
            got += read;
            var text = Encoding.ASCII.GetString(buffer, 0, got);
            if (read == 0 || (got > 12 && !text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)))
            {
                throw new InvalidOperationException("The server did not answer 200.");
            }

            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
            if (head >= 0 && at >= 0 && got >= head + 4 + int.Parse(text.AsSpan(at + 16, text.IndexOf('\r', at) - at - 16), System.Globalization.CultureInfo.InvariantCulture))
            {
                return;
            }
        }
    }
}
