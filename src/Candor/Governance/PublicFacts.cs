using Candor.Audit;
using Candor.Backup;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Rights;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>What a business can show everybody about how it deals with data. Nothing in it is about a person, or about fewer than 10.</summary>
/// <param name="Requests">Null while fewer than 10 were answered.</param>
/// <param name="CheckedAt">When the whole log was last checked, and found whole; null when it was not, or something was found.</param>
/// <param name="Witnesses">How many outside signed a checkpoint within the last day.</param>
/// <param name="BackedUpAt">When the newest backup that was made and read back began; null when there is none.</param>
/// <param name="Reviewed">How many odd patterns in the log somebody has looked into, rounded down to tens; null for fewer than 10.</param>
/// <param name="Checkpoint">The signed head of the log; null when it cannot be signed.</param>
public sealed record PublicFacts(
    ActiveCatalog Catalog, PublicRequestFigures? Requests, DateTimeOffset? CheckedAt, int Witnesses, DateTimeOffset? BackedUpAt, int? Reviewed, string? Checkpoint)
{
    private const int MostReviewed = 10_000;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static async Task<PublicFacts> LoadAsync(Database database, CatalogRegister catalogs, CheckpointSigner signer, Witnesses witnesses, CancellationToken ct)
    {
        var checkpoint = await FindCheckpointAsync(database, signer, ct);
        return await database.ReadAsync(async tx =>
        {
            var walk = await LogWalks.FindAsync(tx, LogSelfCheck.Walk, ct);
            var signing = (await witnesses.StateAsync(tx, ct)).Count(w => w.CosignedAt > tx.Now - Day);
            var reviewed = (await AnomalyBook.ListAsync(tx, onlyOpen: false, MostReviewed, ct)).Count;
            return new PublicFacts(
                await catalogs.GetActiveAsync(tx, ct), await PublicRequestFigures.LoadAsync(tx, ct), checkpoint is not null && walk?.Finding is null ? walk?.FinishedAt : null, signing,
                (await BackupRows.LastAsync(tx, ct))?.BeganAt, reviewed < PublicRequestFigures.Fewest ? null : reviewed / PublicRequestFigures.Fewest * PublicRequestFigures.Fewest, checkpoint);
        }, ct);
    }

    private static async Task<string?> FindCheckpointAsync(Database database, CheckpointSigner signer, CancellationToken ct)
    {
        try
        {
            return await database.WriteAsync(tx => signer.ServeAsync(tx, ct), ct);
        }
        catch (Fault)
        {
            return null;
        }
    }
}
