namespace Candor.Backup;

/// <summary>A stream being read, whose reader can be told how far it is and can be interrupted. It leaves the stream below open.</summary>
internal sealed class WatchedStream(Stream inner, IProgress<double>? progress, CancellationToken ct) : Stream
{
    private const long StepBytes = 8 << 20;
    private long told;

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        ct.ThrowIfCancellationRequested();
        var read = inner.Read(buffer);
        if (progress is not null && inner.Position >= told)
        {
            told = inner.Position + StepBytes;
            progress.Report((double)inner.Position / Math.Max(1, inner.Length));
        }

        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
