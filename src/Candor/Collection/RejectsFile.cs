using System.Globalization;
using System.Text;

namespace Candor.Collection;

/// <summary>Rows that were refused, as CSV: line, reason, and the row as it came. Readable by its owner alone (0600); made when the first row is refused.</summary>
internal sealed class RejectsFile(string path, IReadOnlyList<string> header) : IDisposable
{
    private StreamWriter? writer;

    public void Add(OrderRow row)
    {
        writer ??= Open();
        writer.WriteLine(string.Join(',', row.Raw.Prepend(row.Reason!).Prepend(row.Line.ToString(CultureInfo.InvariantCulture)).Select(CsvText.Escape)));
    }

    public void Dispose() => writer?.Dispose();

    private StreamWriter Open()
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var opened = new StreamWriter(path, new UTF8Encoding(false), options);
        opened.WriteLine(string.Join(',', header.Prepend("reason").Prepend("line").Select(CsvText.Escape)));
        return opened;
    }
}
