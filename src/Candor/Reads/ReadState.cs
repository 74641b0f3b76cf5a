using System.Data.Common;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Reads;

/// <summary>Everything a read needs, loaded in one trip: actor, customer, choices, catalog version, sealed fields. Nothing of it is kept.</summary>
internal sealed class ReadState
{
    private const string Lookup = "SELECT l.customer_id FROM customer_lookup l WHERE l.kind = 'reference' AND l.digest = @digest";

    private const string Customer =
        """
        SELECT k.customer_id, k.audit_ref, k.wrapped, k.kek_version, k.commitment, k.created_at_us
        FROM customer_lookup l JOIN customer_key k ON k.customer_id = l.customer_id
        WHERE l.kind = 'reference' AND l.digest = @digest
        """;

    private const string Choices =
        """
        SELECT s.purpose, s.state, s.version, s.catalog_version, s.notice_hash, s.changed_at_us, s.expires_at_us
        FROM customer_lookup l JOIN consent_state s ON s.customer_id = l.customer_id AND (s.purpose = @purpose OR s.purpose = '*')
        WHERE l.kind = 'reference' AND l.digest = @digest
        """;

    private const string Fields =
        """
        SELECT f.data_point, f.record_version, f.sealed, f.source, f.changed_at_us
        FROM customer_lookup l JOIN sealed_field f ON f.customer_id = l.customer_id
        WHERE l.kind = 'reference' AND l.digest = @digest
        """;

    /// <summary>The catalog's active version and the purpose's approval. The version is locked on PostgreSQL, so that a narrowing counts for every read that starts after it.</summary>
    private const string Catalog =
        "SELECT a.version, p.purpose, p.until_us FROM catalog_active a LEFT JOIN purpose_approval p ON p.purpose = @purpose WHERE a.id = 1";

    public ActorState? Actor { get; private set; }

    public CustomerKey? Key { get; private set; }

    public long CatalogVersion { get; private set; }

    public Approval Approval { get; private set; }

    public Choice? Choice { get; private set; }

    /// <summary>The choice for <see cref="PurposeCatalog.AiAssistance"/>; looked up for AI assistants alone.</summary>
    public Choice? AssistanceChoice { get; private set; }

    /// <summary>Whether AI assistance may be used; looked up for AI assistants alone.</summary>
    public Approval AssistanceApproval { get; private set; }

    public bool IsRestricted { get; private set; }

    public List<SealedValue> SealedFields { get; } = [];

    /// <summary>Runs the pipeline: the customer's lock first, so that what follows is looked at after any wait for it.</summary>
    public static async ValueTask<ReadState> LoadAsync(Transaction tx, CallerToken token, byte[] digest, PurposeId purpose, CancellationToken ct)
    {
        var state = new ReadState();
        await state.LoadAllAsync(tx, token, digest, purpose, ct);
        if (state.Actor?.IsAssistant == true)
        {
            await state.LoadAssistanceAsync(tx, digest, ct);
        }

        return state;
    }

    /// <summary>INVARIANT: the customer's lock is held since the pipeline, so a withdrawal is before all of this read or after it.</summary>
    private async ValueTask LoadAssistanceAsync(Transaction tx, byte[] digest, CancellationToken ct)
    {
        AssistanceApproval = await PurposeApprovals.FindAsync(tx, PurposeCatalog.AiAssistance, ct);
        await using var row = await tx.Prepared(Choices + tx.ForShare("s")).Set("@digest", digest).Set("@purpose", PurposeCatalog.AiAssistance.Value).ExecuteReaderAsync(ct);
        while (await row.ReadAsync(ct))
        {
            if (row.GetString(0) != ConsentWords.EveryPurpose)
            {
                AssistanceChoice = ChoiceFrom(row, PurposeCatalog.AiAssistance);
            }
        }
    }

    private async ValueTask LoadAllAsync(Transaction tx, CallerToken token, byte[] digest, PurposeId purpose, CancellationToken ct)
    {
        var command = tx.Prepared(Pipelines.For(tx, token));
        command.Set("@digest", digest).Set("@purpose", purpose.Value);
        ActorStatement.Fill(command, token);
        await using var row = await command.ExecuteReaderAsync(ct);
        if (Pipelines.StartsWithLock(tx))
        {
            await row.NextResultAsync(ct);
        }

        Actor = await row.ReadAsync(ct) ? ActorStatement.Read(row, token) : null;
        await row.NextResultAsync(ct);
        if (await row.ReadAsync(ct))
        {
            CatalogVersion = row.GetInt64(0);
            Approval = row.IsDBNull(1) ? default : PurposeApprovals.Of(row, untilColumn: 2);
        }

        await row.NextResultAsync(ct);
        Key = await row.ReadAsync(ct) ? CustomerKey.FromRow(row) : null;
        await row.NextResultAsync(ct);
        while (await row.ReadAsync(ct))
        {
            TakeChoice(row, purpose);
        }

        await row.NextResultAsync(ct);
        while (await row.ReadAsync(ct))
        {
            SealedFields.Add(SealedValue.FieldFromRow(row));
        }
    }

    private void TakeChoice(DbDataReader row, PurposeId purpose)
    {
        if (row.GetString(0) == ConsentWords.EveryPurpose)
        {
            IsRestricted = ConsentWords.State(row.GetString(1)) == ConsentState.Restricted;
        }
        else
        {
            Choice = ChoiceFrom(row, purpose);
        }
    }

    private static Choice ChoiceFrom(DbDataReader row, PurposeId purpose) => new(
        purpose, ConsentWords.State(row.GetString(1)), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetInt64(5), row.IsDBNull(6) ? null : row.GetInt64(6));

    /// <summary>The pipeline's text for each engine and kind of token, built once.</summary>
    private static class Pipelines
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<(bool Locks, bool Key), string> Texts = new();

        public static bool StartsWithLock(Transaction tx) => tx.SharedLockOf("").Length > 0;

        public static string For(Transaction tx, CallerToken token) => Texts.GetOrAdd((StartsWithLock(tx), token.KeyId is not null), _ =>
            tx.SharedLockOf(Lookup)
            + string.Join(";\n", ActorStatement.For(tx, token), Catalog + tx.ForShare("a"), Customer + tx.ForShare("k"), Choices + tx.ForShare("s"), Fields));
    }
}
