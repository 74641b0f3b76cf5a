using System.Formats.Tar;
using System.Text;
using Candor.Audit;
using Candor.Kernel;

namespace Candor.Backup;

/// <summary>Reads a backup from its beginning to its end, once. What it gives is only to be trusted once <see cref="FinishAsync"/> has returned.</summary>
/// <remarks>Anybody who knows the recipient can seal a file for it: names are checked, and what is inside is verified by the log's key and the root key.</remarks>
internal sealed class BackupReader : IAsyncDisposable
{
    /// <summary>Manifest, checkpoint and each settings file.</summary>
    private const int MaxSmallBytes = 16 << 20;

    private readonly FileStream file;
    private readonly AgeReader opening;
    private readonly TarReader tar;
    private TarEntry? next;

    private BackupReader(FileStream file, AgeReader opening, TarReader tar) => (this.file, this.opening, this.tar) = (file, opening, tar);

    public required BackupManifest Manifest { get; init; }

    /// <summary>The signed checkpoint inside.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>Opens a backup and reads its beginning.</summary>
    /// <exception cref="Fault">NotFound, Invalid or Conflict, each with what to do.</exception>
    public static async Task<BackupReader> OpenAsync(string path, BackupIdentity identity, CancellationToken ct)
    {
        if (!File.Exists(path))
        {
            throw new Fault(FaultKind.NotFound, "backup/no-file", $"There is no file `{path}`.");
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        try
        {
            var opening = new AgeReader(file, identity);
            var tar = new TarReader(opening, leaveOpen: true);
            var manifest = BackupManifest.Parse(await SmallAsync(await EntryAsync(tar, ct), BackupWriter.Manifest, ct));
            var checkpoint = Encoding.UTF8.GetString(await SmallAsync(await EntryAsync(tar, ct), BackupWriter.Checkpoint, ct));
            return new BackupReader(file, opening, tar) { Manifest = manifest, Checkpoint = checkpoint, next = await EntryAsync(tar, ct) };
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The checkpoint inside, opened with the key that the manifest names.</summary>
    public Audit.Checkpoint OpenCheckpoint() => Audit.Checkpoint.Parse(SignedNote.Open(Checkpoint, NoteKey.Parse(Manifest.LogKey)));

    /// <summary>The settings files: path below the data folder, and content. To be read before <see cref="Content"/>.</summary>
    public async IAsyncEnumerable<(string Path, byte[] Content)> FilesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (next?.Name.StartsWith(BackupWriter.Files, StringComparison.Ordinal) == true)
        {
            var name = next.Name[BackupWriter.Files.Length..];
            var content = await SmallAsync(next, next.Name, ct);
            next = await EntryAsync(tar, ct);
            yield return SettingsFiles.IsOne(name) ? (name, content) : throw Bad();
        }
    }

    /// <summary>The database, its parts joined.</summary>
    public Stream Content() => next?.Name.StartsWith(BackupWriter.Content, StringComparison.Ordinal) == true ? new Parts(this) : throw Bad();

    /// <summary>Reads to the end and makes sure that it is one.</summary>
    public async Task FinishAsync(CancellationToken ct)
    {
        if (next is not null)
        {
            throw Bad();
        }

        await opening.CopyToAsync(Stream.Null, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await tar.DisposeAsync();
        await opening.DisposeAsync();
        await file.DisposeAsync();
    }

    private static async ValueTask<TarEntry?> EntryAsync(TarReader tar, CancellationToken ct)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, ct);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw Bad(e);
        }
    }

    private static async Task<byte[]> SmallAsync(TarEntry? entry, string name, CancellationToken ct)
    {
        if (entry is null || entry.Name != name || entry.EntryType != TarEntryType.RegularFile || entry.Length > MaxSmallBytes)
        {
            throw Bad();
        }

        using var content = new MemoryStream();
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(content, ct);
        }

        return content.ToArray();
    }

    private static Fault Bad(Exception? inner = null) => new(FaultKind.Invalid, "backup/not-a-backup", "The file opens, but what is inside is not laid out as a backup is.", inner);

    /// <summary>The entries of the database, read one after the other.</summary>
    private sealed class Parts(BackupReader reader) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            while (reader.next is { } entry)
            {
                if (!entry.Name.StartsWith(BackupWriter.Content, StringComparison.Ordinal))
                {
                    throw Bad();
                }

                if (entry.DataStream?.Read(buffer) is > 0 and var read)
                {
                    return read;
                }

                reader.next = EntryAsync(reader.tar, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }

            return 0;
        }
    }
}
