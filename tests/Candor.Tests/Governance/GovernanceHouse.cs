using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Governance;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Tests.Reads;

namespace Candor.Tests.Governance;

/// <summary>The modules of a read and of decisions about uses, on one database, with two administrators and four who could sit in a committee.</summary>
internal sealed class GovernanceHouse
{
    public required Database Db { get; init; }

    public required ReadHouse House { get; init; }

    public required FourEyes Eyes { get; init; }

    public required CommitteeOffice Committee { get; init; }

    public required Initiatives Initiatives { get; init; }

    public required SelfChecks Checks { get; init; }

    public required CatalogChanges Changes { get; init; }

    public required CallerToken Key { get; init; }

    public string Alma { get; private set; } = "";

    public string Ansel { get; private set; } = "";

    public string Mia { get; private set; } = "";

    /// <summary>Members of the committee by seat, in the order of <see cref="CommitteeSetup.UsualSeats"/>.</summary>
    public IReadOnlyList<string> Members { get; private set; } = [];

    public static async Task<GovernanceHouse> BuildAsync(Database db, CancellationToken ct)
    {
        var house = await ReadHouse.BuildAsync(db, new ReadBudgetOptions(), ct);
        var eyes = new FourEyes(house.Access, house.Log);
        var trainings = new TrainingRegister(house.Log);
        var initiatives = new Initiatives(house.Catalogs, house.Access, eyes, house.Log);
        var key = await db.WriteAsync(tx => house.Access.CreateKeyAsync(tx, "shop", [], ["consents"], TimeSpan.FromDays(365), "test", ct), ct);
        var made = new GovernanceHouse
        {
            Db = db, House = house, Eyes = eyes, Committee = new CommitteeOffice(eyes, house.Log), Initiatives = initiatives, Checks = new SelfChecks(initiatives, eyes),
            Changes = new CatalogChanges(house.Catalogs, house.Notices, trainings, eyes, house.Log), Key = CallerToken.Parse(key.Text),
        };
        foreach (var kind in (ProposalKind[])[made.Committee.Proposed, made.Checks.Proposed, made.Changes.Proposed, .. new StaffChanges(new StaffInvitations(house.Access, house.Log), trainings, eyes, house.Log).Kinds])
        {
            eyes.Add(kind);
        }

        house.Catalogs.DecidesBy(initiatives.CoverAsync);
        (made.Alma, made.Ansel, made.Mia) = (await made.AddAsync("Alma", "administrator", ct), await made.AddAsync("Ansel", "administrator", ct), await made.AddAsync("Mia", "marketing", ct));
        var members = new List<string>();
        foreach (var seat in CommitteeSetup.UsualSeats)
        {
            members.Add(await made.AddAsync("Member " + seat, CommitteeSetup.MemberRole, ct));
        }

        made.Members = members;
        return made;
    }

    public Task<string> AddAsync(string name, string role, CancellationToken ct) => Db.WriteAsync(tx => House.Access.AddStaffAsync(tx, name, [role], tx.Now.AddYears(9), "test", ct), ct);

    /// <summary>Does something in a session with a second factor of now.</summary>
    public Task<T> AsAsync<T>(string staffId, Func<Transaction, CallerToken, ValueTask<T>> act, CancellationToken ct) => Db.WriteAsync(
        async tx => await act(tx, CallerToken.Parse(await House.Access.OpenStaffSessionAsync(tx, staffId, tx.Now, ct))), ct);

    public Task DoAsync(string staffId, Func<Transaction, CallerToken, ValueTask> act, CancellationToken ct) => AsAsync(staffId, async (tx, token) =>
    {
        await act(tx, token);
        return true;
    }, ct);

    /// <summary>Sets the committee up, by two people.</summary>
    public Task SeatAsync(int quorum, CancellationToken ct) => SetAsync(
        CommitteeMode.Committee, quorum, [.. CommitteeSetup.UsualSeats.Zip(Members, (seat, member) => new CommitteeSeat(seat, member))], ct);

    public async Task SetAsync(CommitteeMode mode, int quorum, IReadOnlyList<CommitteeSeat> seats, CancellationToken ct)
    {
        var proposal = await AsAsync(Alma, (tx, token) => Committee.ProposeAsync(tx, token, mode, quorum, seats, ct), ct);
        await AsAsync(Ansel, (tx, token) => Eyes.ApproveAsync(tx, token, proposal.Id, ct), ct);
    }

    public static InitiativeForm Form(string? purpose, string? text) =>
        new("Birthday greetings", "A greeting once a year.", "People like it.", "The e-mail address.", "Whoever likes greetings.", "Whoever hides their age.", purpose, text);

    /// <summary>Proposed and opened by somebody in marketing.</summary>
    public async Task<string> OpenAsync(InitiativeForm form, CancellationToken ct)
    {
        var made = await AsAsync(Mia, (tx, token) => Initiatives.ProposeAsync(tx, token, form, ct), ct);
        await DoAsync(Mia, (tx, token) => Initiatives.OpenAsync(tx, token, made.Id, ct), ct);
        return made.Id;
    }

    /// <summary>Votes of the members in their order: <c>y</c>, <c>n</c>, <c>a</c>, <c>c</c> for a conflict of interest, or a blank for none.</summary>
    public async Task VoteAsync(string id, string votes, CancellationToken ct)
    {
        foreach (var (vote, member) in votes.Zip(Members).Where(v => v.First != ' '))
        {
            await DoAsync(member, (tx, token) => vote == 'c' ? Initiatives.DeclareConflictAsync(tx, token, id, "It is my idea.", ct) : Initiatives.VoteAsync(
                tx, token, id, vote switch { 'y' => StepKind.VoteYes, 'n' => StepKind.VoteNo, _ => StepKind.VoteAbstain }, "Because of that.", ct), ct);
        }
    }

    public Task<Initiative> DecideAsync(string id, string conditions, int days, CancellationToken ct, int by = 0) => AsAsync(Members[by], (tx, token) =>
        Initiatives.DecideAsync(tx, token, id, conditions, DateOnly.FromDateTime(tx.Now.UtcDateTime).AddDays(days), ct), ct);

    public Task<Initiative> GetAsync(string id, CancellationToken ct) => Db.ReadAsync(tx => InitiativeRows.GetAsync(tx, id, ct), ct);

    /// <summary>What the gate says to a read by the shop: null for a yes.</summary>
    public async Task<ReasonCode?> AskAsync(string customer, string purpose, CancellationToken ct) =>
        ((await House.Read.RunAsync(new ReadRequest(Key, customer, PurposeId.Parse(purpose), [DataPointId.Parse("email")]), ct))!.Decision as Decision.Denied)?.Reason;

    /// <summary>The catalog with a purpose more, which the shop reads for by contract.</summary>
    public static string WithGreetings(string services = "shop", string uses = "email: high", string why = "So that we can send you a greeting.") => ReadHouse.Yaml(widened: false).TrimEnd() +
        $$"""

          greetings:
            { label: Greetings, why: {{why}}, basis: contract, uses: { {{uses}} }, services: [{{services}}] }
        """;
}
