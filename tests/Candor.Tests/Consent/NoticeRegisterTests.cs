using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Tests.Storage;

namespace Candor.Tests.Consent;

public sealed class NoticeRegisterOnSqlite : NoticeRegisterTests<Sqlite>;

public sealed class NoticeRegisterOnPostgres : NoticeRegisterTests<Postgres>;

public abstract class NoticeRegisterTests<TEngine> : ConsentTest<TEngine>
    where TEngine : IEngine, new()
{
    private static readonly PurposeId Letters = PurposeId.Parse("letters");

    [Fact]
    public async Task A_stored_notice_is_found_by_its_hash()
    {
        var generated = NoticeText.Generate(Shop.Catalog, "de");
        var found = await Db.ReadAsync(tx => Notices.FindAsync(tx, generated.Hash, Ct), Ct);
        Assert.Equal(new Notice(generated.Hash, "de", 1, generated.Text, Clock.GetUtcNow()), found);
        Assert.Null(await Db.ReadAsync(tx => Notices.FindAsync(tx, new string('0', 64), Ct), Ct));
    }

    [Fact]
    public async Task Storing_twice_changes_nothing()
    {
        var hash = NoticeIn("en").Hash;
        var first = await Db.ReadAsync(tx => Notices.FindAsync(tx, hash, Ct), Ct);
        Clock.Advance(TimeSpan.FromDays(1));
        await Db.WriteAsync(tx => Notices.StoreAsync(tx, Shop, Ct), Ct);
        Assert.Equal(first, await Db.ReadAsync(tx => Notices.FindAsync(tx, hash, Ct), Ct));
    }

    [Fact]
    public async Task Consent_may_rest_on_the_whole_notice_or_on_the_section_of_its_purpose()
    {
        await CheckAsync(NoticeIn("en"), Shop);
        await CheckAsync(NoticeIn("de"), Shop);
        await CheckAsync(NoticeText.Section(Shop.Catalog, Letters, "de").Ref, Shop);
    }

    [Fact]
    public async Task A_notice_that_nobody_was_offered_is_unknown()
    {
        NoticeRef[] unknown =
        [
            new(new string('0', 64), "en"),
            new("", "en"),
            new(NoticeIn("en").Hash, "de"),
            NoticeText.Section(Shop.Catalog, PurposeId.Parse("suggestions"), "en").Ref,
        ];
        foreach (var notice in unknown)
        {
            var fault = await FaultOfAsync(() => CheckAsync(notice, Shop));
            Assert.Equal((FaultKind.Invalid, "consent/unknown-notice"), (fault.Kind, fault.What));
        }
    }

    [Fact]
    public async Task A_changed_purpose_makes_its_old_notice_old_and_leaves_the_sections_of_others()
    {
        var changed = SmallShop.Version(2, PurposeCatalog.Read(SmallShop.Yaml.Replace("P30D", "P60D", StringComparison.Ordinal), "second.yaml"));
        await Db.WriteAsync(tx => Notices.StoreAsync(tx, changed, Ct), Ct);
        foreach (var old in (NoticeRef[])[NoticeIn("en"), NoticeText.Section(Shop.Catalog, Letters, "en").Ref])
        {
            var fault = await FaultOfAsync(() => CheckAsync(old, changed));
            Assert.Equal((FaultKind.Conflict, "consent/old-notice"), (fault.Kind, fault.What));
        }

        await CheckAsync(NoticeText.Section(changed.Catalog, Letters, "en").Ref, changed);
        var suggestions = PurposeId.Parse("suggestions");
        await CheckAsync(NoticeText.Section(Shop.Catalog, suggestions, "en").Ref, changed, suggestions);
    }

    [Fact]
    public async Task Applying_a_catalog_stores_its_notices_in_the_same_transaction()
    {
        var catalog = PurposeCatalog.Read(SmallShop.Yaml.Replace("P30D", "P90D", StringComparison.Ordinal), "applied.yaml");
        var hash = NoticeText.Generate(catalog, "en").Hash;
        await Assert.ThrowsAsync<Fault>(() => Db.WriteAsync<ActiveCatalog>(async tx =>
        {
            await Notices.ApplyAsync(tx, new CatalogRegister(), catalog, "staff:1", null, Ct);
            throw new Fault(FaultKind.Conflict, "test/no", "No.");
        }, Ct));
        Assert.Null(await Db.ReadAsync(tx => Notices.FindAsync(tx, hash, Ct), Ct));
        var active = await Db.WriteAsync(tx => Notices.ApplyAsync(tx, new CatalogRegister(), catalog, "staff:1", null, Ct), Ct);
        Assert.NotNull(await Db.ReadAsync(tx => Notices.FindAsync(tx, hash, Ct), Ct));
        await CheckAsync(NoticeText.Section(catalog, Letters, "en").Ref, active);
    }

    private Task CheckAsync(NoticeRef notice, ActiveCatalog catalog, PurposeId? purpose = null) =>
        Db.WriteAsync(tx => Notices.CheckOfferedAsync(tx, notice, catalog.Version, purpose ?? Letters, Ct), Ct);
}
