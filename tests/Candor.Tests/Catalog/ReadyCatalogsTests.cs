using Candor.Catalog;
using Candor.Consent;

namespace Candor.Tests.Catalog;

public sealed class ReadyCatalogsTests
{
    public static TheoryData<string> Names => [.. ReadyCatalogs.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_ready_catalog_has_no_mistake(string name) => Assert.NotEmpty(PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml").Purposes);

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_notices_are_in_plain_words(string name)
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text(name), name + ".yaml");
        foreach (var report in NoticeText.ReadabilityOf(catalog))
        {
            Assert.True(!report.IsTooHard, $"{report.Purpose} {report.Warning}");
        }
    }
}
