using System.IO.Compression;
using Candor.Collection;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Collection;

public sealed class OrderImportOnSqlite : OrderImportTests<Sqlite>
{
    [Fact]
    public async Task The_whole_data_set_of_a_real_shop_is_imported_and_every_row_counted()
    {
        var report = await ImportAsync(RealFile);
        Assert.Equal((541_909L, 406_829L, 0L, 0L, 4_372L), (report.Rows, report.Stored, report.Duplicates, report.NotNeeded, report.CustomersCreated));
        Assert.Equal(135_080, Assert.Single(report.Rejected).Value);
        Assert.Equal(135_081, File.ReadLines(Rejects).Count());
        Assert.Equal(406_829, await CollectionHouse.RecordsAsync(Db, Ct));
    }
}

public sealed class OrderImportOnPostgres : OrderImportTests<Postgres>;

public abstract class OrderImportTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const int SliceRows = 20_000;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-import-");

    protected string Rejects => Path.Combine(folder.FullName, "rejects.csv");

    /// <summary>The Online Retail data set, as it lies beside the project.</summary>
    protected static string RealFile => House.Repository.Shared("datasets/online-retail/online_retail.csv.gz");

    public override async ValueTask DisposeAsync()
    {
        folder.Delete(recursive: true);
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_second_run_stores_nothing_and_says_so()
    {
        var slice = Slice();
        var first = await ImportAsync(slice);
        Assert.Equal(SliceRows, first.Stored + first.Rejected.Values.Sum());
        var second = await ImportAsync(slice);
        Assert.Equal((0L, first.Stored), (second.Stored, second.Duplicates));
        Assert.Equal(first.Rejected, second.Rejected);
    }

    [Fact]
    public async Task The_same_rows_in_another_file_are_recognised()
    {
        var first = await ImportAsync(Slice());
        var again = await ImportAsync(Slice(extraLine: "999999,1,one more,1,2011-12-01 10:00:00,1.0,17850,United Kingdom"));
        Assert.Equal((1L, first.Stored), (again.Stored, again.Duplicates));
    }

    [Fact]
    public async Task An_import_that_was_interrupted_goes_on_and_comes_to_the_same_set()
    {
        var slice = Slice();
        var c = await CollectionHouse.BuildAsync(Db, Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var stopping = new Stopper(stop, after: SliceRows / 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(c, slice, stopping, stop.Token));
        var partly = await CollectionHouse.RecordsAsync(Db, Ct);
        Assert.InRange(partly, 1, SliceRows - 5000);
        var rest = await RunAsync(c, slice, null, Ct);
        Assert.Equal(partly, rest.Duplicates);
        Assert.Equal(partly + rest.Stored, await CollectionHouse.RecordsAsync(Db, Ct));
        Assert.Equal(SliceRows, rest.Stored + rest.Duplicates + rest.Rejected.Values.Sum());
    }

    [Fact]
    public async Task Rows_that_cannot_be_taken_are_named_with_line_and_reason()
    {
        var file = Write(
            "536365,85123A,=HYPERLINK(1),6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
            "536365,71053,no customer,6,2010-12-01 08:26:00,3.39,,United Kingdom",
            "536366,71053,bad time,6,yesterday,3.39,17850,United Kingdom",
            "536367,71053,bad number,six,2010-12-01 08:26:00,3.39,17850,United Kingdom",
            ",71053,\"no, order\",6,2010-12-01 08:26:00,3.39,17850,United Kingdom");
        var report = await ImportAsync(file);
        Assert.Equal((5L, 1L), (report.Rows, report.Stored));
        var lines = File.ReadAllLines(Rejects);
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("3,belongs to nobody", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("4,the time is in none", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("5,a number is malformed", lines[3], StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Rejects) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task A_file_without_a_column_of_the_mapping_is_refused_by_its_name()
    {
        var file = Path.Combine(folder.FullName, "other.csv");
        await File.WriteAllTextAsync(file, "a,b\n1,2\n", Ct);
        var fault = await Assert.ThrowsAsync<Fault>(() => ImportAsync(file));
        Assert.Contains("`CustomerID`", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rejects_never_replace_the_orders()
    {
        var (c, file) = (await HouseAsync(), Write("536365,71053,no customer,6,2010-12-01 08:26:00,3.39,,United Kingdom"));
        var import = new OrderImport(Db, c.House.Catalogs, c.House.Ledger, c.House.Log, c.House.Vault);
        var fault = await Assert.ThrowsAsync<Fault>(() => import.RunAsync(file, OrderMap.Ready("online-retail"), Path.Combine(folder.FullName, ".", "rows.csv"), null, Ct));
        Assert.Equal("collection/rejects-over-orders", fault.What);
        Assert.Equal(2, File.ReadAllLines(file).Length);
    }

    [Fact]
    public async Task What_was_not_needed_is_taken_by_a_second_run_once_the_customer_agrees()
    {
        var (c, file) = (await HouseAsync(), Write("v-100,scarf,a page,1,2010-12-01 08:26:00,1.00,ada,United Kingdom"));
        var ada = await c.House.AddCustomerAsync(Db, "ada", Ct);
        var map = OrderMap.Read(
            """
            source: visits
            dataPoint: pageViews
            customer: CustomerID
            order: InvoiceNo
            time: { column: InvoiceDate, formats: ["yyyy-MM-dd HH:mm:ss"] }
            keepOld: true
            data: { page: { column: StockCode } }
            """, "visits.yaml");
        var import = new OrderImport(Db, c.House.Catalogs, c.House.Ledger, c.House.Log, c.House.Vault);
        var before = await import.RunAsync(file, map, Rejects, null, Ct);
        await c.House.GiveAsync(Db, ada.Id, "suggestions", Ct);
        var after = await import.RunAsync(file, map, Rejects, null, Ct);
        var third = await import.RunAsync(file, map, Rejects, null, Ct);
        Assert.Equal(((0L, 0L, 1L), (1L, 0L, 0L), (0L, 1L, 0L)), (Counts(before), Counts(after), Counts(third)));

        static (long Stored, long Duplicates, long NotNeeded) Counts(ImportReport r) => (r.Stored, r.Duplicates, r.NotNeeded);
    }

    [Fact]
    public async Task A_file_that_unpacks_without_end_is_stopped()
    {
        var file = Path.Combine(folder.FullName, "bomb.csv.gz");
        await using (var gzip = new GZipStream(File.Create(file), CompressionLevel.SmallestSize))
        {
            await gzip.WriteAsync("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"u8.ToArray(), Ct);
            var line = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string(' ', 90) + ",,,,,,,\n", 10_000)));
            for (var i = 0; i < 100; i++)
            {
                await gzip.WriteAsync(line, Ct);
            }
        }

        Assert.Equal("collection/unpacks-too-large", (await Assert.ThrowsAsync<Fault>(() => ImportAsync(file))).What);
    }

    protected async Task<ImportReport> ImportAsync(string file) => await RunAsync(await HouseAsync(), file, null, Ct);

    private CollectionHouse? built;

    private async Task<CollectionHouse> HouseAsync() => built ??= await CollectionHouse.BuildAsync(Db, Ct);

    private Task<ImportReport> RunAsync(CollectionHouse c, string file, IProgress<ImportProgress>? progress, CancellationToken ct) =>
        new OrderImport(Db, c.House.Catalogs, c.House.Ledger, c.House.Log, c.House.Vault).RunAsync(file, OrderMap.Ready("online-retail"), Rejects, progress, ct);

    private string Slice(string? extraLine = null)
    {
        var file = Path.Combine(folder.FullName, extraLine is null ? "slice.csv" : "longer.csv");
        using var real = new StreamReader(new GZipStream(File.OpenRead(RealFile), CompressionMode.Decompress));
        using var slice = new StreamWriter(file);
        for (var i = 0; i <= SliceRows; i++)
        {
            slice.WriteLine(real.ReadLine());
        }

        if (extraLine is not null)
        {
            slice.WriteLine(extraLine);
        }

        return file;
    }

    private string Write(params string[] rows)
    {
        var file = Path.Combine(folder.FullName, "rows.csv");
        File.WriteAllLines(file, rows.Prepend("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"));
        return file;
    }

    private sealed class Stopper(CancellationTokenSource stop, long after) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            if (value.Rows >= after)
            {
                stop.Cancel();
            }
        }
    }
}
