using Candor.Audit;
using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Who asks: the holder of a token, or Candor itself for somebody at its console.</summary>
public sealed record Asker
{
    private Asker(CallerToken? token, string job) => (Token, Job) = (token, job);

    public CallerToken? Token { get; }

    /// <summary>As the log names it: <c>system:JOB</c>.</summary>
    public string Job { get; }

    public static Asker Of(CallerToken token) => new(token, "");

    public static Asker System(string job) => new(null, job);

    public static implicit operator Asker(CallerToken token) => Of(token);

    internal async ValueTask<ActorState?> FindAsync(Transaction tx, AccessRegister access, CancellationToken ct) =>
        Token is null ? new ActorState { Kind = ActorKind.System, Ref = Job } : await access.FindActorAsync(tx, Token, ct);
}

/// <summary>Rights requests: filed, proven, worked on and closed, each step in one transaction with its log entry and its message.</summary>
/// <remarks>A program is told the same of somebody who is not known here as of a customer: the request waits for proof of identity that nobody can give.</remarks>
public sealed class RightsRequests(
    Database database, CatalogRegister catalogs, AuditLog log, PersonalVault vault, AccessRegister access, BlindIndex index, Outbox outbox, RequestFulfilment fulfilment, Uri site)
{
    /// <summary>Open requests of one customer at a time.</summary>
    public const int MaxOpen = 20;

    private readonly RequestDesk desk = new(log, vault, outbox, site);

    /// <summary>A request after what was done, or why it was not. Both null: the token belongs to nobody.</summary>
    public readonly record struct Outcome(RightsRequest? Request, CustomerChoices.Refusal? Refused);

    /// <summary>Some requests, or why they are not shown. Both null: the token belongs to nobody.</summary>
    public readonly record struct Listed(IReadOnlyList<RightsRequest>? Requests, CustomerChoices.Refusal? Refused);

    /// <summary>Files a request. In the customer's own session it is proven, and what needs no hand is done at once.</summary>
    /// <param name="reference">The business's own id of the customer; null: the customer of the session.</param>
    /// <exception cref="Fault">Conflict when the same is open already; Invalid for a purpose that cannot be objected to.</exception>
    public Task<Outcome> FileAsync(Asker who, string? reference, NewRequest what, CancellationToken ct) =>
        FileAsync(who, what, (tx, actor) => FindLockedAsync(tx, actor, reference, ct), reference, ct);

    /// <summary>Files a request for a customer whom the actor has found, such as at the desk. Whoever it is for proves who they are before anything is done.</summary>
    internal Task<Outcome> FileForAsync(Asker who, CustomerId customer, NewRequest what, CancellationToken ct) =>
        FileAsync(who, what, (tx, _) => LockAsync(tx, customer, ct), null, ct);

    private async Task<Outcome> FileAsync(Asker who, NewRequest what, Func<Transaction, ActorState, ValueTask<CustomerKey?>> find, string? reference, CancellationToken ct)
    {
        var note = RequestFile.CheckNote(what.Note);
        var outcome = await database.WriteAsync<Outcome>(async tx =>
        {
            if (await who.FindAsync(tx, access, ct) is not { } actor)
            {
                return default;
            }

            var key = await find(tx, actor);
            var no = RequestRules.WhyNot(actor, RequestAct.File, key?.Id, tx.Now) ?? (key is null && actor.Kind != ActorKind.Service ? ReasonCode.NoSuchCustomer : null);
            if (no is { } reason)
            {
                return new Outcome(null, await DenyAsync(tx, actor, key, reason, RequestAct.File, ct));
            }

            var asked = key is null ? index.Of(BlindIndex.Reference, reference!) : null;
            var file = await FileInAsync(tx, actor, key, asked, what with { Note = note }, RequestRules.ChannelOf(actor), null, ct);
            return new Outcome(file.Row.AsRequest(), null);
        }, ct);
        return await FinishAsync(outcome, ct);
    }

    /// <summary>A customer's requests, newest first. A program sees those that came through its own key.</summary>
    /// <param name="reference">Null: the customer of the session.</param>
    public Task<Listed> ListAsync(Asker who, string? reference, CancellationToken ct) => database.WriteAsync<Listed>(async tx =>
    {
        if (await who.FindAsync(tx, access, ct) is not { } actor)
        {
            return default;
        }

        var key = await FindAsync(tx, actor, reference, ct);
        var no = RequestRules.WhyNot(actor, RequestAct.List, key?.Id, tx.Now) ?? (key is null && actor.Kind != ActorKind.Service ? ReasonCode.NoSuchCustomer : null);
        if (no is { } reason)
        {
            return new Listed(null, await DenyAsync(tx, actor, key, reason, RequestAct.List, ct));
        }

        var rows = await RequestRows.OfAsync(tx, key?.Id, key is null ? index.Of(BlindIndex.Reference, reference!) : null, ct);
        return new Listed([.. rows.Where(r => RequestRules.IsVisible(actor, r.FiledBy)).Select(r => r.AsRequest())], null);
    }, ct);

    /// <summary>Open requests of everybody, the most urgent first; closed ones after them when asked.</summary>
    public Task<Listed> WorkAsync(Asker who, bool closedToo, int most, CancellationToken ct) => database.WriteAsync<Listed>(async tx =>
    {
        if (await who.FindAsync(tx, access, ct) is not { } actor)
        {
            return default;
        }

        return RequestRules.WhyNot(actor, RequestAct.Work, null, tx.Now) is { } reason
            ? new Listed(null, await DenyAsync(tx, actor, null, reason, RequestAct.Work, ct))
            : new Listed([.. (await RequestRows.WorkAsync(tx, closedToo, most, ct)).Select(r => r.AsRequest())], null);
    }, ct);

    /// <summary>The customer takes a request back; a program only what is still pending and came through its own key.</summary>
    public Task<Outcome> WithdrawAsync(Asker who, string id, CancellationToken ct) => ActAsync(who, id, RequestAct.Withdraw, async (tx, file) =>
    {
        if (file.Actor.Kind == ActorKind.Service && file.Row.Where.OpenDsr() != "pending")
        {
            throw new Fault(FaultKind.Conflict, "rights/not-pending", $"A program may take a request back while it is pending; this one is `{file.Row.State}`.");
        }

        await file.MoveAsync(tx, RequestState.Withdrawn, ct, change: row => row with { Outcome = "withdrawn", RunAtUs = null });
    }, ct);

    /// <summary>Confirms receipt in another way than by the message that is sent by itself.</summary>
    public Task<Outcome> AcknowledgeAsync(Asker who, string id, CancellationToken ct) => ActAsync(who, id, RequestAct.Acknowledge, (tx, file) =>
        file.MoveAsync(tx, RequestState.Acknowledged, ct), ct);

    /// <summary>Asks the customer for proof of who they are, by a link to open while signed in.</summary>
    public Task<Outcome> AskIdentityAsync(Asker who, string id, CancellationToken ct) => ActAsync(who, id, RequestAct.AskIdentity, async (tx, file) =>
    {
        await file.MoveAsync(tx, RequestState.IdentityNeeded, ct);
        await file.TellAsync(tx, "request-identity", ct);
    }, ct);

    /// <summary>Identity is proven: by the customer, in whose own session this is called, or by a privacy officer who says how.</summary>
    /// <param name="how">How it was proven, in words; required of staff.</param>
    public Task<Outcome> ProveAsync(Asker who, string id, string? how, CancellationToken ct)
    {
        var note = RequestFile.CheckNote(how);
        return ActAsync(who, id, RequestAct.Prove, async (tx, file) =>
        {
            var isOwn = file.Actor.Kind == ActorKind.Customer;
            if (file.Key is null)
            {
                throw NobodyKnown();
            }

            await file.MoveAsync(tx, RequestState.IdentityProven, ct, isOwn ? "own-session" : "confirmed-by-staff", isOwn ? note : Required(note, "how"));
            if (isOwn)
            {
                await fulfilment.StartAsync(tx, file, ct);
            }
        }, ct);
    }

    /// <summary>Takes more time, once, within the first term, and says why.</summary>
    public Task<Outcome> ExtendAsync(Asker who, string id, ExtensionReason reason, string text, CancellationToken ct)
    {
        var note = Required(RequestFile.CheckNote(text), "text");
        return ActAsync(who, id, RequestAct.Extend, async (tx, file) =>
        {
            var request = file.Row.AsRequest();
            if (request.ExtendedAt is not null || !Deadlines.MayExtend(request.Type, request.Law) || (request.State == RequestState.InWork && tx.Now >= Deadlines.EndOf(request.Due)))
            {
                throw new Fault(FaultKind.Conflict, "rights/no-extension",
                    $"A term is extended once, before its last day `{request.Due:yyyy-MM-dd}` is over, and not for an opt-out under the CCPA.");
            }

            await file.MoveAsync(tx, RequestState.Extended, ct, reason.Code(), note, row => Extended(row, request, file.Catalog.Catalog, tx.NowUs));
            await file.TellAsync(tx, "request-extended", ct, note);
        }, ct);
    }

    /// <summary>Refuses, and says why; the message names the ways to complain (GDPR article 12(4)).</summary>
    public Task<Outcome> RefuseAsync(Asker who, string id, RefusalReason reason, string text, CancellationToken ct)
    {
        var note = Required(RequestFile.CheckNote(text), "text");
        return ActAsync(who, id, RequestAct.Refuse, async (tx, file) =>
        {
            await file.MoveAsync(tx, RequestState.Refused, ct, reason.Code(), note, row => row with { Outcome = reason.Code(), RunAtUs = null });
            await file.TellAsync(tx, "request-refused", ct, note);
        }, ct);
    }

    /// <summary>Does what was asked for. A rectification is done by hand before; <paramref name="what"/> tells the customer what was.</summary>
    public async Task<Outcome> FulfilAsync(Asker who, string id, string? what, CancellationToken ct)
    {
        var note = RequestFile.CheckNote(what);
        return await FinishAsync(await ActInAsync(who, id, RequestAct.Fulfil, async (tx, file) =>
        {
            if (file.Key is null)
            {
                throw NobodyKnown();
            }

            await fulfilment.FulfilAsync(tx, file, file.Row.Type == RequestType.Rectification ? Required(note, "text") : note, ct);
        }, ct), ct);
    }

    /// <summary>Ends the restriction that a request brought: the customer at will, an officer with a reason that the customer gets first (GDPR article 18(3)).</summary>
    public Task<Outcome> LiftRestrictionAsync(Asker who, string id, string? text, CancellationToken ct)
    {
        var note = RequestFile.CheckNote(text);
        return ActAsync(who, id, RequestAct.LiftRestriction, async (tx, file) =>
        {
            if (file.Row is not { Type: RequestType.Restriction, Where: RequestState.Done } || file.Key is null)
            {
                throw new Fault(FaultKind.Conflict, "rights/nothing-to-lift", "Only a restriction that was put in place can be lifted.");
            }

            if (file.Actor.Kind != ActorKind.Customer)
            {
                await file.TellAsync(tx, "request-done", ct, Required(note, "text"));
            }

            await fulfilment.LiftAsync(tx, file, ct);
        }, ct);
    }

    /// <summary>Files a request in the caller's transaction, with the customer's lock held.</summary>
    /// <param name="asked">Digest of what was asked for where nobody is known by it.</param>
    /// <param name="law">Whose clock counts; null: by the organisation's country.</param>
    internal async ValueTask<RequestFile> FileInAsync(
        Transaction tx, ActorState actor, CustomerKey? key, byte[]? asked, NewRequest what, RequestChannel channel, RequestLaw? law, CancellationToken ct)
    {
        var catalog = await catalogs.GetActiveAsync(tx, ct);
        RequestFulfilment.CheckPurpose(what, catalog.Catalog);
        await CheckOpenAsync(tx, actor, key, asked, what, ct);
        var file = new RequestFile(desk, NewRow(tx, actor, key, asked, what, channel, law, catalog.Catalog), key, actor, catalog);
        await file.BeginAsync(tx, what.Note, ct);
        await file.TellAsync(tx, "request-received", ct);
        if (actor.Kind == ActorKind.Customer)
        {
            await file.MoveAsync(tx, RequestState.Acknowledged, ct);
            await file.MoveAsync(tx, RequestState.IdentityProven, ct, "own-session");
            await fulfilment.StartAsync(tx, file, ct);
        }
        else if (RequestRules.NeedsProof(what.Type))
        {
            await file.MoveAsync(tx, RequestState.IdentityNeeded, ct);
            await file.TellAsync(tx, "request-identity", ct);
        }

        return file;
    }

    /// <summary>Finds the customer, waits for the lock, and looks again.</summary>
    internal async ValueTask<CustomerKey?> LockAsync(Transaction tx, CustomerId? id, CancellationToken ct)
    {
        if (id is null)
        {
            return null;
        }

        await tx.LockCustomerAsync(id, exclusive: true, ct);
        return await vault.FindCustomerAsync(tx, id, ct);
    }

    /// <summary>Logs that somebody was refused.</summary>
    internal async ValueTask<CustomerChoices.Refusal> DenyAsync(Transaction tx, ActorState actor, CustomerKey? key, ReasonCode reason, RequestAct act, CancellationToken ct) => new(reason,
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Deny, Actor = actor.LogName, Session = actor.Session, CustomerRef = key?.AuditRef, Reason = reason.Code(), Subject = $"request-{act.Code()}",
        }, ct));

    /// <summary>The request of this id as far as this actor may know of it; null otherwise.</summary>
    internal static async ValueTask<RequestRow?> FindVisibleAsync(Transaction tx, ActorState actor, string id, CancellationToken ct) =>
        CustomerId.TryParse(id, null, out _) && await RequestRows.FindAsync(tx, id, ct) is { } row && RequestRules.IsVisible(actor, row.FiledBy)
        && (actor.Kind != ActorKind.Customer || row.CustomerId == actor.Ref) ? row : null;

    /// <summary>Whose request the rules are asked about: for a customer, their own, so that another's id looks like none.</summary>
    internal static CustomerId? Concerned(ActorState actor, RequestRow? row) => actor.Kind == ActorKind.Customer ? CustomerId.Parse(actor.Ref) : row?.Owner;

    internal static Fault NoSuchRequest(string id) => new(FaultKind.NotFound, "rights/no-such-request", $"There is no request `{Name.Shown(id)}`.");

    private Task<Outcome> ActAsync(Asker who, string id, RequestAct act, Func<Transaction, RequestFile, ValueTask> work, CancellationToken ct) => FinishAsync(ActInAsync(who, id, act, work, ct), ct);

    private Task<Outcome> ActInAsync(Asker who, string id, RequestAct act, Func<Transaction, RequestFile, ValueTask> work, CancellationToken ct) => database.WriteAsync<Outcome>(async tx =>
    {
        if (await who.FindAsync(tx, access, ct) is not { } actor)
        {
            return default;
        }

        var key = await LockAsync(tx, (await FindVisibleAsync(tx, actor, id, ct))?.Owner, ct);
        var row = await FindVisibleAsync(tx, actor, id, ct);
        if (RequestRules.WhyNot(actor, act, Concerned(actor, row), tx.Now) is { } reason)
        {
            return new Outcome(null, await DenyAsync(tx, actor, key, reason, act, ct));
        }

        var file = new RequestFile(desk, row ?? throw NoSuchRequest(id), key, actor, await catalogs.GetActiveAsync(tx, ct));
        await work(tx, file);
        return new Outcome(file.Row.AsRequest(), null);
    }, ct);

    private async Task<Outcome> FinishAsync(Task<Outcome> acting, CancellationToken ct) => await FinishAsync(await acting, ct);

    /// <summary>Runs an erasure that does not wait, now that its request is kept; Housekeeping runs it should this be interrupted.</summary>
    private async Task<Outcome> FinishAsync(Outcome outcome, CancellationToken ct)
    {
        if (outcome.Request is not { Type: RequestType.Erasure, RunAt: { } at, State: RequestState.InWork or RequestState.Extended } request || at > database.Clock.GetUtcNow())
        {
            return outcome;
        }

        await fulfilment.EraseAsync(request.Id, ct);
        return new Outcome((await database.ReadAsync(tx => RequestRows.FindAsync(tx, request.Id, ct), ct))?.AsRequest(), null);
    }

    private async ValueTask<CustomerKey?> FindAsync(Transaction tx, ActorState actor, string? reference, CancellationToken ct) =>
        reference is not null ? await vault.FindCustomerAsync(tx, BlindIndex.Reference, reference, ct)
        : actor.Kind == ActorKind.Customer ? await vault.FindCustomerAsync(tx, CustomerId.Parse(actor.Ref), ct)
        : throw new Fault(FaultKind.Invalid, "rights/no-customer", "Name the customer whose request it is.");

    private async ValueTask<CustomerKey?> FindLockedAsync(Transaction tx, ActorState actor, string? reference, CancellationToken ct) =>
        await LockAsync(tx, (await FindAsync(tx, actor, reference, ct))?.Id, ct);

    private static async ValueTask CheckOpenAsync(Transaction tx, ActorState actor, CustomerKey? key, byte[]? asked, NewRequest what, CancellationToken ct)
    {
        // Only what this actor may see anyway, so that the answer tells a program nothing about others' requests.
        var open = (await RequestRows.OfAsync(tx, key?.Id, asked, ct)).Where(r => r.Where.IsOpen() && RequestRules.IsVisible(actor, r.FiledBy)).ToList();
        if (open.FirstOrDefault(r => r.Type == what.Type && r.Purpose == what.Purpose?.Value && what.Type != RequestType.Rectification) is { } same)
        {
            throw new Fault(FaultKind.Conflict, "rights/already-open", $"The request `{RightsRequest.NumberOf(same.RequestId)}` asks for the same and is open.");
        }

        if (open.Count >= MaxOpen)
        {
            throw new Fault(FaultKind.Conflict, "rights/too-many-open", $"At most {MaxOpen} requests of one customer are open at a time.");
        }
    }

    private static RequestRow NewRow(Transaction tx, ActorState actor, CustomerKey? key, byte[]? asked, NewRequest what, RequestChannel channel, RequestLaw? named, PurposeCatalog catalog)
    {
        var (day, law, holidays) = (Deadlines.DayOf(tx.Now), named ?? Deadlines.LawOf(catalog.Organisation.Country), catalog.Organisation.Holidays.ToHashSet());
        return new RequestRow
        {
            CustomerId = key?.Id.Value ?? "", RequestId = CustomerId.New().Value, Kind = what.Type.Code(), State = RequestState.Received.Code(), Channel = channel.Code(),
            Law = law.Code(), Purpose = what.Purpose?.Value, FiledBy = actor.LogName, AskedDigest = asked, ReceivedAtUs = tx.NowUs,
            AcknowledgeByUs = EndUs(Deadlines.BusinessDaysAfter(day, Deadlines.AcknowledgeBusinessDays, holidays)),
            GdprDueUs = EndUs(Deadlines.Gdpr(day, false, holidays)), CcpaDueUs = EndUs(Deadlines.Due(what.Type, RequestLaw.Ccpa, day, false, holidays)),
            DueUs = EndUs(Deadlines.Due(what.Type, law, day, false, holidays)), Steps = 1,
        };
    }

    private static RequestRow Extended(RequestRow row, RightsRequest request, PurposeCatalog catalog, long nowUs)
    {
        var (day, holidays) = (Deadlines.DayOf(request.ReceivedAt), catalog.Organisation.Holidays.ToHashSet());
        return row with
        {
            ExtendedAtUs = nowUs, GdprDueUs = EndUs(Deadlines.Gdpr(day, true, holidays)), CcpaDueUs = EndUs(Deadlines.Due(request.Type, RequestLaw.Ccpa, day, true, holidays)),
            DueUs = EndUs(Deadlines.Due(request.Type, request.Law, day, true, holidays)),
        };
    }

    private static long EndUs(DateOnly day) => Micros.From(Deadlines.EndOf(day));

    private static string Required(string? text, string member) =>
        text ?? throw new Fault(FaultKind.Invalid, "rights/no-reason", $"`{member}` is required: the customer, or whoever checks this later, gets it.");

    private static Fault NobodyKnown() => new(FaultKind.Conflict, "rights/nobody-known", "Nobody is known by what this request names; refuse it with `no-match`.");
}
