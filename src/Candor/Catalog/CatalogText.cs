using System.Text;
using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>The text of a catalog file: UTF-8, at most 1 MiB, no control characters.</summary>
public static class CatalogText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the text of a file, or of the ready catalog of that name where there is no such file; a byte order mark is left out.</summary>
    /// <exception cref="Fault">NotFound <c>catalog/no-such-file</c> when it cannot be opened; Invalid <c>catalog/mistakes</c> when it is too long or not UTF-8.</exception>
    public static string Load(string path)
    {
        if (!File.Exists(path) && ReadyCatalogs.Names.Contains(path))
        {
            return ReadyCatalogs.Text(path);
        }

        byte[] bytes;
        try
        {
            using var file = File.OpenRead(path);
            bytes = new byte[CatalogReader.MaxBytes + 1];
            bytes = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new Fault(FaultKind.NotFound, "catalog/no-such-file", $"The file `{path}` cannot be read; ready catalogs are {Spelling.List(ReadyCatalogs.Names)}.", e);
        }

        if (bytes.Length > CatalogReader.MaxBytes)
        {
            throw CatalogMistakes.ToFault([new CatalogMistake(path, 1, 1, $"The file has more than `{CatalogReader.MaxBytes}` bytes.")]);
        }

        try
        {
            return Strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            var line = 1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n');
            throw CatalogMistakes.ToFault([new CatalogMistake(path, line, 1, "This line is not UTF-8; save the file in UTF-8.")]);
        }
    }

    /// <summary>The first character that YAML does not allow in a file (YAML 1.2 section 5.1); half a surrogate pair is none either.</summary>
    internal static CatalogMistake? FirstBadCharacter(string text, string file)
    {
        var (line, start) = (1, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n')
            {
                (line, start) = (line + 1, i + 1);
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(c) || (char.IsControl(c) && c is not ('\r' or '\t')))
            {
                return new CatalogMistake(file, line, i - start + 1, $"The character U+{(int)c:X4} has no place in a text file.");
            }
        }

        return null;
    }
}
