using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Who decides on new uses of data.</summary>
public enum CommitteeMode
{
    /// <summary>Somebody outside Candor; a catalog names the decision in words.</summary>
    Elsewhere,
    /// <summary>The owner, by a self-check and a day of waiting.</summary>
    OnePerson,
    /// <summary>The ethics committee, by vote.</summary>
    Committee,
}

/// <summary>A seat of the committee and who has it.</summary>
public sealed record CommitteeSeat(string Name, string StaffId);

/// <summary>How new uses are decided on.</summary>
/// <param name="Version">0 while nothing was ever set.</param>
/// <param name="Quorum">Votes that a decision needs, abstentions among them; 2 up to the number of seats. 0 without a committee.</param>
public sealed record CommitteeSetup(long Version, CommitteeMode Mode, int Quorum, IReadOnlyList<CommitteeSeat> Seats)
{
    public const string MemberRole = "committee-member";
    public const int MaxSeats = 12;
    public const int MaxSeatName = 40;

    /// <summary>Seats that are offered first.</summary>
    public static readonly IReadOnlyList<string> UsualSeats = ["legal", "it", "service", "marketing", "product"];

    public static readonly CommitteeSetup None = new(0, CommitteeMode.Elsewhere, 0, []);

    /// <summary>The seat of a member of staff; null for none.</summary>
    public string? SeatOf(string staffId) => Seats.FirstOrDefault(s => s.StaffId == staffId)?.Name;
}

/// <summary>A change of how new uses are decided on.</summary>
/// <param name="BasedOn">The version that it follows.</param>
public sealed record CommitteeWish(CommitteeMode Mode, int Quorum, IReadOnlyList<CommitteeSeat> Seats, long BasedOn);

/// <summary>Sets up the committee. Every change of it needs two people: it moves who may approve a use.</summary>
public sealed class CommitteeOffice(FourEyes eyes, AuditLog log)
{
    public const string Kind = "committee-setup";

    /// <summary>Who proposes and decides.</summary>
    public static readonly IReadOnlyList<string> Roles = ["administrator", "privacy-officer"];

    private sealed record SetupRow(long Version, string Mode, long Quorum, string Seats);

    public ProposalKind Proposed => new(Kind, Roles, false, ApplyAsync);

    /// <summary>How new uses are decided on in this transaction.</summary>
    public static async ValueTask<CommitteeSetup> FindAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<SetupRow>("SELECT version, mode, quorum, seats FROM committee_setup ORDER BY version DESC LIMIT 1", null, ct) is { } row
            ? new CommitteeSetup(row.Version, Enum.Parse<CommitteeMode>(row.Mode), (int)row.Quorum, JsonSerializer.Deserialize<List<CommitteeSeat>>(row.Seats)!)
            : CommitteeSetup.None;

    /// <summary>Proposes another way to decide.</summary>
    /// <exception cref="Fault">Invalid <c>governance/bad-seats</c> or <c>governance/bad-quorum</c>, and those of <see cref="FourEyes.ProposeAsync"/>.</exception>
    public async ValueTask<Proposal> ProposeAsync(Transaction tx, CallerToken token, CommitteeMode mode, int quorum, IReadOnlyList<CommitteeSeat> seats, CancellationToken ct)
    {
        var wish = new CommitteeWish(mode, mode == CommitteeMode.Committee ? quorum : 0, mode == CommitteeMode.Committee ? seats : [], (await FindAsync(tx, ct)).Version);
        await CheckAsync(tx, wish, ct);
        return await eyes.ProposeAsync(tx, token, Kind, wish, ct);
    }

    private async ValueTask ApplyAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<CommitteeWish>();
        if ((await FindAsync(tx, ct)).Version != wish.BasedOn)
        {
            throw new Fault(FaultKind.Conflict, "governance/committee-moved-on", "How new uses are decided has changed since this was proposed; propose it anew.");
        }

        await CheckAsync(tx, wish, ct);
        await tx.RunAsync(
            "INSERT INTO committee_setup (version, mode, quorum, seats, set_at_us, set_by) VALUES (@version, @Mode, @Quorum, @Seats, @NowUs, @by)",
            new { version = wish.BasedOn + 1, Mode = wish.Mode.ToString(), Quorum = (long)wish.Quorum, Seats = JsonSerializer.Serialize(wish.Seats), tx.NowUs, by }, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Admin, Actor = by, Subject = $"committee-set:{wish.BasedOn + 1}",
            Reason = $"{wish.Mode} quorum {wish.Quorum} {string.Join(' ', wish.Seats.Select(s => $"{s.Name}={s.StaffId}"))}".Trim(),
        }, ct);
    }

    private static async ValueTask CheckAsync(Transaction tx, CommitteeWish wish, CancellationToken ct)
    {
        if (wish.Mode != CommitteeMode.Committee)
        {
            return;
        }

        var people = (await StaffChanges.PeopleAsync(tx, ct)).Where(p => p.DisabledAtUs is null && p.RoleList.Contains(CommitteeSetup.MemberRole)).Select(p => p.StaffId).ToHashSet();
        var bad = wish.Seats.Count is < 2 or > CommitteeSetup.MaxSeats ? $"A committee has 2 to `{CommitteeSetup.MaxSeats}` seats that somebody has; got `{wish.Seats.Count}`."
            : wish.Seats.FirstOrDefault(s => string.IsNullOrWhiteSpace(s.Name) || s.Name.Length > CommitteeSetup.MaxSeatName || s.Name.Any(char.IsControl)) is not null
                ? $"A seat has a name of 1 to `{CommitteeSetup.MaxSeatName}` characters."
            : wish.Seats.DistinctBy(s => s.Name, StringComparer.OrdinalIgnoreCase).Count() < wish.Seats.Count || wish.Seats.DistinctBy(s => s.StaffId).Count() < wish.Seats.Count
                ? "Each seat has another name and another person; nobody votes twice."
            : wish.Seats.FirstOrDefault(s => !people.Contains(s.StaffId)) is { } stranger
                ? $"Whoever has the seat `{stranger.Name}` needs an active account with the role `{CommitteeSetup.MemberRole}`." : null;
        if (bad is not null)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-seats", bad);
        }

        if (wish.Quorum < 2 || wish.Quorum > wish.Seats.Count)
        {
            throw new Fault(FaultKind.Invalid, "governance/bad-quorum", $"A decision needs 2 to `{wish.Seats.Count}` votes, as many as there are seats; got `{wish.Quorum}`.");
        }
    }
}
