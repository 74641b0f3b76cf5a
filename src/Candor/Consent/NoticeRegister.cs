using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Consent;

/// <summary>A notice as it is kept: once stored, its text never changes, for it is named by its hash.</summary>
/// <param name="CatalogVersion">The catalog that first had it; later ones may offer the same text.</param>
public sealed record Notice(string Hash, string Language, long CatalogVersion, string Text, DateTimeOffset CreatedAt)
{
    public NoticeRef Ref => new(Hash, Language);
}

/// <summary>All notices that were ever offered, and which of them a catalog version offers for which purpose.</summary>
public sealed class NoticeRegister
{
    /// <summary>Makes a catalog the one that counts and stores its notices, in one transaction: nobody can be asked under a catalog without a notice.</summary>
    /// <remarks>Parameters and faults are those of <see cref="CatalogRegister.ApplyAsync"/>.</remarks>
    public async ValueTask<ActiveCatalog> ApplyAsync(
        Transaction tx, CatalogRegister catalogs, PurposeCatalog catalog, string appliedBy, string? decision, CancellationToken ct)
    {
        var active = await catalogs.ApplyAsync(tx, catalog, appliedBy, decision, ct);
        await StoreAsync(tx, active, ct);
        return active;
    }

    /// <summary>Generates and stores the notices of a catalog: for each language the whole one and one section a purpose. Doing it twice changes nothing.</summary>
    public async ValueTask StoreAsync(Transaction tx, ActiveCatalog catalog, CancellationToken ct)
    {
        foreach (var language in catalog.Catalog.Organisation.Languages)
        {
            var notice = NoticeText.Generate(catalog.Catalog, language);
            await StoreAsync(tx, notice, catalog.Version, ct);
            foreach (var purpose in notice.Purposes)
            {
                await StoreAsync(tx, NoticeText.Section(catalog.Catalog, purpose, language), catalog.Version, ct);
            }
        }
    }

    public async ValueTask<Notice?> FindAsync(Transaction tx, string hash, CancellationToken ct) =>
        (await tx.FindAsync<NoticeRow>(
            "SELECT hash AS Hash, language AS Language, catalog_version AS CatalogVersion, text AS Text, created_at_us AS CreatedAtUs FROM notice WHERE hash = @Hash",
            new { Hash = hash }, ct))?.AsNotice();

    /// <summary>Refuses a notice that nobody was offered, and one that belongs to an older catalog or to another purpose.</summary>
    /// <exception cref="Fault">Invalid <c>consent/unknown-notice</c> or Conflict <c>consent/old-notice</c>.</exception>
    public async ValueTask CheckOfferedAsync(Transaction tx, NoticeRef notice, long catalogVersion, PurposeId purpose, CancellationToken ct)
    {
        var language = notice.Hash.All(char.IsAsciiHexDigit) ? await tx.FindAsync<string>("SELECT language FROM notice WHERE hash = @Hash", new { notice.Hash }, ct) : null;
        var since = language != notice.Language ? null : await tx.FindAsync<long?>(
            "SELECT MAX(catalog_version) FROM notice_purpose WHERE hash = @Hash AND purpose = @Purpose AND catalog_version <= @CatalogVersion",
            new { notice.Hash, Purpose = purpose.Value, CatalogVersion = catalogVersion }, ct);
        if (since == catalogVersion)
        {
            return;
        }

        throw since is null
            ? new Fault(FaultKind.Invalid, "consent/unknown-notice", $"No notice about `{purpose}` in `{Name.Shown(notice.Language)}` has the hash `{Name.Shown(notice.Hash)}`.")
            : new Fault(FaultKind.Conflict, "consent/old-notice", $"The notice `{notice.Hash}` is of catalog version {since}; `{purpose}` has a newer one since version {catalogVersion}.");
    }

    private static async ValueTask StoreAsync(Transaction tx, NoticeText notice, long catalogVersion, CancellationToken ct)
    {
        await tx.RunAsync(
            """
            INSERT INTO notice (hash, language, catalog_version, text, created_at_us) VALUES (@Hash, @Language, @CatalogVersion, @Text, @NowUs)
            ON CONFLICT (hash) DO NOTHING
            """, new { notice.Hash, notice.Language, CatalogVersion = catalogVersion, notice.Text, NowUs = Micros.From(tx.Now) }, ct);
        foreach (var purpose in notice.Purposes)
        {
            await tx.RunAsync(
                """
                INSERT INTO notice_purpose (catalog_version, purpose, hash) VALUES (@CatalogVersion, @Purpose, @Hash)
                ON CONFLICT (catalog_version, hash, purpose) DO NOTHING
                """, new { CatalogVersion = catalogVersion, Purpose = purpose.Value, notice.Hash }, ct);
        }
    }

    private sealed record NoticeRow(string Hash, string Language, long CatalogVersion, string Text, long CreatedAtUs)
    {
        public Notice AsNotice() => new(Hash, Language, CatalogVersion, Text, Micros.ToInstant(CreatedAtUs));
    }
}
