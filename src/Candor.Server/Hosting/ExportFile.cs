using System.Security.Cryptography;
using Candor.Collection;
using Candor.Export;
using Candor.Server.Commands;

namespace Candor.Server.Hosting;

/// <summary>One export from the reading to the finished file.</summary>
internal sealed class ExportFile(CandorHost host, ExportPlan plan, string path, string by) : IAsyncDisposable
{
    public CandorHost Host => host;

    public ExportPlan Plan => plan;

    /// <summary>Reads everybody, with progress, and says who is left out.</summary>
    public async Task<ExportRows> ReadAsync(CancellationToken ct)
    {
        var rows = await Shared.WithProgressAsync("Reading customers", report =>
            host.Exports.ReadAsync(plan, new Progress<(long Done, long Of)>(p => report((double)p.Done / p.Of, $"{p.Done} of {p.Of} customers")), ct));
        Shared.Results.WriteLine($"{rows.Rows.Count} customers; {rows.LeftOut.Values.Sum()} left out{(rows.LeftOut.Count == 0 ? "" : $" ({string.Join(", ", rows.LeftOut.Select(l => $"{l.Key} {l.Value}"))})")}.");
        return rows;
    }

    /// <summary>Writes the file beside its place, logs it, and only then gives it its name. Readable by its owner alone.</summary>
    public async Task WriteAsync(string kind, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, CancellationToken ct)
    {
        var (unfinished, count) = (path + ".part", 0L);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var text = new StreamWriter(unfinished, options))
            {
                foreach (var row in rows.Prepend(columns))
                {
                    await text.WriteLineAsync(string.Join(',', row.Select(CsvText.Escape)).AsMemory(), ct);
                    count++;
                }
            }

            string digest;
            await using (var written = File.OpenRead(unfinished))
            {
                digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(written, ct));
            }

            var entry = await host.Exports.LogAsync(plan, by, kind, count - 1, digest, ct);
            File.Move(unfinished, path);
            Shared.Results.WriteLine($"{path}: {count - 1} rows. Entry {entry}, SHA-256 {digest}.");
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
