using System.Collections.Concurrent;
using System.Collections.Frozen;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Catalog;

/// <summary>Checks the decision that a catalog names.</summary>
/// <returns>The initiative that covers it, and until when it counts; null when a reference is enough: decisions are made elsewhere, or nothing uses more data than before.</returns>
/// <exception cref="Fault">Conflict or NotFound: it covers nothing, or not this.</exception>
public delegate ValueTask<CoveringDecision?> DecisionRule(Transaction tx, ActiveCatalog from, PurposeCatalog to, string decision, string appliedBy, CancellationToken ct);

/// <summary>An initiative that covers what a catalog widens.</summary>
/// <param name="Until">Exclusive: the date of its review.</param>
public sealed record CoveringDecision(string Initiative, DateTimeOffset Until);

/// <summary>Which catalog counts, and all that counted before.</summary>
public sealed class CatalogRegister
{
    public const int MaxReferenceLength = 200;

    private readonly ConcurrentDictionary<long, ActiveCatalog> parsed = new();
    private DecisionRule? rule;

    private sealed record VersionRow(long Version, string Text, string Digest);

    private sealed record SinceRow(string Purpose, long Since);

    /// <summary>One applied version as its history shows it.</summary>
    public sealed record HistoryRow(long Version, string Digest, long AppliedAtUs, string AppliedBy, string? Decision);

    /// <summary>Who says whether a decision covers a catalog. At start only.</summary>
    public void DecidesBy(DecisionRule decides) => rule = decides;

    /// <summary>A version that this process has parsed before; versions never change, so it may be kept.</summary>
    public ActiveCatalog? Parsed(long version) => parsed.GetValueOrDefault(version);

    /// <summary>The catalog that counts in this transaction.</summary>
    /// <exception cref="Fault">NotFound <c>catalog/none</c> before the first catalog is applied.</exception>
    public async ValueTask<ActiveCatalog> GetActiveAsync(Transaction tx, CancellationToken ct) => await LoadAsync(tx, await ActiveVersionAsync(tx, ct), ct);

    /// <summary>A version by number.</summary>
    public async ValueTask<ActiveCatalog> LoadAsync(Transaction tx, long version, CancellationToken ct)
    {
        if (parsed.TryGetValue(version, out var known))
        {
            return known;
        }

        var row = await tx.FindAsync<VersionRow>("SELECT version, text, digest FROM catalog_version WHERE version = @version", new { version }, ct)
            ?? throw new Fault(FaultKind.NotFound, "catalog/none", "No catalog has been applied yet; `candor catalog apply FILE` does it.");
        var since = await tx.QueryAsync<SinceRow>("SELECT purpose, since FROM catalog_consent_since WHERE version = @version", new { version }, ct);
        var catalog = new ActiveCatalog(version, PurposeCatalog.Read(row.Text, $"version {version}"), since.ToFrozenDictionary(s => PurposeId.Parse(s.Purpose), s => s.Since));
        // INVARIANT: a version that was rolled back is another catalog the next time, so what saw it forgets it too.
        tx.OnRollback(() => parsed.TryRemove(version, out _));
        parsed.TryAdd(version, catalog);
        return catalog;
    }

