using System.Buffers.Binary;
using System.IO.Compression;

namespace Candor.Kernel;

/// <summary>A file's content, unpacked if it is a gzip file. One that was cut off does not pass for a whole one, which <see cref="GZipStream"/> lets through,
/// and a small one does not unpack without end.</summary>
public sealed class UnpackedFile : ReadOnlyStream
{
    private readonly Stream inner;
    private readonly string module;
    private readonly long most;
    private readonly uint end;
    private long read;

    private UnpackedFile(FileStream file, string module, long most)
    {
        (this.module, this.most, end) = (module, most, UnpackedLength(file));
        inner = new GZipStream(file, CompressionMode.Decompress);
    }

    /// <param name="file">Read from its beginning; closed with what is returned.</param>
    /// <param name="module">Names the faults while reading: Invalid <c>MODULE/cut-off</c> and <c>MODULE/unpacks-too-large</c>.</param>
    /// <param name="most">Bytes that it may unpack to.</param>
    public static Stream Open(FileStream file, string module, long most = long.MaxValue)
    {
        var isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        return isGzip ? new UnpackedFile(file, module, most) : file;
    }

    public override int Read(Span<byte> buffer)
    {
        var got = inner.Read(buffer);
        if (got == 0 && buffer.Length > 0 && (uint)(read & uint.MaxValue) != end)
        {
            throw new Fault(FaultKind.Invalid, module + "/cut-off", "The gzip file was cut off, or is several joined in one; get it whole, or unpack it yourself, and run the same command again.");
        }

        return (read += got) <= most ? got
            : throw new Fault(FaultKind.Invalid, module + "/unpacks-too-large", $"The file unpacks to more than `{most}` bytes; unpack it yourself if that is right.");
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What the end of a gzip file says of its length when unpacked, modulo 2^32 (RFC 1952 2.3.1, ISIZE).</summary>
    private static uint UnpackedLength(FileStream file)
    {
        Span<byte> size = stackalloc byte[sizeof(uint)];
        file.Position = Math.Max(0, file.Length - size.Length);
        file.ReadAtLeast(size, size.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(size);
    }
}
