using System.Data.Common;
using System.Security.Cryptography;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>The statement that finds the actor behind a token, and how its row is read. The path of a read runs it in its own pipeline.</summary>
public static class ActorStatement
{
    private const string Key =
        "SELECT k.secret_hash, k.service, k.purposes, k.may, k.expires_at_us, k.revoked_at_us, k.networks, k.assistant, k.customers_per_hour FROM api_key k WHERE k.key_id = @token";

    private const string Session =
        """
        SELECT s.session_ref, s.kind, s.subject, s.mfa_at_us, s.expires_at_us, s.revoked_at_us, f.roles, f.training_until_us, f.disabled_at_us, s.last_seen_us, s.idle_us
        FROM session s LEFT JOIN staff f ON f.staff_id = s.subject WHERE s.token_hash = @token
        """;

    /// <summary>The statement for this kind of token; its only parameter is <c>@token</c>.</summary>
    public static string For(Transaction tx, CallerToken token) => token.KeyId is null ? Session + tx.ForShare("s") : Key + tx.ForShare("k");

    public static void Fill(DbCommand command, CallerToken token) => command.Set("@token", token.KeyId is { } id ? id : token.Hash);

    /// <summary>Reads the current row; null when the secret of a known key is wrong, or it comes from where that key does not count.</summary>
    public static ActorState? Read(DbDataReader row, CallerToken token) => token.KeyId is null ? ReadSession(row) : ReadKey(row, token);

    private static ActorState? ReadKey(DbDataReader row, CallerToken token) =>
        CryptographicOperations.FixedTimeEquals((byte[])row.GetValue(0), token.Hash) && (row.IsDBNull(6) || KeyNetworks.Contain(row.GetString(6), token.From))
            ? new ActorState
            {
                Kind = ActorKind.Service,
                Ref = token.KeyId!,
                Service = row.GetString(1),
                Scope = row.GetString(2),
                May = row.GetString(3),
                ExpiresAt = Micros.ToInstant(row.GetInt64(4)),
                IsRevoked = !row.IsDBNull(5),
                Assistant = row.IsDBNull(7) ? null : row.GetString(7),
                CustomersPerHour = row.IsDBNull(8) ? 0 : row.GetInt64(8),
            }
            : null;

    private static ActorState ReadSession(DbDataReader row) => new()
    {
        Kind = row.GetString(1) == "staff" ? ActorKind.Staff : ActorKind.Customer,
        Ref = row.GetString(2),
        Session = row.GetString(0),
        MfaAt = row.IsDBNull(3) ? null : Micros.ToInstant(row.GetInt64(3)),
        ExpiresAt = Micros.ToInstant(row.IsDBNull(9) || row.IsDBNull(10) ? row.GetInt64(4) : Math.Min(row.GetInt64(4), row.GetInt64(9) + row.GetInt64(10))),
        LastSeenAt = row.IsDBNull(9) ? null : Micros.ToInstant(row.GetInt64(9)),
        IsRevoked = !row.IsDBNull(5) || !row.IsDBNull(8),
        Roles = row.IsDBNull(6) ? "" : row.GetString(6),
        TrainingUntil = row.IsDBNull(7) ? null : Micros.ToInstant(row.GetInt64(7)),
    };
}
