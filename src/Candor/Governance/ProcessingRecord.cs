using Candor.Audit;
using Candor.Backup;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>A recipient of a purpose.</summary>
/// <param name="Declared">Null: the catalog names it and does not say who it is.</param>
/// <param name="IsOutside">It has the data outside the country or area of the business.</param>
public sealed record RecipientUse(string Name, Recipient? Declared, bool IsOutside)
{
    internal static RecipientUse Of(PurposeCatalog catalog, string name) =>
        new(name, catalog.Recipients.GetValueOrDefault(name), RecipientDiff.OutsideOf(catalog, name) is not null);
}

/// <summary>One activity of the record: an active purpose with all that the law asks to know of it.</summary>
/// <param name="Approval">Null: nobody approved it, and reads are refused.</param>
/// <param name="Dpia">The newest version of its impact assessment; null: none is written.</param>
/// <param name="IsDpiaOutdated">The use is another now than it describes.</param>
public sealed record ProcessingActivity(
    Purpose Purpose, IReadOnlyList<DataPoint> Data, IReadOnlyList<RecipientUse> Recipients, PurposeApproval? Approval, Dpia? Dpia, bool IsDpiaOutdated);

/// <summary>What protects the data, as it runs (GDPR article 32(1)).</summary>
/// <param name="KekVersion">Of the key-encryption key in use.</param>
/// <param name="WithFactor">Of the <paramref name="People"/>, who have a second factor or a passkey.</param>
/// <param name="Trained">Of the people, whose training counts now.</param>
/// <param name="LastBackup">Null: none was made.</param>
public sealed record RunningMeasures(long KekVersion, long LogEntries, int People, int WithFactor, int Trained, DateTimeOffset? LastBackup);

/// <summary>The record of processing activities (GDPR article 30), made from the catalog that counts. Nothing of it is stored, so it cannot be out of date.</summary>
/// <param name="AppliedAt">Since when the catalog counts.</param>
/// <param name="Drafts">Purposes that are declared and not done.</param>
/// <param name="Unused">Recipients that are described, and that no active purpose names.</param>
public sealed record ProcessingRecord(
    ActiveCatalog Active, DateTimeOffset AppliedAt, DateTimeOffset MadeAt, IReadOnlyList<ProcessingActivity> Activities, IReadOnlyList<Purpose> Drafts, IReadOnlyList<RecipientUse> Unused,
    RunningMeasures Measures)
{
    public PurposeCatalog Catalog => Active.Catalog;

    /// <summary>What is missing or will be soon.</summary>
    public IReadOnlyList<RecordGap> Gaps => RecordGap.Of(this);

    /// <param name="kekVersion">Of the key-encryption key in use.</param>
    public static async ValueTask<ProcessingRecord> LoadAsync(Transaction tx, CatalogRegister catalogs, DpiaRegister dpias, long kekVersion, CancellationToken ct)
    {
        var active = await catalogs.GetActiveAsync(tx, ct);
        var approvals = (await PurposeApprovals.AllAsync(tx, ct)).ToDictionary(a => a.Purpose, StringComparer.Ordinal);
        var assessed = new Dictionary<PurposeId, (Dpia? Dpia, bool IsOutdated)>();
        foreach (var purpose in active.Catalog.Purposes.Values.Where(p => p.Active))
        {
            var (_, newest, isOutdated) = await dpias.StandingAsync(tx, new DpiaSubject(DpiaSubject.Purposes, purpose.Id.Value), ct);
            assessed[purpose.Id] = (newest, isOutdated);
        }

        var applied = await CatalogRegister.AppliedAtAsync(tx, active.Version, ct);
        var people = (await StaffChanges.PeopleAsync(tx, ct)).Where(p => p.DisabledAtUs is null).ToList();
        var measures = new RunningMeasures(
            kekVersion, await AuditLog.CountAsync(tx, ct), people.Count, people.Count(p => p.HasFactor), people.Count(p => p.TrainingUntilUs > tx.NowUs), (await BackupRows.LastAsync(tx, ct))?.BeganAt);
        return Of(active, applied, tx.Now, measures, p => (approvals.GetValueOrDefault(p.Id.Value), assessed[p.Id].Dpia, assessed[p.Id].IsOutdated));
    }

    /// <param name="standing">Of an active purpose: its approval, its newest assessment, and whether that is outdated.</param>
    public static ProcessingRecord Of(
        ActiveCatalog active, DateTimeOffset appliedAt, DateTimeOffset madeAt, RunningMeasures measures, Func<Purpose, (PurposeApproval? Approval, Dpia? Dpia, bool IsOutdated)> standing)
    {
        var catalog = active.Catalog;
        var purposes = catalog.Purposes.Values.OrderBy(p => p.Id.Value, StringComparer.Ordinal).ToList();
        return new ProcessingRecord(
            active, appliedAt, madeAt,
            [.. purposes.Where(p => p.Active).Select(p => (p, standing(p))).Select(x => new ProcessingActivity(
                x.p, [.. catalog.DataPointsOf(x.p)], [.. x.p.Recipients.Order(StringComparer.Ordinal).Select(r => RecipientUse.Of(catalog, r))], x.Item2.Approval, x.Item2.Dpia, x.Item2.IsOutdated))],
            [.. purposes.Where(p => !p.Active)],
            [.. catalog.Recipients.Keys.Except(catalog.NamedRecipients).Order(StringComparer.Ordinal).Select(r => RecipientUse.Of(catalog, r))],
            measures);
    }
}
