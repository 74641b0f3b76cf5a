using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Candor.Tests.Messages;

/// <summary>A mail relay for tests: speaks enough of RFC 5321 to take a mail, or to refuse it.</summary>
public sealed class SmtpSink : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();

    public SmtpSink()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What was taken, as it came over the wire.</summary>
    public List<string> Mails { get; } = [];

    /// <summary>Receivers that were named.</summary>
    public List<string> Receivers { get; } = [];

    /// <summary>The answer to each receiver; starts with 250 when it is taken.</summary>
    public string Answer { get; set; } = "250 ok";

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 sink");
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync("250-sink\r\n250 8BITMIME");
                    break;
                case "RCPT":
                    lock (Receivers)
                    {
                        Receivers.Add(line);
                    }

                    await writer.WriteLineAsync(Answer);
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go");
                    await TakeAsync(reader);
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return;
                default:
                    await writer.WriteLineAsync("250 ok");
                    break;
            }
        }
    }

    private async Task TakeAsync(StreamReader reader)
    {
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(stop.Token) is { } line && line != ".")
        {
            mail.Append(line).Append('\n');
        }

        lock (Mails)
        {
            Mails.Add(mail.ToString());
        }
    }
}
