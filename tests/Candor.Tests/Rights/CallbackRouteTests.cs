using System.Net;
using Candor.Rights;

namespace Candor.Tests.Rights;

public sealed class CallbackRouteTests
{
    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2001:db8::1", false)]
    public void Only_public_addresses_are_called(string address, bool isPublic) => Assert.Equal(isPublic, Candor.Kernel.PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://dsr.example/callback", true, true)]
    [InlineData("http://dsr.example/callback", false, true)]
    [InlineData("https://127.0.0.1/x", false, true)]
    [InlineData("https://[::1]/x", false, true)]
    [InlineData("https://user:secret@dsr.example/", false, false)]
    [InlineData("https://dsr.example/#x", false, false)]
    [InlineData("file:///etc/passwd", false, false)]
    [InlineData("//dsr.example/", false, false)]
    [InlineData("ftp://dsr.example/", false, false)]
    [InlineData("", false, false)]
    [InlineData("https://dsr.example/\nHost: x", false, false)]
    public void Only_plain_https_addresses_are_taken(string url, bool allowed, bool allowedInside) =>
        Assert.Equal((allowed, allowedInside), (CallbackRoute.IsAllowed(url, false), CallbackRoute.IsAllowed(url, true)));

    [Fact]
    public async Task A_name_that_leads_inside_is_not_connected_to()
    {
        using var client = CallbackRoute.Client(privateToo: false);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("https://localhost:1/"), TestContext.Current.CancellationToken));
        Assert.Contains("where it may not", refused.ToString(), StringComparison.Ordinal);
    }
}
