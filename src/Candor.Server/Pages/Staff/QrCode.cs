using System.Globalization;
using System.Text;
using QRCoder;

namespace Candor.Server.Pages.Staff;

/// <summary>A QR code as an SVG path: squares of one unit, with the quiet zone of four around them that scanners need.</summary>
public sealed record QrCode(string Path, int Size)
{
    public static QrCode Of(string text)
    {
        using var made = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (var y = 0; y < made.ModuleMatrix.Count; y++)
        {
            for (var x = 0; x < made.ModuleMatrix[y].Count; x++)
            {
                if (made.ModuleMatrix[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return new QrCode(path.ToString(), made.ModuleMatrix.Count);
    }
}
