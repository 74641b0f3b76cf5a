using System.Globalization;
using System.IO.Compression;
using Candor.Personalization;
using Candor.Tests.House;

namespace Candor.Tests.Personalization;

/// <summary>Public data sets, read once.</summary>
internal static class ShopData
{
    private static readonly Lazy<(IReadOnlyList<VisitRecord> Train, IReadOnlyList<VisitRecord> Test)> Clicks =
        new(() => (ReadClicks("datasets/rsc15-100k/train.tsv.gz"), ReadClicks("datasets/rsc15-100k/test.tsv.gz")));

    /// <summary>Clicks of the RecSys Challenge 2015, the session-rec sample: training visits and later test visits.</summary>
    public static (IReadOnlyList<VisitRecord> Train, IReadOnlyList<VisitRecord> Test) Rsc15 => Clicks.Value;

    private static List<VisitRecord> ReadClicks(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Repository.Shared(path)), CompressionMode.Decompress));
        reader.ReadLine();
        var visits = new Dictionary<string, (List<string> Items, List<long> Times)>();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split('\t');
            var visit = visits.TryGetValue(cells[0], out var known) ? known : visits[cells[0]] = ([], []);
            visit.Items.Add(cells[1]);
            visit.Times.Add((long)(double.Parse(cells[2], CultureInfo.InvariantCulture) * 1e6));
        }

        return [.. visits.Select(v => new VisitRecord(v.Key, v.Value.Items, v.Value.Times))];
    }
}
