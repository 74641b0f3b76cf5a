using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Candor.Kernel;

namespace Candor.Rights;

/// <summary>Signs what OpenDSR sends out: SHA-256 with the key of a certificate that an authority issued for this host (RSA PKCS #1 v1.5, or ECDSA in DER; FIPS 186-4).</summary>
public sealed class OpenDsrSigner : IDisposable
{
    private readonly X509Certificate2 certificate;

    private OpenDsrSigner(X509Certificate2 certificate, string domain, string pem) => (this.certificate, Domain, Pem) = (certificate, domain, pem);

    /// <summary>The host that the certificate is for.</summary>
    public string Domain { get; }

    /// <summary>The certificate with those above it, without the key.</summary>
    public string Pem { get; }

    /// <summary>Opens a PEM file with the private key and the certificate, and after it those of the authorities.</summary>
    /// <param name="domain">Host under which requests come in.</param>
    /// <exception cref="Fault">Invalid <c>rights/bad-certificate</c> with what is wrong.</exception>
    public static OpenDsrSigner Open(string file, string domain, DateTimeOffset now)
    {
        string text;
        X509Certificate2 certificate;
        var chain = new X509Certificate2Collection();
        try
        {
            text = File.ReadAllText(file);
            certificate = X509Certificate2.CreateFromPem(text, text);
            chain.ImportFromPem(text);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Bad($"`{file}` is no PEM file with a certificate and its private key in the clear.", e);
        }

        var wrong = certificate switch
        {
            _ when certificate.GetRSAPrivateKey() is null && certificate.GetECDsaPrivateKey() is null => "its key is neither RSA nor ECDSA",
            _ when certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) => "it is self-signed, which OpenDSR forbids",
            _ when now < certificate.NotBefore || now > certificate.NotAfter => "it is not valid today",
            _ when !certificate.MatchesHostname(domain) => $"it is not for `{domain}`; name its host with `--site`",
            _ => null,
        };
        if (wrong is not null)
        {
            certificate.Dispose();
            throw Bad($"The certificate in `{file}` cannot sign: {wrong}.", null);
        }

        return new OpenDsrSigner(certificate, domain, string.Join('\n', chain.Select(c => c.ExportCertificatePem())) + "\n");
    }

    /// <summary>Signature of a body, in base64.</summary>
    public string Sign(ReadOnlySpan<byte> body)
    {
        if (certificate.GetRSAPrivateKey() is { } rsa)
        {
            using (rsa)
            {
                return Convert.ToBase64String(rsa.SignData(body, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            }
        }

        using var ecdsa = certificate.GetECDsaPrivateKey()!;
        return Convert.ToBase64String(ecdsa.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>The headers that go with a body, under the name of today and under the old one, which is still to be honoured (section 10.1).</summary>
    public IEnumerable<(string Name, string Value)> Headers(ReadOnlySpan<byte> body)
    {
        var signature = Sign(body);
        return
        [
            ("X-OpenDSR-Processor-Domain", Domain), ("X-OpenDSR-Signature", signature), ("X-OpenGDPR-Processor-Domain", Domain), ("X-OpenGDPR-Signature", signature),
        ];
    }

    public void Dispose() => certificate.Dispose();

    private static Fault Bad(string sentence, Exception? inner) => new(FaultKind.Invalid, "rights/bad-certificate", sentence, inner);
}
