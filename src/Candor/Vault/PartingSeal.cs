using System.Security.Cryptography;
using System.Text;

namespace Candor.Vault;

/// <summary>Seals what must be readable when a customer's own key is gone, such as the confirmation that they are erased. Short-lived by the rules of whoever stores it.</summary>
/// <remarks>Under a key derived from a secret of the platform: there is no permit, because nobody is left whose choices could be asked.</remarks>
public sealed class PartingSeal(KeyRing ring)
{
    private const string Prefix = "parting/";

    /// <param name="kind">What it is, such as <c>farewell</c>; with <paramref name="id"/> it binds the text to its place.</param>
    public byte[] Seal(string kind, string id, ReadOnlySpan<byte> text)
    {
        using var cipher = Cipher(kind);
        return Sealing.Seal(cipher, 1, Place(kind, id), text);
    }

    /// <exception cref="Kernel.Fault">Unavailable <c>vault/damaged</c> when the bytes are not what was sealed for this place.</exception>
    public ReadOnlyMemory<byte> Open(string kind, string id, ReadOnlySpan<byte> sealed_)
    {
        using var cipher = Cipher(kind);
        return Sealing.Open(cipher, Place(kind, id), sealed_);
    }

    private AesGcm Cipher(string kind)
    {
        Span<byte> key = stackalloc byte[Sealing.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, ring.Secret(KeyRing.Parting), key, [], Encoding.UTF8.GetBytes("parting|v1|" + kind));
        var cipher = new AesGcm(key, Sealing.TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static Sealing.Place Place(string kind, string id) => new("", id, Prefix + kind, 1);
}
