using System.Security.Cryptography;
using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Messages;

/// <summary>A message to a customer, before it is written: the words come from the template, in the customer's language, when it is sent.</summary>
/// <param name="Template">Name of the template, such as <c>choice-changed</c>.</param>
/// <param name="Purpose">The purpose that it is sent for, whose consent is checked again at sending; null for what informs or answers the customer about their own rights.</param>
/// <param name="Values">What fills the template's blanks.</param>
/// <param name="NotBefore">Earliest instant of sending; null: at once.</param>
/// <remarks>The values of a template are those of <see cref="TemplateBlanks"/>. Beside them, <c>language</c> names the language for a customer of whom none is known.</remarks>
public sealed record OutgoingMessage(string Template, PurposeId? Purpose, IReadOnlyDictionary<string, string> Values, DateTimeOffset? NotBefore = null)
{
    /// <summary>Name of the value that is no blank but the language to fall back to.</summary>
    public const string LanguageValue = "language";

    /// <summary>The first consent record that it tells of.</summary>
    internal long? About { get; init; }

    /// <summary>When it is of no use any more: it is dropped from then on. Null: it is tried as often as any other.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>The last message to somebody whose key is destroyed in the same transaction.</summary>
/// <param name="Address">E-mail address.</param>
/// <param name="Language">Of the text, such as <c>en</c>; the catalog's first where there is no text in it.</param>
public sealed record Farewell(string Template, string Address, string? Name, string Language, IReadOnlyDictionary<string, string> Values);

/// <summary>Messages that wait, written in the transaction of what they tell about: either both are kept or none.</summary>
public sealed class Outbox(PersonalVault vault)
{
    /// <summary>Class of the sealed values.</summary>
    internal const string NoteKind = "message";

    /// <summary>Class of the sealed farewells.</summary>
    internal const string FarewellKind = "farewell";

    /// <summary>Why a message was dropped whose use is paused.</summary>
    internal const string PausedOutcome = "use-paused";

    /// <summary>A farewell that could not be sent is given up after this, because nothing else of its receiver is left.</summary>
    public static readonly TimeSpan FarewellLives = TimeSpan.FromDays(7);

    /// <summary>Queues a message.</summary>
    /// <returns>Its id, 32 hex characters, which is also the local part of its Message-ID.</returns>
    public async ValueTask<string> QueueAsync(Transaction tx, CustomerKey customer, OutgoingMessage message, CancellationToken ct)
    {
        CheckTemplate(message.Template);
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            """
            INSERT INTO outbox (customer_id, message_id, template, purpose, sealed, state, not_before_us, attempts, created_at_us, changed_at_us, about, not_after_us)
            VALUES (@Customer, @id, @Template, @Purpose, @Sealed, 'queued', @NotBefore, 0, @NowUs, @NowUs, @About, @NotAfter)
            """,
            new
            {
                Customer = customer.Id.Value, id, message.Template, Purpose = message.Purpose?.Value,
                Sealed = vault.SealNote(customer, NoteKind, id, JsonSerializer.SerializeToUtf8Bytes(message.Values)),
                NotBefore = Micros.From(message.NotBefore ?? tx.Now), tx.NowUs, message.About, NotAfter = Micros.From(message.NotAfter),
            }, ct);
        return id;
    }

    /// <summary>Queues the last message to a customer who is erased in this transaction. Address and values are sealed under a key of the platform's own,
    /// since the customer's is gone, and are deleted as soon as the message is sent, at the latest after <see cref="FarewellLives"/>.</summary>
    /// <returns>Its id, 32 hex characters.</returns>
    public async ValueTask<string> QueueFarewellAsync(Transaction tx, Farewell farewell, CancellationToken ct)
    {
        CheckTemplate(farewell.Template);
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            """
            INSERT INTO farewell (message_id, template, sealed, not_before_us, attempts, delete_at_us)
            VALUES (@id, @Template, @Sealed, @NowUs, 0, @DeleteAt)
            """,
            new
            {
                id, farewell.Template, tx.NowUs, DeleteAt = Micros.From(tx.Now + FarewellLives),
                Sealed = vault.Partings.Seal(FarewellKind, id, JsonSerializer.SerializeToUtf8Bytes(farewell)),
            }, ct);
        return id;
    }

    /// <summary>Takes back what waits for a purpose; part of withdrawing from it.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> CancelAsync(Transaction tx, CustomerId customer, PurposeId purpose, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET state = 'dropped', outcome = 'no-longer-allowed', changed_at_us = @NowUs
        WHERE customer_id = @Customer AND purpose = @Purpose AND state = 'queued'
        """, new { Customer = customer.Value, Purpose = purpose.Value, tx.NowUs }, ct);

    /// <summary>Takes back what waits of one template for a purpose: what it tells is not so any more.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> CancelAsync(Transaction tx, CustomerId customer, PurposeId purpose, string template, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET state = 'dropped', outcome = 'no-longer-so', changed_at_us = @NowUs
        WHERE customer_id = @Customer AND purpose = @Purpose AND template = @template AND state = 'queued'
        """, new { Customer = customer.Value, Purpose = purpose.Value, template, tx.NowUs }, ct);

    /// <summary>Takes back what waits for a purpose, of all customers: nobody is written to for it now, nor later about what was so before.</summary>
    /// <returns>How many.</returns>
    public static async ValueTask<int> CancelAllAsync(Transaction tx, PurposeId purpose, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE outbox SET state = 'dropped', outcome = @Outcome, sealed = @Nothing, lease_until_us = NULL, changed_at_us = @NowUs WHERE purpose = @Purpose AND state = 'queued'
        """, new { Outcome = PausedOutcome, Nothing = Array.Empty<byte>(), Purpose = purpose.Value, tx.NowUs }, ct);

    /// <summary>How many messages of a customer wait to be sent.</summary>
    public async ValueTask<long> CountWaitingAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await tx.FindAsync<long>("SELECT count(*) FROM outbox WHERE customer_id = @Value AND state = 'queued'", new { customer.Value }, ct);

    /// <summary>Removes every message of a customer, what other systems were still to be told of them, and when they are reminded; part of erasure.</summary>
    /// <remarks>A farewell and <see cref="Webhooks.QueuePartingAsync"/> stay: they are not sealed under the customer's key.</remarks>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.RunAsync("DELETE FROM outbox WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM webhook_delivery WHERE customer_id = @Value", new { customer.Value }, ct);
        await tx.RunAsync("DELETE FROM reminder WHERE customer_id = @Value", new { customer.Value }, ct);
    }

    private static void CheckTemplate(string template)
    {
        if (!TemplateBlanks.Exists(template) || TemplateBlanks.IsForStaff(template))
        {
            throw new ArgumentException($"There is no template `{template}` for customers; see TemplateBlanks.");
        }
    }
}
