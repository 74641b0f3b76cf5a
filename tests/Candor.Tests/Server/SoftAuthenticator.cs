using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Candor.Tests.Server;

/// <summary>A passkey device in software (Web Authentication Level 3, section 6): one P-256 key. Tests bend what it says.</summary>
public sealed class SoftAuthenticator(string origin) : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte HasKey = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] CredentialId { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>What the browser says the page is.</summary>
    public string Origin { get; set; } = origin;

    /// <summary>Which domain the device signs for; null: what the server asked for.</summary>
    public string? Domain { get; set; }

    /// <summary>The device checked finger, face or PIN.</summary>
    public bool IsVerified { get; set; } = true;

    /// <summary>Signs wrongly.</summary>
    public bool IsForged { get; set; }

    public uint Counter { get; set; } = 1;

    public string? UserHandle { get; private set; }

    /// <summary>What the browser sends after <c>navigator.credentials.create</c>.</summary>
    public string Make(JsonElement options)
    {
        UserHandle = options.GetProperty("user").GetProperty("id").GetString();
        var point = key.ExportParameters(false).Q;
        byte[] cose = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        byte[] data = [.. Data(options.GetProperty("rp").GetProperty("id").GetString()!, HasKey), .. new byte[16], 0, (byte)CredentialId.Length, .. CredentialId, .. cose];
        byte[] attestation = [0xa3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xa0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data];
        return Credential(new
        {
            clientDataJSON = Base64Url.EncodeToString(Client("webauthn.create", options)), attestationObject = Base64Url.EncodeToString(attestation), transports = new[] { "internal" },
        });
    }

    /// <summary>What the browser sends after <c>navigator.credentials.get</c>.</summary>
    public string Show(JsonElement options)
    {
        Counter++;
        var (data, client) = (Data(options.GetProperty("rpId").GetString()!, 0), Client("webauthn.get", options));
        var signature = key.SignData((byte[])[.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        if (IsForged)
        {
            signature[^1] ^= 1;
        }

        return Credential(new
        {
            clientDataJSON = Base64Url.EncodeToString(client), authenticatorData = Base64Url.EncodeToString(data), signature = Base64Url.EncodeToString(signature), userHandle = UserHandle,
        });
    }

    public void Dispose() => key.Dispose();

    private byte[] Data(string domain, byte flags)
    {
        var data = new byte[37];
        SHA256.HashData(Encoding.UTF8.GetBytes(Domain ?? domain), data);
        data[32] = (byte)(flags | Present | (IsVerified ? Verified : 0));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), Counter);
        return data;
    }

    private byte[] Client(string type, JsonElement options) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new { type, challenge = options.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = false }));

    private string Credential(object response)
    {
        var id = Base64Url.EncodeToString(CredentialId);
        return JsonSerializer.Serialize(new { id, rawId = id, type = "public-key", authenticatorAttachment = "platform", clientExtensionResults = new { }, response });
    }
}
