using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Candor.Rights;

/// <summary>Writes an access report as one ZIP, file by file, so that it need not fit in memory twice.</summary>
public static class ReportArchive
{
    /// <summary>Characters or bytes that are gathered before they are written.</summary>
    internal const int Chunk = 32 * 1024;

    /// <param name="output">Need not be able to seek; left open.</param>
    public static async Task WriteAsync(ReportContent content, Stream output, CancellationToken ct)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, ct);
        await TextAsync(zip, "README.txt", content.At, Readme(content), ct);
        await FileAsync(zip, "index.html", content.At, stream => ReportPage.WriteAsync(content, stream, ct), ct);
        await FileAsync(zip, "data.json", content.At, stream => ReportJson.WriteAsync(content, stream, ct), ct);
        await FileAsync(zip, "portability.json", content.At, stream => ReportJson.WritePortableAsync(content, stream, ct), ct);
        await FileAsync(zip, "fields.csv", content.At, stream => ReportTables.WriteFieldsAsync(content, stream, ct), ct);
        foreach (var (point, values) in content.DataPoints.Where(d => d.Point.Kind == Catalog.DataPointKind.History))
        {
            await FileAsync(zip, $"history-{point.Id}.csv", content.At, stream => ReportTables.WriteHistoryAsync(point, values, stream, ct), ct);
        }

        await FileAsync(zip, "choices.csv", content.At, stream => ReportTables.WriteChoicesAsync(content, stream, ct), ct);
        await FileAsync(zip, "who-looked.csv", content.At, stream => ReportTables.WriteEntriesAsync(content, stream, ct), ct);
        foreach (var receipt in content.Receipts)
        {
            var name = $"receipts/{receipt.Record.Version:D4}-{receipt.Record.Purpose}";
            await TextAsync(zip, name + ".html", content.At, receipt.Page.ToHtml(), ct);
            await TextAsync(zip, name + ".jws", content.At, receipt.Jws, ct);
        }

        await TextAsync(zip, "log/key.txt", content.At, content.LogKey + "\n", ct);
        foreach (var (entry, proof) in content.Proofs)
        {
            await TextAsync(zip, $"log/{entry.Index}.tlog-proof", content.At, proof, ct);
            await FileAsync(zip, $"log/{entry.Index}.entry", content.At, stream => stream.WriteAsync(entry.Bytes, ct).AsTask(), ct);
        }
    }

    private static string Readme(ReportContent content) => content.Text.Texts.Text("readme",
        ("organisation", content.Catalog.Catalog.Organisation.Name), ("contact", content.Catalog.Catalog.Organisation.Contact), ("day", content.Text.Day(content.At)),
        ("proofs", $"{content.Proofs.Count}"), ("entries", $"{content.Entries.Count}"), ("receipts", $"{content.Receipts.Count}"), ("key", content.LogKey)).Replace("\\n", "\n", StringComparison.Ordinal) + "\n";

    private static Task TextAsync(ZipArchive zip, string name, DateTimeOffset at, string text, CancellationToken ct) =>
        FileAsync(zip, name, at, stream => stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct).AsTask(), ct);

    private static async Task FileAsync(ZipArchive zip, string name, DateTimeOffset at, Func<Stream, Task> write, CancellationToken ct)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = at;
        await using var stream = await entry.OpenAsync(ct);
        await write(stream);
    }
}

/// <summary>Text on its way into a file: gathered, and written in pieces without blocking.</summary>
internal sealed class ReportWriter(Stream stream, CancellationToken ct)
{
    private readonly StringBuilder text = new(ReportArchive.Chunk + 4096);

    public StringBuilder Text => text;

    /// <summary>Writes what has gathered once it is enough.</summary>
    public ValueTask WriteAsync() => text.Length < ReportArchive.Chunk ? ValueTask.CompletedTask : FlushAsync();

    public async ValueTask FlushAsync()
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct);
        text.Clear();
    }
}