    /// <summary>Makes a catalog the one that counts. Narrowing changes count at once; widening ones need the committee's decision.</summary>
    /// <param name="decision">Reference of the decision, 1 to 200 characters; null when there is none.</param>
    /// <param name="appliedBy">Reference of the actor, 1 to 200 characters.</param>
    /// <returns>The catalog that counts from this transaction's commit on; the active one when the text is the same.</returns>
    /// <exception cref="Fault">Conflict <c>catalog/widening-needs-decision</c>, naming each widening; Invalid <c>catalog/bad-reference</c>.</exception>
    public async ValueTask<ActiveCatalog> ApplyAsync(Transaction tx, PurposeCatalog catalog, string appliedBy, string? decision, CancellationToken ct)
    {
        CheckReference(appliedBy, "who applies it");
        CheckReference(decision ?? "none", "the decision");
        await tx.LockJobAsync("catalog", ct);
        var old = await tx.FindAsync<long?>("SELECT version FROM catalog_active WHERE id = 1", null, ct) is { } active ? await LoadAsync(tx, active, ct) : null;
        if (old?.Catalog.Digest == catalog.Digest)
        {
            return old;
        }

        var changes = old is null ? [] : CatalogDiff.Compare(old.Catalog, catalog);
        if (decision is null && changes.Where(c => c.IsWidening).ToList() is { Count: > 0 } widenings)
        {
            throw new Fault(FaultKind.Conflict, "catalog/widening-needs-decision",
                "These changes use more data than before and wait for the committee's decision; name it with `--decision`: "
                + string.Join("; ", widenings.Select(w => $"{w.Path}: {w.Description}").Distinct()) + ".");
        }

        var covered = old is not null && decision is not null && rule is not null ? await rule(tx, old, catalog, decision, appliedBy, ct) : null;
        var version = (old?.Version ?? 0) + 1;
        var widened = changes.Where(c => c.IsWidening && c.Purpose is not null).Select(c => c.Purpose!).ToHashSet();
        var since = catalog.Purposes.Keys.ToFrozenDictionary(p => p, p => widened.Contains(p) || old is null ? version : old.ConsentSince.GetValueOrDefault(p, version));
        await StoreAsync(tx, version, catalog, since, appliedBy, decision, ct);
        await ApproveAsync(tx, old?.Catalog, catalog, changes, covered, ct);
        return new ActiveCatalog(version, catalog, since);
    }

    /// <summary>Since when a version counts, or when it began to.</summary>
    public static async ValueTask<DateTimeOffset> AppliedAtAsync(Transaction tx, long version, CancellationToken ct) =>
        Micros.ToInstant(await tx.FindAsync<long>("SELECT applied_at_us FROM catalog_version WHERE version = @version", new { version }, ct));

    public async ValueTask<IReadOnlyList<HistoryRow>> HistoryAsync(Transaction tx, CancellationToken ct) =>
        await tx.QueryAsync<HistoryRow>("SELECT version, digest, applied_at_us, applied_by, decision FROM catalog_version ORDER BY version", null, ct);

    /// <summary>The first catalog is adopted as a whole; later ones have what they widen approved, and nothing else.</summary>
    private static async ValueTask ApproveAsync(Transaction tx, PurposeCatalog? old, PurposeCatalog catalog, IReadOnlyList<CatalogChange> changes, CoveringDecision? covered, CancellationToken ct)
    {
        var ground = old is null ? ApprovalGround.Adoption : covered is null ? ApprovalGround.Reference : ApprovalGround.Initiative;
        foreach (var purpose in old is null ? catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id) : WidenedPart.PurposesOf(changes))
        {
            await PurposeApprovals.SetAsync(tx, purpose, ground, covered?.Initiative, covered?.Until, ct);
        }

        foreach (var gone in old?.Purposes.Keys.Except(catalog.Purposes.Keys) ?? [])
        {
            await PurposeApprovals.ForgetAsync(tx, gone, ct);
        }
    }

    private static void CheckReference(string reference, string what)
    {
        if (string.IsNullOrWhiteSpace(reference) || reference.Length > MaxReferenceLength || reference.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "catalog/bad-reference",
                $"The reference of {what} has 1 to {MaxReferenceLength} characters and no control characters; got `{reference.Length}` characters.");
        }
    }

    private static async ValueTask<long> ActiveVersionAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<long?>("SELECT version FROM catalog_active WHERE id = 1" + tx.ForShare("catalog_active"), null, ct) ?? 0;

    private static async ValueTask StoreAsync(
        Transaction tx, long version, PurposeCatalog catalog, FrozenDictionary<PurposeId, long> since, string appliedBy, string? decision, CancellationToken ct)
    {
        await tx.RunAsync(
            "INSERT INTO catalog_version (version, text, digest, applied_at_us, applied_by, decision) VALUES (@version, @Text, @Digest, @NowUs, @appliedBy, @decision)",
            new { version, catalog.Text, catalog.Digest, tx.NowUs, appliedBy, decision }, ct);
        await tx.RunAsync("INSERT INTO catalog_active (id, version) VALUES (1, @version) ON CONFLICT (id) DO UPDATE SET version = excluded.version", new { version }, ct);
        foreach (var (purpose, first) in since)
        {
            await tx.RunAsync("INSERT INTO catalog_consent_since (version, purpose, since) VALUES (@version, @purpose, @first)", new { version, purpose = purpose.Value, first }, ct);
        }
    }
}
