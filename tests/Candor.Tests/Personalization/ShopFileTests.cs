using System.IO.Compression;
using System.Text;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Tests.Personalization;

/// <summary>Files of clicks and purchases that an evaluation reads.</summary>
public sealed class ShopFileTests
{
    [Fact]
    public void Clicks_of_a_visit_come_in_the_order_of_their_time_whatever_the_file_has()
    {
        var (file, records) = Read("SessionId\tItemId\tTime\n1\tpot\t1396437466.94\n1\ttea\t1396437400\n2\tmug\t2014-04-02T11:17:46Z\n3\t\t1396437466\n");
        Assert.Equal(["1", "2"], records.Visits.Select(v => v.Key));
        Assert.Equal(["tea", "pot"], records.Visits[0].Items);
        Assert.Equal((1396437400_000000, 1396437466_940000), (records.Visits[0].TimesUs[0], records.Visits[0].EndUs));
        Assert.Equal((3, 1), (file.Used, file.LeftOut));
        Assert.Empty(records.Baskets);
    }

    [Fact]
    public void Purchases_without_a_customer_cancelled_or_given_back_are_left_out()
    {
        var (file, records) = Read(
            """
            InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID
            536365,85123A,6,2010-12-01 08:26:00,2.55,17850
            536365,71053,6,2010-12-01 08:26:00,3.39,17850
            536365,71053,1,2010-12-01 08:26:00,3.39,17850
            C536379,D,1,2010-12-01 09:41:00,27.50,14527
            536380,22961,24,2010-12-01 09:41:00,0,17809
            536381,22139,-2,2010-12-01 09:41:00,4.25,15311
            536382,22139,2,2010-12-01 09:41:00,4.25,
            """);
        var basket = Assert.Single(records.Baskets);
        Assert.Equal(("17850", 2), (basket.Customer, basket.Items.Count));
        Assert.Equal((3, 4), (file.Used, file.LeftOut));
    }

    [Fact]
    public void A_file_without_the_columns_is_refused_with_the_names_that_are_known()
    {
        var fault = Assert.Throws<Fault>(() => Read("a,b\n1,2\n"));
        Assert.Equal((FaultKind.Invalid, "personalization/bad-file"), (fault.Kind, fault.What));
        Assert.Contains("session", fault.Message, StringComparison.Ordinal);
        Assert.Equal("personalization/bad-file", Assert.Throws<Fault>(() => Read("")).What);
    }

    private static (ShopFile File, ShopRecords Records) Read(string text)
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            {
                packed.Write(Encoding.UTF8.GetBytes(text));
            }

            var file = new ShopFile();
            return (file, file.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
