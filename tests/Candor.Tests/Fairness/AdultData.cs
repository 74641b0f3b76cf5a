using System.Globalization;
using System.IO.Compression;
using Candor.Fairness;
using Candor.Tests.House;

namespace Candor.Tests.Fairness;

/// <summary>The Adult census records: all of them, or the complete ones of the train and test files together that the reference program's example uses.</summary>
internal sealed class AdultData
{
    private readonly RecordFile file;

    private AdultData(RecordFile file) => this.file = file;

    public static readonly string[] AllColumns = ["sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation", "income", "hours-per-week", "split"];

    public static AdultData Load()
    {
        using var stream = new GZipStream(File.OpenRead(Repository.Shared("datasets/adult/adult.csv.gz")), CompressionMode.Decompress);
        return new AdultData(RecordFile.Read(stream, AllColumns, TestContext.Current.CancellationToken));
    }

    /// <summary>The complete rows of the training file: 30,162.</summary>
    public AdultData Complete()
    {
        var keep = Enumerable.Range(0, file.Records).Where(i => Value("split", i) == "train" && AllColumns.All(c => Value(c, i) is not ("?" or ""))).ToArray();
        return new AdultData(file with { Numbers = [.. file.Numbers.Select(n => keep.Select(k => n[k]).ToArray())] });
    }

    public int Records => file.Records;

    public int[] Numbers(string column) => file.Numbers[Array.IndexOf(AllColumns, column)];

    public IReadOnlyList<string> Values(string column) => file.Values[Array.IndexOf(AllColumns, column)];

    /// <summary>A column of the oracle, which also has ages by decade and hours in their order.</summary>
    public int[] Column(string name) => name switch
    {
        "age10" => [.. Numbers("age").Select(n => int.Parse(Values("age")[n], CultureInfo.InvariantCulture) / 10)],
        "hours" => Ordered("hours-per-week"),
        "salary-class" => Numbers("income"),
        _ => Numbers(name),
    };

    /// <summary>The hierarchies that the reference program's example uses, and the records' positions in them.</summary>
    public (List<GeneralisationHierarchy> Hierarchies, List<int[]> Numbers) Generalised(params string[] columns)
    {
        var hierarchies = columns.Select(Hierarchy).ToList();
        return (hierarchies, [.. columns.Select((c, i) =>
        {
            var at = hierarchies[i].Levels[0].Select((v, n) => (v, n)).ToDictionary(p => p.v, p => p.n);
            return Numbers(c).Select(n => at[Values(c)[n]]).ToArray();
        })]);
    }

    private string Value(string column, int record) => Values(column)[Numbers(column)[record]];

    private int[] Ordered(string column)
    {
        var ladder = Numbers(column).Distinct().OrderBy(n => int.Parse(Values(column)[n], CultureInfo.InvariantCulture)).ToList();
        return [.. Numbers(column).Select(n => ladder.IndexOf(n))];
    }

    private GeneralisationHierarchy Hierarchy(string column)
    {
        var present = Numbers(column).Distinct().Select(n => Values(column)[n]).ToList();
        return column switch
        {
            // Ages from 1 to 100 in bands that begin after a multiple of 5, 10 and 20.
            "age" => GeneralisationHierarchy.Of(column, [.. Enumerable.Range(1, 100).Select(a => a.ToString(CultureInfo.InvariantCulture))], Band(5), Band(10), Band(20)),
            "marital-status" => GeneralisationHierarchy.Of(column, present, v => v is "Married-civ-spouse" or "Married-AF-spouse" ? "together" : "alone"),
            "education" => GeneralisationHierarchy.Of(column, present, School, v => School(v) is "undergraduate" or "graduate" or "professional" ? "higher" : School(v)),
            "workclass" => GeneralisationHierarchy.Of(column, [.. present.Append("Never-worked").Distinct()], v => v.EndsWith("-gov", StringComparison.Ordinal) ? "state" : v is "Without-pay" or "Never-worked" ? "none" : "other"),
            "native-country" => GeneralisationHierarchy.Of(column, present, Part),
            _ => GeneralisationHierarchy.KeepOrHide(column, present),
        };

        static Func<string, string> Band(int width) => v => ((int.Parse(v, CultureInfo.InvariantCulture) - 1) / width).ToString(CultureInfo.InvariantCulture);
        static string School(string v) => v switch
        {
            "Bachelors" or "Some-college" => "undergraduate",
            "Masters" or "Doctorate" => "graduate",
            "Prof-school" or "Assoc-acdm" or "Assoc-voc" => "professional",
            "Preschool" or "1st-4th" or "5th-6th" => "primary",
            _ => "secondary",
        };
        static string Part(string v) => v switch
        {
            "Cambodia" or "India" or "Japan" or "China" or "Iran" or "Philippines" or "Vietnam" or "Laos" or "Taiwan" or "Thailand" or "Hong" => "Asia",
            "England" or "Germany" or "Greece" or "Italy" or "Poland" or "Portugal" or "Ireland" or "France" or "Hungary" or "Scotland" or "Yugoslavia" or "Holand-Netherlands" => "Europe",
            "South" => "Africa",
            "Ecuador" or "Columbia" or "Nicaragua" or "Trinadad&Tobago" or "Peru" => "South America",
            _ => "North America",
        };
    }
}
