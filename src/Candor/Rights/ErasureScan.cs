using System.Globalization;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Rights;

/// <summary>A look through every table that names customers, after an erasure and before it is kept.</summary>
/// <remarks>The tables are taken from the schema, so a table that a later version adds is looked at too. Something left there undoes the whole erasure.</remarks>
/// <param name="Tables">How many tables were looked at.</param>
/// <param name="Rows">How many rows there name the customer still.</param>
public sealed record ErasureScan(int Tables, long Rows)
{
    /// <exception cref="InvalidOperationException">A module left something: a bug of ours, and the erasure does not count.</exception>
    internal static async ValueTask<ErasureScan> RunAsync(Transaction tx, Database database, CustomerId customer, CancellationToken ct)
    {
        var counts = await database.CountRowsAsync(tx, customer, ct);
        var left = counts.Where(c => c.Rows > 0).Select(c => c.Table).ToList();
        return left.Count == 0
            ? new ErasureScan(counts.Count, 0)
            : throw new InvalidOperationException($"Erasure left rows in {string.Join(", ", left)}: their module adds no step to it.");
    }

    /// <summary>As the log has it: <c>scanned:9 left:0</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"scanned:{Tables} left:{Rows}");
}
