using System.Security.Cryptography;
using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>Why a customer is not asked for consent now.</summary>
public enum NotAsked
{
    /// <summary>The purpose does not rest on consent, is a draft, or is not declared.</summary>
    NothingToAsk,
    /// <summary>The customer has said yes already.</summary>
    IsOn,
    /// <summary>The customer was asked and has not answered yet.</summary>
    Waiting,
    /// <summary>The customer said no, or took a yes back, and is left in peace.</summary>
    LeftInPeace,
    /// <summary>The customer has every use stopped.</summary>
    Restricted,
}

/// <summary>How a question stands, by what the customer's ledger says since it was asked.</summary>
public enum Answered
{
    Not,
    Yes,
    No,
}

/// <summary>A question that was put to a customer.</summary>
public sealed record AskedQuestion(string Id, PurposeId Purpose, DateTimeOffset AskedAt)
{
    /// <summary>What the customer answered, here or anywhere else where they decide.</summary>
    public Answered AnswerIn(IReadOnlyList<Choice> choices) => choices.FirstOrDefault(c => c.Purpose == Purpose) switch
    {
        { } c when c.ChangedAtUs < Micros.From(AskedAt) => Answered.Not,
        { State: ConsentState.Given } => Answered.Yes,
        { State: ConsentState.Refused or ConsentState.Withdrawn } => Answered.No,
        _ => Answered.Not,
    };

    /// <summary>True while the customer may still answer it.</summary>
    public bool IsWaiting(IReadOnlyList<Choice> choices, DateTimeOffset now) => now - AskedAt < ConsentQuestions.WaitsFor && AnswerIn(choices) == Answered.Not;
}

/// <summary>Questions for consent that agents put to customers. The customer answers in a session of their own; nothing here gives a consent.</summary>
public sealed class ConsentQuestions(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, DeskVisits visits, OwnAccess customers, Outbox outbox, Uri site)
{
    /// <summary>How long a question waits for its answer.</summary>
    public static readonly TimeSpan WaitsFor = TimeSpan.FromDays(30);

    /// <summary>Where the customer answers.</summary>
    public const string Path = "me/asked";

    private const string Template = "consent-question";

    private readonly DeskGate gate = new(catalogs, ledger, log, vault, access, visits);

    private sealed record Row(string QuestionId, string Purpose, long AskedAtUs);

    /// <summary>What became of a question: it is put, or why not.</summary>
    /// <param name="Why">Null when it is put, or the agent may not put it.</param>
    /// <param name="Refused">Null when the agent may.</param>
    public sealed record Outcome(NotAsked? Why, ReasonCode? Refused);

    /// <summary>What waits for a customer's own answer.</summary>
    public sealed record Own(ActiveCatalog Catalog, IReadOnlyList<AskedQuestion> Waiting);

    /// <summary>Why a customer is not asked about a purpose now; null when they may be. Pure.</summary>
    /// <param name="asked">Questions that were put before.</param>
    public static NotAsked? WhyNot(
        Purpose? purpose, ActiveCatalog catalog, IReadOnlyList<Choice> choices, IReadOnlyList<AskedQuestion> asked, bool isRestricted, DateTimeOffset now)
    {
        if (purpose is not { Active: true, Basis: LegalBasis.Consent })
        {
            return NotAsked.NothingToAsk;
        }

        var choice = choices.FirstOrDefault(c => c.Purpose == purpose.Id);
        var counts = Permit.WhyNotThisCustomer(purpose, new CustomerState(CustomerId.New(), choice, catalog.ConsentSince.GetValueOrDefault(purpose.Id), IsRestricted: false), now) is null;
        return choice switch
        {
            _ when isRestricted => NotAsked.Restricted,
            _ when counts => NotAsked.IsOn,
            { State: ConsentState.Refused or ConsentState.Withdrawn } when !(purpose.AskAgainAfter?.After(Micros.ToInstant(choice.ChangedAtUs)) <= now) => NotAsked.LeftInPeace,
            _ when asked.Any(q => q.Purpose == purpose.Id && q.IsWaiting(choices, now)) => NotAsked.Waiting,
            _ => null,
        };
    }

    /// <summary>Puts a question to the customer of a visit.</summary>
    /// <param name="byMail">Also by mail, for the purpose of the visit: whether that is allowed is asked again when it is sent.</param>
    /// <exception cref="Fault">NotFound <c>desk/no-such-visit</c>.</exception>
    public Task<Outcome> AskAsync(CallerToken token, string visitId, PurposeId purpose, bool byMail, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var (act, refused) = await gate.FindAsync(tx, token, visitId, _ => [], "consent-question", ct);
        if (act is null)
        {
            return new Outcome(null, refused?.Reason ?? ReasonCode.SessionEnded);
        }

        var asked = await OfAsync(tx, act.Key.Id, ct);
        if (WhyNot(act.Catalog.Catalog.Purposes.GetValueOrDefault(purpose), act.Catalog, act.Choices, asked, act.IsRestricted, tx.Now) is { } why)
        {
            return new Outcome(why, null);
        }

        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await tx.RunAsync(
            "INSERT INTO consent_question (customer_id, question_id, purpose, staff_id, asked_at_us) VALUES (@Customer, @id, @Purpose, @Ref, @NowUs)",
            new { Customer = act.Key.Id.Value, id, Purpose = purpose.Value, act.Agent.Ref, tx.NowUs }, ct);
        await log.AppendAsync(tx, act.Event(AuditKind.Request) with { Purpose = purpose.Value, Subject = "consent-question" }, ct);
        if (byMail)
        {
            await outbox.QueueAsync(tx, act.Key, new OutgoingMessage(Template, act.Visit.Purpose, new Dictionary<string, string>
            {
                ["use"] = purpose.Value, ["why"] = purpose.Value, ["link"] = new Uri(site, Path).AbsoluteUri,
            }), ct);
        }

        return new Outcome(null, null);
    }, ct);

    /// <summary>What waits for the answer of the customer of this session; null when it is no live session of a customer.</summary>
    public Task<Own?> OwnAsync(CallerToken token, CancellationToken ct) => database.ReadAsync(async tx =>
    {
        if (await customers.FindAsync(tx, token, exclusive: false, ct) is not { } own)
        {
            return null;
        }

        var choices = await ledger.StateAsync(tx, own.Key.Id, ct);
        var isRestricted = await ledger.RestrictedSinceAsync(tx, own.Key.Id, ct) is not null;
        var waiting = isRestricted ? [] : (await OfAsync(tx, own.Key.Id, ct)).Where(q => q.IsWaiting(choices, tx.Now)
            && own.Catalog.Catalog.Purposes.GetValueOrDefault(q.Purpose) is { Active: true, Basis: LegalBasis.Consent });
        return new Own(own.Catalog, [.. waiting]);
    }, ct);

    /// <summary>All questions that were put to a customer, the newest first.</summary>
    internal static async ValueTask<IReadOnlyList<AskedQuestion>> OfAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(
            "SELECT question_id, purpose, asked_at_us FROM consent_question WHERE customer_id = @Value ORDER BY asked_at_us DESC, question_id", new { customer.Value }, ct))
            .Select(r => new AskedQuestion(r.QuestionId, PurposeId.Parse(r.Purpose), Micros.ToInstant(r.AskedAtUs)))];
}
