using Candor.Kernel;
using Candor.Personalization;
using Candor.Tests.Collection;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Personalization;

/// <summary>Two nodes over one database: whatever one is doing, and however long it slept, its answers reflect every withdrawal that was confirmed on the other before.</summary>
public sealed class SuggestionNodesTests : StorageTest<Postgres>
{
    private SuggestionHouse shop = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        shop = await SuggestionHouse.BuildAsync(Db, Ct);
        await shop.AgreeingAsync("eve", Ct);
        await shop.ViewAsync("eve", "e1", Ct, "tea");
    }

    [Fact]
    public async Task A_node_that_slept_for_days_forgets_everything_before_it_answers_and_then_reads_anew()
    {
        await LookAsync("ada");
        await LookAsync("ben");
        using var other = await SuggestionHouse.BuildAsync(Db, Ct, shop.Shop);
        Assert.Equal(["own-ada", "own-ben"], await SuggestedAsync(other));
        await shop.WithdrawAsync("ada", Ct);
        Clock.Advance(TimeSpan.FromDays(2));
        Assert.NotEqual(0, await shop.Suggestions.CleanAsync(Ct));
        other.Token = shop.Token = await CollectionHouse.KeyAsync(Db, shop.House, ["collect", "consents"], Ct);
        Assert.DoesNotContain("own-ada", await SuggestedAsync(other));
        await other.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(["own-ben"], await SuggestedAsync(other));
        Assert.Equal(shop.Suggestions.Model.Dump(), other.Suggestions.Model.Dump());
    }

    [Fact]
    public async Task A_node_that_looks_often_enough_is_told_of_single_customers_only()
    {
        await LookAsync("ada");
        await LookAsync("ben");
        await LookAsync("cid");
        using var other = await SuggestionHouse.BuildAsync(Db, Ct, shop.Shop);
        await shop.WithdrawAsync("ada", Ct);
        await other.Suggestions.KeepUpAsync(Ct);
        Clock.Advance(TimeSpan.FromDays(2));
        await shop.Suggestions.CleanAsync(Ct);
        other.Token = shop.Token = await CollectionHouse.KeyAsync(Db, shop.House, ["collect", "consents"], Ct);
        await shop.WithdrawAsync("cid", Ct);
        Assert.Equal(["own-ben"], await SuggestedAsync(other));
    }

    [Fact]
    public async Task While_a_node_reads_and_forgets_all_the_time_no_answer_uses_who_withdrew_on_the_other_before()
    {
        string[] names = ["ada", "ben", "cid", "dot", "fay"];
        foreach (var name in names)
        {
            await LookAsync(name);
        }

        using var other = await SuggestionHouse.BuildAsync(Db, Ct, shop.Shop);
        using var stop = new CancellationTokenSource();
        var busy = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await other.Suggestions.KeepUpAsync(Ct);
            }
        }, Ct);
        var notice = ReadHouse.Notice(await shop.House.CatalogAsync(Db, Ct));
        for (var round = 0; round < 30; round++)
        {
            var name = names[round % names.Length];
            await shop.WithdrawAsync(name, Ct);
            Assert.DoesNotContain($"own-{name}", await SuggestedAsync(other));
            Assert.NotNull((await shop.House.Choices.GiveAsync(shop.Token, name, PurposeId.Parse("in-session-recommendations"), notice, "test", Ct)).Changed);
        }

        await stop.CancelAsync();
        await busy;
        await other.Suggestions.KeepUpAsync(Ct);
        await shop.Suggestions.KeepUpAsync(Ct);
        Assert.Equal(names.Select(n => $"own-{n}"), await SuggestedAsync(other));
        Assert.Equal(shop.Suggestions.Model.Dump(), other.Suggestions.Model.Dump());
    }

    private async Task LookAsync(string name)
    {
        await shop.AgreeingAsync(name, Ct);
        await shop.ViewAsync(name, $"{name}-1", Ct, "tea", $"own-{name}");
    }

    private async Task<List<string>> SuggestedAsync(SuggestionHouse node) =>
        [.. (await node.AskAsync("eve", Ct)) is { IsPersonal: true } answer ? answer.Items.Select(i => i.Item).Order(StringComparer.Ordinal) : Enumerable.Empty<string>()];
}
