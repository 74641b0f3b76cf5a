using System.Security.Cryptography;

namespace Candor.Vault;

/// <summary>A long-lived key that may seal without counting: XAES-256-GCM, whose 192-bit random nonces last for 2^80 messages.</summary>
/// <remarks>Source: C2SP XAES-256-GCM. Each message gets an AES-256-GCM key derived by AES from the key and the first half of the nonce.
/// Plain AES-GCM with random 96-bit nonces would have to stop at 2^32 (NIST SP 800-38D). Safe to use by many threads at once.</remarks>
internal sealed class XaesKey : IDisposable
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 24;
    public const int TagBytes = 16;

    private const int Block = 16;
    private const int HalfNonce = 12;
    private volatile bool isWiped;
    private readonly byte[] key = GC.AllocateArray<byte>(KeyBytes, pinned: true);
    private readonly byte[] mask = GC.AllocateArray<byte>(Block, pinned: true);

    public XaesKey(ReadOnlySpan<byte> key)
    {
        key.CopyTo(this.key);
        using var aes = Aes.Create();
        aes.SetKey(key);
        aes.EncryptEcb(mask, mask, PaddingMode.None);
        var carry = 0;
        for (var i = Block - 1; i >= 0; i--)
        {
            var shifted = (mask[i] << 1) | carry;
            (mask[i], carry) = ((byte)(shifted & 0xff), shifted >> 8);
        }

        mask[Block - 1] ^= (byte)(carry * 0x87);
    }

    /// <summary>True when it is made of these bytes; takes the same time whatever they are.</summary>
    public bool Is(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(key, other);

    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> context)
    {
        using var cipher = Derive(nonce);
        cipher.Encrypt(nonce[HalfNonce..], plaintext, ciphertext, tag, context);
    }

    /// <exception cref="AuthenticationTagMismatchException">The bytes are not what was sealed with this key and context.</exception>
    public void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> context)
    {
        using var cipher = Derive(nonce);
        cipher.Decrypt(nonce[HalfNonce..], ciphertext, tag, plaintext, context);
    }

    public void Dispose()
    {
        isWiped = true;
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(mask);
    }

    /// <summary>CMAC of two counter blocks, which are whole and so need the first sub-key alone.</summary>
    private AesGcm Derive(ReadOnlySpan<byte> nonce)
    {
        // INVARIANT: nothing is ever sealed under the zeros that a wiped key leaves.
        ObjectDisposedException.ThrowIf(isWiped, this);
        Span<byte> blocks = [0, 1, (byte)'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, (byte)'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        nonce[..HalfNonce].CopyTo(blocks[4..]);
        nonce[..HalfNonce].CopyTo(blocks[(Block + 4)..]);
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] ^= mask[i % Block];
        }

        using var aes = Aes.Create();
        aes.SetKey(key);
        aes.EncryptEcb(blocks, blocks, PaddingMode.None);
        var cipher = new AesGcm(blocks, TagBytes);
        CryptographicOperations.ZeroMemory(blocks);
        return cipher;
    }
}
