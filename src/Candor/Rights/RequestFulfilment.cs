using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>Doing what requests ask for.</summary>
public sealed class RequestFulfilment(Database database, AuditLog log, ConsentLedger ledger, CustomerChoices choices, Erasure erasure)
{
    /// <summary>How long the report of an access request can be fetched.</summary>
    public static readonly TimeSpan ReportLives = TimeSpan.FromDays(30);

    /// <summary>How long a request is kept after it was closed (11 CCR 7101).</summary>
    public const int MonthsKept = 24;

    private const string Job = "rights-requests";
    private const string Method = "rights request";

    /// <summary>Does what needs no hand, and begins what does. The identity is proven, or need not be.</summary>
    internal async ValueTask StartAsync(Transaction tx, RequestFile file, CancellationToken ct)
    {
        // INVARIANT: an erasure always goes through a kept instant, so that an interruption between the two transactions loses nothing.
        var runAt = file.Row.Type == RequestType.Erasure ? file.Catalog.Catalog.Organisation.CoolingOff?.After(tx.Now) ?? tx.Now : (DateTimeOffset?)null;
        await file.MoveAsync(tx, RequestState.InWork, ct, change: row => row with { RunAtUs = Micros.From(runAt) });
        if (file.Row.Type is not (RequestType.Erasure or RequestType.Rectification))
        {
            await CloseAsync(tx, file, null, ct);
        }
    }

    /// <summary>Does it by hand of staff.</summary>
    internal async ValueTask FulfilAsync(Transaction tx, RequestFile file, string? note, CancellationToken ct)
    {
        if (file.Row.Where is RequestState.InWork or RequestState.Extended)
        {
            if (file.Row.RunAtUs is { } at && at > tx.NowUs)
            {
                throw new Fault(FaultKind.Conflict, "rights/cooling-off", $"This erasure happens at `{Micros.ToInstant(at):yyyy-MM-dd HH:mm} UTC`; until then the customer may take it back.");
            }

            if (file.Row.Type != RequestType.Erasure)
            {
                await CloseAsync(tx, file, note, ct);
            }

            return;
        }

        if (file.Row.Where == RequestState.Acknowledged && RequestRules.NeedsProof(file.Row.Type))
        {
            throw new Fault(FaultKind.Conflict, "rights/identity-not-proven", "Nothing is done before it is proven who asks: ask for proof, or confirm how it was given.");
        }

        await StartAsync(tx, file, ct);
        if (file.Row.Type == RequestType.Rectification)
        {
            await CloseAsync(tx, file, note, ct);
        }
    }

    /// <summary>Ends a restriction.</summary>
    internal async ValueTask LiftAsync(Transaction tx, RequestFile file, CancellationToken ct) => await choices.RecordAsync(
        tx, file.Key!, file.Actor, file.Catalog, () => ledger.LiftRestrictionAsync(tx, file.Key!.Id, Method, Language(file), ct), ct);

