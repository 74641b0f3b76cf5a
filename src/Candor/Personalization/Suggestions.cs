using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Personalization;

/// <summary>What came of asking for suggestions.</summary>
/// <param name="Answer">Null when this caller may not ask for this purpose at all.</param>
/// <param name="Refused">Why not, and the log entry that says so; null when answered.</param>
public sealed record SuggestionOutcome(SuggestionAnswer? Answer, (ReasonCode Reason, string Entry)? Refused);

/// <summary>Suggestions made for a person, as far as their choices allow at this moment, each with its explanation; what is popular for everybody else.</summary>
/// <remarks>The person's own side is read through the gate for each answer, and only then are the models asked, which by then have forgotten whoever took consent back before.</remarks>
public sealed class Suggestions : IDisposable
{
    public const int MaxCount = 50;

    /// <summary>Newest records of each history that an answer uses.</summary>
    internal const int HistoryLimit = 500;

    private readonly Database database;
    private readonly CatalogRegister catalogs;
    private readonly ConsentedRead reads;
    private readonly SystemRead systemReads;
    private readonly AccessRegister access;
    private readonly AuditLog log;
    private readonly PersonalVault vault;
    private readonly SuggestionWishes wishes;
    private readonly ModelFeed feed;
    private readonly Suggester suggester;
    private readonly ShownItems shown;
    private readonly SettingsInUse settings;
    private SuggestionPlan? latest;

    public Suggestions(
        Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, ConsentedRead reads, SystemRead systemReads)
    {
        (this.database, this.catalogs, this.reads, this.systemReads, this.access, this.log, this.vault) = (database, catalogs, reads, systemReads, access, log, vault);
        wishes = new SuggestionWishes(vault);
        feed = new ModelFeed(database, catalogs, ledger, vault, systemReads, wishes, Model);
        suggester = new Suggester(Model);
        shown = new ShownItems(database.Clock);
        Evaluations = new EvaluationRegister(log);
        settings = new SettingsInUse(database, Evaluations, Model, suggester);
        Steps = new ModelSteps(database, wishes, Model, feed, shown);
        Outcomes = new OutcomeCells(database);
        Uses = new UseOutcomes(database, catalogs, systemReads);
        Pauses = new UsePauses(database, log);
        OutcomeSteps = new OutcomeSteps(vault, Outcomes, shown, Uses);
    }

    /// <summary>How it goes with and without suggestions.</summary>
    public OutcomeCells Outcomes { get; }

    /// <summary>How uses come out for customers, until that is counted by group.</summary>
    public UseOutcomes Uses { get; }

    /// <summary>Uses that failed an audit.</summary>
    public UsePauses Pauses { get; }

    internal OutcomeSteps OutcomeSteps { get; }

    internal SuggestionModel Model { get; } = new();

    internal ModelSteps Steps { get; }

    /// <summary>What evaluations found, and which settings count.</summary>
    public EvaluationRegister Evaluations { get; }

    /// <summary>The settings that answers are given with at this moment.</summary>
    public (SessionSettings Visits, BasketSettings Needs) Settings => (suggester.VisitSettings, Model.Buyers.Settings);

    /// <summary>True once the models hold all that customers' choices allow.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>How much the models hold: one part a customer and kind of suggestion.</summary>
    public int Parts => Model.Count;

    /// <summary>Joins the steps of choices and events, so that the models change with them.</summary>
    public void Join(CustomerChoices choices, Collection.EventCollection events)
    {
        choices.AlsoDo(Steps.ChoiceAsync);
        choices.AlsoDo(Uses.ChoiceAsync);
        events.AlsoDo(Steps.EventsAsync);
        events.AlsoDo(OutcomeSteps.EventsAsync);
    }

    /// <summary>Makes the models from the store, through the gate. Until then, and while it runs, answers use what is there so far.</summary>
    public async Task LoadAsync(IProgress<ModelProgress>? progress, CancellationToken ct)
    {
        await settings.KeepUpAsync(ct);
        await Pauses.KeepUpAsync(ct);
        await database.ReadAsync(async tx => CatchUp(await Steps.FindChangesAsync(tx, ct)), ct);
        await feed.LoadAsync(progress, ct);
        await feed.RefreshAsync(ct);
        IsLoaded = true;
    }

    /// <summary>What nobody asks for: time goes by, customers wait to be read, a catalog changes, other nodes tell. Called about once a second.</summary>
    public async Task KeepUpAsync(CancellationToken ct)
    {
        await settings.KeepUpAsync(ct);
        await Pauses.KeepUpAsync(ct);
        var active = await ReflectAsync(ct);
        if (IsLoaded && (feed.IsOutdated || feed.Plan!.Catalog.Version != active.Catalog.Version))
        {
            await LoadAsync(null, ct);
        }

        await feed.RefreshAsync(ct);
        shown.ForgetOld();
    }

