using System.Text.RegularExpressions;

namespace Candor.Tests.House;

/// <summary>SQL stays portable, whole, and in the folder of the module that owns the table.</summary>
public sealed partial class SqlTests
{
    /// <summary>The gate's one statement joins what a read depends on; see docs/decisions.</summary>
    private const string GateStatement = "src/Candor/Reads/ReadState.cs";

    [Fact]
    public void A_table_is_named_only_in_the_folder_of_its_module()
    {
        var owners = Migrations().SelectMany(m => CreateTable().Matches(m.Sql).Select(c => (Table: c.Groups[1].Value, m.Module)))
            .ToDictionary(t => t.Table, t => t.Module);
        Assert.NotEmpty(owners);
        var offences =
            from file in Repository.Domain()
            where file.File != GateStatement
            from sql in file.Text.Literals
            from Match use in TableUse().Matches(sql.Text)
            let table = use.Groups[1].Value
            where owners.TryGetValue(table, out var owner) && owner != file.Module
            select $"{file.File}:{sql.Line} names table `{table}` of {owners[table]}";
        Offences.None(offences);
    }

    [Fact]
    public void The_server_has_no_sql()
    {
        var offences =
            from file in Repository.Files("src/Candor.Server", ".cs", ".razor")
            from sql in CSharpText.Of(Repository.Read(file)).Sql
            where TableUse().IsMatch(sql.Text)
            select $"{file}:{sql.Line}";
        Offences.None(offences);
    }

    [Fact]
    public void Sql_uses_only_what_both_engines_have()
    {
        var offences =
            from file in Repository.Domain()
            where file.Module != "Storage"
            from sql in file.Text.Sql
            from Match match in NotPortable().Matches(sql.Text)
            select $"{file.File}:{sql.Line} uses `{match.Value}`";
        Offences.None(offences);
    }

    [Fact]
    public void Sql_is_not_built_from_values()
    {
        var offences =
            from file in Repository.Domain()
            where file.Module != "Storage"
            from sql in file.Text.Sql
            where sql.IsInterpolated
            from Match hole in Hole().Matches(sql.Text)
            where !hole.Groups[1].Value.Contains(".ForShare(", StringComparison.Ordinal) && !hole.Groups[1].Value.All(c => char.IsLetter(c))
            select $"{file.File}:{sql.Line} puts `{hole.Groups[1].Value}` into SQL";
        Offences.None(offences);
    }

    [Fact]
    public void Migrations_have_unique_numbers_in_the_range_of_their_module()
    {
        (string Module, int From, int To)[] ranges =
        [
            ("Storage", 1, 9), ("Catalog", 10, 19), ("Consent", 20, 29), ("Audit", 30, 39), ("Staff", 40, 49),
            ("Vault", 50, 59), ("Reads", 60, 69), ("Collection", 70, 79),
            ("Messages", 80, 89), ("SignIn", 90, 94), ("Rights", 100, 109), ("Personalization", 120, 129), ("Desk", 130, 139), ("Backup", 140, 149), ("Export", 150, 159), ("Trust", 160, 169), ("Governance", 170, 179),
            ("Personalization", 180, 181), ("Fairness", 182, 184), ("Staff", 185, 189), ("Governance", 191, 191), ("Collection", 192, 192), ("Governance", 193, 194),
        ];
        var all = Migrations().ToList();
        Assert.Equal(all.Count, all.Select(m => m.Number).Distinct().Count());
        Offences.None(all.Where(m => ranges.Where(r => r.Module == m.Module).ToList() is { Count: > 0 } own && own.TrueForAll(r => m.Number < r.From || m.Number > r.To)).Select(m => m.File));
    }

    [Fact]
    public void Migrations_use_the_four_portable_types_only()
    {
        var offences =
            from migration in Migrations()
            from Match match in OtherTypes().Matches(Regex.Replace(migration.Sql, "--.*", ""))
            select $"{migration.File} uses `{match.Value}`";
        Offences.None(offences);
    }

    [Fact]
    public void Tables_of_customers_have_the_customer_first_in_their_key()
    {
        var offences =
            from migration in Migrations()
            from Match table in CreateTableWhole().Matches(migration.Sql)
            where Regex.IsMatch(table.Groups[2].Value, @"(?m)^\s*customer_id\s") && !KeptByDigest.Contains(table.Groups[1].Value)
            where !Regex.IsMatch(table.Groups[2].Value, @"PRIMARY KEY \(customer_id\b|customer_id TEXT NOT NULL PRIMARY KEY")
            select $"{migration.File}: {table.Groups[1].Value}";
        Offences.None(offences);
    }

    /// <summary>Tables asked by something else than the customer, by nature.</summary>
    private static readonly string[] KeptByDigest = ["customer_lookup", "customer_session"];

    private static IEnumerable<(string Module, string File, int Number, string Sql)> Migrations() =>
        Repository.Files("src/Candor", ".sql").Select(f => (f.Split('/')[2], f,
            int.Parse(Path.GetFileName(f)[..4], System.Globalization.CultureInfo.InvariantCulture), Repository.Read(f)));

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"CREATE TABLE (\w+) \((.*?)\n\)", RegexOptions.Singleline)]
    private static partial Regex CreateTableWhole();

    [GeneratedRegex(@"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(\w+)")]
    private static partial Regex TableUse();

    [GeneratedRegex(@"\bLIKE\b|\bILIKE\b|->>?\s*'|@>|\bIN\s+@\w+|\bAUTOINCREMENT\b|\b(?:BIG)?SERIAL\b|::\w+|\bnow\(\)|\bCURRENT_TIMESTAMP\b|\bTRUE\b|\bFALSE\b|\bREPLACE INTO\b")]
    private static partial Regex NotPortable();

    [GeneratedRegex(@"\b(?:INTEGER|INT|VARCHAR|BLOB|JSONB?|BOOLEAN|UUID|TIMESTAMPTZ?|TIMESTAMP|NUMERIC|REAL|SERIAL|AUTOINCREMENT)\b")]
    private static partial Regex OtherTypes();

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Hole();
}
