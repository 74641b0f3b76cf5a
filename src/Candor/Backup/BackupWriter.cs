using System.Formats.Tar;
using System.Globalization;

namespace Candor.Backup;

/// <summary>Writes a backup: an age file, and in it a tar archive with the manifest, the checkpoint, the settings and the database.</summary>
/// <remarks>Without Candor: <c>age -d -i IDENTITY FILE | tar x</c>. The parts of a PostgreSQL dump, joined in their order, are what <c>pg_restore</c> reads.</remarks>
internal sealed class BackupWriter : IDisposable
{
    public const string Manifest = "manifest.json";
    public const string Checkpoint = "checkpoint.txt";
    public const string Files = "files/";
    public const string Content = "database/";

    /// <summary>A dump's length is not known before its end, and a tar entry's has to be: it comes in parts.</summary>
    private const int PartBytes = 8 << 20;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly AgeWriter sealing;
    private readonly TarWriter tar;
    private readonly DateTimeOffset made;
    private readonly CancellationToken ct;

    public BackupWriter(Stream target, BackupRecipient recipient, DateTimeOffset made, CancellationToken ct)
    {
        (this.made, this.ct) = (made, ct);
        sealing = new AgeWriter(target, recipient);
        tar = new TarWriter(sealing, TarEntryFormat.Pax, leaveOpen: true);
    }

    public async Task AddAsync(string name, Stream content)
    {
        await using var watched = new WatchedStream(content, null, ct);
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = watched, ModificationTime = made, Mode = Mode }, ct);
    }

    public Task AddAsync(string name, byte[] content) => AddAsync(name, new MemoryStream(content, writable: false));

    /// <summary>Adds the database: as one entry when its length is known, in parts otherwise.</summary>
    public async Task AddContentAsync(Stream content, IProgress<double>? progress)
    {
        if (content.CanSeek)
        {
            await using var watched = new WatchedStream(content, progress, ct);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Content + "candor.db") { DataStream = watched, ModificationTime = made, Mode = Mode }, ct);
            return;
        }

        var part = new byte[PartBytes];
        for (var number = 1; ; number++)
        {
            var length = await content.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, ct);
            if (length > 0)
            {
                await AddAsync(string.Create(CultureInfo.InvariantCulture, $"{Content}dump.{number:000000}"), part[..length]);
            }

            if (length < part.Length)
            {
                return;
            }
        }
    }

    /// <summary>Ends archive and file. Without it, the file is a broken one.</summary>
    public void Finish()
    {
        tar.Dispose();
        sealing.Finish();
    }

    public void Dispose() => sealing.Dispose();
}
