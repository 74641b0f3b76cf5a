using System.Net;
using System.Net.Sockets;
using Candor.Kernel;
using Candor.SignIn;

namespace Candor.Tests.SignIn;

/// <summary>The server can be made to ask the public internet, and nothing that only it can reach.</summary>
public sealed class PublicFetchTests : IDisposable
{
    private readonly PublicFetch fetch = new(allowsLoopback: false);
    private readonly PublicFetch local = new(allowsLoopback: true);

    public void Dispose()
    {
        fetch.Dispose();
        local.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("fe80::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12::1")]
    [InlineData("ff02::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:7f00:1::")]
    public void No_private_or_special_address_is_talked_to(string address) => Assert.False(fetch.IsAllowed(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    public void Public_addresses_are(string address) => Assert.True(fetch.IsAllowed(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://shop.example/keys")]
    [InlineData("http://127.0.0.1/keys")]
    [InlineData("https://user:secret@shop.example/keys")]
    [InlineData("ftp://shop.example/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://shop.example/")]
    public void Only_https_is_asked(string address) => Assert.Equal("sign-in/bad-address", Assert.Throws<Fault>(() => fetch.Check(new Uri(address))).What);

    [Fact]
    public void Loopback_is_for_trying_out_and_opens_no_other_private_address()
    {
        local.Check(new Uri("http://localhost:5080/x"));
        Assert.Throws<Fault>(() => local.Check(new Uri("http://shop.example/x")));
        Assert.True(local.IsAllowed(IPAddress.Loopback));
        Assert.False(local.IsAllowed(IPAddress.Parse("10.0.0.1")));
        Assert.False(local.IsAllowed(IPAddress.Parse("169.254.169.254")));
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_not_followed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var fault = await Assert.ThrowsAsync<Fault>(() => fetch.GetTextAsync(new Uri($"https://localhost:{port}/"), TestContext.Current.CancellationToken));
        Assert.Equal("sign-in/no-answer", fault.What);
        Assert.False(listener.Pending());
    }
}
