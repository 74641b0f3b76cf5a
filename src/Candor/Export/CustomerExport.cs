using System.Security.Cryptography;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Export;

/// <summary>Rows of an export, in an order that tells nothing.</summary>
/// <param name="Rows">One a customer whose choices allow the purpose; values in the order of the columns, empty where there is none.</param>
/// <param name="LeftOut">How many customers are not in it, by reason code.</param>
public sealed record ExportRows(IReadOnlyList<string> Columns, IReadOnlyList<(CustomerId Customer, string[] Values)> Rows, IReadOnlyDictionary<string, long> LeftOut);

/// <summary>Takes customers' data out for one purpose, each through the gate and with an entry in the log that the customer sees.</summary>
public sealed class CustomerExport(Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, SystemRead reads)
{
    /// <summary>Customers that are read in one transaction.</summary>
    private const int Batch = 100;

    private const string Job = "export";

    /// <summary>The plan under the catalog as it stands.</summary>
    public async Task<ExportPlan> PlanAsync(PurposeId purpose, IReadOnlyList<DataPointId> dataPoints, CancellationToken ct) =>
        ExportPlan.Of((await database.ReadAsync(tx => catalogs.GetActiveAsync(tx, ct), ct)).Catalog, purpose, dataPoints);

    /// <summary>Reads everybody.</summary>
    /// <param name="progress">Customers looked at, of how many.</param>
    public async Task<ExportRows> ReadAsync(ExportPlan plan, IProgress<(long Done, long Of)>? progress, CancellationToken ct)
    {
        var total = await database.ReadAsync(tx => vault.CountAsync(tx, ct), ct);
        var (rows, leftOut, after, done) = (new List<(CustomerId, string[])>(), new SortedDictionary<string, long>(StringComparer.Ordinal), "", 0L);
        DataPointId[] asked = [.. plan.DataPoints.Select(d => d.Id)];
        while (await database.ReadAsync(tx => vault.IdsAsync(tx, after, Batch, ct), ct) is { Count: > 0 } page)
        {
            var evaluated = await database.WriteAsync(async tx =>
            {
                var batch = new List<SystemRead.Evaluated>();
                foreach (var customer in page)
                {
                    batch.Add(await reads.EvaluateAsync(tx, new SystemRead.Question(Job, "for analysts", customer, asked, plan.Purpose.Id), ct));
                }

                return batch;
            }, ct);
            foreach (var read in evaluated.Select(reads.Open))
            {
                if (read.Decision is Decision.Denied { Reason: var reason })
                {
                    leftOut[reason.Code()] = leftOut.GetValueOrDefault(reason.Code()) + 1;
                }
                else
                {
                    rows.Add((read.Opened!.Customer, [.. plan.DataPoints.Select(d => ValueOf(d, read.Opened))]));
                }
            }

            (after, done) = (page[^1].Value, done + page.Count);
            progress?.Report((done, Math.Max(total, done)));
        }

        var shuffled = rows.ToArray();
        RandomNumberGenerator.Shuffle(shuffled.AsSpan());
        return new ExportRows(plan.Columns, shuffled, leftOut);
    }

    /// <summary>Writes the export into the log. Called before the file can be found under its name.</summary>
    /// <param name="kind">Such as <c>pseudonymous</c>.</param>
    /// <param name="digest">SHA-256 of the file, in hex.</param>
    /// <returns>Id of the entry.</returns>
    public Task<string> LogAsync(ExportPlan plan, string by, string kind, long rows, string digest, CancellationToken ct) => database.WriteAsync(async tx => await log.AppendAsync(tx, new AuditEvent
    {
        Kind = AuditKind.Export, Actor = by, Purpose = plan.Purpose.Id.Value, CatalogVersion = (await catalogs.GetActiveAsync(tx, ct)).Version,
        DataPoints = [.. plan.DataPoints.Select(d => d.Id.Value)], Reason = $"{kind} {rows}", Subject = digest,
    }, ct), ct);

    private static string ValueOf(DataPoint dataPoint, OpenedCustomer opened)
    {
        var values = opened.Values.Where(v => v.DataPoint == dataPoint.Id).ToList();
        if (dataPoint.Kind == DataPointKind.History)
        {
            return values.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return values is [var value] ? JsonElement.Parse(value.Json.Span) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : System.Text.Encoding.UTF8.GetString(value.Json.Span) : "";
    }
}
