using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Consent;

/// <summary>Who agreed to what, since when, until when. Records are only ever added; the state is what the last record of a purpose left.</summary>
/// <remarks>INVARIANT: every change takes the customer's lock first, so versions have no gaps and no two records share one.
/// A consent whose time is over gets its expired record before anything else is written for its purpose.</remarks>
public sealed class ConsentLedger(NoticeRegister notices)
{
    /// <summary>Characters of a method, at most.</summary>
    public const int MaxMethodLength = 200;

    /// <summary>Records the customer's yes to a purpose; a yes while the last one still runs renews it.</summary>
    public async ValueTask<ConsentRecord> GiveAsync(
        Transaction tx, CustomerId customer, Purpose purpose, ActiveCatalog catalog, NoticeRef notice, string method, CancellationToken ct)
    {
        await CheckAskedAsync(tx, purpose, catalog, notice, ct);
        var row = await OpenAsync(tx, customer, purpose.Id, ct);
        var what = row is { State: "given" } ? ConsentEvent.Renewed : ConsentEvent.Given;
        return await AddAsync(tx, customer, new Happening(purpose.Id, what, catalog.Version, notice.Hash, notice.Language, method)
        {
            ExpiresAt = purpose.ConsentLasts?.After(tx.Now),
        }, ct);
    }

    /// <summary>Records the customer's no to a question. A no while a consent runs withdraws it.</summary>
    public async ValueTask<ConsentRecord> RefuseAsync(
        Transaction tx, CustomerId customer, Purpose purpose, ActiveCatalog catalog, NoticeRef notice, string method, CancellationToken ct)
    {
        await CheckAskedAsync(tx, purpose, catalog, notice, ct);
        var row = await OpenAsync(tx, customer, purpose.Id, ct);
        var what = row is { State: "given" } ? ConsentEvent.Withdrawn : ConsentEvent.Refused;
        return await AddAsync(tx, customer, new Happening(purpose.Id, what, catalog.Version, notice.Hash, notice.Language, method), ct);
    }

    /// <summary>Takes a consent back. Doing it twice changes nothing and answers the record of the first time.</summary>
    /// <exception cref="Fault">Conflict <c>consent/nothing-to-withdraw</c>: no consent was given for this purpose.</exception>
    public async ValueTask<ConsentRecord> WithdrawAsync(
        Transaction tx, CustomerId customer, PurposeId purpose, string method, string language, CancellationToken ct)
    {
        var row = await OpenAsync(tx, customer, purpose, ct);
        return row?.State switch
        {
            "given" or "expired" => await AddAsync(tx, customer,
                new Happening(purpose, ConsentEvent.Withdrawn, row.CatalogVersion, row.NoticeHash, language, method), ct),
            "withdrawn" => await GetAsync(tx, customer, row.Version, ct),
            _ => throw new Fault(FaultKind.Conflict, "consent/nothing-to-withdraw", $"No consent for `{purpose}` was given, so there is none to withdraw."),
        };
    }

    /// <summary>Records an objection to a use that rests on legitimate interest. Doing it twice changes nothing.</summary>
    public async ValueTask<ConsentRecord> ObjectAsync(
        Transaction tx, CustomerId customer, Purpose purpose, ActiveCatalog catalog, string method, string language, CancellationToken ct)
    {
        if (purpose.Basis != LegalBasis.LegitimateInterest)
        {
            throw new Fault(FaultKind.Invalid, "consent/no-objection-here",
                $"An objection is possible where a purpose rests on legitimate interest; `{purpose.Id}` does not.");
        }

        var row = await OpenAsync(tx, customer, purpose.Id, ct);
        return row is { State: "objected" }
            ? await GetAsync(tx, customer, row.Version, ct)
            : await AddAsync(tx, customer, new Happening(purpose.Id, ConsentEvent.Objected, catalog.Version, "", language, method), ct);
    }

