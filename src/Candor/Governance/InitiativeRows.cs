using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>The rows of <see cref="Initiatives"/>.</summary>
public static class InitiativeRows
{
    /// <summary>Most that a list shows.</summary>
    public const int Most = 200;

    private const string Columns =
        """
        initiative_id, title, what, why, data, helps, harms, purpose, catalog_text, based_on, proposed_by, created_at_us, state, round, round_begun_at_us, decided_at_us, conditions, review_at_us
        """;

    private sealed record Row(
        string InitiativeId, string Title, string What, string Why, string Data, string Helps, string Harms, string? Purpose, string? CatalogText, long BasedOn, string ProposedBy,
        long CreatedAtUs, string State, long Round, long? RoundBegunAtUs, long? DecidedAtUs, string? Conditions, long? ReviewAtUs)
    {
        public Initiative AsInitiative() => new(
            InitiativeId, new InitiativeForm(Title, What, Why, Data, Helps, Harms, Purpose, CatalogText), BasedOn, ProposedBy, Micros.ToInstant(CreatedAtUs),
            Enum.Parse<InitiativeState>(State), Round, Micros.ToInstant(RoundBegunAtUs), Micros.ToInstant(DecidedAtUs), Conditions, Micros.ToInstant(ReviewAtUs));
    }

    private sealed record StepRow(long Position, long Round, string Kind, string ByName, string? Seat, string? Said, long AtUs);

    public static async ValueTask<Initiative?> FindAsync(Transaction tx, string id, CancellationToken ct) =>
        (await tx.FindAsync<Row>("SELECT " + Columns + " FROM initiative WHERE initiative_id = @id", new { id }, ct))?.AsInitiative();

    /// <exception cref="Fault">NotFound <c>governance/no-such-initiative</c>.</exception>
    public static async ValueTask<Initiative> GetAsync(Transaction tx, string id, CancellationToken ct) => await FindAsync(tx, id, ct)
        ?? throw new Fault(FaultKind.NotFound, "governance/no-such-initiative", $"There is no initiative `{Name.Shown(id)}`; the page about initiatives lists them.");

    public static async ValueTask<IReadOnlyList<Initiative>> NewestAsync(Transaction tx, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>("SELECT " + Columns + " FROM initiative ORDER BY created_at_us DESC, initiative_id LIMIT @Most", new { Most = (long)Most }, ct)).Select(r => r.AsInitiative())];

    public static async ValueTask<IReadOnlyList<InitiativeStep>> StepsAsync(Transaction tx, string id, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<StepRow>("SELECT position, round, kind, by_name, seat, said, at_us FROM initiative_step WHERE initiative_id = @id ORDER BY position", new { id }, ct))
            .Select(s => new InitiativeStep(s.Position, s.Round, Enum.Parse<StepKind>(s.Kind), s.ByName, s.Seat, s.Said, Micros.ToInstant(s.AtUs))),
    ];

    /// <summary>Writes an initiative down, as new or in the place of what it was.</summary>
    internal static async ValueTask KeepAsync(Transaction tx, Initiative i, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO initiative (initiative_id, title, what, why, data, helps, harms, purpose, catalog_text, based_on, proposed_by, created_at_us, state, round, round_begun_at_us, decided_at_us, conditions, review_at_us)
        VALUES (@Id, @Title, @What, @Why, @Data, @Helps, @Harms, @Purpose, @CatalogText, @BasedOn, @ProposedBy, @Created, @State, @Round, @Begun, @Decided, @Conditions, @Review)
        ON CONFLICT (initiative_id) DO UPDATE SET title = excluded.title, what = excluded.what, why = excluded.why, data = excluded.data, helps = excluded.helps, harms = excluded.harms,
            purpose = excluded.purpose, catalog_text = excluded.catalog_text, based_on = excluded.based_on, state = excluded.state, round = excluded.round,
            round_begun_at_us = excluded.round_begun_at_us, decided_at_us = excluded.decided_at_us, conditions = excluded.conditions, review_at_us = excluded.review_at_us
        """,
        new
        {
            i.Id, i.Form.Title, i.Form.What, i.Form.Why, i.Form.Data, i.Form.Helps, i.Form.Harms, i.Form.Purpose, i.Form.CatalogText, i.BasedOn, i.ProposedBy, Created = Micros.From(i.CreatedAt),
            State = i.State.ToString(), i.Round, Begun = Micros.From(i.RoundBegunAt), Decided = Micros.From(i.DecidedAt), i.Conditions, Review = Micros.From(i.ReviewAt),
        }, ct);

    internal static async ValueTask AddStepAsync(Transaction tx, string id, long round, StepKind kind, string by, string? seat, string? said, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO initiative_step (initiative_id, position, round, kind, by_name, seat, said, at_us)
        SELECT @id, coalesce(max(position), 0) + 1, @round, @Kind, @by, @seat, @said, @NowUs FROM initiative_step WHERE initiative_id = @id
        """, new { id, round, Kind = kind.ToString(), by, seat, said, tx.NowUs }, ct);
}
