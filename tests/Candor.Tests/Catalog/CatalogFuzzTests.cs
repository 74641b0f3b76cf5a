using Candor.Catalog;
using CsCheck;

namespace Candor.Tests.Catalog;

/// <summary>Whatever stands in the file, the reader answers with a catalog or with places.</summary>
public sealed class CatalogFuzzTests
{
    private static readonly string[] Fragments =
    [
        "&a ", "*a", "<<: ", "!!binary ", "!", "|", ">", "|9\n", "? ", "- ", "[", "]", "{", "}", "[[[[", "{{{{", "\t", ":", ": ", "::", "#", "'", "\"", "%YAML 1.1\n", "%TAG ! tag:x\n", "@", "`", "---\n", "...\n", "\r", "\r\n", "\n",
        "\n\n  ", ",", "\\", "\"\\x00\"", "\"\\ud800\"", "\"\\U0010FFFF\"", "\"\\U00110000\"", "\u2028", "\ufeff", "\u00a0", "\u0000", "null", "~", "true", "0x", "1e999", ".inf", "en: ", "label", "ß", "🧵", "P2Y", "  ",
    ];

    private static readonly Gen<(uint At, int Kind, uint Other)[]> Mutations = Gen.Select(Gen.UInt, Gen.Int[0, 4], Gen.UInt).Array[1, 8];

    [Fact]
    public void Mutated_catalogs_are_read_or_refused_with_places_and_nothing_else_happens() =>
        Mutations.Sample(mutations => ReadOrRefused(mutations.Aggregate(SampleCatalog.Yaml, Mutate)), iter: 6000);

    [Fact]
    public void Mutated_ready_catalogs_are_read_or_refused_with_places_and_nothing_else_happens() =>
        Gen.Select(Gen.Int[0, ReadyCatalogs.Names.Count - 1].Select(i => ReadyCatalogs.Names[i]), Mutations).Sample((name, mutations) => ReadOrRefused(mutations.Aggregate(ReadyCatalogs.Text(name), Mutate)), iter: 1500);

    [Fact]
    public void Texts_of_fragments_alone_are_read_or_refused_with_places_and_nothing_else_happens() =>
        Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i]).Array[0, 40].Sample(parts => ReadOrRefused(string.Concat(parts)), iter: 10_000);

    [Fact]
    public void Texts_of_any_characters_are_read_or_refused_with_places_and_nothing_else_happens() =>
        Gen.String[0, 60].Sample(ReadOrRefused, iter: 5000);

    private static void ReadOrRefused(string yaml)
    {
        var lines = yaml.Split('\n').Length + yaml.Count(c => c is '\r' or '\u2028' or '\u2029');
        Assert.All(SampleCatalog.MistakesOf(yaml), m => Assert.InRange(m.Line, 1, lines + 1));
    }

    private static string Mutate(string text, (uint At, int Kind, uint Other) mutation)
    {
        var at = (int)(mutation.At % (uint)(text.Length + 1));
        var length = (int)Math.Min(mutation.Other % 30, (uint)(text.Length - at));
        var fragment = Fragments[mutation.Other % (uint)Fragments.Length];
        return mutation.Kind switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, fragment),
            2 => text.Insert(at, text.Substring(at, length)),
            3 => text.Remove(at, length).Insert(at, fragment),
            _ => text[at..] + text[..at],
        };
    }
}
