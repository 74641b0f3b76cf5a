using System.Reflection;
using System.Text;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>The modules in files: those that ship, and beside or in place of them those of the business's folder, <c>ID.LANGUAGE.md</c>.</summary>
/// <remarks>A module of the folder takes the place of all languages of a shipped one of the same id.</remarks>
public sealed class TrainingLibrary
{
    /// <summary>The module that is made from the catalog, and that no file may replace.</summary>
    public const string DataRules = "data-rules";

    private const string Prefix = "training/";
    private const int MaxBytes = 256 * 1024;
    private static readonly Assembly Here = typeof(TrainingLibrary).Assembly;
    private readonly string folder;
    private volatile Loaded loaded;

    private TrainingLibrary(string folder, Loaded loaded) => (this.folder, this.loaded) = (folder, loaded);

    private sealed record Loaded(string Stamp, IReadOnlyList<TrainingModule> Modules);

    public IReadOnlyList<TrainingModule> Modules => loaded.Modules;

    /// <summary>Reads all modules.</summary>
    /// <param name="folder">Need not exist.</param>
    /// <exception cref="Fault">Invalid <c>staff/training-mistakes</c>: everything that is wrong, each with file and line.</exception>
    public static TrainingLibrary Open(string folder) => new(folder, Load(folder));

    /// <summary>Reads the folder again if a file in it changed.</summary>
    /// <exception cref="Fault">As <see cref="Open"/>; what was read before stays.</exception>
    public void Refresh()
    {
        if (StampOf(folder) != loaded.Stamp)
        {
            loaded = Load(folder);
        }
    }

    /// <summary>The modules that ship, as file names and contents.</summary>
    public static IEnumerable<(string File, string Text)> Ready() => Here.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(n => (n[Prefix.Length..] + ".md", Shipped(n)));

    /// <summary>A module from a text made by Candor itself; a mistake in it is a bug.</summary>
    /// <param name="fileName"><c>ID.LANGUAGE.md</c>.</param>
    public static TrainingModule Parse(string text, string fileName)
    {
        var mistakes = new TrainingMistakes();
        var module = TrainingReader.Read(text, fileName, mistakes);
        mistakes.ThrowIfAny();
        return module!;
    }

    private static Loaded Load(string folder)
    {
        var stamp = StampOf(folder);
        var mistakes = new TrainingMistakes();
        var own = Files(folder).Select(f => (f.FullName, Text: ReadSmall(f, mistakes))).ToList();
        var replaced = own.Select(f => Path.GetFileName(f.FullName).Split('.')[0]).ToHashSet(StringComparer.Ordinal);
        var files = Ready().Where(r => !replaced.Contains(r.File.Split('.')[0])).Concat(own);
        var read = files.Select(f => (f.Item1, Module: TrainingReader.Read(f.Item2, f.Item1, mistakes))).Where(m => m.Module is not null).ToList();
        foreach (var (file, module) in read.Where(m => m.Module!.Id == DataRules))
        {
            mistakes.Add(file, 1, $"the module `{DataRules}` is made from the catalog and cannot be replaced; give yours another id.");
        }

        var modules = read.GroupBy(m => m.Module!.Id, StringComparer.Ordinal).Select(g => Joined([.. g.Select(m => (m.Item1, m.Module!))], mistakes)).ToList();
        mistakes.ThrowIfAny();
        return new Loaded(stamp, [.. modules.OrderBy(m => m.Id != "privacy-basics").ThenBy(m => m.Id, StringComparer.Ordinal)]);
    }

    /// <summary>One module from its languages, which must agree in everything but words.</summary>
    private static TrainingModule Joined(IReadOnlyList<(string File, TrainingModule Module)> languages, TrainingMistakes mistakes)
    {
        var (firstFile, first) = languages[0];
        foreach (var (file, other) in languages.Skip(1))
        {
            if ((other.Validity, other.PassMark, other.Minutes, other.Editions[0]) != (first.Validity, first.PassMark, first.Minutes, first.Editions[0]) || !other.Roles.SetEquals(first.Roles))
            {
                mistakes.Add(file, 1, $"`edition`, `validity`, `passMark`, `roles` and `minutes` must be those of `{Path.GetFileName(firstFile)}`.");
            }

            CompareQuestions(file, other.Texts[0].Questions, firstFile, first.Texts[0].Questions, mistakes);
        }

        return first with { Texts = [.. languages.SelectMany(l => l.Module.Texts)] };
    }

    private static void CompareQuestions(string file, IReadOnlyList<TrainingQuestion> questions, string firstFile, IReadOnlyList<TrainingQuestion> first, TrainingMistakes mistakes)
    {
        if (questions.Count != first.Count)
        {
            mistakes.Add(file, questions[^1].Line, $"there are `{questions.Count}` questions here and {first.Count} in `{Path.GetFileName(firstFile)}`; a translation has the same.");
            return;
        }

        foreach (var (here, there) in questions.Zip(first).Where(p => !p.First.Answers.Select(a => a.IsRight).SequenceEqual(p.Second.Answers.Select(a => a.IsRight))))
        {
            mistakes.Add(file, here.Line, $"other answers are right here than in line {there.Line} of `{Path.GetFileName(firstFile)}`; a translation has the same answers in the same order.");
        }
    }

    private static string ReadSmall(FileInfo file, TrainingMistakes mistakes)
    {
        if (file.Length <= MaxBytes)
        {
            return File.ReadAllText(file.FullName);
        }

        mistakes.Add(file.FullName, 1, $"a module has at most {MaxBytes} bytes, this one `{file.Length}`.");
        return "";
    }

    private static string Shipped(string resource)
    {
        using var reader = new StreamReader(Here.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static IEnumerable<FileInfo> Files(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*.md").OrderBy(f => f.Name, StringComparer.Ordinal) : [];

    private static string StampOf(string folder) => string.Join('|', Files(folder).Select(f => $"{f.Name}:{f.Length}:{f.LastWriteTimeUtc.Ticks}"));
}
