using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Trust;

/// <summary>Asks people how far they trust the business, at most once a quarter over all ways, and only those whose choices allow it; takes one answer to each question, without a name.</summary>
/// <remarks>The invitation is deleted in the transaction that counts the answer. What is left of the person is the day on which they were asked, which is the same whether they answered or not.</remarks>
public sealed class Surveys(
    Database database, CatalogRegister catalogs, ConsentLedger ledger, PersonalVault vault, AccessRegister access, Outbox outbox, Uri site)
{
    /// <summary>Mails on one day at most. What is over waits for the customer's next turn.</summary>
    public const int MostMailsADay = 2000;

    /// <summary>Template of the mail.</summary>
    public const string Template = "survey";

    private const string Job = "surveys";

    /// <summary>Customers to one transaction, so that nobody waits long for their locks.</summary>
    private const int Batch = 50;

    /// <summary>How long a mail may wait for a relay: the link has an end.</summary>
    private static readonly TimeSpan MostLate = TimeSpan.FromDays(3);

    private readonly OwnAccess own = new(catalogs, vault, access);
    private readonly SurveyAnswers answers = new(vault.Partings);

    /// <summary>A customer's own look at the questions.</summary>
    /// <param name="IsOpen">A question waits.</param>
    /// <param name="IsCard">It was put by the card on the customer's page, so that the card shows.</param>
    public sealed record Own(ActiveCatalog Catalog, bool IsOpen, bool IsCard);

    /// <summary>Joins the step of choices. At start only.</summary>
    public void Join(CustomerChoices choices) => choices.AlsoDo(ChoiceAsync);

    /// <summary>The day (UTC) on which a customer was last asked; null: never, or so long ago that it no longer matters and was removed.</summary>
    public async ValueTask<DateOnly?> LastAskedAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        await SurveyRows.AskedDayAsync(tx, customer, ct) is { } day ? DateOnly.FromDayNumber((int)day) : null;

    /// <summary>Removes the invitation of a customer who is erased; answers name nobody and stay.</summary>
    public ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct) => SurveyRows.EraseAsync(tx, customer, ct);

    /// <summary>Puts the question on the customer's page if they may be asked today, and says whether one waits.</summary>
    /// <returns>Null when the token is no live session of a customer.</returns>
    public Task<Own?> OfferAsync(CallerToken token, CancellationToken ct) => database.WriteAsync<Own?>(async tx =>
    {
        if (await own.FindAsync(tx, token, exclusive: true, ct) is not { } customer)
        {
            return null;
        }

        await AskAsync(tx, customer.Key, customer.Catalog, SurveyChannel.Me, ct);
        return await LookAsync(tx, customer.Key.Id, customer.Catalog, ct);
    }, ct);

    /// <summary>Whether a question waits for the customer; asks nothing.</summary>
    /// <returns>Null when the token is no live session of a customer.</returns>
    public Task<Own?> LookAsync(CallerToken token, CancellationToken ct) => database.WriteAsync<Own?>(
        async tx => await own.FindAsync(tx, token, exclusive: false, ct) is { } customer ? await LookAsync(tx, customer.Key.Id, customer.Catalog, ct) : null, ct);

    /// <summary>Asks a visitor of the business's own site, if they may be asked today.</summary>
    /// <returns>The link, shown this once; null: not now. The session counts as <c>false</c> when it is no live one of a customer.</returns>
    public Task<(bool IsKnown, Uri? Link)> AskOnSiteAsync(CallerToken token, CancellationToken ct) => database.WriteAsync(async tx =>
        await own.FindAsync(tx, token, exclusive: true, ct) is { } customer
            ? (true, await AskAsync(tx, customer.Key, customer.Catalog, SurveyChannel.Site, ct) is { } secret ? LinkOf(secret) : null)
            : (false, (Uri?)null), ct);

    /// <summary>True while a link can be answered.</summary>
    public Task<bool> IsOpenAsync(string secret, CancellationToken ct) => database.ReadAsync(async tx =>
        RandomSecret.IsOne(secret) && await SurveyRows.FindAsync(tx, secret, ct) is { } invitation && SurveyRules.IsOpen(SurveyRows.Day(tx), invitation.AskedDay), ct);

    /// <summary>Takes an answer, or with null puts the question aside.</summary>
    /// <returns>False when the link was used before, is over, or is none.</returns>
    public Task<bool> AnswerAsync(string secret, SurveyAnswer? answer, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        if (!RandomSecret.IsOne(secret) || await SurveyRows.FindAsync(tx, secret, ct) is not { } invitation)
        {
            return false;
        }

        var customer = CustomerId.Parse(invitation.CustomerId);
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        // Looked at again: the first look may be older than the wait.
        return await SurveyRows.FindAsync(tx, secret, ct) is not null && await TakeAsync(tx, customer, await catalogs.GetActiveAsync(tx, ct), answer, ct);
    }, ct);

    /// <summary>The same on the customer's own page.</summary>
    /// <returns>Null when the token is no live session of a customer; false when nothing waited.</returns>
    public Task<bool?> AnswerOwnAsync(CallerToken token, SurveyAnswer? answer, CancellationToken ct) => database.WriteAsync<bool?>(async tx =>
        await own.FindAsync(tx, token, exclusive: true, ct) is { } customer ? await TakeAsync(tx, customer.Key.Id, customer.Catalog, answer, ct) : null, ct);

    /// <summary>The texts that are out; see <see cref="SurveyAnswers.TextsAsync"/>.</summary>
    public Task<IReadOnlyList<string>> TextsAsync(CancellationToken ct) => database.ReadAsync(tx => answers.TextsAsync(tx, ct), ct);

    /// <summary>Queues the mails of today's turn, in steps that go on where the last one stopped.</summary>
    /// <returns>How many customers were looked at.</returns>
    public async Task<int> MailDueAsync(int most, CancellationToken ct)
    {
        var done = 0;
        for (var last = Batch; last == Batch && done < most; done += last)
        {
            last = await database.WriteAsync(tx => MailBatchAsync(tx, Math.Min(Batch, most - done), ct), ct);
        }

        return done;
    }

    /// <summary>Removes what is over.</summary>
    public Task<int> PurgeAsync(CancellationToken ct) => database.WriteAsync(async tx => await SurveyRows.PurgeAsync(tx, ct) + await SurveyAnswers.PurgeAsync(tx, ct), ct);

    private static async ValueTask<Own> LookAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, CancellationToken ct)
    {
        var invitation = await SurveyRows.FindAsync(tx, customer, ct);
        var isOpen = invitation is not null && SurveyRules.IsOpen(SurveyRows.Day(tx), invitation.AskedDay);
        return new Own(catalog, isOpen, isOpen && invitation!.Channel == SurveyRules.CodeOf(SurveyChannel.Me));
    }

    /// <summary>INVARIANT: the customer's lock is held, so nobody else asks them meanwhile.</summary>
    /// <returns>The secret of the link; null when they may not be asked.</returns>
    private async ValueTask<string?> AskAsync(Transaction tx, CustomerKey key, ActiveCatalog catalog, SurveyChannel channel, CancellationToken ct)
    {
        if (!SurveyRules.MayAsk(SurveyRows.Day(tx), await SurveyRows.AskedDayAsync(tx, key.Id, ct)) || await AllowedAsync(tx, key.Id, catalog, ct) is null)
        {
            return null;
        }

        var secret = RandomSecret.New();
        await SurveyRows.AskAsync(tx, key.Id, channel, secret, ct);
        return secret;
    }

    private async ValueTask<bool> TakeAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, SurveyAnswer? answer, CancellationToken ct)
    {
        var isOpen = (await LookAsync(tx, customer, catalog, ct)).IsOpen && await AllowedAsync(tx, customer, catalog, ct) is not null;
        if (!await SurveyRows.EndAsync(tx, customer, ct) || !isOpen)
        {
            return false;
        }

        if (answer is not null)
        {
            await answers.AddAsync(tx, answer, ct);
        }

        return true;
    }

    /// <summary>The purpose when this customer's choices allow it now; else null.</summary>
    private async ValueTask<Purpose?> AllowedAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, CancellationToken ct)
    {
        if (catalog.Catalog.Purposes.GetValueOrDefault(SurveyRules.Purpose) is not { Active: true } purpose)
        {
            return null;
        }

        var (choices, isRestricted) = await ledger.StandingAsync(tx, customer, ct);
        var state = new CustomerState(customer, choices.FirstOrDefault(c => c.Purpose == purpose.Id), catalog.ConsentSince.GetValueOrDefault(purpose.Id), isRestricted);
        return Permit.WhyNotThisCustomer(purpose, state, tx.Now) is null ? purpose : null;
    }

    /// <summary>Whoever may not be asked any more has no question waiting, and no mail.</summary>
    private async ValueTask ChoiceAsync(Transaction tx, CustomerKey customer, ConsentRecord record, ActiveCatalog catalog, CancellationToken ct)
    {
        if ((record.Purpose is null || record.Purpose == SurveyRules.Purpose) && await AllowedAsync(tx, customer.Id, catalog, ct) is null)
        {
            await SurveyRows.EndAsync(tx, customer.Id, ct);
            await outbox.CancelAsync(tx, customer.Id, SurveyRules.Purpose, ct);
        }
    }

    private async ValueTask<int> MailBatchAsync(Transaction tx, int most, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var (day, catalog) = (SurveyRows.Day(tx), await catalogs.GetActiveAsync(tx, ct));
        var (from, to) = SurveyRules.TurnOf(day);
        var left = MostMailsADay - await SurveyRows.CountMailsAsync(tx, day, ct);
        if (left <= 0 || !MayMail(catalog.Catalog))
        {
            return 0;
        }

        // A prefix stands before every id that begins with it.
        var customers = (await vault.IdsAsync(tx, await SurveyRows.WalkFromAsync(tx, day, ct) ?? from, (int)Math.Min(most, left), ct))
            .TakeWhile(c => to is null || string.CompareOrdinal(c.Value, to) < 0).ToList();
        foreach (var customer in customers)
        {
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            await MailAsync(tx, customer, catalog, ct);
        }

        if (customers.Count > 0)
        {
            await SurveyRows.KeepWalkAsync(tx, day, customers[^1].Value, ct);
        }

        return customers.Count;
    }

    /// <summary>Mails are sent only where the purpose names an e-mail address among what it uses.</summary>
    private static bool MayMail(PurposeCatalog catalog) => catalog.Purposes.GetValueOrDefault(SurveyRules.Purpose) is { Active: true } purpose
        && purpose.Uses.Keys.Any(d => catalog.DataPoints.GetValueOrDefault(d)?.Category == "EmailAddress");

    private async ValueTask MailAsync(Transaction tx, CustomerId customer, ActiveCatalog catalog, CancellationToken ct)
    {
        if (await vault.FindCustomerAsync(tx, customer, ct) is { } key && await Addresses.HasAsync(tx, vault, key, catalog, ct) && await AskAsync(tx, key, catalog, SurveyChannel.Mail, ct) is { } secret)
        {
            var values = new Dictionary<string, string> { ["link"] = LinkOf(secret).AbsoluteUri, ["days"] = SurveyRules.LifeDays.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            await outbox.QueueAsync(tx, key, new OutgoingMessage(Template, SurveyRules.Purpose, values) { NotAfter = tx.Now + MostLate }, ct);
        }
    }

    private Uri LinkOf(string secret) => new(site, "survey/" + secret);
}
