using System.Diagnostics;
using System.Globalization;
using Candor.Kernel;
using Npgsql;

namespace Candor.Storage;

/// <summary>PostgreSQL's own <c>pg_dump</c> and <c>pg_restore</c>, as they lie on this machine.</summary>
internal static class PostgresTools
{
    private const int ShownErrorLength = 300;

    /// <summary>Dumps a database in the custom format and hands the dump on as it comes.</summary>
    public static Task DumpAsync(NpgsqlConnectionStringBuilder server, int major, IReadOnlyList<string> without, Func<Stream, Task> take, CancellationToken ct) =>
        RunAsync("pg_dump", major, server, ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--no-password", .. without.Select(t => $"--exclude-table-data={t}")],
            process => take(process.StandardOutput.BaseStream), ct);

    /// <summary>Puts a dump back into an empty database: all of it, or nothing.</summary>
    public static Task RestoreAsync(NpgsqlConnectionStringBuilder server, int major, Stream dump, CancellationToken ct) =>
        RunAsync("pg_restore", major, server, ["--dbname=" + server.Database, "--no-owner", "--no-privileges", "--no-password", "--exit-on-error", "--single-transaction"], process => FeedAsync(process, dump, ct), ct);

    /// <summary>Reads a whole dump as a restore would, and writes it nowhere.</summary>
    public static Task ReadThroughAsync(Stream dump, CancellationToken ct) => RunAsync("pg_restore", 0, null, ["--file=-"], async process =>
    {
        var drained = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, ct);
        await FeedAsync(process, dump, ct);
        await drained;
    }, ct);

    private static async Task FeedAsync(Process process, Stream dump, CancellationToken ct)
    {
        try
        {
            await dump.CopyToAsync(process.StandardInput.BaseStream, 1 << 20, ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and says why on its own.
            await dump.CopyToAsync(Stream.Null, ct);
        }
    }

    private static async Task RunAsync(string tool, int major, NpgsqlConnectionStringBuilder? server, IReadOnlyList<string> arguments, Func<Process, Task> during, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Find(tool, major), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Connect(start, server);
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await during(process);
            await process.WaitForExitAsync(ct);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        if (process.ExitCode != 0)
        {
            var error = (await said).Trim().Split('\n')[0];
            throw new Fault(FaultKind.Unavailable, "storage/tool-failed", $"`{tool}` ended with `{process.ExitCode}`: {error[..Math.Min(error.Length, ShownErrorLength)]}");
        }
    }

    /// <summary>The first tool that is as new as the server. An older one may not know everything that is there.</summary>
    private static string Find(string tool, int major)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")) : []);
        var found = folders.Select(f => Path.Combine(f, tool)).Where(File.Exists).Select(p => (Path: p, Major: MajorOf(p))).ToList();
        return found.FirstOrDefault(f => f.Major >= major).Path
            ?? throw new Fault(FaultKind.Unavailable, "storage/no-tool", found.Count == 0
                ? $"`{tool}` is not installed here; install PostgreSQL's client programs of version `{major}` or newer (package `postgresql-client`)."
                : $"`{tool}` is of version `{found.Max(f => f.Major)}` here and the server of `{major}`; install PostgreSQL's client programs of the server's version.");
    }

    private static int MajorOf(string path)
    {
        using var process = Process.Start(new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var version = process.StandardOutput.ReadToEnd().Split(' ').Select(w => w.Split('.')[0]).FirstOrDefault(w => w.Length > 0 && w.All(char.IsAsciiDigit));
        process.WaitForExit();
        return version is null ? 0 : int.Parse(version, CultureInfo.InvariantCulture);
    }

    /// <summary>By the environment, so that the password is on no command line.</summary>
    private static void Connect(ProcessStartInfo start, NpgsqlConnectionStringBuilder? server)
    {
        if (server is null)
        {
            return;
        }

        (string Name, string? Value)[] settings =
        [
            ("PGHOST", server.Host), ("PGPORT", server.Port.ToString(CultureInfo.InvariantCulture)), ("PGUSER", server.Username), ("PGDATABASE", server.Database), ("PGPASSWORD", server.Password),
            ("PGPASSFILE", server.Passfile), ("PGSSLROOTCERT", server.RootCertificate), ("PGSSLCERT", server.SslCertificate), ("PGSSLKEY", server.SslKey),
            ("PGSSLMODE", server.SslMode switch { SslMode.Disable => "disable", SslMode.Allow => "allow", SslMode.Require => "require", SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", _ => "prefer" }),
            ("PGAPPNAME", "candor"),
        ];
        foreach (var (name, value) in settings.Where(s => !string.IsNullOrEmpty(s.Value)))
        {
            start.Environment[name] = value;
        }
    }
}

/// <summary>An empty PostgreSQL database.</summary>
public sealed class PostgresPlace(string connectionString) : CopyPlace
{
    public override string Engine => PostgresDatabase.EngineName;

    public override async Task RefuseUsedAsync(CancellationToken ct)
    {
        await using var database = await PostgresDatabase.OpenAsync(connectionString, TimeProvider.System, ct);
        var tables = await database.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()", null, ct), ct);
        if (tables > 0)
        {
            throw new Fault(FaultKind.Conflict, "storage/place-in-use", $"The PostgreSQL database has `{tables}` tables; a backup is put back into an empty one alone.");
        }
    }

    public override async Task PutBackAsync(Stream content, CancellationToken ct)
    {
        int major;
        await using (var database = await PostgresDatabase.OpenAsync(connectionString, TimeProvider.System, ct))
        {
            major = database.Major;
        }

        await PostgresTools.RestoreAsync(new NpgsqlConnectionStringBuilder(connectionString), major, content, ct);
    }

    public override async Task<Database> OpenAsync(TimeProvider clock, CancellationToken ct) => await PostgresDatabase.OpenAsync(connectionString, clock, ct);

    /// <summary>Reads a dump as a restore would, without a server.</summary>
    public static Task ReadThroughAsync(Stream dump, CancellationToken ct) => PostgresTools.ReadThroughAsync(dump, ct);
}
