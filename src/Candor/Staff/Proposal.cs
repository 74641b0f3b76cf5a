using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>How a proposed change stands.</summary>
public enum ProposalState
{
    /// <summary>Nobody has decided yet.</summary>
    Waiting,
    /// <summary>Approved; what it gives, such as a key that is shown once, has not been collected by the proposer yet.</summary>
    Ready,
    /// <summary>It counts.</summary>
    Applied,
    Refused,
    /// <summary>Taken back by the proposer.</summary>
    Withdrawn,
    /// <summary>Nobody decided, or nobody collected, in time.</summary>
    Expired,
    /// <summary>It could not be applied when its time had come: what it was to change had changed.</summary>
    Failed,
}

/// <summary>A change that one person proposes and another one decides on.</summary>
/// <param name="Parameters">JSON; fixed when proposed.</param>
/// <param name="Digest">SHA-256 of kind and parameters, 64 hex characters: what was shown, approved and applied is one and the same.</param>
/// <param name="ProposedBy">Staff id.</param>
/// <param name="ExpiresAt">Exclusive end of the time in which it can be decided and collected.</param>
/// <param name="AloneSince">Since when nobody but the proposer could decide; null while somebody can.</param>
/// <param name="DecidedBy">Staff id, or <see cref="FourEyes.SinglePerson"/>.</param>
/// <param name="Reason">Why it was refused, or the code of the fault that kept it from being applied.</param>
public sealed record Proposal(
    string Id, string Kind, string Parameters, string Digest, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset ExpiresAt, DateTimeOffset? AloneSince,
    ProposalState State, string? DecidedBy, DateTimeOffset? DecidedAt, string? Reason)
{
    /// <summary>The parameters as the kind knows them.</summary>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Parameters)!;

    internal static string DigestOf(string kind, string parameters) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{parameters}")));
}

/// <summary>A kind of change that needs two people.</summary>
/// <param name="Name">Such as <c>staff-roles</c>.</param>
/// <param name="Roles">Whose holders propose and decide; one of them is enough.</param>
/// <param name="IsCollected">Approval makes it ready, and its proposer collects what it gives at a moment of their own.</param>
/// <param name="Apply">Makes it count, in the transaction of the decision; the text names who is behind it in the log. Not called for what is collected.</param>
public sealed record ProposalKind(string Name, IReadOnlyList<string> Roles, bool IsCollected, Func<Transaction, Proposal, string, CancellationToken, ValueTask> Apply)
{
    public static ProposalKind Collected(string name, params string[] roles) => new(name, roles, true, (_, _, _, _) => ValueTask.CompletedTask);

    public bool IsFor(string roles) => roles.Split(' ').Any(Roles.Contains);
}

/// <summary>The rows of <see cref="FourEyes"/>.</summary>
internal static class ProposalRows
{
    private const string Columns =
        "proposal_id, kind, parameters, digest, proposed_by, proposed_at_us, expires_at_us, alone_since_us, state, decided_by, decided_at_us, reason";

    private sealed record Row(
        string ProposalId, string Kind, string Parameters, string Digest, string ProposedBy, long ProposedAtUs, long ExpiresAtUs, long? AloneSinceUs,
        string State, string? DecidedBy, long? DecidedAtUs, string? Reason)
    {
        public Proposal AsProposal() => new(
            ProposalId, Kind, Parameters, Digest, ProposedBy, Micros.ToInstant(ProposedAtUs), Micros.ToInstant(ExpiresAtUs), Micros.ToInstant(AloneSinceUs),
            Enum.Parse<ProposalState>(State), DecidedBy, Micros.ToInstant(DecidedAtUs), Reason);
    }

    public static async ValueTask AddAsync(Transaction tx, Proposal p, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO proposal (proposal_id, kind, parameters, digest, proposed_by, proposed_at_us, expires_at_us, alone_since_us, state)
        VALUES (@Id, @Kind, @Parameters, @Digest, @ProposedBy, @At, @End, @Alone, @State)
        """,
        new
        {
            p.Id, p.Kind, p.Parameters, p.Digest, p.ProposedBy, At = Micros.From(p.ProposedAt), End = Micros.From(p.ExpiresAt), Alone = Micros.From(p.AloneSince), State = p.State.ToString(),
        }, ct);

    public static async ValueTask<Proposal?> FindAsync(Transaction tx, string id, CancellationToken ct) =>
        (await tx.FindAsync<Row>("SELECT " + Columns + " FROM proposal WHERE proposal_id = @id", new { id }, ct))?.AsProposal();

    public static async ValueTask<IReadOnlyList<Proposal>> InStateAsync(Transaction tx, ProposalState state, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>("SELECT " + Columns + " FROM proposal WHERE state = @State ORDER BY proposed_at_us, proposal_id", new { State = state.ToString() }, ct)).Select(r => r.AsProposal())];

    public static async ValueTask<IReadOnlyList<Proposal>> NewestAsync(Transaction tx, int most, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>("SELECT " + Columns + " FROM proposal ORDER BY proposed_at_us DESC, proposal_id LIMIT @Most", new { Most = (long)most }, ct)).Select(r => r.AsProposal())];

    /// <summary>Moves a proposal on.</summary>
    /// <returns>False when somebody else did before.</returns>
    public static async ValueTask<bool> MoveAsync(Transaction tx, Proposal p, ProposalState to, string? by, string? reason, CancellationToken ct) => await tx.RunAsync(
        """
        UPDATE proposal SET state = @To, decided_by = coalesce(@by, decided_by), decided_at_us = @NowUs, reason = @reason
        WHERE proposal_id = @Id AND state = @From
        """, new { p.Id, From = p.State.ToString(), To = to.ToString(), by, tx.NowUs, reason }, ct) == 1;

    public static async ValueTask SetAloneAsync(Transaction tx, Proposal p, long? sinceUs, CancellationToken ct) =>
        await tx.RunAsync("UPDATE proposal SET alone_since_us = @sinceUs WHERE proposal_id = @Id", new { p.Id, sinceUs }, ct);
}
