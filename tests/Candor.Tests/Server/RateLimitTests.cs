using Candor.Server.Web;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

/// <summary>Limits in time.</summary>
public sealed class RateLimitTests : ServerTest<Sqlite>
{
    internal override SiteOptions Options => new("http://127.0.0.1:0", RequestsPerSecond: 5);

    [Fact]
    public async Task Past_the_limit_the_answer_is_429_with_retry_after()
    {
        var answers = new List<Answer>();
        for (var i = 0; i < 30; i++)
        {
            answers.Add(await GetAsync("/v1/catalog", ""));
        }

        var refused = answers.First(a => a.Status == 429);
        Assert.Equal("1", refused.Message.Headers.GetValues("Retry-After").Single());
        Assert.StartsWith("urn:candor:", refused.Type, StringComparison.Ordinal);
        Assert.All(answers, a => Assert.True(a.Status is 200 or 429));
    }
}
