using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Candor.Tests.Server;

/// <summary>A member of staff's browser: keeps cookies, fills in forms, does not follow redirects unless told.</summary>
public sealed class StaffBrowser(HttpClient http, CancellationToken ct)
{
    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>Every cookie that was ever set here, as the server wrote it.</summary>
    public List<string> Written { get; } = [];

    public string? Session => Cookies.GetValueOrDefault("__Host-staff");

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path, null);

    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] form) => SendAsync("POST", path, form);

    /// <summary>Opens a page and sends a form of it: the form's token is taken from the page.</summary>
    public async Task<Answer> FillAsync(string page, string action, params (string Name, string Value)[] form) =>
        await PostAsync(action, [("form", FormOf((await GetAsync(page)).Text)), .. form]);

    /// <summary>Opens what an answer leads to.</summary>
    public Task<Answer> FollowAsync(Answer answer) => GetAsync(answer.Message.Headers.Location!.OriginalString);

    /// <summary>Shows a passkey on a page.</summary>
    public Task<Answer> ShowAsync(SoftAuthenticator device, string page, string options, string action, params (string Name, string Value)[] form) =>
        PasskeyAsync(device.Show, page, options, action, form);

    /// <summary>Makes a passkey on a page.</summary>
    public Task<Answer> MakeAsync(SoftAuthenticator device, string page, string options, string action, params (string Name, string Value)[] form) =>
        PasskeyAsync(device.Make, page, options, action, form);

    public static string FormOf(string html) => Regex.Match(html, "name=\"form\" value=\"([^\"]+)\"").Groups[1].Value;

    private async Task<Answer> PasskeyAsync(Func<JsonElement, string> device, string page, string options, string action, (string Name, string Value)[] form)
    {
        var token = FormOf((await GetAsync(page)).Text);
        var asked = await PostAsync(options, ("form", token));
        Assert.True(asked.Status == 200, $"{options}: {asked.Status} {asked.Text}");
        return await PostAsync(action, [("form", token), ("step", asked.Json.GetProperty("step").GetString()!), ("credential", device(asked.Json.GetProperty("options"))), .. form]);
    }

    private async Task<Answer> SendAsync(string method, string path, (string Name, string Value)[]? form)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (Cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        if (form is not null)
        {
            request.Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        }

        var message = await http.SendAsync(request, ct);
        Keep(message);
        return new Answer((int)message.StatusCode, message, await message.Content.ReadAsStringAsync(ct));
    }

    private void Keep(HttpResponseMessage message)
    {
        foreach (var cookie in message.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            Written.Add(cookie);
            var pair = cookie.Split(';')[0].Split('=', 2);
            if (cookie.Contains("expires=Thu, 01 Jan 1970", StringComparison.Ordinal))
            {
                Cookies.Remove(pair[0]);
            }
            else
            {
                Cookies[pair[0]] = WebUtility.UrlDecode(pair[1]);
            }
        }
    }
}
