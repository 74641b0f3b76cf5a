using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Sends what waits for members of staff. Who has left, or lost the role that it was for, gets nothing any more.</summary>
/// <remarks>At least once, like every message: a node that dies between the relay's yes and its own commit leaves it to be sent again, under the same Message-ID.</remarks>
public sealed class StaffMailSender
{
    private static readonly TimeSpan KeepEnded = TimeSpan.FromDays(30);
    private readonly Database database;
    private readonly CatalogRegister catalogs;
    private readonly PartingSeal seal;
    private readonly LetterWriter writer;
    private readonly MailPost post;

    internal StaffMailSender(Database database, CatalogRegister catalogs, PartingSeal seal, LetterWriter writer, MailPost post) =>
        (this.database, this.catalogs, this.seal, this.writer, this.post) = (database, catalogs, seal, writer, post);

    private sealed record Claimed(string MessageId, string StaffId, string? Role, string Template, byte[] Sealed, long Attempts, long LeaseUntilUs)
    {
        public StaffContact? To { get; set; }
    }

    private sealed record Outcome(string State, string? Code);

    /// <summary>Sends what is due.</summary>
    /// <returns>How many were looked at; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> SendDueAsync(int most, CancellationToken ct)
    {
        PurposeCatalog? catalog = null;
        return post.SendAllAsync(
            most,
            count => database.WriteAsync(async tx =>
            {
                var taken = await ClaimAsync(tx, count, ct);
                catalog = taken.Count > 0 ? (await catalogs.GetActiveAsync(tx, ct)).Catalog : null;
                return taken;
            }, ct),
            row => TrySendAsync(row, catalog!, ct));
    }

    /// <summary>Removes what ended more than 30 days ago.</summary>
    public Task<int> PurgeAsync(int most, CancellationToken ct) => database.WriteAsync(async tx => await tx.RunAsync(
        """
        DELETE FROM staff_mail WHERE message_id IN
            (SELECT message_id FROM staff_mail WHERE state <> 'queued' AND changed_at_us < @Before LIMIT @most)
        """, new { Before = Micros.From(tx.Now - KeepEnded), most = (long)most }, ct), ct);

    private async Task<Exception?> TrySendAsync(Claimed row, PurposeCatalog catalog, CancellationToken ct)
    {
        Exception? failure = null;
        Outcome outcome;
        try
        {
            outcome = await SendAsync(row, catalog, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            (outcome, failure) = (Later(row, "failed"), e);
        }

        await KeepAsync(row, outcome);
        return failure;
    }

    private async Task<Outcome> SendAsync(Claimed row, PurposeCatalog catalog, CancellationToken ct)
    {
        if (row.To is not { } person || (row.Role is { } roles && !person.HasAnyRole(roles.Split(' '))))
        {
            return new Outcome("dropped", row.To is null ? "no-longer-active" : "no-longer-in-role");
        }

        var content = JsonSerializer.Deserialize<StaffMail.Content>(seal.Open(StaffMail.NoteKind, row.MessageId, row.Sealed).Span)!;
        if ((content.Address ?? person.Email) is not { } address || !Letter.IsAddress(address))
        {
            return new Outcome("dropped", "no-address");
        }

        var to = new Receiver(address, person.Name);
        IReadOnlyList<LetterFile> files = content.File is { } file ? [new LetterFile(file.Name, MediaTypeNames.Text.Plain + "; charset=utf-8", Encoding.UTF8.GetBytes(file.Text))] : [];
        var letter = writer.Write(row.MessageId, row.Template, to, writer.InWords(row.Template, to, content.Facts, catalog), catalog.Organisation, null, files);
        return await post.SendAsync(letter, catalog.Organisation, ct) switch
        {
            null => new Outcome("sent", null),
            { IsFinal: true } failure => new Outcome("dead", failure.Code),
            var failure => Later(row, failure.Code),
        };
    }

    private static Outcome Later(Claimed row, string code) => new(row.Attempts >= Retry.MostForMessages ? "dead" : "queued", code);

    /// <summary>Not cancelled: what left has left, and that it did must be kept.</summary>
    private Task KeepAsync(Claimed row, Outcome outcome) => database.WriteAsync(async tx => await tx.RunAsync(
        """
        UPDATE staff_mail SET state = @State, outcome = @Code, sealed = @Sealed, lease_until_us = NULL, not_before_us = @Next, changed_at_us = @NowUs
        WHERE message_id = @MessageId AND state = 'queued' AND lease_until_us = @LeaseUntilUs
        """,
        new
        {
            outcome.State, outcome.Code, Sealed = outcome.State == "queued" ? row.Sealed : [], Next = Micros.From(tx.Now + Retry.After(row.Attempts)),
            tx.NowUs, row.MessageId, row.LeaseUntilUs,
        }, CancellationToken.None), CancellationToken.None);

    private static async ValueTask<IReadOnlyList<Claimed>> ClaimAsync(Transaction tx, int most, CancellationToken ct)
    {
        var command = tx.Prepared(
            "WITH due (m) AS (SELECT message_id FROM staff_mail WHERE state = 'queued' AND not_before_us <= @now ORDER BY not_before_us LIMIT @most" + tx.ForClaim + ") " +
            """
            UPDATE staff_mail SET lease_until_us = @lease, not_before_us = @lease, attempts = attempts + 1, changed_at_us = @now
            FROM due WHERE message_id = due.m
            RETURNING message_id, staff_id, role, template, sealed, attempts
            """);
        var lease = Micros.From(tx.Now + Retry.Lease);
        var claimed = new List<Claimed>();
        await using (var row = await command.Set("@now", tx.NowUs).Set("@most", (long)most).Set("@lease", lease).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                claimed.Add(new Claimed(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), (byte[])row.GetValue(4), row.GetInt64(5), lease));
            }
        }

        foreach (var row in claimed)
        {
            row.To = await StaffDirectory.FindAsync(tx, row.StaffId, ct);
        }

        return claimed;
    }
}
