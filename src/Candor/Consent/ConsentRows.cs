using System.Data.Common;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Consent;

/// <summary>The two tables of the ledger as rows, and the one place that writes them.</summary>
internal static class ConsentRows
{
    /// <summary>Adds the record and moves the state of its purpose to what the event leaves.</summary>
    public static async ValueTask InsertAsync(Transaction tx, ConsentRecord record, CancellationToken ct)
    {
        var row = new
        {
            Customer = record.Customer.Value,
            record.Version,
            record.Id,
            Purpose = record.Purpose?.Value ?? ConsentWords.EveryPurpose,
            Event = record.Event.Code(),
            State = record.Event.StateAfter()?.Code(),
            record.CatalogVersion,
            record.NoticeHash,
            record.Language,
            record.Method,
            AtUs = Micros.From(record.At),
            ExpiresAtUs = Micros.From(record.ExpiresAt),
        };
        await tx.RunAsync(
            """
            INSERT INTO consent_record (customer_id, version, record_id, purpose, event, catalog_version, notice_hash, language, method, at_us, expires_at_us)
            VALUES (@Customer, @Version, @Id, @Purpose, @Event, @CatalogVersion, @NoticeHash, @Language, @Method, @AtUs, @ExpiresAtUs)
            """, row, ct);
        await tx.RunAsync(row.State is null ? "DELETE FROM consent_state WHERE customer_id = @Customer AND purpose = @Purpose" : MoveState, row, ct);
    }

    private const string MoveState =
        """
        INSERT INTO consent_state (customer_id, purpose, state, version, catalog_version, notice_hash, changed_at_us, expires_at_us)
        VALUES (@Customer, @Purpose, @State, @Version, @CatalogVersion, @NoticeHash, @AtUs, @ExpiresAtUs)
        ON CONFLICT (customer_id, purpose) DO UPDATE SET state = excluded.state, version = excluded.version,
            catalog_version = excluded.catalog_version, notice_hash = excluded.notice_hash,
            changed_at_us = excluded.changed_at_us, expires_at_us = excluded.expires_at_us
        """;
}

/// <summary>A use that a customer has stopped: withdrawn, refused, objected or restricted (then the purpose is <see cref="ConsentWords.EveryPurpose"/>).</summary>
public sealed record StoppedUse(string CustomerId, string Purpose, string State, long ChangedAtUs, string Language);

internal sealed record DueRow(string CustomerId, string Purpose);

internal sealed record StateRow(
    string Purpose, string State, long Version, long CatalogVersion, string NoticeHash, long ChangedAtUs, long? ExpiresAtUs)
{
    private const string Columns =
        """
        SELECT purpose AS Purpose, state AS State, version AS Version, catalog_version AS CatalogVersion, notice_hash AS NoticeHash,
            changed_at_us AS ChangedAtUs, expires_at_us AS ExpiresAtUs
        """;

    public const string Select = Columns + " FROM consent_state";

    /// <summary>With whose it is, in the last column.</summary>
    public const string SelectMany = Columns + ", customer_id FROM consent_state";

    /// <summary>Reads the columns of <see cref="Select"/>.</summary>
    public static StateRow FromRow(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetInt64(5), row.IsDBNull(6) ? null : row.GetInt64(6));

    /// <summary>The instant of expiry is exclusive: at that microsecond the consent no longer counts.</summary>
    public bool IsOverdue(DateTimeOffset now) => State == "given" && ExpiresAtUs <= Micros.From(now);

    public Choice AsChoice(DateTimeOffset now) => new(PurposeId.Parse(Purpose),
        IsOverdue(now) ? ConsentState.Expired : ConsentWords.State(State), Version, CatalogVersion, NoticeHash, ChangedAtUs, ExpiresAtUs);
}

internal sealed record RecordRow(
    long Version, string Id, string Purpose, string Event, long CatalogVersion, string NoticeHash, string Language, string Method, long AtUs, long? ExpiresAtUs)
{
    public const string Select =
        """
        SELECT version AS Version, record_id AS Id, purpose AS Purpose, event AS Event, catalog_version AS CatalogVersion, notice_hash AS NoticeHash,
            language AS Language, method AS Method, at_us AS AtUs, expires_at_us AS ExpiresAtUs FROM consent_record
        """;

    public ConsentRecord AsRecord(CustomerId customer) => new(Id, customer,
        Purpose == ConsentWords.EveryPurpose ? null : PurposeId.Parse(Purpose), ConsentWords.Event(Event), Version, CatalogVersion,
        NoticeHash, Language, Method, Micros.ToInstant(AtUs), Micros.ToInstant(ExpiresAtUs));
}
