using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Messages;

/// <summary>One text as a person who looks after them sees it.</summary>
/// <param name="IsReplaced">It comes from the folder of the installation.</param>
public sealed record ListedText(string Template, string Language, bool IsReplaced);

/// <summary>The words of all messages: those that ship, and in their place those of the installation's folder, <c>TEMPLATE.LANGUAGE.txt</c>.</summary>
/// <remarks>A changed file counts from the next message on. While it has a mistake, the last good one counts.</remarks>
public sealed class MessageTexts
{
    /// <summary>Sentences around every message: greeting, why it was sent, how to end it.</summary>
    public const string Frame = "frame";

    private const string Fallback = "en";
    private const string Prefix = "message/";
    private const int MaxBytes = 64 * 1024;
    private static readonly Assembly Here = typeof(MessageTexts).Assembly;
    private readonly string folder;
    private volatile Loaded loaded;

    private MessageTexts(string folder, Loaded loaded) => (this.folder, this.loaded) = (folder, loaded);

    private sealed record Loaded(
        string Stamp, FrozenDictionary<(string Template, string Language), MessageText> Texts, FrozenDictionary<string, Wording> Frames, FrozenSet<(string Template, string Language)> Replaced);

    /// <summary>Reads the texts.</summary>
    /// <param name="folder">Need not exist.</param>
    /// <exception cref="Fault">Invalid <c>messages/bad-text</c>: a file has a mistake, with its line.</exception>
    public static MessageTexts Open(string folder) => new(folder, Load(folder));

    /// <summary>Reads the folder again if a file in it changed.</summary>
    /// <exception cref="Fault">As <see cref="Open"/>; what was read before stays.</exception>
    public void Refresh()
    {
        if (StampOf(folder) != loaded.Stamp)
        {
            loaded = Load(folder);
        }
    }

    /// <summary>All texts, by template and language.</summary>
    public IReadOnlyList<ListedText> List() =>
        [.. loaded.Texts.Keys.OrderBy(k => k.Template, StringComparer.Ordinal).ThenBy(k => k.Language, StringComparer.Ordinal)
            .Select(k => new ListedText(k.Template, k.Language, loaded.Replaced.Contains(k)))];

    /// <summary>A text as it stands in its file.</summary>
    /// <exception cref="Fault">NotFound <c>messages/no-text</c>.</exception>
    public string Source(string template, string language)
    {
        var file = Path.Combine(folder, $"{template}.{language}.txt");
        return (TemplateBlanks.Exists(template) || template == Frame) && language.All(char.IsAsciiLetterOrDigit)
            ? File.Exists(file) ? File.ReadAllText(file) : Shipped($"{template}.{language}") ?? throw None(template, language)
            : throw None(template, language);
    }

    /// <summary>The texts that ship, as file names and contents.</summary>
    public static IEnumerable<(string File, string Text)> Ready() => Here.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(n => (n[Prefix.Length..] + ".txt", Shipped(n[Prefix.Length..])!));

    /// <summary>The text of a template in a language, in the first of the others there is one of, or in English.</summary>
    internal (MessageText Text, Wording Frame, string Language) Find(string template, params ReadOnlySpan<string?> languages)
    {
        var now = loaded;
        foreach (var language in languages)
        {
            if (language is not null && now.Frames.TryGetValue(language, out var frame) && now.Texts.TryGetValue((template, language), out var text))
            {
                return (text, frame, language);
            }
        }

        return (now.Texts[(template, Fallback)], now.Frames[Fallback], Fallback);
    }

    private static Loaded Load(string folder)
    {
        var texts = new Dictionary<(string, string), MessageText>();
        var frames = new Dictionary<string, Wording>();
        var replaced = new HashSet<(string, string)>();
        var stamp = StampOf(folder);
        foreach (var (file, text) in Ready())
        {
            Take(file, file, text);
        }

        foreach (var path in Files(folder))
        {
            replaced.Add(Take(Path.GetFileName(path.FullName), path.FullName, ReadSmall(path)));
        }

        return new Loaded(stamp, texts.ToFrozenDictionary(), frames.ToFrozenDictionary(), replaced.ToFrozenSet());

        (string, string) Take(string file, string shownAs, string text)
        {
            if (file.Split('.') is not [var template, var language, "txt"] || !(TemplateBlanks.Exists(template) || template == Frame))
            {
                throw new Fault(FaultKind.Invalid, "messages/bad-text", $"{shownAs}(1): a text is named `TEMPLATE.LANGUAGE.txt`, and `candor texts list` shows the templates.");
            }

            if (template == Frame)
            {
                frames[language] = ReadFrame(language, text, shownAs);
            }
            else
            {
                texts[(template, language)] = MessageText.Read(template, text, shownAs);
            }

            return (template, language);
        }
    }

    /// <summary>The frame has the names of the English one, with no blank that it has not.</summary>
    private static Wording ReadFrame(string language, string text, string fileName)
    {
        var known = ShippedFrame();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length > 0 && !line.StartsWith('#') && (line.Split(" = ", 2) is not [var name, var words] || !known.TryGetValue(name, out var english)
                || words.Split('{').Skip(1).Any(b => !english.Contains('{' + b.Split('}')[0] + '}', StringComparison.Ordinal))))
            {
                throw new Fault(FaultKind.Invalid, "messages/bad-text", $"{fileName}({i + 1}): a line is `name = text` with the names and blanks of `frame.en.txt`.");
            }
        }

        var wording = Wording.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)), language);
        return known.Keys.FirstOrDefault(n => !wording.Names.Contains(n)) is { } missing
            ? throw new Fault(FaultKind.Invalid, "messages/bad-text", $"{fileName}(1): `{missing}` is missing.")
            : wording;
    }

    private static Dictionary<string, string> ShippedFrame() => Shipped($"{Frame}.{Fallback}")!.Split('\n')
        .Where(l => !l.StartsWith('#') && l.Contains(" = ", StringComparison.Ordinal)).Select(l => l.Split(" = ", 2)).ToDictionary(l => l[0], l => l[1]);

    private static string? Shipped(string name)
    {
        using var stream = Here.GetManifestResourceStream(Prefix + name);
        return stream is null ? null : new StreamReader(stream, Encoding.UTF8).ReadToEnd();
    }

    private static string ReadSmall(FileInfo file) => file.Length <= MaxBytes
        ? File.ReadAllText(file.FullName)
        : throw new Fault(FaultKind.Invalid, "messages/bad-text", $"{file.FullName}(1): a text has at most {MaxBytes} bytes, this one `{file.Length}`.");

    private static IEnumerable<FileInfo> Files(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*.txt").OrderBy(f => f.Name, StringComparer.Ordinal) : [];

    private static string StampOf(string folder) => string.Join('|', Files(folder).Select(f => $"{f.Name}:{f.Length}:{f.LastWriteTimeUtc.Ticks}"));

    private static Fault None(string template, string language) =>
        new(FaultKind.NotFound, "messages/no-text", $"There is no text `{Name.Shown(template)}` in `{Name.Shown(language)}`; `candor texts list` shows what there is.");
}
