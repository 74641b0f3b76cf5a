using System.CommandLine;
using System.Globalization;
using Candor.Collection;

namespace Candor.Server.Commands;

/// <summary><c>candor import orders</c>: a shop's orders from CSV, plain or gzip.</summary>
internal static class ImportCommand
{
    public static Command Make()
    {
        var file = new Argument<FileInfo>("file") { Description = "CSV file, plain or gzip." };
        var map = new Option<string>("--map") { Description = "A ready mapping (online-retail) or a mapping file.", Required = true };
        var rejects = new Option<string?>("--rejects") { Description = "Where rows that cannot be taken go; FILE.rejects.csv unless set." };
        var orders = new Command("orders", "Import orders. May be interrupted and run again: nothing is stored twice.") { file, map, rejects, Shared.Data, Shared.Postgres };
        orders.Runs(async (parsed, ct) =>
        {
            var (source, name) = (parsed.GetValue(file)!, parsed.GetValue(map)!);
            if (!source.Exists)
            {
                throw new Kernel.Fault(Kernel.FaultKind.NotFound, "collection/no-such-file", $"There is no file `{source}`.");
            }

            var mapping = File.Exists(name) ? OrderMap.Read(await File.ReadAllTextAsync(name, ct), name) : OrderMap.Ready(name);
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var rejectsFile = parsed.GetValue(rejects) ?? Path.GetFileName(source.Name) + ".rejects.csv";
            var import = new OrderImport(host.Database, host.Catalogs, host.Ledger, host.Log, host.Vault);
            var report = await Shared.WithProgressAsync("Orders", report => import.RunAsync(source.FullName, mapping, rejectsFile,
                new Progress<ImportProgress>(p => report((double)p.BytesRead / Math.Max(1, p.BytesTotal), $"{p.Rows:N0} rows")), ct));
            Print(report, rejectsFile);
            return ExitCode.Done;
        });
        return new Command("import", "Bring in data from files.") { orders };
    }

    private static void Print(ImportReport report, string rejectsFile)
    {
        var culture = CultureInfo.InvariantCulture;
        Shared.Results.WriteLine(string.Create(culture, $"{report.Rows:N0} rows in {report.Took.TotalSeconds:0.0} s:"));
        Shared.Results.WriteLine(string.Create(culture, $"  {report.Stored,10:N0} stored ({report.CustomersCreated:N0} customers new)"));
        Shared.Results.WriteLine(string.Create(culture, $"  {report.Duplicates,10:N0} there already"));
        Shared.Results.WriteLine(string.Create(culture, $"  {report.NotNeeded,10:N0} not needed by any active purpose, so not stored"));
        foreach (var (reason, count) in report.Rejected.OrderByDescending(r => r.Value))
        {
            Shared.Results.WriteLine(string.Create(culture, $"  {count,10:N0} refused: {reason}"));
        }

        if (report.Rejected.Count > 0)
        {
            Shared.Results.WriteLine($"Refused rows are in {rejectsFile}, each with its line and reason.");
        }
    }
}
