namespace Candor.Storage;

/// <summary>What becomes of a copy of the database.</summary>
/// <param name="WorkFolder">A folder of its own in which a copy may lie for a while. The caller empties it afterwards, also when this fails.</param>
/// <param name="Without">Tables whose rows stay behind.</param>
/// <param name="Look">Given the database as it is copied. SQLite: the copy, which may still be changed. PostgreSQL: the live one, a moment before.</param>
/// <param name="Take">Given the content: a file of known length on SQLite, a dump of unknown length on PostgreSQL.</param>
/// <param name="Progress">Share of the copy that is made, 0 to 1.</param>
public sealed record CopyPlan(string WorkFolder, IReadOnlyList<string> Without, Func<Database, Task> Look, Func<Stream, Task> Take, IProgress<double>? Progress);

/// <summary>An empty place that a copy is put back into.</summary>
public abstract class CopyPlace
{
    /// <summary>Engine, as <see cref="Database.Engine"/> names it.</summary>
    public abstract string Engine { get; }

    /// <exception cref="Kernel.Fault">Conflict when something is there already.</exception>
    public abstract Task RefuseUsedAsync(CancellationToken ct);

    /// <summary>Puts a copy's content there. What an interrupted run has left is put aside.</summary>
    public abstract Task PutBackAsync(Stream content, CancellationToken ct);

    /// <summary>Opens what was put back, and checks that it is whole as far as the engine can tell.</summary>
    public abstract Task<Database> OpenAsync(TimeProvider clock, CancellationToken ct);
}