    /// <summary>Removes what other nodes had to be told long ago.</summary>
    public Task<int> CleanAsync(CancellationToken ct) => Steps.CleanAsync(ct);

    /// <summary>Suggestions for a customer, asked by a service, or by staff where the purpose lists their role.</summary>
    /// <param name="visit">The visit as its events name it; null: the newest.</param>
    /// <param name="counterfactuals">Whether it is worked out what would have been suggested without this or that.</param>
    /// <returns>Null when the token belongs to nobody.</returns>
    public async Task<SuggestionOutcome?> RecommendAsync(CallerToken token, string reference, PurposeId purpose, string? visit, int count, bool counterfactuals, CancellationToken ct) =>
        (await RecommendAsync(new ReadRequest(token, reference, purpose, [], null, HistoryLimit), visit, count, counterfactuals, ct))?.Outcome;

    /// <summary>The purpose of next needs in the catalog that counts now; null when it has none.</summary>
    internal async ValueTask<Purpose?> FindNeedsAsync(Transaction tx, CancellationToken ct) => (await PlanAsync(tx, ct)).Needs;

    /// <summary>What a customer may need next, for the desk; the purpose must be that of <see cref="FindNeedsAsync"/>.</summary>
    /// <param name="digest">Look-up digest of the customer's reference.</param>
    /// <returns>With the read that it rests on, of <see cref="HistoryLimit"/> records. Null when the token belongs to nobody.</returns>
    internal Task<(SuggestionOutcome Outcome, ReadOutcome Read)?> NeedsAsync(CallerToken token, byte[] digest, PurposeId purpose, string? @case, int count, CancellationToken ct) =>
        RecommendAsync(new ReadRequest(token, "", purpose, [], @case, HistoryLimit) { Digest = digest }, null, count, false, ct);

    private async Task<(SuggestionOutcome Outcome, ReadOutcome Read)?> RecommendAsync(ReadRequest request, string? visit, int count, bool counterfactuals, CancellationToken ct)
    {
        var purpose = request.Purpose;
        var plan = await database.ReadAsync(tx => PlanAsync(tx, ct), ct);
        var (kind, percent) = (KindOf(plan, purpose), plan.PercentOf(purpose));
        bool IsDrawn(CustomerId id) => IsHeldOut(id, purpose, percent);
        var read = await reads.RunAsync(request with { DataPoints = kind is { } k ? plan.DataPointsOf(k) : [], DecisionOnly = IsDrawn }, ct);
        switch (read)
        {
            case null:
                return null;
            case { Decision: Decision.Denied, ShownReason: { } reason }:
                return (AboutTheCustomer(reason) && kind is not null
                    ? new SuggestionOutcome(await PopularAsync(purpose, reason, count, read.Entry, ct), null)
                    : new SuggestionOutcome(null, (reason, read.Entry)), read);
            default:
                var allowed = (Decision.Allowed)read.Decision;
                var isHeldOut = IsDrawn(allowed.Permit.Customer);
                var answer = isHeldOut ? await HeldOutAsync(purpose, count, read.Entry, ct)
                    : await AnswerAsync(kind!.Value, allowed.Permit, read.Sealed!, read.Opened!, read.Entry, visit, count, counterfactuals, ct);
                Count(allowed.Permit.Customer, plan, answer);
                return (new SuggestionOutcome(answer, null), read);
        }
    }

    private void Count(CustomerId customer, SuggestionPlan plan, SuggestionAnswer answer)
    {
        if (answer.IsPaused)
        {
            return;
        }

        Outcomes.Add(null, answer.Purpose, answer.IsHeldOut, CountedOutcome.Shown, shown.Note(customer, answer.Purpose, answer.Visit, answer.Items.Select(i => i.Item)));
        if (!answer.IsHeldOut && plan.Catalog.Catalog.BiasAudit is not null)
        {
            Uses.Note(customer, answer.Purpose, UseOutcome.Suggested, answer.IsPersonal);
            if (answer.Items.Count > 0)
            {
                Uses.Note(customer, answer.Purpose, UseOutcome.Bought, false);
            }
        }
    }

