using System.IO.Compression;
using System.Text;
using Candor.Collection;
using Candor.Kernel;

namespace Candor.Tests.Collection;

/// <summary>How files of other countries and programs are read.</summary>
public sealed class OrderMapTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("candor-map-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "2.50", "2.50")]
    [InlineData("", "2,50", null)]
    [InlineData("", "1,000", null)]
    [InlineData("culture: de-DE", "2,50", "2.50")]
    [InlineData("culture: de-DE", "2.50", null)]
    public void A_decimal_comma_is_never_taken_for_a_separator_of_thousands(string extra, string text, string? expected) =>
        Assert.Equal(expected, Map(extra).Number(text, "decimal")?.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2026-07-01 12:00", "2026-07-01T11:00:00Z")] // summer time in London
    [InlineData("2026-07-01T12:00+02:00", "2026-07-01T10:00:00Z")] // names its own offset
    [InlineData("2026-07-01T12:00Z", "2026-07-01T12:00:00Z")]
    [InlineData("2026-03-29 01:30", "2026-03-29T01:30:00Z")] // the hour that is left out; an hour later
    [InlineData("yesterday", null)]
    public void A_time_is_read_in_the_zone_of_the_mapping_unless_it_names_its_own(string text, string? expected) =>
        Assert.Equal(expected, Map("").Time(text)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("culture: klingon", "culture")]
    [InlineData("encoding: ebcdic", "encoding")]
    [InlineData("colour: red", "colour")]
    [InlineData("refuse: [{ column: order }]", "refuse")]
    public void A_mistake_in_a_mapping_is_named(string extra, string named)
    {
        var fault = Assert.Throws<Fault>(() => Map(extra));
        Assert.Equal("collection/bad-map", fault.What);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Different_lines_never_have_the_same_id()
    {
        var rows = Rows("A-1,B,2026-01-01 10:00,x", "A,1-B,2026-01-01 10:00,x", "A|1,B,2026-01-01 10:00,x", "A,1|B,2026-01-01 10:00,x", "A-1,B,2026-01-01 10:00,x");
        Assert.Equal(5, rows.Select(r => r.RecordId).Distinct().Count());
        Assert.All(rows.Take(4), r => Assert.EndsWith("#1", r.RecordId, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_are_refused_for_the_reason_of_the_mapping()
    {
        var bytes = Encoding.UTF8.GetBytes("order,sku,at,customer\nC1,B,2026-01-01 10:00,x\n1,B,2026-01-01 10:00,x\n");
        var rows = Read(bytes, Map("refuse: [{ column: order, startsWith: C, reason: a return }]"));
        Assert.Equal(["a return", null], rows.Select(r => r.Reason));
    }

    [Fact]
    public void Lines_are_counted_over_line_breaks_in_quotes()
    {
        var rows = Rows("1,B,2026-01-01 10:00,\"two\nlines\"", "2,B,never,x");
        Assert.Equal([2L, 4L], rows.Select(r => r.Line));
    }

    [Fact]
    public void A_text_of_another_encoding_is_refused_unless_the_mapping_names_it()
    {
        var bytes = Encoding.Latin1.GetBytes("order,sku,at,customer\n1,Schüssel,2026-01-01 10:00,x\n");
        Assert.Contains("encoding", Assert.Single(Read(bytes, Map(""))).Reason, StringComparison.Ordinal);
        Assert.Equal("1|Schüssel#1", Assert.Single(Read(bytes, Map("encoding: windows-1252"))).RecordId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    public void A_file_without_a_header_is_refused(int bytesOfGzip)
    {
        var bytes = bytesOfGzip == 0 ? [] : new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff };
        Assert.Equal("collection/bad-file", Assert.Throws<Fault>(() => Read(bytes, Map(""))).What);
    }

    [Fact]
    public void A_gzip_file_that_was_cut_off_is_not_taken_for_a_whole_one()
    {
        using var whole = new MemoryStream();
        using (var gzip = new GZipStream(whole, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("order,sku,at,customer\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},B,2026-01-01 10:00,c{i * 7919 % 10_007}\n"))));
        }

        Assert.Equal("collection/cut-off", Assert.Throws<Fault>(() => Read(whole.ToArray()[..(int)(whole.Length / 2)], Map(""))).What);
    }

    private static OrderMap Map(string extra) => OrderMap.Read(
        $$"""
        source: test
        dataPoint: purchases
        customer: customer
        order: order
        line: [sku]
        time: { column: at, formats: ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mmK"], zone: Europe/London }
        data: { item: { column: sku } }
        {{extra}}
        """, "test.yaml");

    private List<OrderRow> Rows(params string[] rows) => Read(Encoding.UTF8.GetBytes("order,sku,at,customer\n" + string.Join('\n', rows) + "\n"), Map(""));

    private List<OrderRow> Read(byte[] bytes, OrderMap map)
    {
        var path = Path.Combine(folder.FullName, "orders.csv");
        File.WriteAllBytes(path, bytes);
        using var file = new OrderFile(path, map);
        var all = new List<OrderRow>();
        for (List<OrderRow> rows; (rows = file.Read(4000)).Count > 0;)
        {
            all.AddRange(rows);
        }

        return all;
    }
}
