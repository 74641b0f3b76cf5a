using System.Security.Cryptography;
using System.Text.Json;
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

namespace Candor.Collection;

/// <summary>Questions that customers ask on their page. Each becomes a record of the history that the catalog keeps for service contacts.</summary>
public sealed class CustomerQuestions(Database database, OwnAccess customers, ConsentLedger ledger, AuditLog log, PersonalVault vault, Outbox outbox)
{
    /// <summary>Characters of a question.</summary>
    public const int MaxLength = 2000;

    /// <summary>Class of the Data Privacy Vocabulary that marks the history of service contacts.</summary>
    public const string Category = "Communication";

    /// <summary>Template of the mail that says that a question has arrived.</summary>
    private const string Received = "question-received";

    private const string Source = "you";
    private const string Channel = "contact form";

    /// <summary>What became of a question: it is stored, or not needed, or something in it should not be sent.</summary>
    /// <param name="Id">Of the stored record; null when nothing was stored.</param>
    /// <param name="NotNeeded">Why it could not be kept; null otherwise.</param>
    /// <param name="Risky">What should not be in it; empty otherwise.</param>
    public sealed record Outcome(string? Id, ReasonCode? NotNeeded, IReadOnlyList<RiskyKind> Risky);

    /// <summary>The history that questions go to; null when the catalog has none.</summary>
    public static DataPoint? HistoryOf(PurposeCatalog catalog) =>
        catalog.DataPoints.Values.Where(d => d is { Kind: DataPointKind.History, Category: Category }).OrderBy(d => d.Id.Value, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Stores a question, unless something in it should not be sent and the customer has not said how to go on.</summary>
    /// <param name="hide">Stores it with what should not be sent made unreadable.</param>
    /// <returns>Null when the token is no live session of a customer.</returns>
    /// <exception cref="Fault">Invalid <c>collection/bad-question</c>; NotFound <c>collection/no-questions</c> where the catalog has no history for it.</exception>
    public async Task<Outcome?> AskAsync(CallerToken token, string text, bool hide, CancellationToken ct)
    {
        var question = text.ReplaceLineEndings("\n").Trim();
        if (question.Length is 0 or > MaxLength || question.Any(c => char.IsControl(c) && c is not '\n' and not '\t'))
        {
            throw new Fault(FaultKind.Invalid, "collection/bad-question", $"A question has 1 to {MaxLength} characters and no control characters; got `{question.Length}`.");
        }

        var risky = RiskyText.Find(question);
        return await database.WriteAsync(async tx => await customers.FindAsync(tx, token, exclusive: false, ct) is { } own
            ? risky.Count > 0 && !hide ? new Outcome(null, null, risky) : await StoreAsync(tx, own, hide ? RiskyText.Hide(question) : question, ct)
            : null, ct);
    }

    private async ValueTask<Outcome> StoreAsync(Transaction tx, OwnCustomer own, string question, CancellationToken ct)
    {
        var history = HistoryOf(own.Catalog.Catalog)
            ?? throw new Fault(FaultKind.NotFound, "collection/no-questions", "Questions are not taken here; the notice says whom to write to.");
        var choices = await ledger.StateAsync(tx, own.Key.Id, ct);
        if (Need.WhyNot(history, own.Catalog, own.Key.Id, choices, await ledger.RestrictedSinceAsync(tx, own.Key.Id, ct) is not null, tx.Now) is { } reason)
        {
            return new Outcome(null, reason, []);
        }

        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var json = JsonSerializer.SerializeToUtf8Bytes(new { question, channel = Channel, answered = false });
        await vault.AppendHistoryAsync(tx, own.Key, history.Id, id, tx.Now, json, Source, ct);
        await log.AppendAsync(tx, new AuditEvent
        {
            Kind = AuditKind.Collect, Actor = own.Actor.LogName, Session = own.Actor.Session, CatalogVersion = own.Catalog.Version,
            CustomerRef = own.Key.AuditRef, DataPoints = [history.Id.Value], Subject = "question",
        }, ct);
        await outbox.QueueAsync(tx, own.Key, new OutgoingMessage(Received, null, new Dictionary<string, string>
        {
            ["request"] = "Q-" + id[..8].ToUpperInvariant(), ["question"] = question, ["due"] = "", ["link"] = "",
        }), ct);
        return new Outcome(id, null, []);
    }
}
