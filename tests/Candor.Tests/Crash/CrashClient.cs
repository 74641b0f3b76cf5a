using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Candor.Tests.Crash;

/// <summary>One customer's writer. A request that got no answer is sent again with the same request id until it is answered; only then comes the next.</summary>
internal sealed class CrashClient(int number, string canary)
{
    public const string Purpose = "in-session-recommendations";

    private static readonly DateTimeOffset Yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
    private readonly List<string> purchases = [];
    private int step;
    private (HttpMethod Method, string Path, object Body, Action<JsonElement> Confirmed, string RequestId)? open;

    public string Reference { get; } = $"customer-{number}";

    /// <summary>What the server has confirmed: name, ids of purchases, state of the consent, log entries.</summary>
    public string? Name { get; private set; }

    public IReadOnlyList<string> Purchases => purchases;

    public string? Consent { get; private set; }

    public List<string> Entries { get; } = [];

    public int Answers { get; private set; }

    /// <summary>Writes until the server is gone.</summary>
    public async Task RunAsync(Uri address, string key, string notice, CancellationToken ct)
    {
        using var http = Http(address, key);
        while (true)
        {
            var (method, path, body, confirmed, requestId) = open ??= Next(notice);
            using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
            request.Headers.Add("Idempotency-Key", requestId);
            try
            {
                using var response = await http.SendAsync(request, ct);
                var text = await response.Content.ReadAsStringAsync(ct);
                if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                {
                    // The same request is still under way, or there are too many: again in a moment.
                    await Task.Delay(20, ct);
                    continue;
                }

                Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
                using var answer = JsonDocument.Parse(text);
                confirmed(answer.RootElement);
                (open, Answers) = (null, Answers + 1);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }

    public static HttpClient Http(Uri address, string key)
    {
        var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private (HttpMethod, string, object, Action<JsonElement>, string) Next(string notice)
    {
        var id = $"{number}-{++step}";
        return (step % 3) switch
        {
            1 => (HttpMethod.Put, $"/v1/customers/{Reference}", new { fullName = $"{canary} {id}", email = $"{canary}.{id}@customers.example" }, answer =>
            {
                Name = $"{canary} {id}";
                Entries.Add(answer.GetProperty("entry").GetString()!);
            }, id),
            2 => (HttpMethod.Put, $"/v1/customers/{Reference}/consents/{Purpose}",
                Consent == "given" ? new { state = "withdrawn", notice = (string?)null } : new { state = "given", notice = (string?)notice }, answer =>
            {
                Consent = answer.GetProperty("event").GetString();
                Entries.Add(answer.GetProperty("entry").GetString()!);
            }, id),
            _ => (HttpMethod.Post, "/v1/events",
                new { events = new[] { new { customer = Reference, dataPoint = "purchases", id, time = Yesterday, data = new { item = $"{canary} {id}." } } } }, answer =>
            {
                Assert.Equal(0, answer.GetProperty("refused").GetInt32() + answer.GetProperty("notNeeded").GetInt32());
                purchases.Add($"{canary} {id}.");
            }, id),
        };
    }
}
