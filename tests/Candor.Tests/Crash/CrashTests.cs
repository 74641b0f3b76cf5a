using System.Text.Json;

namespace Candor.Tests.Crash;

/// <summary>Power cuts, as far as a process can have them: SIGKILL while eight clients write, thirty times.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Kills = 30;
    private const int Clients = 8;
    private const string Canary = "Canary-7Q2xw";

    /// <summary>Mail goes to a relay that is not there and waits, sealed; on a slow machine confirmations are due before the test is over, and the pickup folder holds mail in clear.</summary>
    private const string NoRelay = "export CANDOR_SMTP=127.0.0.1:1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly string folder = Directory.CreateTempSubdirectory("candor-crash-").FullName;

    [Fact]
    public async Task Nothing_that_was_confirmed_is_lost_when_the_process_is_killed()
    {
        var (key, notice) = await CrashStore.MakeAsync(folder, Ct);
        var clients = Enumerable.Range(0, Clients).Select(n => new CrashClient(n, Canary)).ToList();
        // Seeded, so that a failure can be repeated: the moment of each kill, in milliseconds after a first few answers, however slow the machine.
        var moments = new Random(20260101);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await ServerProcess.StartAsync("serve", folder, Ct, NoRelay);
            var writing = clients.Select(c => Task.Run(() => c.RunAsync(server.Address, key, notice, Ct), Ct)).ToList();
            var soFar = clients.Sum(c => c.Answers);
            while (clients.Sum(c => c.Answers) <= soFar + Clients && !writing.Exists(w => w.IsCompleted))
            {
                await Task.Delay(10, Ct);
            }

            await Task.Delay(moments.Next(0, 400), Ct);
            await server.KillAsync();
            await Task.WhenAll(writing);
        }

        Assert.True(clients.Sum(c => c.Answers) > Kills * Clients, $"Too few writes were confirmed to tell anything: {clients.Sum(c => c.Answers)}.");
        await using (var server = await ServerProcess.StartAsync("serve", folder, Ct, NoRelay))
        {
            foreach (var client in clients)
            {
                await CheckAsync(server.Address, key, client);
            }
        }

        var entries = await CrashStore.VerifyLogAsync(folder, Ct);
        Assert.All(clients.SelectMany(c => c.Entries), e => Assert.Contains(e, entries));
        Assert.NotEmpty(CrashStore.FilesWith(folder, "sealed_field"));
        Assert.Empty(CrashStore.FilesWith(folder, Canary));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Everything confirmed is there, each purchase once; of what was never confirmed, at most the one open request is.</summary>
    private static async Task CheckAsync(Uri address, string key, CrashClient client)
    {
        using var http = CrashClient.Http(address, key);
        var read = await http.GetStringAsync(new Uri($"/v1/customers/{client.Reference}?purpose=order-fulfilment&fields=fullName,purchases&limit=10000", UriKind.Relative), Ct);
        using var answer = JsonDocument.Parse(read);
        var fields = answer.RootElement.GetProperty("fields");
        var stored = fields.GetProperty("purchases").GetRawText();
        Assert.All(client.Purchases, p => Assert.Equal(1, Count(stored, p)));
        Assert.InRange(Count(stored, Canary), client.Purchases.Count, client.Purchases.Count + 1);
        var choices = await http.GetStringAsync(new Uri($"/v1/customers/{client.Reference}/consents", UriKind.Relative), Ct);
        Assert.True(Confirmed(fields.GetProperty("fullName").GetRawText(), client.Name!), $"The name is not the last that was confirmed, nor the one after it: {client.Name}");
        Assert.Contains(CrashClient.Purpose, choices, StringComparison.Ordinal);
    }

    private static bool Confirmed(string stored, string name)
    {
        // "… 3-7" was confirmed; the request after it that writes a name is 3 steps on and may be stored without having been confirmed.
        var at = name.LastIndexOf('-') + 1;
        var next = name[..at] + (int.Parse(name[at..], System.Globalization.CultureInfo.InvariantCulture) + 3);
        return stored.Contains(name + "\"", StringComparison.Ordinal) || stored.Contains(next + "\"", StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