    /// <summary>What is suggested to the customer of this session now, for one kind, with all explanations; null when the session is not live or the catalog has no such purpose.</summary>
    public async Task<SuggestionAnswer?> OwnAsync(CallerToken token, SuggestionKind kind, int count, CancellationToken ct)
    {
        var (plan, evaluated) = await database.WriteAsync(async tx =>
        {
            var plan = await PlanAsync(tx, ct);
            return await FindOwnAsync(tx, token, ct) is { } id && plan.PurposeOf(kind) is { } purpose
                ? (plan, await systemReads.EvaluateAsync(tx, new SystemRead.Question("suggestions", "shown to the customer", id, IsHeldOut(id, purpose.Id, purpose.HoldOutPercent) ? [] : plan.DataPointsOf(kind), purpose.Id, HistoryLimit), ct))
                : (plan, null);
        }, ct);
        if (evaluated is null)
        {
            return null;
        }

        var read = systemReads.Open(evaluated);
        return read.Decision is Decision.Allowed { Permit: var permit }
            ? IsHeldOut(permit.Customer, permit.Purpose!, plan.PercentOf(permit.Purpose!)) ? await HeldOutAsync(permit.Purpose!, count, read.Entry, ct)
                : await AnswerAsync(kind, permit, evaluated.Sealed!, read.Opened!, read.Entry, null, count, true, ct)
            : await PopularAsync(plan.PurposeOf(kind)!.Id, ((Decision.Denied)read.Decision).Reason, count, read.Entry, ct);
    }

    /// <summary>What the customer of this session dismissed or hid, oldest first; empty when the session is not live.</summary>
    public async Task<IReadOnlyList<SuggestionWish>> WishesAsync(CallerToken token, CancellationToken ct)
    {
        var (evaluated, rows) = await database.WriteAsync(async tx => await FindOwnAsync(tx, token, ct) is { } id
            ? (await systemReads.EvaluateAsync(tx, new SystemRead.Question("suggestions", "wishes", id, []), ct), await wishes.LoadAsync(tx, id, ct))
            : (null, (IReadOnlyList<SuggestionWishes.Row>)[]), ct);
        return evaluated?.Decision is Decision.Allowed { Permit: var permit } ? wishes.Open(permit, evaluated.Sealed!, rows) : [];
    }

    /// <summary>Dismisses an item, or stops that anything of it is used; counts from the moment this returns. False when the session is not live.</summary>
    public Task<bool> WishAsync(CallerToken token, WishKind kind, string item, CancellationToken ct)
    {
        if (item.Length is 0 or > ShopEvent.MaxLength || item.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "personalization/bad-item", $"An item has 1 to {ShopEvent.MaxLength} characters, none of them a control character; got `{item.Length}`.");
        }

