using Candor.Audit;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;
using Candor.Tests.Storage;
using Candor.Vault;

namespace Candor.Tests.Rights;

public sealed class PurposeDataOnSqlite : PurposeDataTests<Sqlite>;

public sealed class PurposeDataOnPostgres : PurposeDataTests<Postgres>;

public abstract class PurposeDataTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly PurposeId Suggestions = PurposeId.Parse("suggestions"), Reminders = PurposeId.Parse("reminders");
    private ErasureHouse house = null!;
    private CustomerKey ada = null!;
    private CallerToken session = null!;
    private PurposeData data = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ErasureHouse.BuildAsync(Db, ErasureHouse.Yaml, RootKey.Random(), Ct);
        ada = await house.AddAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
        data = new PurposeData(Db, house.Catalogs, house.Ledger, house.Log, house.Vault, house.Access);
        await Db.WriteAsync(async tx =>
        {
            var catalog = await house.Catalogs.GetActiveAsync(tx, Ct);
            foreach (var purpose in (PurposeId[])[Suggestions, Reminders])
            {
                await house.Ledger.GiveAsync(tx, ada.Id, catalog.Catalog.Purposes[purpose], catalog, NoticeText.Generate(catalog.Catalog, "en").Ref, "test", Ct);
            }

            foreach (var (point, id) in ((string, string)[])[("pageViews", "v-1"), ("pageViews", "v-2"), ("carts", "c-1")])
            {
                await house.Vault.AppendHistoryAsync(tx, ada, DataPointId.Parse(point), id, tx.Now, "{}"u8.ToArray(), "test", Ct);
            }
        }, Ct);
    }

    [Fact]
    public async Task Nothing_is_offered_while_the_purpose_is_on() => Assert.Empty((await data.LookAsync(session, null, Suggestions, Ct))!.Data);

    [Fact]
    public async Task What_nothing_else_needs_goes_and_the_rest_stays()
    {
        await WithdrawAsync(Suggestions);
        Assert.Equal([("pageViews", 2L)], (await data.LookAsync(session, null, Suggestions, Ct))!.Data.Select(d => (d.DataPoint.Id.Value, d.Values)));
        var outcome = await data.RemoveAsync(session, null, Suggestions, Ct);
        Assert.Equal([("carts", 1L), ("email", 1L), ("fullName", 1L), ("purchases", 2L)], await CountsAsync());
        var entry = (await Db.ReadAsync(tx => house.Log.OfCustomerAsync(tx, ada.AuditRef, null, 1, Ct), Ct))[0];
        Assert.Equal((outcome!.Entry, AuditKind.Erase, "suggestions", "purpose-off", "values:2"), (entry.Id, entry.Event.Kind, entry.Event.Purpose, entry.Event.Reason, entry.Event.Subject));
        Assert.Empty((await data.RemoveAsync(session, null, Suggestions, Ct))!.Data);
    }

    [Fact]
    public async Task Data_that_another_ground_still_needs_goes_only_with_that_ground()
    {
        await WithdrawAsync(Reminders);
        Assert.Empty((await data.LookAsync(session, null, Reminders, Ct))!.Data);
        await Db.WriteAsync(async tx =>
        {
            var catalog = await house.Catalogs.GetActiveAsync(tx, Ct);
            await house.Ledger.ObjectAsync(tx, ada.Id, catalog.Catalog.Purposes[PurposeId.Parse("quality")], catalog, "test", "en", Ct);
        }, Ct);
        Assert.Equal([("carts", 1L)], (await data.LookAsync(session, null, Reminders, Ct))!.Data.Select(d => (d.DataPoint.Id.Value, d.Values)));
    }

    [Fact]
    public async Task Models_forget_in_the_same_step_or_nothing_is_removed()
    {
        await WithdrawAsync(Suggestions);
        var told = new List<string>();
        data.AlsoDo((_, key, purpose, points, _) =>
        {
            told.Add($"{key.Id == ada.Id} {purpose} {string.Join(' ', points)}");
            return ValueTask.CompletedTask;
        });
        data.AlsoDo((_, _, _, _, _) => throw new Fault(FaultKind.Unavailable, "test/no", "Not now."));
        await Assert.ThrowsAsync<Fault>(() => data.RemoveAsync(session, null, Suggestions, Ct));
        Assert.Equal(["True suggestions pageViews"], told.Distinct());
        Assert.Contains(("pageViews", 2L), await CountsAsync());
    }

    [Fact]
    public async Task Only_the_customer_and_who_carries_their_choices_may()
    {
        await WithdrawAsync(Suggestions);
        var ben = await house.AddAsync(Db, "ben", Ct);
        var stranger = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ben.Id, Ct), Ct));
        var reader = await KeyAsync("collect");
        Assert.Equal(ReasonCode.RoleNotAllowed, (await data.RemoveAsync(stranger, "ada", Suggestions, Ct))!.Refused);
        Assert.Equal(ReasonCode.RoleNotAllowed, (await data.RemoveAsync(reader, "ada", Suggestions, Ct))!.Refused);
        var carrier = await KeyAsync("consents");
        Assert.Equal(ReasonCode.NoSuchCustomer, (await data.RemoveAsync(carrier, "nobody", Suggestions, Ct))!.Refused);
        Assert.Null((await data.RemoveAsync(carrier, "ada", Suggestions, Ct))!.Refused);
        Assert.DoesNotContain(await CountsAsync(), c => c.Item1 == "pageViews");
    }

    private async Task<CallerToken> KeyAsync(string may) =>
        CallerToken.Parse((await Db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], [may], TimeSpan.FromDays(9), "test", Ct), Ct)).Text);

    private Task<ConsentRecord> WithdrawAsync(PurposeId purpose) => Db.WriteAsync(tx => house.Ledger.WithdrawAsync(tx, ada.Id, purpose, "test", "en", Ct), Ct);

    private async Task<IEnumerable<(string, long)>> CountsAsync() =>
        (await Db.ReadAsync(tx => CustomerValues.CountAsync(tx, ada.Id, Ct), Ct)).Select(c => (c.DataPoint, c.Total)).Order();
}
