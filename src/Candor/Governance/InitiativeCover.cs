using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Whether an initiative covers what a catalog changes: the same parts, widened in the same way, as its own text widens them; where nothing widens, the same changes.</summary>
public static class InitiativeCover
{
    /// <summary>The initiative that a decision names, when it covers the catalog.</summary>
    /// <returns>Null when it names none, and none is needed.</returns>
    /// <exception cref="Fault">Conflict <c>governance/decision-is-no-initiative</c>, <c>governance/initiative-not-approved</c>, <c>governance/initiative-without-catalog</c> or <c>governance/not-covered</c>.</exception>
    public static async ValueTask<Initiative?> FindAsync(Transaction tx, CatalogRegister catalogs, PurposeCatalog from, PurposeCatalog to, string decision, CancellationToken ct)
    {
        var wanted = WidenedPart.Between(from, to);
        if (await InitiativeRows.FindAsync(tx, decision.Trim(), ct) is not { } initiative)
        {
            return wanted.Count == 0 || (await CommitteeOffice.FindAsync(tx, ct)).Mode == CommitteeMode.Elsewhere ? null : throw new Fault(
                FaultKind.Conflict, "governance/decision-is-no-initiative",
                $"`{Name.Shown(decision)}` is no initiative. What uses more data than before names the id of an initiative that was approved here; the page about initiatives lists them.");
        }

        if (!initiative.IsLive(tx.Now))
        {
            throw new Fault(FaultKind.Conflict, "governance/initiative-not-approved",
                $"The initiative `{initiative.Id}` is `{Word(initiative.StateAt(tx.Now))}`; only an approved one whose review is not due covers a catalog.");
        }

        if (await InitiativeText.FindAsync(tx, catalogs, initiative, ct) is not { } approved)
        {
            throw new Fault(FaultKind.Conflict, "governance/initiative-without-catalog",
                $"The initiative `{initiative.Id}` has no catalog text, so nobody who approved it has seen what would change; propose one with the text.");
        }

        var missing = wanted.Count > 0
            ? [.. wanted.ExceptBy(approved.Parts.Select(p => (p.Root, p.Digest)), p => (p.Root, p.Digest)).SelectMany(p => p.Changes)]
            : CatalogDiff.Told(from, to).ExceptBy(approved.Changes.Select(c => (c.Path, c.Description)), c => (c.Path, c.Description)).ToList();
        return missing.Count == 0 ? initiative : throw new Fault(FaultKind.Conflict, "governance/not-covered",
            $"The initiative `{initiative.Id}` does not cover this as it stands: " + string.Join("; ", missing.Select(c => $"{c.Path}: {c.Description}").Distinct())
            + (wanted.Count > 0 ? ". Apply the catalog text that was approved, or have this one decided on." : ". Apply the catalog text that was approved, or name no initiative: nothing here uses more than before."));
    }

    /// <summary>A word as it is written outside, such as <c>due-for-review</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
