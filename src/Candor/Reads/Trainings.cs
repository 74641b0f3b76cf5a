using Candor.Catalog;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Reads;

/// <summary>All training that counts: the modules in files, and the one that the catalog writes.</summary>
public sealed class Trainings(TrainingLibrary library, TrainingRegister register, CatalogRegister catalogs)
{
    public TrainingRegister Register { get; } = register;

    public TrainingLibrary Library { get; } = library;

    /// <summary>Makes the files' modules and the active catalog's rules those that count. Nothing happens before there is a catalog.</summary>
    /// <returns>How many modules or editions changed.</returns>
    public async ValueTask<int> CountAsync(Transaction tx, string by, CancellationToken ct) =>
        (await catalogs.HistoryAsync(tx, ct)).Count == 0 ? 0 : await Register.CountAsync(tx, await AllAsync(tx, ct), by, ct);

    /// <summary>Every module, with the rules of all roles.</summary>
    public async ValueTask<IReadOnlyList<TrainingModule>> AllAsync(Transaction tx, CancellationToken ct) =>
        [.. Library.Modules, DataRules.ForAll((await catalogs.GetActiveAsync(tx, ct)).Catalog)];

    /// <summary>The modules that somebody with these roles must have passed.</summary>
    public async ValueTask<IReadOnlyList<TrainingModule>> ForAsync(Transaction tx, IReadOnlySet<string> roles, CancellationToken ct) =>
        [.. Library.Modules.Where(m => m.IsRequiredFor(roles)), DataRules.For((await catalogs.GetActiveAsync(tx, ct)).Catalog, roles)];

    /// <summary>One of them; null when they need not take a module of this name.</summary>
    public async ValueTask<TrainingModule?> FindAsync(Transaction tx, IReadOnlySet<string> roles, string module, CancellationToken ct) =>
        (await ForAsync(tx, roles, ct)).FirstOrDefault(m => m.Id == module);
}