    /// <summary>Records an opt-out that the customer's browser signals: a no or, where the purpose rests on legitimate interest, an objection.</summary>
    /// <remarks>Written even when it changes nothing: what the customer says later is weighed against it, see <see cref="PurposesByMethodAsync"/>.</remarks>
    public async ValueTask<ConsentRecord> SignalAsync(
        Transaction tx, CustomerId customer, Purpose purpose, ActiveCatalog catalog, NoticeRef notice, string method, CancellationToken ct)
    {
        if (purpose.Basis == LegalBasis.Consent)
        {
            return await RefuseAsync(tx, customer, purpose, catalog, notice, method, ct);
        }

        await OpenAsync(tx, customer, purpose.Id, ct);
        return await AddAsync(tx, customer, new Happening(purpose.Id, ConsentEvent.Objected, catalog.Version, "", notice.Language, method), ct);
    }

    /// <summary>Takes an objection back.</summary>
    public async ValueTask<ConsentRecord> LiftObjectionAsync(
        Transaction tx, CustomerId customer, PurposeId purpose, string method, string language, CancellationToken ct)
    {
        var row = await OpenAsync(tx, customer, purpose, ct);
        return row is { State: "objected" }
            ? await AddAsync(tx, customer, new Happening(purpose, ConsentEvent.ObjectionLifted, row.CatalogVersion, "", language, method), ct)
            : throw new Fault(FaultKind.Conflict, "consent/nothing-to-lift", $"There is no objection to `{purpose}` to lift.");
    }

    /// <summary>Holds every use of the customer's data still (GDPR article 18). Doing it twice changes nothing.</summary>
    public async ValueTask<ConsentRecord> RestrictAsync(Transaction tx, CustomerId customer, string method, string language, CancellationToken ct)
    {
        var row = await OpenAsync(tx, customer, null, ct);
        return row is not null
            ? await GetAsync(tx, customer, row.Version, ct)
            : await AddAsync(tx, customer, new Happening(null, ConsentEvent.Restricted, 0, "", language, method), ct);
    }

    /// <summary>Ends a restriction.</summary>
    public async ValueTask<ConsentRecord> LiftRestrictionAsync(Transaction tx, CustomerId customer, string method, string language, CancellationToken ct) =>
        await OpenAsync(tx, customer, null, ct) is not null
            ? await AddAsync(tx, customer, new Happening(null, ConsentEvent.RestrictionLifted, 0, "", language, method), ct)
            : throw new Fault(FaultKind.Conflict, "consent/nothing-to-lift", "There is no restriction to lift.");

    /// <summary>Writes the expired record of consents whose time is over, the longest overdue first.</summary>
    /// <param name="count">Records at most, so that the transaction stays short; call again while it answers as many.</param>
    /// <returns>What was written. Reads do not wait for this: the gate looks at the time itself.</returns>
    public async ValueTask<IReadOnlyList<ConsentRecord>> ExpireDueAsync(Transaction tx, int count, CancellationToken ct)
    {
        var due = await tx.QueryAsync<DueRow>(
            """
            SELECT customer_id AS CustomerId, purpose AS Purpose FROM consent_state
            WHERE state = 'given' AND expires_at_us <= @NowUs ORDER BY expires_at_us LIMIT @Count
            """, new { NowUs = Micros.From(tx.Now), Count = (long)count }, ct);
        var written = new List<ConsentRecord>();
        // One order of locks for all who take several.
        foreach (var row in due.OrderBy(r => r.CustomerId, StringComparer.Ordinal).ThenBy(r => r.Purpose, StringComparer.Ordinal))
        {
            var customer = CustomerId.Parse(row.CustomerId);
            await tx.LockCustomerAsync(customer, exclusive: true, ct);
            if (await FindStateAsync(tx, customer, row.Purpose, ct) is { } state && state.IsOverdue(tx.Now))
            {
                written.Add(await ExpireAsync(tx, customer, state, ct));
            }
        }

        return written;
    }

