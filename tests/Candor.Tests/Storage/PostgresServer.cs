using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Candor.Storage;
using Npgsql;

namespace Candor.Tests.Storage;

/// <summary>One throw-away PostgreSQL server for the whole test run, started on first use from the installed binaries.</summary>
public static class PostgresServer
{
    private const string Memory = "/dev/shm";
    private const long EnoughMemory = 4L << 30;

    /// <summary>A machine that runs all tests at once stands still for seconds at times; what waits then must not fail.</summary>
    private const string Patience = "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s";

    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static string? admin;
    private static NpgsqlDataSource? commands;
    private static string? migrated;
    private static string strategy = "WAL_LOG";
    private static int databases;

    /// <summary>Connection string of a new database with locale C and every table, all empty: a copy of one that was migrated once.</summary>
    public static async Task<string> NewDatabaseAsync(CancellationToken ct)
    {
        await BeReadyAsync(ct);
        return await CreateAsync(migrated!, ct);
    }

    /// <summary>Connection string of a new database with locale C and no table.</summary>
    public static async Task<string> NewEmptyDatabaseAsync(CancellationToken ct)
    {
        await BeReadyAsync(ct);
        return await CreateAsync("template0", ct);
    }

    public static Task DropAsync(string connection) =>
        RunAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connection).Database} WITH (FORCE)", CancellationToken.None);

    private static async Task BeReadyAsync(CancellationToken ct)
    {
        await Gate.WaitAsync(ct);
        try
        {
            admin ??= await StartAsync(ct);
            // One for all: each new one asks the server for its types first.
            commands ??= NpgsqlDataSource.Create(admin);
            migrated ??= await MigrateOneAsync(ct);
        }
        finally
        {
            Gate.Release();
        }
    }

    private static async Task<string> MigrateOneAsync(CancellationToken ct)
    {
        var connection = await CreateAsync("template0", ct);
        await using var database = await PostgresDatabase.OpenAsync(connection, TimeProvider.System, ct);
        await database.MigrateAsync(ct);
        return new NpgsqlConnectionStringBuilder(connection).Database!;
    }

    private static async Task<string> CreateAsync(string template, CancellationToken ct)
    {
        var name = $"t{Environment.ProcessId}_{Interlocked.Increment(ref databases)}";
        await RunAsync($"CREATE DATABASE {name} TEMPLATE {template} LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8' STRATEGY {strategy}", ct);
        return new NpgsqlConnectionStringBuilder(admin!) { Database = name, MaxPoolSize = 20, Options = Patience }.ToString();
    }

    private static async Task RunAsync(string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // Names made here.
        await using var command = commands!.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<string> StartAsync(CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("CANDOR_TEST_POSTGRES") is { Length: > 0 } given)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => RunAsync($"DROP DATABASE IF EXISTS {migrated}", CancellationToken.None).GetAwaiter().GetResult();
            return given;
        }

        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin")).First(d => File.Exists(Path.Combine(d, "initdb")));
        var folder = NewFolder();
        var port = FreePort();
        // PostgreSQL refuses to run as root.
        string[] asUser = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
        if (asUser.Length > 0)
        {
            await ExecAsync(["chown", "postgres", folder], ct);
        }

        await ExecAsync([.. asUser, Path.Combine(binaries, "initdb"), "-D", folder + "/data", "--locale=C", "--encoding=UTF8", "--auth=trust", "--username=candor", "--no-sync"], ct);
        await ExecAsync([.. asUser, Path.Combine(binaries, "pg_ctl"), "-D", folder + "/data", "-w", "-l", folder + "/log",
            "-o", $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=300 -c shared_buffers=64MB -c max_wal_size=256MB -c autovacuum=off", "start"], ct);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            ExecAsync([.. asUser, Path.Combine(binaries, "pg_ctl"), "-D", folder + "/data", "-m", "immediate", "stop"], CancellationToken.None).GetAwaiter().GetResult();
            Directory.Delete(folder, recursive: true);
        };
        return $"Host=127.0.0.1;Port={port};Username=candor;Database=postgres";
    }

    /// <summary>In memory where there is room: a new database a test, synced to a disk, is most of what a test would wait for.</summary>
    private static string NewFolder()
    {
        if (!Directory.Exists(Memory) || new DriveInfo(Memory).AvailableFreeSpace < EnoughMemory)
        {
            return Directory.CreateTempSubdirectory("candor-postgres-").FullName;
        }

        // A sixth of the time there, and slower on a disk, where every file is synced.
        strategy = "FILE_COPY";
        return Directory.CreateDirectory(Path.Combine(Memory, "candor-postgres-" + Path.GetRandomFileName())).FullName;
    }

    private static async Task ExecAsync(string[] command, CancellationToken ct)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardInput = true };
        // The server must not hold the runner's output open after the tests are over.
        start.RedirectStandardOutput = start.RedirectStandardError = !command.Contains("start");
        if (command.Contains("start"))
        {
            start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", .. command]) { WorkingDirectory = "/" };
        }

        using var process = Process.Start(start)!;
        var error = start.RedirectStandardError ? await process.StandardError.ReadToEndAsync(ct) : "";
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"`{string.Join(' ', command)}` ended with {process.ExitCode}: {error}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
