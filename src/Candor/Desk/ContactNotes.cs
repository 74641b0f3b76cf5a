using System.Security.Cryptography;
using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Collection;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Desk;

/// <summary>What became of something that was written at the desk.</summary>
/// <param name="Stored">True when it is stored.</param>
/// <param name="NotNeeded">Why it could not be kept: no use that the customer allows needs it; null otherwise.</param>
/// <param name="Refused">Why the agent may not write it; null otherwise.</param>
/// <param name="Risky">Numbers in it that are never stored, by place; empty otherwise.</param>
public sealed record DeskOutcome(bool Stored, ReasonCode? NotNeeded, ReasonCode? Refused, IReadOnlyList<RiskySpot> Risky)
{
    internal static readonly DeskOutcome Done = new(true, null, null, []);

    internal static DeskOutcome Not(CustomerChoices.Refusal? refused) => new(false, null, refused?.Reason ?? ReasonCode.SessionEnded, []);
}

/// <summary>What agents write of a customer: notes of contacts, and how the customer likes to be reached. It comes in by the rules of all collection.</summary>
public sealed class ContactNotes(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, AccessRegister access, DeskVisits visits)
{
    /// <summary>Characters of a note.</summary>
    public const int MaxLength = 2000;

    /// <summary>Source of the values.</summary>
    public const string Source = "desk";

    /// <summary>The ways in which customers and staff talk, as they are stored.</summary>
    public static readonly IReadOnlyList<string> Channels = ["phone", "e-mail", "chat", "letter", "in person"];

    /// <summary>Class of the Data Privacy Vocabulary of a field of preferences.</summary>
    private const string PreferenceCategory = "Preference";

    private readonly DeskGate gate = new(catalogs, ledger, log, vault, access, visits);

    /// <summary>The field that says how a customer likes to be reached: one of preferences that has <c>channel</c> in its name; null when the catalog has none.</summary>
    public static DataPoint? ChannelOf(PurposeCatalog catalog) => catalog.DataPoints.Values
        .Where(d => d is { Kind: DataPointKind.Field, Category: PreferenceCategory } && d.Id.Value.Contains("channel", StringComparison.OrdinalIgnoreCase))
        .OrderBy(d => d.Id.Value, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Stores a note in the history of service contacts, with its author, channel and case. A text with a number that is never stored is refused whole.</summary>
    /// <param name="answers">Record that it answers; null: none.</param>
    /// <exception cref="Fault">Invalid for a bad text or channel; NotFound where the catalog has no such history, and <c>desk/no-such-visit</c>.</exception>
    public async Task<DeskOutcome> WriteAsync(CallerToken token, string visitId, string text, string channel, string? answers, CancellationToken ct)
    {
        var note = DeskRules.CheckText(text, 1, MaxLength, "bad-note");
        CheckChannel(channel);
        if (answers is { Length: > EventCollection.MaxIdLength })
        {
            throw new Fault(FaultKind.Invalid, "desk/bad-answer", $"The id of a record has at most {EventCollection.MaxIdLength} characters; got `{answers.Length}`.");
        }

        // Refused before anything is opened or written: the numbers stand in no row and in no log.
        return RiskyText.Spots(note) is { Count: > 0 } risky
            ? new DeskOutcome(false, null, null, risky)
            : await database.WriteAsync(tx => WriteAsync(tx, token, visitId, note, channel, answers, ct), ct);
    }

    /// <summary>Changes how the customer likes to be reached.</summary>
    /// <exception cref="Fault">Invalid for an unknown channel; NotFound where the catalog has no such field, and <c>desk/no-such-visit</c>.</exception>
    public Task<DeskOutcome> ChangeChannelAsync(CallerToken token, string visitId, string channel, CancellationToken ct)
    {
        CheckChannel(channel);
        return database.WriteAsync(async tx =>
        {
            var (act, refused) = await gate.FindAsync(tx, token, visitId, c => [Channel(c).Id], "preferred-channel", ct);
            if (act is null)
            {
                return DeskOutcome.Not(refused);
            }

            var field = Channel(act.Catalog.Catalog);
            if (act.WhyNotNeeded(field, tx.Now) is { } reason)
            {
                return new DeskOutcome(false, reason, null, []);
            }

            await vault.PutFieldAsync(tx, act.Key, field.Id, JsonSerializer.SerializeToUtf8Bytes(channel), Source, ct);
            await log.AppendAsync(tx, act.Event(AuditKind.Collect) with { DataPoints = [field.Id.Value], Subject = "preferred-channel" }, ct);
            return DeskOutcome.Done;
        }, ct);
    }

    private async ValueTask<DeskOutcome> WriteAsync(Transaction tx, CallerToken token, string visitId, string note, string channel, string? answers, CancellationToken ct)
    {
        var (act, refused) = await gate.FindAsync(tx, token, visitId, c => [History(c).Id], "contact-note", ct);
        if (act is null)
        {
            return DeskOutcome.Not(refused);
        }

        var history = History(act.Catalog.Catalog);
        if (act.WhyNotNeeded(history, tx.Now) is { } reason)
        {
            return new DeskOutcome(false, reason, null, []);
        }

        var author = await access.NameOfAsync(tx, act.Agent.Ref, ct);
        var record = new Dictionary<string, object?> { ["text"] = note, ["channel"] = channel, ["author"] = author, ["answered"] = true };
        if (act.Visit.Case is { } number)
        {
            record["case"] = number;
        }

        if (answers is { Length: > 0 })
        {
            record[OpenMatters.Answers] = answers;
        }

        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await vault.AppendHistoryAsync(tx, act.Key, history.Id, id, tx.Now, JsonSerializer.SerializeToUtf8Bytes(record), Source, ct);
        await log.AppendAsync(tx, act.Event(AuditKind.Collect) with { DataPoints = [history.Id.Value], Subject = "contact-note" }, ct);
        return DeskOutcome.Done;
    }

    private static DataPoint History(PurposeCatalog catalog) => CustomerQuestions.HistoryOf(catalog)
        ?? throw new Fault(FaultKind.NotFound, "desk/no-contacts", "The catalog has no history of the category `Communication`, so no notes are kept here.");

    private static DataPoint Channel(PurposeCatalog catalog) => ChannelOf(catalog)
        ?? throw new Fault(FaultKind.NotFound, "desk/no-channel", "The catalog has no field of the category `Preference` with `channel` in its name.");

    private static void CheckChannel(string channel)
    {
        if (!Channels.Contains(channel))
        {
            throw new Fault(FaultKind.Invalid, "desk/bad-channel", $"A channel is one of {string.Join(", ", Channels.Select(c => $"`{c}`"))}; got `{Name.Shown(channel)}`.");
        }
    }
}
