using System.Text.Json;
using Candor.Collection;
using Candor.Tests.Storage;

namespace Candor.Tests.Server;

public sealed class OptOutSignalOnSqlite : OptOutSignalTests<Sqlite>;

public sealed class OptOutSignalOnPostgres : OptOutSignalTests<Postgres>;

/// <summary>What counts as the signal (W3C Global Privacy Control, section 3).</summary>
public sealed class OptOutSignalHeaderTests
{
    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData("true", false)]
    [InlineData("11", false)]
    [InlineData(" 1", false)]
    [InlineData("1, 1", false)]
    public void Exactly_1_counts(string header, bool counts) => Assert.Equal(counts, OptOutSignal.IsIn([header]));

    [Fact]
    public void One_of_several_headers_is_enough() => Assert.True(OptOutSignal.IsIn(["0", "1", null]));
}

/// <summary>Global Privacy Control switches off what goes to others, once; what the customer allows afterwards stays.</summary>
public abstract class OptOutSignalTests<TEngine> : WebTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Offers = "partner-offers";
    private const string Statistics = "partner-statistics";

    [Fact]
    public async Task The_signal_withdraws_what_is_shared_and_leaves_the_rest()
    {
        var session = await VisitAsync(Suggestions, Offers);
        var before = await WebAsync("GET", "choices", token: session);
        Assert.True(IsAllowed(before, Offers) && IsAllowed(before, Statistics) && IsAllowed(before, "service-quality"));
        var after = await WebAsync("GET", "choices", token: session, gpc: true);
        Assert.True(after.Json.GetProperty("gpc").GetBoolean());
        Assert.False(IsAllowed(after, Offers));
        Assert.False(IsAllowed(after, Statistics));
        Assert.Equal("objected", Of(after, Statistics).GetProperty("state").GetString());
        Assert.True(IsAllowed(after, Suggestions) && IsAllowed(after, "service-quality"));
        var without = await WebAsync("GET", "choices", token: session);
        Assert.False(IsAllowed(without, Offers) || IsAllowed(without, Statistics));
    }

    [Fact]
    public async Task What_the_customer_allows_afterwards_stays()
    {
        var session = await VisitAsync(Suggestions);
        await WebAsync("GET", "choices", token: session, gpc: true);
        await WebAsync("POST", "choices", await BodyAsync((Offers, true), (Statistics, true)), session, gpc: true);
        var later = await WebAsync("GET", "choices", token: session, gpc: true);
        Assert.True(IsAllowed(later, Offers) && IsAllowed(later, Statistics));
        await ChooseAsync(session, (Offers, false));
        Assert.False(IsAllowed(await WebAsync("GET", "choices", token: session, gpc: true), Offers));
    }

    [Fact]
    public async Task A_yes_in_the_very_first_answer_counts_as_said_knowing_of_the_signal()
    {
        var first = await WebAsync("POST", "choices", await BodyAsync((Offers, true), (Statistics, false)), gpc: true);
        Assert.True(IsAllowed(first, Offers));
        Assert.False(IsAllowed(first, Statistics));
        var session = first.Json.GetProperty("session").GetString()!;
        Assert.True(IsAllowed(await WebAsync("GET", "choices", token: session, gpc: true), Offers));
    }

    [Fact]
    public async Task The_signal_counts_too_when_only_a_script_can_see_it()
    {
        var session = await VisitAsync(Suggestions, Offers);
        Assert.False(IsAllowed(await WebAsync("GET", "choices?gpc=true", token: session), Offers));
    }

    [Fact]
    public async Task An_objection_made_before_the_signal_can_be_lifted_for_good_after_it()
    {
        var session = await VisitAsync(Suggestions);
        await ChooseAsync(session, (Statistics, false));
        await WebAsync("GET", "choices", token: session, gpc: true);
        await WebAsync("POST", "choices", await BodyAsync((Statistics, true)), session, gpc: true);
        Assert.True(IsAllowed(await WebAsync("GET", "choices", token: session, gpc: true), Statistics));
    }

    [Fact]
    public async Task My_data_honours_the_signal_of_a_signed_in_customer_and_says_so()
    {
        await AddCustomerAsync("ada");
        Assert.Equal(200, (await GiveAsync("ada", Offers)).Status);
        var session = await Host.Database.WriteAsync(async tx =>
            await Host.Access.OpenCustomerSessionAsync(tx, (await Host.Vault.FindCustomerAsync(tx, Candor.Vault.BlindIndex.Reference, "ada", Ct))!.Id, Ct), Ct);
        var page = await SendAsync("GET", "/me", token: "", headers: [("Cookie", "__Host-s=" + session), ("Sec-GPC", "1")]);
        Assert.Equal(200, page.Status);
        Assert.Contains("Opt-Out Request Honored", page.Text, StringComparison.Ordinal);
        var consents = (await GetAsync("/v1/customers/ada/consents")).Json.GetProperty("consents").EnumerateArray().ToDictionary(c => c.GetProperty("purpose").GetString()!, c => c.GetProperty("state").GetString());
        Assert.Equal(("withdrawn", "objected"), (consents[Offers], consents[Statistics]));
        Assert.DoesNotContain("Opt-Out Request Honored", (await SendAsync("GET", "/me", token: "", headers: ("Cookie", "__Host-s=" + session))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_notice_and_the_support_file_say_that_it_is_honoured()
    {
        Assert.True((await WebAsync("GET", "notice", gpc: true)).Json.GetProperty("gpc").GetBoolean());
        Assert.False((await WebAsync("GET", "notice")).Json.GetProperty("gpc").GetBoolean());
        var purposes = (await WebAsync("GET", "notice")).Json.GetProperty("purposes").EnumerateArray().Where(p => p.GetProperty("shared").GetBoolean()).Select(p => p.GetProperty("id").GetString());
        Assert.Equal([Offers, Statistics], purposes);
        var file = await GetAsync("/.well-known/gpc.json", "");
        Assert.Equal("application/json", file.Message.Content.Headers.ContentType!.MediaType);
        Assert.Equal(JsonValueKind.True, file.Json.GetProperty("gpc").ValueKind);
        Assert.True(DateOnly.TryParseExact(file.Json.GetProperty("lastUpdate").GetString(), "yyyy-MM-dd", out _));
    }
}
