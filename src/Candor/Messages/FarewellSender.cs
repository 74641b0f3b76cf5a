using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Sends the last messages to people who were erased, and deletes each as soon as it is sent.</summary>
/// <remarks>The gate is not asked: nobody is left whose choices it could look at, and the message is the answer to their own request.</remarks>
public sealed class FarewellSender
{
    private const int Batch = 20;
    private readonly Database database;
    private readonly CatalogRegister catalogs;
    private readonly PartingSeal seal;
    private readonly LetterWriter writer;
    private readonly MailPost post;

    internal FarewellSender(Database database, CatalogRegister catalogs, PartingSeal seal, LetterWriter writer, MailPost post) =>
        (this.database, this.catalogs, this.seal, this.writer, this.post) = (database, catalogs, seal, writer, post);

    private sealed record Claimed(string MessageId, byte[] Sealed, long Attempts, long LeaseUntilUs);

    /// <summary>Sends what is due, and deletes what is older than <see cref="Outbox.FarewellLives"/>.</summary>
    /// <returns>How many were looked at.</returns>
    public async Task<int> SendDueAsync(CancellationToken ct)
    {
        var (claimed, catalog) = await database.WriteAsync(async tx =>
        {
            await tx.RunAsync("DELETE FROM farewell WHERE delete_at_us <= @NowUs", new { tx.NowUs }, ct);
            var taken = await ClaimAsync(tx, ct);
            return (taken, taken.Count > 0 ? await catalogs.GetActiveAsync(tx, ct) : null);
        }, ct);
        foreach (var row in claimed)
        {
            await KeepAsync(row, await SendAsync(row, catalog!.Catalog.Organisation, ct));
        }

        return claimed.Count;
    }

    /// <summary>How many wait.</summary>
    public static async ValueTask<long> CountAsync(Transaction tx, CancellationToken ct) => await tx.FindAsync<long>("SELECT count(*) FROM farewell", null, ct);

    private async Task<MailFailure?> SendAsync(Claimed row, Organisation organisation, CancellationToken ct)
    {
        try
        {
            var farewell = JsonSerializer.Deserialize<Farewell>(seal.Open(Outbox.FarewellKind, row.MessageId, row.Sealed).Span)!;
            var to = new Receiver(farewell.Address, farewell.Name, farewell.Language);
            return Letter.IsAddress(farewell.Address)
                ? await post.SendAsync(writer.Write(row.MessageId, farewell.Template, to, farewell.Values, organisation, null, []), organisation, ct)
                : new MailFailure("no-address", isFinal: true, null);
        }
        catch (Fault damaged)
        {
            // Nobody can read it any more, so it can only wait for its last day.
            return new MailFailure(damaged.What, isFinal: false, damaged);
        }
    }

    private async Task KeepAsync(Claimed row, MailFailure? failure)
    {
        await database.WriteAsync(async tx =>
        {
            // What cannot be delivered at all is of no use to keep.
            var sql = failure is null or { IsFinal: true }
                ? "DELETE FROM farewell WHERE message_id = @MessageId"
                : "UPDATE farewell SET lease_until_us = NULL, not_before_us = @Next, outcome = @Code WHERE message_id = @MessageId AND lease_until_us = @LeaseUntilUs";
            await tx.RunAsync(sql, new { row.MessageId, row.LeaseUntilUs, failure?.Code, Next = Micros.From(tx.Now + Retry.After(row.Attempts)) }, CancellationToken.None);
        }, CancellationToken.None);
    }

    private static async ValueTask<IReadOnlyList<Claimed>> ClaimAsync(Transaction tx, CancellationToken ct)
    {
        var command = tx.Prepared(
            "WITH due (m) AS (SELECT message_id FROM farewell WHERE not_before_us <= @now ORDER BY not_before_us LIMIT @most" + tx.ForClaim + ") " +
            """
            UPDATE farewell SET lease_until_us = @lease, not_before_us = @lease, attempts = attempts + 1 FROM due WHERE message_id = due.m
            RETURNING message_id, sealed, attempts
            """);
        var lease = Micros.From(tx.Now + Retry.Lease);
        var claimed = new List<Claimed>();
        await using var row = await command.Set("@now", tx.NowUs).Set("@most", (long)Batch).Set("@lease", lease).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            claimed.Add(new Claimed(row.GetString(0), (byte[])row.GetValue(1), row.GetInt64(2), lease));
        }

        return claimed;
    }
}
