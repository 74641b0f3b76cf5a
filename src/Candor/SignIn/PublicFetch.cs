using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Candor.Kernel;

namespace Candor.SignIn;

/// <summary>Asks addresses on the public internet, and them alone: <c>https</c>, no proxy, no redirect, no private network.</summary>
/// <remarks>The addresses come from settings or from a provider's answer, which must not be able to make this server talk to what only it can reach.</remarks>
public sealed class PublicFetch : IDisposable
{
    public const int MaxAnswerBytes = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly bool allowsLoopback;
    private readonly HttpClient client;

    /// <param name="allowsLoopback">For trying things out on one machine: the loopback addresses too, and without TLS.</param>
    public PublicFetch(bool allowsLoopback)
    {
        this.allowsLoopback = allowsLoopback;
        client = new HttpClient(PublicAddress.Handler(IsAllowed, Patience));
        (client.MaxResponseContentBufferSize, client.Timeout) = (MaxAnswerBytes, Patience);
    }

    /// <exception cref="Fault">Invalid for an address that is never asked.</exception>
    public void Check(Uri address)
    {
        if (address.UserInfo.Length > 0 || !(address.Scheme == Uri.UriSchemeHttps || (allowsLoopback && address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            throw new Fault(FaultKind.Invalid, "sign-in/bad-address", $"An address to ask begins with `https://`, without a user name; got `{Name.Shown(address.GetLeftPart(UriPartial.Path))}`.");
        }
    }

    /// <summary>The text at an address.</summary>
    /// <exception cref="Fault">Unavailable for any answer but 200.</exception>
    public async Task<string> GetTextAsync(Uri address, CancellationToken ct)
    {
        Check(address);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var (status, text) = await SendAsync(request, ct);
        return status == HttpStatusCode.OK ? text : throw NoAnswer($"it answered `{(int)status}`", null);
    }

    /// <summary>Sends a form.</summary>
    /// <param name="basic">Name and secret for the Authorization header, both form-encoded as RFC 6749 section 2.3.1 has it; null for none.</param>
    public async Task<(HttpStatusCode Status, string Text)> PostFormAsync(Uri address, IReadOnlyDictionary<string, string> fields, (string Name, string Secret)? basic, CancellationToken ct)
    {
        Check(address);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Accept.ParseAdd("application/json");
        if (basic is var (name, secret))
        {
            var pair = $"{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }

        return await SendAsync(request, ct);
    }

    public void Dispose() => client.Dispose();

    /// <summary>May this address be talked to?</summary>
    internal bool IsAllowed(IPAddress address) =>
        PublicAddress.IsPublic(address) || (allowsLoopback && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using var answer = await client.SendAsync(request, ct);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(ct));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw NoAnswer("it did not answer, or too much, or too late", e);
        }
    }

    private static Fault NoAnswer(string why, Exception? inner) => new(FaultKind.Unavailable, "sign-in/no-answer", $"The other side cannot be asked at the moment: {why}.", inner);
}
