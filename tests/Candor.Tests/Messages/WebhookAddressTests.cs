using System.Net;
using System.Text;
using Candor.Kernel;
using Candor.Messages;

namespace Candor.Tests.Messages;

public sealed class WebhookAddressTests
{
    // The vector that the test suites of the Standard Webhooks libraries share.
    [Fact]
    public void The_signature_is_that_of_the_published_vector() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), Encoding.UTF8.GetBytes("""{"test": 2432232314}""")));

    [Theory]
    [InlineData("https://shop.example/hooks?x=1", false)]
    [InlineData("https://93.184.216.34/", false)]
    [InlineData("http://localhost:8080/", true)]
    [InlineData("http://127.0.0.1:8080/", true)]
    [InlineData("https://10.0.0.5/", true)]
    public void These_lead_where_a_webhook_may_lead(string url, bool allowPrivate) => Assert.Equal(url, WebhookAddress.Parse(url, allowPrivate).AbsoluteUri);

    [Theory]
    [InlineData("http://shop.example/", false)]
    [InlineData("http://shop.example/", true)]
    [InlineData("https://localhost/", false)]
    [InlineData("https://127.0.0.1/", false)]
    [InlineData("https://2130706433/", false)]
    [InlineData("https://0x7f.1/", false)]
    [InlineData("https://[::1]/", false)]
    [InlineData("https://[::ffff:10.0.0.1]/", false)]
    [InlineData("https://10.1.2.3/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data", false)]
    [InlineData("https://user:pass@shop.example/", false)]
    [InlineData("https://shop.example/#x", false)]
    [InlineData("file:///etc/passwd", true)]
    [InlineData("/hooks", true)]
    [InlineData("", true)]
    public void These_do_not(string url, bool allowPrivate) => Assert.Equal("messages/bad-webhook-url", Assert.Throws<Fault>(() => WebhookAddress.Parse(url, allowPrivate)).What);

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("224.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::")]
    public void The_credentials_of_a_cloud_machine_are_never_reached(string address) => Assert.False(WebhookAddress.MayReach(IPAddress.Parse(address), allowPrivate: true));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::1", false)]
    [InlineData("0.0.0.0", false)]
    public void Public_addresses_alone_are_reached(string address, bool may) => Assert.Equal(may, WebhookAddress.MayReach(IPAddress.Parse(address), allowPrivate: false));
}
