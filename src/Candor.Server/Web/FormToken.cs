using System.Buffers.Text;
using System.Security.Cryptography;
using Candor.Server.Hosting;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Web;

/// <summary>Ties a form to the session that it was shown in: HMAC-SHA256 of the session's digest. Beside the cross-site guard, not instead of it.</summary>
internal sealed class FormToken(CandorHost host)
{
    /// <summary>Name of the hidden field.</summary>
    public const string Field = "form";

    public string Of(CallerToken session) => Base64Url.EncodeToString(HMACSHA256.HashData(host.Keys.Secret(KeyRing.SessionPepper), (byte[])[.. "form|"u8, .. session.Hash]));

    public bool IsFrom(CallerToken session, string? sent) =>
        CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(Of(session)), System.Text.Encoding.UTF8.GetBytes(sent ?? ""));
}
