using System.Globalization;
using System.Text;
using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What a request's steps need of the house.</summary>
/// <param name="Site">Address under which customers reach this installation.</param>
internal sealed record RequestDesk(AuditLog Log, PersonalVault Vault, Outbox Outbox, Uri Site);

/// <summary>One request in one transaction, with its customer's lock held: every step is checked, written, logged and told together.</summary>
internal sealed class RequestFile(RequestDesk desk, RequestRow row, CustomerKey? key, ActorState actor, ActiveCatalog catalog)
{
    /// <summary>Class of the sealed notes.</summary>
    internal const string NoteKind = "request";

    public RequestRow Row { get; private set; } = row;

    public CustomerKey? Key { get; } = key;

    public ActorState Actor { get; } = actor;

    public ActiveCatalog Catalog { get; } = catalog;

    /// <summary>What the vault binds a note to.</summary>
    public static string NoteId(string request, long step) => string.Create(CultureInfo.InvariantCulture, $"{request}/{step}");

    /// <summary>Files it: the first step of its history.</summary>
    public async ValueTask BeginAsync(Transaction tx, string? note, CancellationToken ct)
    {
        await RequestRows.InsertAsync(tx, Row, ct);
        await StepAsync(tx, null, note, ct);
    }

    /// <summary>Takes the next step.</summary>
    /// <param name="change">What else changes of the row.</param>
    /// <exception cref="Fault">Conflict <c>rights/not-from-here</c> when the table of states has no such step.</exception>
    public async ValueTask MoveAsync(Transaction tx, RequestState to, CancellationToken ct, string? reason = null, string? note = null, Func<RequestRow, RequestRow>? change = null)
    {
        if (!RequestStates.CanMove(Row.Where, to))
        {
            throw new Fault(FaultKind.Conflict, "rights/not-from-here", $"The request is `{Row.State}`, and from there it does not become `{to.Code()}`.");
        }

        var before = Row.Where;
        Row = (change?.Invoke(Row) ?? Row) with { State = to.Code(), Steps = Row.Steps + 1, ClosedAtUs = to.IsOpen() ? null : tx.NowUs };
        await RequestRows.UpdateAsync(tx, Row, ct);
        await StepAsync(tx, reason, note, ct);
        if (before.OpenDsr() != to.OpenDsr())
        {
            await OpenDsrRows.QueueAsync(tx, Row.RequestId, to.OpenDsr(), ct);
        }
    }

    /// <summary>Queues a message about it to the customer, when there is one to tell.</summary>
    public async ValueTask TellAsync(Transaction tx, string template, CancellationToken ct, string reason = "")
    {
        if (Key is null)
        {
            return;
        }

        await desk.Outbox.QueueAsync(tx, Key, new OutgoingMessage(template, null, new Dictionary<string, string>
        {
            ["right"] = Row.Kind,
            ["request"] = RightsRequest.NumberOf(Row.RequestId),
            ["kept"] = "",
            ["due"] = Row.AsRequest().Due.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["reason"] = reason,
            ["link"] = LinkTo(desk.Site, Row.RequestId).ToString(),
        }), ct);
    }

    /// <summary>Where the customer sees the request, and proves who they are by opening it while signed in.</summary>
    public static Uri LinkTo(Uri site, string request) => new(site, $"/me/requests/{request}");

    /// <summary>A text of a person: trimmed, null when empty.</summary>
    /// <exception cref="Fault">Invalid when it is longer than <see cref="NewRequest.MaxNote"/> or has control characters other than line breaks and tabs.</exception>
    public static string? CheckNote(string? text)
    {
        var note = text?.ReplaceLineEndings("\n").Trim();
        if (note is { Length: > NewRequest.MaxNote })
        {
            throw new Fault(FaultKind.Invalid, "rights/note-too-long", $"A text of a request has at most {NewRequest.MaxNote} characters; got `{note.Length}`.");
        }

        return note?.Any(c => (char.IsControl(c) && c is not ('\n' or '\t')) || char.IsSurrogate(c) && !IsWhole(note)) == true
            ? throw new Fault(FaultKind.Invalid, "rights/bad-note", "A text of a request has no control characters other than line breaks and tabs.")
            : string.IsNullOrEmpty(note) ? null : note;
    }

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask StepAsync(Transaction tx, string? reason, string? note, CancellationToken ct)
    {
        // A text about somebody who is not known here has no key to be sealed under, so it is not kept.
        var sealed_ = note is null || Key is null ? null : desk.Vault.SealNote(Key, NoteKind, NoteId(Row.RequestId, Row.Steps), Encoding.UTF8.GetBytes(note));
        await RequestRows.AddStepAsync(tx, Row.CustomerId, Row.RequestId,
            new StepRow { Step = Row.Steps, State = Row.State, AtUs = tx.NowUs, Actor = Actor.LogName, Reason = reason, Note = sealed_ }, ct);
        await desk.Log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Request, Actor = Actor.LogName, Session = Actor.Session, CatalogVersion = Catalog.Version, CustomerRef = Key?.AuditRef,
            Subject = $"{Row.Kind}:{Row.RequestId}", Reason = reason is null ? Row.State : $"{Row.State}: {reason}",
        }, ct);
    }
}
