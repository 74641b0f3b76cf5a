using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Candor.Tests.Server;

public sealed class OpenDsrOnSqlite : OpenDsrTests<Sqlite>;

public sealed class OpenDsrOnPostgres : OpenDsrTests<Postgres>;

/// <summary>Source: OpenDSR 2.0 specification, sections 6 to 10. The signatures are checked with a certificate chain made here.</summary>
public abstract class OpenDsrTests<TEngine> : ServerTest<TEngine>
    where TEngine : IEngine, new()
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-dsr-");
    private X509Certificate2 root = null!;
    private string program = "";

    internal override HostSettings Adapt(HostSettings settings)
    {
        (root, var file) = MakeChain(folder.FullName, "shop.example");
        return settings with { OpenDsrCertificate = file, PrivateCallbacks = true };
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddCustomerAsync("ada");
        program = await NewKeyAsync("crm", ["requests"]);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        root.Dispose();
        folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Discovery_says_what_is_answered_and_where_the_certificate_is()
    {
        var answer = await GetAsync("/opendsr/v2/discovery", program);
        Assert.Equal("2.0", answer.Json.GetProperty("api_version").GetString());
        Assert.Equal(["controller_customer_id raw", "email raw"], answer.Json.GetProperty("supported_identities").EnumerateArray()
            .Select(i => $"{i.GetProperty("identity_type").GetString()} {i.GetProperty("identity_format").GetString()}"));
        Assert.Equal(["access", "portability", "erasure"], answer.Json.GetProperty("supported_subject_request_types").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("http://shop.example/opendsr/v2/certificate.pem", answer.Json.GetProperty("processor_certificate").GetString());
        await CheckSignatureAsync(answer);
    }

    [Theory]
    [InlineData("controller_customer_id", "ada")]
    [InlineData("email", "ADA@customers.example")]
    [InlineData("controller_customer_id", "nobody")]
    public async Task A_request_is_taken_in_signed_and_stands_as_pending_known_or_not(string type, string value)
    {
        var (id, body) = New("erasure", type, value);
        var answer = await SendAsync("POST", "/opendsr/v2/requests", body, program);
        Assert.Equal(201, answer.Status);
        Assert.Equal(("crm", id, body), (answer.Json.GetProperty("controller_id").GetString(), answer.Json.GetProperty("subject_request_id").GetString(),
            Encoding.UTF8.GetString(answer.Json.GetProperty("encoded_request").GetBytesFromBase64())));
        Assert.True(answer.Json.GetProperty("expected_completion_time").GetDateTimeOffset() > answer.Json.GetProperty("received_time").GetDateTimeOffset().AddDays(27));
        await CheckSignatureAsync(answer);
        var status = await GetAsync("/opendsr/v2/requests/" + id, program);
        Assert.Equal((200, "pending"), (status.Status, status.Json.GetProperty("request_status").GetString()));
        await CheckSignatureAsync(status);
        Assert.Equal(status.Text, (await GetAsync("/opendsr/v2/opengdpr_requests/" + id, program)).Text);
        Assert.Equal(404, (await GetAsync("/opendsr/v2/requests/" + id, await NewKeyAsync("other", ["requests"]))).Status);
        var cancelled = await SendAsync("DELETE", "/opendsr/v2/requests/" + id, token: program);
        Assert.Equal((202, id), (cancelled.Status, cancelled.Json.GetProperty("subject_request_id").GetString()));
        await CheckSignatureAsync(cancelled);
        Assert.Equal("cancelled", (await GetAsync("/opendsr/v2/requests/" + id, program)).Json.GetProperty("request_status").GetString());
        Assert.Equal(400, (await SendAsync("DELETE", "/opendsr/v2/requests/" + id, token: program)).Status);
        Assert.Equal(400, (await SendAsync("POST", "/opendsr/v2/requests", body, program)).Status);
    }

    [Fact]
    public async Task The_old_name_needs_no_regulation_and_the_new_one_does()
    {
        var body = New("access", "email", "ada@customers.example").Body.Replace("\"regulation\":\"gdpr\",", "", StringComparison.Ordinal);
        Assert.Equal(400, (await SendAsync("POST", "/opendsr/v2/requests", body, program)).Status);
        Assert.Equal(201, (await SendAsync("POST", "/opendsr/v2/opengdpr_requests", body, program)).Status);
    }

    [Theory]
    [InlineData("\"erasure\"", "\"correction\"")]
    [InlineData("-4", "-1")]
    [InlineData("gdpr", "lgpd")]
    [InlineData("\"raw\"", "\"sha256\"")]
    [InlineData("controller_customer_id", "ios_vendor_id")]
    [InlineData("2026-06-01T09:00:00Z", "yesterday")]
    [InlineData("\"status_callback_urls\":[]", "\"status_callback_urls\":[\"ftp://x.example/\"]")]
    [InlineData("\"status_callback_urls\":[]", "\"status_callback_urls\":{}")]
    [InlineData("\"subject_identities\":[", "\"subject_identities\":[1,")]
    [InlineData("{\"regulation\"", "[{\"regulation\"")]
    [InlineData("{\"regulation\"", "{\"unknown\":1,\"regulation\"")]
    public async Task What_is_wrong_is_400_in_the_shape_of_the_standard(string from, string to)
    {
        var body = New("erasure", "controller_customer_id", "ada").Body;
        Assert.Contains(from, body, StringComparison.Ordinal);
        var answer = await SendAsync("POST", "/opendsr/v2/requests", body.Replace(from, to, StringComparison.Ordinal), program);
        Assert.Equal(400, answer.Status);
        var error = answer.Json.GetProperty("error");
        Assert.Equal(400, error.GetProperty("code").GetInt32());
        Assert.True(error.GetProperty("errors")[0].TryGetProperty("reason", out _));
        Assert.DoesNotContain("ada", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_key_with_the_ability_may()
    {
        Assert.Equal(401, (await GetAsync("/opendsr/v2/discovery", "")).Status);
        Assert.Equal(403, (await GetAsync("/opendsr/v2/discovery", Key)).Status);
        Assert.Equal(403, (await SendAsync("POST", "/opendsr/v2/requests", New("access", "email", "a@b.example").Body, Key)).Status);
    }

    [Fact]
    public async Task Each_change_of_status_is_told_signed_and_again_until_it_is_taken()
    {
        var (taken, failing) = (new List<(string Body, string Signature)>(), true);
        await using var receiver = Receiver((body, signature) =>
        {
            if (failing)
            {
                failing = false;
                return StatusCodes.Status503ServiceUnavailable;
            }

            taken.Add((body, signature));
            return StatusCodes.Status202Accepted;
        });
        await receiver.StartAsync(Ct);
        var url = receiver.Urls.First() + "/callback";
        var (id, body) = New("access", "controller_customer_id", "ada", url);
        Assert.Equal(201, (await SendAsync("POST", "/opendsr/v2/requests", body, program)).Status);
        var request = (await Host.Requests.WorkAsync(Asker.System("cli"), false, 10, Ct)).Requests!.Single();
        await Host.Requests.ProveAsync(Asker.System("cli"), request.Id, "passport", Ct);
        await Host.Requests.FulfilAsync(Asker.System("cli"), request.Id, null, Ct);
        // Taken by the test or by the server's own Housekeeping; the one that failed waits a minute, which the database is told is over.
        await UntilAsync("both callbacks", async () =>
        {
            await Host.Callbacks!.DeliverAsync(10, Ct);
            await Host.Database.WriteAsync(async tx => { await tx.RunAsync("UPDATE open_dsr_callback SET next_at_us = 0 WHERE state = 'queued' AND outcome IS NOT NULL", null, Ct); }, Ct);
            return taken.Count >= 2;
        });

        Assert.Equal(["completed", "in_progress"], taken.Select(t => JsonElement.Parse(t.Body).GetProperty("request_status").GetString()).Order(StringComparer.Ordinal));
        Assert.All(taken, t =>
        {
            Assert.True(Verify(t.Body, t.Signature));
            Assert.Equal((url, id), (JsonElement.Parse(t.Body).GetProperty("status_callback_url").GetString(), JsonElement.Parse(t.Body).GetProperty("subject_request_id").GetString()));
        });
        var status = (await GetAsync("/opendsr/v2/requests/" + id, program)).Json;
        Assert.Equal($"http://shop.example/me/requests/{request.Id}", status.GetProperty("results_url").GetString());
    }

    [Fact]
    public async Task A_refusal_is_completed_with_a_reason_of_ours()
    {
        var (id, body) = New("access", "controller_customer_id", "nobody");
        await SendAsync("POST", "/opendsr/v2/requests", body, program);
        var request = (await Host.Requests.WorkAsync(Asker.System("cli"), false, 10, Ct)).Requests!.Single();
        await Host.Requests.RefuseAsync(Asker.System("cli"), request.Id, RefusalReason.NoMatch, "Nobody is known.", Ct);
        var status = (await GetAsync("/opendsr/v2/requests/" + id, program)).Json;
        Assert.Equal(("completed", "no-match"), (status.GetProperty("request_status").GetString(), status.GetProperty("extensions").GetProperty("shop.example").GetProperty("reason").GetString()));
    }

    [Fact]
    public void A_certificate_that_is_self_signed_over_or_of_another_host_is_refused()
    {
        var now = Host.Database.Clock.GetUtcNow();
        using var key = RSA.Create(2048);
        using var self = new CertificateRequest("CN=shop.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = Path.Combine(folder.FullName, "self.pem");
        File.WriteAllText(file, self.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        Assert.Contains("self-signed", Assert.Throws<Fault>(() => OpenDsrSigner.Open(file, "shop.example", now)).Message, StringComparison.Ordinal);
        var good = Path.Combine(folder.FullName, "dsr.pem");
        Assert.Equal("rights/bad-certificate", Assert.Throws<Fault>(() => OpenDsrSigner.Open(good, "other.example", now)).What);
        Assert.Equal("rights/bad-certificate", Assert.Throws<Fault>(() => OpenDsrSigner.Open(good, "shop.example", now.AddYears(3))).What);
        File.WriteAllText(file, "nothing");
        Assert.Equal("rights/bad-certificate", Assert.Throws<Fault>(() => OpenDsrSigner.Open(file, "shop.example", now)).What);
    }

    private async Task CheckSignatureAsync(Answer answer)
    {
        var headers = answer.Message.Headers;
        Assert.Equal("shop.example", headers.GetValues("X-OpenDSR-Processor-Domain").Single());
        Assert.Equal(headers.GetValues("X-OpenDSR-Signature"), headers.GetValues("X-OpenGDPR-Signature"));
        var pem = (await GetAsync("/opendsr/v2/certificate.pem", "")).Text;
        Assert.DoesNotContain("PRIVATE", pem, StringComparison.Ordinal);
        using var leaf = X509Certificate2.CreateFromPem(pem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(leaf));
        Assert.True(Verify(answer.Text, headers.GetValues("X-OpenDSR-Signature").Single()));
        Assert.False(Verify(answer.Text + " ", headers.GetValues("X-OpenDSR-Signature").Single()));
    }

    private bool Verify(string body, string signature)
    {
        using var leaf = X509Certificate2.CreateFromPem(Host.OpenDsr!.Signer.Pem);
        using var key = leaf.GetRSAPublicKey()!;
        return key.VerifyData(Encoding.UTF8.GetBytes(body), Convert.FromBase64String(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static (string Id, string Body) New(string type, string identity, string value, string? callback = null)
    {
        var id = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a7551968-d5d6-44b2-9831-{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
        return (id, $$"""{"regulation":"gdpr","subject_request_id":"{{id}}","subject_request_type":"{{type}}","submitted_time":"2026-06-01T09:00:00Z","subject_identities":[{"identity_type":"{{identity}}","identity_value":"{{value}}","identity_format":"raw"}],"api_version":"2.0","status_callback_urls":[{{(callback is null ? "" : $"\"{callback}\"")}}]}""");
    }

    private static WebApplication Receiver(Func<string, string, int> take)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/callback", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            http.Response.StatusCode = take(await reader.ReadToEndAsync(), http.Request.Headers["X-OpenDSR-Signature"].ToString());
        });
        return app;
    }

    private static (X509Certificate2 Root, string File) MakeChain(string folder, string host)
    {
        var now = DateTimeOffset.Parse("2020-01-01", System.Globalization.CultureInfo.InvariantCulture);
        using var rootKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=Test authority", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var self = authority.CreateSelfSigned(now, TimeProvider.System.GetUtcNow().AddYears(2));
        using var key = RSA.Create(2048);
        var leaf = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        leaf.CertificateExtensions.Add(names.Build());
        using var issued = leaf.Create(self, now, TimeProvider.System.GetUtcNow().AddYears(1), [1, 2, 3, 4]);
        var file = Path.Combine(folder, "dsr.pem");
        File.WriteAllText(file, $"{key.ExportPkcs8PrivateKeyPem()}\n{issued.ExportCertificatePem()}\n{self.ExportCertificatePem()}\n");
        return (X509CertificateLoader.LoadCertificate(self.RawData), file);
    }
}
