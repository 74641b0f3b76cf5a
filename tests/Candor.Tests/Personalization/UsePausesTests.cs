using Candor.Messages;
using Candor.Personalization;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Personalization;

public sealed class UsePausesOnSqlite : UsePausesTests<Sqlite>;

public sealed class UsePausesOnPostgres : UsePausesTests<Postgres>;

/// <summary>A pause and the messages that wait for its use.</summary>
public abstract class UsePausesTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private ProactiveHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ProactiveHouse.BuildAsync(Db, Ct);
        await house.AddAsync("ada", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    // What waits when the pause begins; what another node queues in the same moment; and neither comes later, when the pause is over.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_queued_when_a_pause_began_is_not_sent_any_more(bool isQueuedBefore)
    {
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        var key = (await Db.ReadAsync(tx => house.House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct))!;
        Task QueueAsync() => Db.WriteAsync(tx => house.Mail.Outbox.QueueAsync(tx, key, new OutgoingMessage("cart-reminder", ProactiveHouse.Carts, new Dictionary<string, string> { ["items"] = "- Tea" }), Ct), Ct);
        Task PauseAsync() => Db.WriteAsync(async tx => Assert.True(await house.Suggestions.Pauses.PauseAsync(tx, ProactiveHouse.Carts, 1, Ct)), Ct);
        foreach (var step in isQueuedBefore ? [QueueAsync, PauseAsync] : (Func<Task>[])[PauseAsync, QueueAsync])
        {
            await step();
        }

        if (isQueuedBefore)
        {
            // The pause is over before anything was sent.
            var pause = Assert.Single(await Db.ReadAsync(tx => UsePauses.ListAsync(tx, 10, Ct), Ct));
            await Db.WriteAsync(tx => house.Suggestions.Pauses.EndAsync(tx, pause.Id, "s-1", "It serves all alike now.", "staff:s-1", null, Ct), Ct);
        }

        await house.Mail.Room.Sender.SendDueAsync(1000, Ct);
        Assert.Empty(house.To("ada"));
        Assert.Contains(await Db.ReadAsync(tx => MailRoom.CountsAsync(tx, Ct), Ct), c => c is { State: "dropped", Messages: 1 });
    }

    [Fact]
    public async Task Without_a_pause_the_same_message_is_sent_and_a_pause_of_another_use_does_not_matter()
    {
        await house.GiveAsync("ada", ProactiveHouse.Carts, Ct);
        var key = (await Db.ReadAsync(tx => house.House.Vault.FindCustomerAsync(tx, BlindIndex.Reference, "ada", Ct), Ct))!;
        await Db.WriteAsync(tx => house.Mail.Outbox.QueueAsync(tx, key, new OutgoingMessage("cart-reminder", ProactiveHouse.Carts, new Dictionary<string, string> { ["items"] = "- Tea" }), Ct), Ct);
        await Db.WriteAsync(async tx => Assert.True(await house.Suggestions.Pauses.PauseAsync(tx, ProactiveHouse.Refills, 1, Ct)), Ct);
        await house.Mail.Room.Sender.SendDueAsync(1000, Ct);
        Assert.Single(house.To("ada"));
    }
}