        return ChangeOwnAsync(token, async (tx, key) =>
        {
            await wishes.AddAsync(tx, key, kind, item, ct);
            if (kind == WishKind.Hide)
            {
                await Steps.HideAsync(tx, key.Id, item, ct);
            }

            return true;
        }, ct);
    }

    /// <summary>Takes a wish back; false when there is none of this id, or the session is not live.</summary>
    public Task<bool> TakeBackAsync(CallerToken token, string wishId, CancellationToken ct) => ChangeOwnAsync(token, async (tx, key) =>
    {
        if (!await wishes.RemoveAsync(tx, key.Id, wishId, ct))
        {
            return false;
        }

        await Steps.ForgetAsync(tx, key.Id, ct);
        return true;
    }, ct);

    /// <summary>What is often bought together with an item. Nothing about whoever asks is used.</summary>
    public async Task<IReadOnlyList<Together>> TogetherAsync(string item, int count, CancellationToken ct)
    {
        await ReflectAsync(ct);
        return suggester.Together.Rank(item, count);
    }

    /// <summary>Measures what the models hold, and looks for better settings. Nothing is changed.</summary>
    /// <param name="customers">Is told who is in the models and how it came out for them.</param>
    public EvaluationReport Evaluate(EvaluationPlan plan, IProgress<EvaluationProgress>? progress, EvaluatedCustomers customers) => ModelEvaluation.Run(ShopRecords.Of(Model), plan, progress, customers);

    /// <summary>Takes a customer out of the models and of what is stored for suggestions; part of erasing them.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await wishes.EraseAsync(tx, customer, ct);
        await Uses.EraseAsync(tx, customer, ct);
        await Steps.EraseAsync(tx, customer, ct);
    }

    /// <summary>Takes a customer out of the models, to be read again as far as that is allowed; for a restriction, or when stored records were changed.</summary>
    public ValueTask ForgetAsync(Transaction tx, CustomerId customer, CancellationToken ct) => Steps.ForgetAsync(tx, customer, ct);

    public void Dispose() => Model.Dispose();

    private async Task<bool> ChangeOwnAsync(CallerToken token, Func<Transaction, CustomerKey, ValueTask<bool>> change, CancellationToken ct) => await database.WriteAsync(async tx =>
    {
        if (await FindOwnAsync(tx, token, ct) is not { } id)
        {
            return false;
        }

        await tx.LockCustomerAsync(id, exclusive: true, ct);
        if (await vault.FindCustomerAsync(tx, id, ct) is not { } key || !await change(tx, key))
        {
            return false;
        }

        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Collect, Actor = "customer", CustomerRef = key.AuditRef, Subject = "suggestion-wish" }, ct);
        return true;
    }, ct);

    private async ValueTask<CustomerId?> FindOwnAsync(Transaction tx, CallerToken token, CancellationToken ct) =>
        await access.FindActorAsync(tx, token, ct) is { Kind: ActorKind.Customer, IsRevoked: false } actor && actor.ExpiresAt > tx.Now && CustomerId.TryParse(actor.Ref, null, out var id) ? id : null;

    private async ValueTask<SuggestionPlan> PlanAsync(Transaction tx, CancellationToken ct)
    {
        var active = await catalogs.GetActiveAsync(tx, ct);
        return latest?.Catalog == active ? latest : latest = SuggestionPlan.Of(active);
    }

    /// <summary>Brings the models to where every change stands that was committed before this call, and answers the plan that counts.</summary>
    private async Task<SuggestionPlan> ReflectAsync(CancellationToken ct) => (await ReflectAsync(null, ct)).Plan;

    private async Task<(SuggestionPlan Plan, IReadOnlyList<SuggestionWishes.Row> Wishes)> ReflectAsync(CustomerId? customer, CancellationToken ct)
    {
        var (plan, changes, rows) = await database.ReadAsync(async tx =>
            (await PlanAsync(tx, ct), await Steps.FindChangesAsync(tx, ct), customer is null ? [] : await wishes.LoadAsync(tx, customer, ct)), ct);
        CatchUp(changes);
        if (feed.Plan is { } made && made.Catalog.Version != plan.Catalog.Version)
        {
            // A purpose or data point may be gone: nothing of the old models counts until they are made anew.
            Model.Clear();
        }

        Model.ForgetDue(Micros.From(database.Clock.GetUtcNow()));
        return (plan, rows);
    }

    private bool CatchUp(ModelSteps.Changes changes)
    {
        Steps.CatchUp(changes);
        return true;
    }

    private async Task<SuggestionAnswer> PopularAsync(PurposeId purpose, ReasonCode? why, int count, string entry, CancellationToken ct)
    {
        await ReflectAsync(ct);
        return new SuggestionAnswer(purpose, false, why, [], suggester.Popular(count, null), [], entry);
    }

    private async Task<SuggestionAnswer> AnswerAsync(
        SuggestionKind kind, Permit permit, SealedCustomer sealed_, OpenedCustomer opened, string entry, string? visit, int count, bool counterfactuals, CancellationToken ct)
    {
        var (plan, rows) = await ReflectAsync(permit.Customer, ct);
        var now = database.Clock.GetUtcNow();
        var own = OwnSide.Of(plan, opened, wishes.Open(permit, sealed_, rows), visit, now, group => plan.Catalog.Catalog.Proactive.ItemShownAtMost is { } most
            ? shown.PassedOver(permit.Customer, permit.Purpose!, group, most) : []);
        var group = own.Visit?.Key ?? visit;
        var items = suggester.Personal(kind, own, count, Micros.From(now));
        if (items.Count == 0)
        {
            return new SuggestionAnswer(permit.Purpose!, false, null, [], suggester.Popular(count, own), [], entry) { Visit = group };
        }

        var without = counterfactuals ? suggester.Without(kind, own, plan, items, count, Micros.From(now)) : [];
        return new SuggestionAnswer(permit.Purpose!, true, null, permit.DataPoints, items, without, entry) { Visit = group };
    }

    /// <summary>Nothing is made for this customer: by lot, or because the use is paused for everybody.</summary>
    private bool IsHeldOut(CustomerId customer, PurposeId purpose, int percent) => Pauses.IsPaused(purpose) || vault.Lots.IsDrawn(customer, purpose, percent);

    private async Task<SuggestionAnswer> HeldOutAsync(PurposeId purpose, int count, string entry, CancellationToken ct)
    {
        var isPaused = Pauses.IsPaused(purpose);
        return await PopularAsync(purpose, null, count, entry, ct) with { IsHeldOut = !isPaused, IsPaused = isPaused };
    }

    private static SuggestionKind? KindOf(SuggestionPlan plan, PurposeId purpose) => plan.KindOf(purpose) ?? (plan.Catalog.Catalog.Purposes.ContainsKey(purpose)
        ? throw new Fault(FaultKind.Invalid, "personalization/not-for-suggestions",
            $"Nothing is suggested for `{purpose}`; suggestions are made for {string.Join(" and ", plan.All().Select(p => $"`{p.Purpose.Id}`"))}.")
        : null);

    /// <summary>True when it is the customer's choices that stand in the way, not the caller.</summary>
    private static bool AboutTheCustomer(ReasonCode reason) => reason is ReasonCode.NoConsent or ReasonCode.ConsentWithdrawn or ReasonCode.ConsentExpired
        or ReasonCode.ConsentOutdated or ReasonCode.Objected or ReasonCode.Restricted or ReasonCode.NoSuchCustomer;
}
