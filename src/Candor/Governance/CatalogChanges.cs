using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>A catalog that is to count.</summary>
/// <param name="BasedOn">The version it was compared with; it does not follow any other.</param>
/// <param name="Decision">Reference of a decision that was made elsewhere.</param>
public sealed record CatalogWish(string Text, long BasedOn, string Decision);

/// <summary>What a catalog would change.</summary>
/// <param name="BasedOn">The version that counts now.</param>
public sealed record CatalogPreview(PurposeCatalog Catalog, long BasedOn, IReadOnlyList<CatalogChange> Changes)
{
    public bool IsWidening => Changes.Any(c => c.IsWidening);
}

/// <summary>Changes of the catalog from the pages: what narrows counts at once, what widens rests on an approved initiative, or on a decision made elsewhere and two people.</summary>
public sealed class CatalogChanges(CatalogRegister catalogs, NoticeRegister notices, TrainingRegister trainings, FourEyes eyes, AuditLog log)
{
    public const string Kind = "catalog-apply";

    /// <summary>Who proposes and decides.</summary>
    public static readonly IReadOnlyList<string> Roles = ["administrator", "privacy-officer"];

    public ProposalKind Proposed => new(Kind, Roles, false, ApplyAsync);

    /// <summary>Compares a text with the catalog that counts.</summary>
    /// <exception cref="Fault">Invalid <c>catalog/mistakes</c>, with every mistake and its place.</exception>
    public async ValueTask<CatalogPreview> PreviewAsync(Transaction tx, string text, CancellationToken ct)
    {
        var catalog = PurposeCatalog.Read(text, "candor.yaml");
        var active = await catalogs.GetActiveAsync(tx, ct);
        return new CatalogPreview(catalog, active.Version, CatalogDiff.Told(active.Catalog, catalog));
    }

    /// <summary>Makes a catalog count that narrows, or proposes one that widens.</summary>
    /// <param name="basedOn">The version that it was shown against.</param>
    /// <param name="decision">Id of the initiative, or where decisions are made elsewhere a reference; needed when something widens; 1 to 200 characters. Where nothing does, the initiative or the reason, for the log; may be empty.</param>
    /// <returns>The proposal that waits; null when it counts already.</returns>
    /// <exception cref="Fault">Conflict <c>governance/catalog-moved-on</c>; Invalid <c>governance/no-decision</c>; and those of <see cref="InitiativeCover.FindAsync"/>.</exception>
    public async ValueTask<Proposal?> SubmitAsync(Transaction tx, CallerToken token, string text, long basedOn, string? decision, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        var preview = await PreviewAsync(tx, text, ct);
        CheckBase(preview.BasedOn, basedOn);
        var named = Reference(decision, isNeeded: preview.IsWidening);
        // Whoever approved the initiative has seen exactly this; nobody needs to be asked a second time.
        var initiative = named is null ? null : await InitiativeCover.FindAsync(tx, catalogs, (await catalogs.GetActiveAsync(tx, ct)).Catalog, preview.Catalog, named, ct);
        if (preview.IsWidening && initiative is null)
        {
            return await eyes.ProposeAsync(tx, token, Kind, new CatalogWish(text, basedOn, named!), ct);
        }

        await ApplyAsync(tx, preview.Catalog, actor.LogName, initiative?.Id, ct, why: named);
        return null;
    }

    private async ValueTask ApplyAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<CatalogWish>();
        CheckBase((await catalogs.GetActiveAsync(tx, ct)).Version, wish.BasedOn);
        await ApplyAsync(tx, PurposeCatalog.Read(wish.Text, "candor.yaml"), by, wish.Decision, ct);
    }

    private async ValueTask ApplyAsync(Transaction tx, PurposeCatalog catalog, string by, string? decision, CancellationToken ct, string? why = null)
    {
        var active = await notices.ApplyAsync(tx, catalogs, catalog, by, decision, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Catalog, Actor = by, CatalogVersion = active.Version, Subject = catalog.Digest, Reason = decision ?? why }, ct);
        await trainings.CountAsync(tx, DataRules.ForAll(active.Catalog), by, ct);
    }

    /// <summary>What a change rests on, or why something narrows; null for none.</summary>
    private static string? Reference(string? words, bool isNeeded) => string.IsNullOrWhiteSpace(words) && !isNeeded ? null
        : words?.Trim() is { Length: > 0 and <= CatalogRegister.MaxReferenceLength } said && !said.Any(char.IsControl) ? said
        : throw new Fault(FaultKind.Invalid, "governance/no-decision", isNeeded
            ? $"What uses more data than before names the decision that it rests on, in 1 to `{CatalogRegister.MaxReferenceLength}` characters."
            : $"A reason has at most `{CatalogRegister.MaxReferenceLength}` characters, and none that cannot be seen; got `{words!.Trim().Length}`.");

    private static void CheckBase(long active, long basedOn)
    {
        if (active != basedOn)
        {
            throw new Fault(FaultKind.Conflict, "governance/catalog-moved-on", $"Version `{active}` counts by now, and this was compared with version `{basedOn}`; look at the changes again.");
        }
    }
}
