using Candor.Catalog;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>The catalog text of an initiative, beside the catalog that it is compared with.</summary>
public sealed record InitiativeText(PurposeCatalog From, PurposeCatalog To)
{
    /// <summary>All that it changes.</summary>
    public IReadOnlyList<CatalogChange> Changes { get; } = CatalogDiff.Told(From, To);

    /// <summary>The parts that it widens.</summary>
    public IReadOnlyList<WidenedPart> Parts => WidenedPart.Between(From, To);

    /// <summary>The purposes that it makes new or wider, as it has them.</summary>
    public IEnumerable<Purpose> WiderPurposes => WidenedPart.PurposesOf(Changes).Select(p => To.Purposes[p]);

    /// <returns>Null for an initiative without a text.</returns>
    public static async ValueTask<InitiativeText?> FindAsync(Transaction tx, CatalogRegister catalogs, Initiative initiative, CancellationToken ct) =>
        initiative.Form.CatalogText is { } text ? new InitiativeText((await catalogs.LoadAsync(tx, initiative.BasedOn, ct)).Catalog, PurposeCatalog.Read(text, "candor.yaml")) : null;
}
