using System.Text.Json;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>Whether a use is paused, as a transaction sees it.</summary>
public delegate ValueTask<bool> PauseLook(Transaction tx, PurposeId purpose, CancellationToken ct);

/// <summary>Sends what waits in the outbox. The customer's choices are asked again for each message, at the moment of sending; only then is the address opened.</summary>
/// <remarks>At least once: a node that dies between the relay's yes and its own commit leaves the message to be sent again, under the same Message-ID.</remarks>
public sealed class OutboxSender
{
    private const string Job = "messages";
    private static readonly TimeSpan KeepEnded = TimeSpan.FromDays(30);
    private readonly Database database;
    private readonly SystemRead reads;
    private readonly PersonalVault vault;
    private readonly LetterFactsReader facts;
    private readonly LetterWriter writer;
    private readonly MailPost post;
    private readonly PauseLook isPaused;

    internal OutboxSender(Database database, SystemRead reads, PersonalVault vault, LetterFactsReader facts, LetterWriter writer, MailPost post, PauseLook isPaused) =>
        (this.database, this.reads, this.vault, this.facts, this.writer, this.post, this.isPaused) = (database, reads, vault, facts, writer, post, isPaused);

    private sealed record Prepared(SystemRead.Evaluated Read, Permit Permit, LetterFacts Facts);

    /// <summary>Sends what is due.</summary>
    /// <returns>How many were looked at; call again while it is as many as <paramref name="most"/>.</returns>
    public Task<int> SendDueAsync(int most, CancellationToken ct) => post.SendAllAsync(
        most, count => database.WriteAsync(tx => OutboxRows.ClaimAsync(tx, count, ct), ct), message => TrySendAsync(message, ct));

    /// <summary>Removes what was sent, dropped or given up more than 30 days ago.</summary>
    public Task<int> PurgeAsync(int most, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var removed = 0;
        foreach (var state in (string[])["sent", "dropped", "dead"])
        {
            removed += await OutboxRows.PurgeAsync(tx, state, tx.Now - KeepEnded, most - removed, ct);
        }

        return removed;
    }, ct);

    /// <summary>One message that cannot be made must not hold up the others: it is put back like one that the relay did not take, and the failure is told at the end.</summary>
    private async Task<Exception?> TrySendAsync(ClaimedMessage message, CancellationToken ct)
    {
        try
        {
            await SendAsync(message, ct);
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            await GiveBackAsync(message, "failed");
            return e;
        }
    }

    private async Task SendAsync(ClaimedMessage message, CancellationToken ct)
    {
        if (await database.WriteAsync(tx => PrepareAsync(tx, message, ct), ct) is not { } prepared)
        {
            return;
        }

        var catalog = prepared.Facts.Catalog.Catalog;
        var opened = reads.Open(prepared.Read).Opened!;
        var note = vault.OpenNotes(prepared.Permit, prepared.Read.Sealed!, Outbox.NoteKind, [(message.MessageId, message.Sealed)])[0];
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(note.Span)!;
        if (Addresses.Find(catalog, opened, values.GetValueOrDefault(OutgoingMessage.LanguageValue)) is not { } to)
        {
            await EndAsync(message, "dropped", "no-address");
            return;
        }

        if (writer.Tell(message.Template, to, values, prepared.Facts) is not { } told)
        {
            await EndAsync(message, "dropped", "nothing-to-say");
            return;
        }

        var purpose = message.ForPurpose is { } id ? (message.Customer, catalog.Purposes[id]) : ((CustomerId, Purpose)?)null;
        var letter = writer.Write(message.MessageId, message.Template, to, told.Values, catalog.Organisation, purpose, told.Files);
        var failure = await post.SendAsync(letter, catalog.Organisation, ct);
        await (failure switch
        {
            null => EndAsync(message, "sent", null),
            { IsFinal: true } => EndAsync(message, "dead", failure.Code),
            _ => GiveBackAsync(message, failure.Code),
        });
    }

    private Task GiveBackAsync(ClaimedMessage message, string outcome) => message.Attempts >= Retry.MostForMessages
        ? EndAsync(message, "dead", outcome)
        : database.WriteAsync(tx => OutboxRows.PutBackAsync(tx, message, outcome, CancellationToken.None), CancellationToken.None);

    /// <summary>Asks the gate, and loads what is to be said, in one transaction.</summary>
    private async ValueTask<Prepared?> PrepareAsync(Transaction tx, ClaimedMessage message, CancellationToken ct)
    {
        // Confirmations of one customer swallow each other, so one at a time.
        await tx.LockCustomerAsync(message.Customer, exclusive: message.Template == TemplateBlanks.ChoiceChanged, ct);
        if (!await OutboxRows.IsClaimedAsync(tx, message, ct))
        {
            return null;
        }

        if (message.NotAfterUs <= tx.NowUs)
        {
            await OutboxRows.EndAsync(tx, message, "dropped", "too-late", ct);
            return null;
        }

        // What was queued while the pause was beginning was not taken back with the rest.
        if (message.ForPurpose is { } use && await isPaused(tx, use, ct))
        {
            await OutboxRows.EndAsync(tx, message, "dropped", Outbox.PausedOutcome, ct);
            return null;
        }

        var catalog = await facts.CatalogAsync(tx, ct);
        var question = new SystemRead.Question(Job, message.Template, message.Customer, Addresses.Of(catalog.Catalog), message.ForPurpose, 0);
        var read = await reads.EvaluateAsync(tx, question, ct);
        if (read.Decision is Decision.Allowed { Permit: var permit })
        {
            return new Prepared(read, permit, await facts.LoadAsync(tx, message, catalog, ct));
        }

        await OutboxRows.EndAsync(tx, message, "dropped", ((Decision.Denied)read.Decision).Reason.Code(), ct);
        return null;
    }

    /// <summary>Not cancelled: what left has left, and that it did must be kept.</summary>
    private Task EndAsync(ClaimedMessage message, string state, string? outcome) =>
        database.WriteAsync(tx => OutboxRows.EndAsync(tx, message, state, outcome, CancellationToken.None), CancellationToken.None);
}
