using Candor.Kernel;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Candor.Storage;

/// <summary>Copies of a SQLite file: made page by page while it is written to, and looked over.</summary>
internal static class SqliteCopy
{
    /// <summary>8 MB at a time: how often progress is told and an interruption is seen.</summary>
    private const int PagesToAStep = 2048;

    /// <summary>Room that has to stay free beside the copy.</summary>
    private const long SpareBytes = 64L << 20;

    /// <summary>Copies the file as of one moment. Writers go on meanwhile; the write-ahead log grows until it is done.</summary>
    public static async Task MakeAsync(string readConnection, string path, IProgress<double>? progress, CancellationToken ct)
    {
        RefuseWithoutRoom(new SqliteConnectionStringBuilder(readConnection).DataSource, path);
        await NewFile(path).DisposeAsync();
        await using var source = Open(new SqliteConnectionStringBuilder(readConnection) { Pooling = false }.ToString(), "PRAGMA query_only=ON; PRAGMA mmap_size=0");
        await using var target = Open($"Data Source={path};Pooling=False", "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
        // One read transaction over all steps: without it, each write by the server would make the copy begin anew.
        await using var snapshot = source.BeginTransaction(deferred: true);
        SqliteDatabase.Execute(source, "SELECT count(*) FROM sqlite_schema");
        using var backup = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        for (var step = raw.SQLITE_OK; step == raw.SQLITE_OK;)
        {
            ct.ThrowIfCancellationRequested();
            step = raw.sqlite3_backup_step(backup, PagesToAStep);
            progress?.Report(1 - ((double)raw.sqlite3_backup_remaining(backup) / Math.Max(1, raw.sqlite3_backup_pagecount(backup))));
            if (step is not raw.SQLITE_OK and not raw.SQLITE_DONE)
            {
                throw new Fault(FaultKind.Unavailable, "storage/copy-failed", "The copy of the database could not be written; is the disk of the data folder full?");
            }
        }
    }

    /// <summary>Reads a whole file and says no when anything in it does not fit together.</summary>
    /// <param name="without">Tables to empty, their bytes overwritten.</param>
    public static void Check(string path, IReadOnlyList<string> without)
    {
        using var connection = Open($"Data Source={path};Pooling=False", "PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0");
        try
        {
            foreach (var table in without)
            {
                SqliteDatabase.Execute(connection, $"DELETE FROM {table}");
            }

            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(1)";
            if (command.ExecuteScalar() is "ok")
            {
                return;
            }
        }
        catch (SqliteException e)
        {
            throw Broken(e);
        }

        throw Broken(null);
    }

    /// <summary>A file that its owner alone can read.</summary>
    public static FileStream NewFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static Fault Broken(Exception? inner) =>
        new(FaultKind.Unavailable, "storage/broken-copy", "SQLite finds that this database does not fit together (`integrity_check`); take an older backup, and look at the disk.", inner);

    private static void RefuseWithoutRoom(string source, string path)
    {
        var (needed, free) = (new FileInfo(source).Length + SpareBytes, new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace);
        if (free < needed)
        {
            throw new Fault(FaultKind.Unavailable, "storage/no-room", $"A copy of the database needs `{needed >> 20}` MB beside it, and `{free >> 20}` MB are free.");
        }
    }

    private static SqliteConnection Open(string connectionString, string pragmas)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        SqliteDatabase.Execute(connection, pragmas);
        return connection;
    }
}

/// <summary>The place of a SQLite file that is to be.</summary>
public sealed class SqlitePlace(string path) : CopyPlace
{
    public override string Engine => SqliteDatabase.EngineName;

    public override Task RefuseUsedAsync(CancellationToken ct) => File.Exists(path)
        ? throw new Fault(FaultKind.Conflict, "storage/place-in-use", $"`{path}` exists; a backup is put back into an empty folder alone.")
        : Task.CompletedTask;

    public override async Task PutBackAsync(Stream content, CancellationToken ct)
    {
        await using var file = SqliteCopy.NewFile(path);
        await content.CopyToAsync(file, 1 << 20, ct);
        file.Flush(flushToDisk: true);
    }

    public override async Task<Database> OpenAsync(TimeProvider clock, CancellationToken ct)
    {
        await Task.Run(() => SqliteCopy.Check(path, []), ct);
        return SqliteDatabase.Open(path, clock);
    }
}
