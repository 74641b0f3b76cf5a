using System.Security.Cryptography;
using Candor.Kernel;

namespace Candor.Backup;

/// <summary>Opens an age file as a stream. What it gives was checked chunk by chunk; that the file is whole is known when its end is reached without a fault.</summary>
internal sealed class AgeReader : ReadOnlyStream
{
    private readonly Stream source;
    private readonly ChaCha20Poly1305 aead;
    private readonly byte[] sealedChunk = new byte[AgeWriter.ChunkBytes + AgeWriter.TagBytes];
    private readonly byte[] chunk = new byte[AgeWriter.ChunkBytes];
    private (int At, int End) open;
    private long count;
    private bool isDone;
    private int ahead = -2;

    public AgeReader(Stream source, BackupIdentity identity)
    {
        this.source = source;
        var fileKey = AgeHeader.Read(source, identity);
        var nonce = new byte[AgeWriter.NonceBytes];
        if (source.ReadAtLeast(nonce, nonce.Length, throwOnEndOfStream: false) < nonce.Length)
        {
            throw CutOff();
        }

        aead = new ChaCha20Poly1305(AgeHeader.Derive(fileKey, nonce, "payload"));
        CryptographicOperations.ZeroMemory(fileKey);
    }

    public override int Read(Span<byte> buffer)
    {
        while (open.At == open.End && !isDone)
        {
            OpenNext();
        }

        var part = Math.Min(buffer.Length, open.End - open.At);
        chunk.AsSpan(open.At, part).CopyTo(buffer);
        open.At += part;
        return part;
    }

    protected override void Dispose(bool disposing)
    {
        aead.Dispose();
        CryptographicOperations.ZeroMemory(chunk);
        base.Dispose(disposing);
    }

    private void OpenNext()
    {
        var start = 0;
        if (ahead >= 0)
        {
            sealedChunk[0] = (byte)ahead;
            start = 1;
        }

        var length = start + source.ReadAtLeast(sealedChunk.AsSpan(start), sealedChunk.Length - start, throwOnEndOfStream: false);
        // One byte further tells whether this chunk is the last; the counter's end in the nonce confirms it.
        ahead = length < sealedChunk.Length ? -1 : source.ReadByte();
        var isLast = ahead < 0;
        var text = length - AgeWriter.TagBytes;
        if (text < 0 || (text == 0 && count > 0))
        {
            throw CutOff();
        }

        Span<byte> nonce = stackalloc byte[12];
        AgeWriter.Nonce(nonce, count, isLast);
        try
        {
            aead.Decrypt(nonce, sealedChunk.AsSpan(0, text), sealedChunk.AsSpan(text, AgeWriter.TagBytes), chunk.AsSpan(0, text));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw isLast ? CutOff(e) : Damaged(e);
        }

        (open, isDone, count) = ((0, text), isLast, count + 1);
    }

    private Fault Damaged(Exception e) => new(FaultKind.Invalid, "backup/damaged", $"The backup is damaged in its part `{count}` of 64 KiB; take another copy of it, or an older one.", e);

    private static Fault CutOff(Exception? e = null) => new(FaultKind.Invalid, "backup/cut-off", "The backup is cut off or its end is damaged; take another copy of it, or an older one.", e);
}
