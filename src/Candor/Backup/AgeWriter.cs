using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Candor.Backup;

/// <summary>Seals what is written to it into an age file. Only a file that was finished opens as a whole.</summary>
/// <remarks>Source: C2SP age: chunks of 64 KiB under ChaCha20-Poly1305; the nonce counts them, and its last byte marks the last one, so that a file
/// that is cut off, at whatever place, does not open.</remarks>
internal sealed class AgeWriter : Stream
{
    public const int ChunkBytes = 64 * 1024;
    public const int TagBytes = 16;
    public const int NonceBytes = 16;

    private readonly Stream target;
    private readonly ChaCha20Poly1305 aead;
    private readonly byte[] chunk = new byte[ChunkBytes];
    private readonly byte[] sealedChunk = new byte[ChunkBytes + TagBytes];
    private int filled;
    private long count;

    public AgeWriter(Stream target, BackupRecipient recipient)
    {
        this.target = target;
        var fileKey = RandomNumberGenerator.GetBytes(AgeHeader.FileKeyBytes);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        target.Write(AgeHeader.Write(fileKey, recipient));
        target.Write(nonce);
        aead = new ChaCha20Poly1305(AgeHeader.Derive(fileKey, nonce, "payload"));
        CryptographicOperations.ZeroMemory(fileKey);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            // A full chunk waits until it is known whether it is the last.
            if (filled == ChunkBytes)
            {
                Seal(isLast: false);
            }

            var part = buffer[..Math.Min(buffer.Length, ChunkBytes - filled)];
            part.CopyTo(chunk.AsSpan(filled));
            filled += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes the last chunk. Without it, the file is a broken one.</summary>
    public void Finish() => Seal(isLast: true);

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    internal static void Nonce(Span<byte> nonce, long count, bool isLast)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], count);
        nonce[11] = isLast ? (byte)1 : (byte)0;
    }

    protected override void Dispose(bool disposing)
    {
        aead.Dispose();
        CryptographicOperations.ZeroMemory(chunk);
        base.Dispose(disposing);
    }

    private void Seal(bool isLast)
    {
        Span<byte> nonce = stackalloc byte[12];
        Nonce(nonce, count++, isLast);
        aead.Encrypt(nonce, chunk.AsSpan(0, filled), sealedChunk.AsSpan(0, filled), sealedChunk.AsSpan(filled, TagBytes));
        target.Write(sealedChunk, 0, filled + TagBytes);
        filled = 0;
    }
}