    /// <summary>Customers who have agreed to one of two purposes at some time and not taken it back, in the order of their ids; whether it still counts, the gate says.</summary>
    /// <param name="after">The last id of the page before; empty for the first page.</param>
    public async ValueTask<IReadOnlyList<CustomerId>> AgreedAsync(Transaction tx, PurposeId one, PurposeId other, string after, int count, CancellationToken ct)
    {
        var ids = await tx.QueryAsync<string>(
            """
            SELECT DISTINCT customer_id FROM consent_state
            WHERE state = 'given' AND (purpose = @One OR purpose = @Other) AND customer_id > @after ORDER BY customer_id LIMIT @Count
            """, new { One = one.Value, Other = other.Value, after, Count = (long)count }, ct);
        return [.. ids.Select(CustomerId.Parse)];
    }

    /// <summary>Where the customer stands on each purpose that has a choice, by purpose. A consent whose time is over reads as expired.</summary>
    public async ValueTask<IReadOnlyList<Choice>> StateAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        var rows = await tx.QueryAsync<StateRow>(StateRow.Select + " WHERE customer_id = @Customer", new { Customer = customer.Value }, ct);
        return [.. rows.Where(r => r.Purpose != ConsentWords.EveryPurpose).OrderBy(r => r.Purpose, StringComparer.Ordinal).Select(r => r.AsChoice(tx.Now))];
    }

    /// <summary>What <see cref="StateAsync"/> and <see cref="RestrictedSinceAsync"/> say, in one statement, for jobs that walk through many customers.</summary>
    public async ValueTask<(IReadOnlyList<Choice> Choices, bool IsRestricted)> StandingAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        (await StandingsAsync(tx, [customer], ct)).GetValueOrDefault(customer, ([], false));

    /// <summary>As <see cref="StandingAsync"/>, of some customers at once; who never chose is left out.</summary>
    public async ValueTask<IReadOnlyDictionary<CustomerId, (IReadOnlyList<Choice> Choices, bool IsRestricted)>> StandingsAsync(
        Transaction tx, IEnumerable<CustomerId> customers, CancellationToken ct)
    {
        var states = new List<(string Customer, StateRow State)>();
        await using (var row = await tx.Prepared(StateRow.SelectMany + " WHERE " + tx.IsAmong("customer_id", "@ids") + " ORDER BY customer_id, purpose")
            .SetMany("@ids", customers.Select(c => c.Value)).ExecuteReaderAsync(ct))
        {
            while (await row.ReadAsync(ct))
            {
                states.Add((row.GetString(7), StateRow.FromRow(row)));
            }
        }

        return states.GroupBy(s => s.Customer, s => s.State, StringComparer.Ordinal).ToDictionary(g => CustomerId.Parse(g.Key), g => (
            (IReadOnlyList<Choice>)[.. g.Where(s => s.Purpose != ConsentWords.EveryPurpose).Select(s => s.AsChoice(tx.Now))], g.Any(s => s.Purpose == ConsentWords.EveryPurpose)));
    }

    /// <summary>How many customers <see cref="AgreedAsync"/> walks through.</summary>
    public async ValueTask<long> CountAgreedAsync(Transaction tx, PurposeId one, PurposeId other, CancellationToken ct) => await tx.FindAsync<long>(
        "SELECT count(DISTINCT customer_id) FROM consent_state WHERE state = 'given' AND (purpose = @One OR purpose = @Other)", new { One = one.Value, Other = other.Value }, ct);

    /// <summary>The purposes for which a record of this method exists, whatever came after it.</summary>
    public async ValueTask<IReadOnlySet<PurposeId>> PurposesByMethodAsync(Transaction tx, CustomerId customer, string method, CancellationToken ct) =>
        (await tx.QueryAsync<string>("SELECT DISTINCT purpose FROM consent_record WHERE customer_id = @Value AND method = @method", new { customer.Value, method }, ct))
            .Where(p => p != ConsentWords.EveryPurpose).Select(PurposeId.Parse).ToHashSet();

    /// <summary>Since when everything is held still for this customer; null when it is not.</summary>
    public async ValueTask<DateTimeOffset?> RestrictedSinceAsync(Transaction tx, CustomerId customer, CancellationToken ct) =>
        Micros.ToInstant((await FindStateAsync(tx, customer, ConsentWords.EveryPurpose, ct))?.ChangedAtUs);

    /// <summary>All records of the customer, oldest first.</summary>
    public async ValueTask<IReadOnlyList<ConsentRecord>> HistoryAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        var rows = await tx.QueryAsync<RecordRow>(
            RecordRow.Select + " WHERE customer_id = @Customer ORDER BY version", new { Customer = customer.Value }, ct);
        return [.. rows.Select(r => r.AsRecord(customer))];
    }

    /// <summary>One record by its number; null when the customer has none of that number.</summary>
    public async ValueTask<ConsentRecord?> FindAsync(Transaction tx, CustomerId customer, long version, CancellationToken ct) =>
        (await tx.FindAsync<RecordRow>(
            RecordRow.Select + " WHERE customer_id = @Customer AND version = @Version", new { Customer = customer.Value, Version = version }, ct))?.AsRecord(customer);

    /// <summary>Uses that customers have stopped since an instant (exclusive) and that are still stopped, the oldest first.</summary>
    public async ValueTask<IReadOnlyList<StoppedUse>> StoppedSinceAsync(Transaction tx, DateTimeOffset since, CancellationToken ct) => await tx.QueryAsync<StoppedUse>(
        """
        SELECT s.customer_id, s.purpose, s.state, s.changed_at_us, r.language FROM consent_state s JOIN consent_record r ON r.customer_id = s.customer_id AND r.version = s.version
        WHERE s.state <> 'given' AND s.state <> 'expired' AND s.changed_at_us > @SinceUs ORDER BY s.changed_at_us, s.customer_id, s.purpose
        """, new { SinceUs = Micros.From(since) }, ct);

    /// <summary>Stops a use again that was stopped after the backup which this database was restored from; null when what is here is newer, or stopped already.</summary>
    public async ValueTask<ConsentRecord?> StopAgainAsync(Transaction tx, CustomerId customer, StoppedUse use, ActiveCatalog catalog, CancellationToken ct)
    {
        const string method = "erasure ledger, after a restore";
        var row = await FindStateAsync(tx, customer, use.Purpose, ct);
        if (row?.ChangedAtUs >= use.ChangedAtUs)
        {
            return null;
        }

        var purpose = use.Purpose == ConsentWords.EveryPurpose ? null : catalog.Catalog.Purposes.GetValueOrDefault(PurposeId.Parse(use.Purpose));
        return (use.State, row?.State) switch
        {
            ("restricted", null) => await RestrictAsync(tx, customer, method, use.Language, ct),
            ("withdrawn" or "refused", "given" or "expired") => await WithdrawAsync(tx, customer, PurposeId.Parse(use.Purpose), method, use.Language, ct),
            ("objected", not "objected") when purpose is { Basis: LegalBasis.LegitimateInterest } => await ObjectAsync(tx, customer, purpose, catalog, method, use.Language, ct),
            _ => null,
        };
    }

    /// <summary>Removes all that is known of the customer's choices. Part of erasing the customer, and of nothing else.</summary>
    public async ValueTask EraseAsync(Transaction tx, CustomerId customer, CancellationToken ct)
    {
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        await tx.RunAsync("DELETE FROM consent_state WHERE customer_id = @Customer", new { Customer = customer.Value }, ct);
        await tx.RunAsync("DELETE FROM consent_record WHERE customer_id = @Customer", new { Customer = customer.Value }, ct);
    }

    private async ValueTask CheckAskedAsync(Transaction tx, Purpose purpose, ActiveCatalog catalog, NoticeRef notice, CancellationToken ct)
    {
        if (purpose.Basis != LegalBasis.Consent)
        {
            throw new Fault(FaultKind.Invalid, "consent/not-asked-for", $"`{purpose.Id}` does not rest on consent, so there is none to give or refuse.");
        }

        if (!purpose.Active)
        {
            throw new Fault(FaultKind.Invalid, "consent/purpose-not-active", $"`{purpose.Id}` is a draft, so nobody is asked about it yet.");
        }

        await notices.CheckOfferedAsync(tx, notice, catalog.Version, purpose.Id, ct);
    }

    /// <summary>Locks the customer, writes the expired record if one is due, and answers the state of the purpose.</summary>
    private async ValueTask<StateRow?> OpenAsync(Transaction tx, CustomerId customer, PurposeId? purpose, CancellationToken ct)
    {
        await tx.LockCustomerAsync(customer, exclusive: true, ct);
        var row = await FindStateAsync(tx, customer, purpose?.Value ?? ConsentWords.EveryPurpose, ct);
        if (row is null || !row.IsOverdue(tx.Now))
        {
            return row;
        }

        await ExpireAsync(tx, customer, row, ct);
        return await FindStateAsync(tx, customer, row.Purpose, ct);
    }

    private async ValueTask<ConsentRecord> ExpireAsync(Transaction tx, CustomerId customer, StateRow row, CancellationToken ct)
    {
        var last = await GetAsync(tx, customer, row.Version, ct);
        return await AddAsync(tx, customer, new Happening(PurposeId.Parse(row.Purpose), ConsentEvent.Expired, row.CatalogVersion, row.NoticeHash, last.Language, "time")
        {
            ExpiresAt = Micros.ToInstant(row.ExpiresAtUs),
        }, ct);
    }

    private static async ValueTask<ConsentRecord> AddAsync(Transaction tx, CustomerId customer, Happening what, CancellationToken ct)
    {
        if (what.Method.Length is 0 or > MaxMethodLength || what.Method.Any(char.IsControl))
        {
            throw new Fault(FaultKind.Invalid, "consent/bad-method", $"A method is 1 to {MaxMethodLength} characters, none of them a control character; got `{what.Method.Length}`.");
        }

        if (what.Language is not { Length: >= 2 and <= 8 } || !what.Language.All(c => char.IsAsciiLetter(c) || c == '-'))
        {
            throw new Fault(FaultKind.Invalid, "consent/bad-language", $"A language is such as `en` or `pt-BR`; got `{Name.Shown(what.Language)}`.");
        }

        var last = await tx.FindAsync<long?>("SELECT MAX(version) FROM consent_record WHERE customer_id = @Customer", new { Customer = customer.Value }, ct);
        var record = new ConsentRecord(ConsentRecord.NewId(), customer, what.Purpose, what.Event, (last ?? 0) + 1,
            what.CatalogVersion, what.NoticeHash, what.Language, what.Method, tx.Now, what.ExpiresAt);
        await ConsentRows.InsertAsync(tx, record, ct);
        return record;
    }

    private async ValueTask<ConsentRecord> GetAsync(Transaction tx, CustomerId customer, long version, CancellationToken ct) =>
        await FindAsync(tx, customer, version, ct)
        ?? throw new InvalidOperationException("A consent state names a record that is not there.");

    private static async ValueTask<StateRow?> FindStateAsync(Transaction tx, CustomerId customer, string purpose, CancellationToken ct) =>
        await tx.FindAsync<StateRow>(
            StateRow.Select + " WHERE customer_id = @Customer AND purpose = @Purpose", new { Customer = customer.Value, Purpose = purpose }, ct);

    private sealed record Happening(PurposeId? Purpose, ConsentEvent Event, long CatalogVersion, string NoticeHash, string Language, string Method)
    {
        public DateTimeOffset? ExpiresAt { get; init; }
    }
}