    /// <summary>Runs erasures whose time has come.</summary>
    /// <returns>How many were looked at; call again while it is as many as <paramref name="most"/>.</returns>
    public async Task<int> RunDueAsync(int most, CancellationToken ct)
    {
        var due = await database.ReadAsync(tx => RequestRows.RunnableAsync(tx, most, ct), ct);
        List<Exception>? failures = null;
        foreach (var row in due)
        {
            try
            {
                await EraseAsync(row.RequestId, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One that fails is tried again next time, and does not hold up the others.
                (failures ??= []).Add(e);
            }
        }

        return failures is null ? due.Count : throw new AggregateException(failures);
    }

    /// <summary>Removes requests that were closed more than <see cref="MonthsKept"/> months ago.</summary>
    public Task<int> RemoveOldAsync(int most, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var old = await RequestRows.OldAsync(tx, tx.Now.AddMonths(-MonthsKept), most, ct);
        foreach (var row in old)
        {
            await RequestRows.DeleteAsync(tx, row, ct);
            await OpenDsrRows.RemoveAsync(tx, row.RequestId, ct);
        }

        if (old.Count > 0)
        {
            await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.System, Actor = "system:" + Job, Subject = "requests-removed", Reason = old.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) }, ct);
        }

        return old.Count;
    }, ct);

    /// <summary>A step of erasure: closes what is open of the customer and takes them out of what stays. Add it with <see cref="Erasure.AlsoDo"/>.</summary>
    public async ValueTask ForgetAsync(Transaction tx, CustomerKey customer, CancellationToken ct)
    {
        foreach (var row in await RequestRows.OfAsync(tx, customer.Id, null, ct))
        {
            await RequestRows.ForgetAsync(tx, row.Where.IsOpen() ? await CloseErasedAsync(tx, row, customer, ct) : row, ct);
        }
    }

    /// <summary>Erases the customer of a request, unless it was taken back meanwhile.</summary>
    internal async Task EraseAsync(string id, CancellationToken ct)
    {
        var found = await database.ReadAsync(tx => RequestRows.FindAsync(tx, id, ct), ct);
        if (found?.Owner is not { } customer)
        {
            return;
        }

        var contact = await erasure.FindContactAsync(customer, ct);
        var isErased = await database.WriteAsync(async tx =>
        {
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            if (await RequestRows.FindAsync(tx, id, ct) is not { Where: RequestState.InWork or RequestState.Extended, RunAtUs: { } at } || at > tx.NowUs)
            {
                return false;
            }

            await erasure.EraseAsync(tx, customer, "system:" + Job, contact, ct);
            return true;
        }, ct);
        if (isErased)
        {
            await erasure.FinishAsync(ct);
        }
    }

    /// <exception cref="Fault">Invalid when the purpose is none that can be objected to, or stands where it means nothing.</exception>
    internal static void CheckPurpose(NewRequest what, PurposeCatalog catalog)
    {
        if (what.Purpose is { } id && (what.Type != RequestType.Objection || !catalog.Purposes.TryGetValue(id, out var purpose) || !MayObject(purpose)))
        {
            throw new Fault(FaultKind.Invalid, "rights/no-objection-here", $"`purpose` stands with an objection and names an active purpose that rests on legitimate interest; got `{id}`.");
        }
    }

    private static bool MayObject(Purpose purpose) => purpose is { Basis: LegalBasis.LegitimateInterest, Active: true };

    private async ValueTask CloseAsync(Transaction tx, RequestFile file, string? note, CancellationToken ct)
    {
        var key = file.Key!;
        switch (file.Row.Type)
        {
            case RequestType.Restriction:
                await choices.RecordAsync(tx, key, file.Actor, file.Catalog, () => ledger.RestrictAsync(tx, key.Id, Method, Language(file), ct), ct);
                break;
            case RequestType.Objection:
                foreach (var purpose in file.Catalog.Catalog.Purposes.Values.Where(p => MayObject(p) && (file.Row.Purpose ?? p.Id.Value) == p.Id.Value).OrderBy(p => p.Id.Value, StringComparer.Ordinal))
                {
                    await choices.RecordAsync(
                        tx, key, file.Actor, file.Catalog, () => ledger.ObjectAsync(tx, key.Id, purpose, file.Catalog, Method, Language(file), ct), ct);
                }

                break;
        }

        var ready = file.Row.Type is RequestType.Access or RequestType.Portability ? tx.Now + ReportLives : (DateTimeOffset?)null;
        await file.MoveAsync(tx, RequestState.Done, ct, note: note, change: row => row with { Outcome = RightsRequest.Fulfilled, ReadyUntilUs = Micros.From(ready) });
        await file.TellAsync(tx, "request-done", ct, note ?? "");
    }

    private async ValueTask<RequestRow> CloseErasedAsync(Transaction tx, RequestRow row, CustomerKey customer, CancellationToken ct)
    {
        var closed = row with
        {
            State = RequestState.Done.Code(), Steps = row.Steps + 1, ClosedAtUs = tx.NowUs, RunAtUs = null, Outcome = row.Type == RequestType.Erasure ? RightsRequest.Fulfilled : "erased",
        };
        await RequestRows.UpdateAsync(tx, closed, ct);
        await RequestRows.AddStepAsync(tx, row.CustomerId, row.RequestId,
            new StepRow { Step = closed.Steps, State = closed.State, AtUs = tx.NowUs, Actor = "system:" + Job, Reason = closed.Outcome }, ct);
        await OpenDsrRows.QueueAsync(tx, row.RequestId, RequestState.Done.OpenDsr(), ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Request, Actor = "system:" + Job, CustomerRef = customer.AuditRef, Subject = $"{row.Kind}:{row.RequestId}", Reason = $"{closed.State}: {closed.Outcome}",
        }, ct);
        return closed;
    }

    private static string Language(RequestFile file) => file.Catalog.Catalog.Organisation.Languages[0];
}
