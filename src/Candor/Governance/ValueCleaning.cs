using Candor.Audit;
using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Governance;

/// <summary>Taking out of a data point what was found in it of a kind.</summary>
public sealed record CleaningWish(string DataPoint, FoundKind Kind);

/// <summary>What a cleaning would do.</summary>
/// <param name="Waiting">Of the customers, those who have every use held still; they are passed over.</param>
public sealed record CleaningCount(long Values, long Customers, long Waiting);

/// <summary>A cleaning that two people agreed to.</summary>
/// <param name="FinishedAt">Null while it is on its way.</param>
/// <param name="Changed">Values.</param>
/// <param name="Passed">Values, or customers who could not be looked at, that were left as they are: held still, kept by law, changed meanwhile or gone.</param>
public sealed record CleaningState(string Id, DataPointId DataPoint, FoundKind Kind, DateTimeOffset ApprovedAt, DateTimeOffset? FinishedAt, string After, long Changed, long Passed);

/// <summary>Takes what was found out of values: a word of ours stands in its place, and the rest of the value stays. Two people agree to it, and each customer finds it among who looked.</summary>
/// <remarks>May be interrupted: it goes on behind the last customer that is done.</remarks>
public sealed class ValueCleaning(Database database, CatalogRegister catalogs, ConsentLedger ledger, AuditLog log, PersonalVault vault, InspectionRead inspection, FourEyes eyes)
{
    public const string Kind = "value-cleaning";

    /// <summary>As the log names it: <c>system:value-cleaning</c>.</summary>
    public const string Job = "value-cleaning";

    /// <summary>Who decides. Who proposes is a privacy officer.</summary>
    public static readonly IReadOnlyList<string> Roles = ["privacy-officer", "administrator"];

    private const int PerPage = 20;
    private const int PerCount = 500;

    private sealed record Row(string CleaningId, string DataPoint, string Kind, long ApprovedAtUs, long? FinishedAtUs, string AfterCustomer, long Changed, long Passed);

    private sealed record Change(CustomerKey Customer, SealedValue Before, byte[] Json);

    public ProposalKind Proposed => new(Kind, Roles, false, ApplyAsync);

    /// <summary>Counts what a cleaning would change; nothing is opened or changed for it.</summary>
    public async Task<CleaningCount> CountAsync(DataPointId point, FoundKind kind, CancellationToken ct)
    {
        var (after, customers, waiting) = ("", 0L, 0L);
        while (await database.ReadAsync(async tx =>
        {
            var some = await ValueMarks.CustomersAsync(tx, point, kind, after, PerCount, ct);
            return (Customers: some, Waiting: some.Count == 0 ? 0 : (await ledger.StandingsAsync(tx, some, ct)).Count(s => s.Value.IsRestricted));
        }, ct) is { Customers: [.., var last] } page)
        {
            (after, customers, waiting) = (last.Value, customers + page.Customers.Count, waiting + page.Waiting);
        }

        var found = (await database.ReadAsync(tx => ValueMarks.CountAsync(tx, ct), ct)).FirstOrDefault(c => c.DataPoint == point && c.Kind == kind);
        return new CleaningCount(found?.Values ?? 0, customers, waiting);
    }

    /// <summary>Proposes a cleaning, for another person to decide on.</summary>
    /// <exception cref="Fault">Invalid <c>governance/not-cleaned</c>, Conflict <c>governance/nothing-found</c>, and those of <see cref="FourEyes.ProposeAsync"/>.</exception>
    public async ValueTask<Proposal> ProposeAsync(Transaction tx, CallerToken token, DataPointId point, FoundKind kind, CancellationToken ct)
    {
        await eyes.EnterAsync(tx, token, [LogPost.Officer], ct);
        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        if (!ValueContent.Cleaned.Contains(kind) || !catalog.DataPoints.TryGetValue(point, out var declared) || !ValueContent.KindsFor(declared).Contains(kind))
        {
            throw new Fault(FaultKind.Invalid, "governance/not-cleaned", $"Out of `{Name.Shown(point.Value)}` nothing of the kind `{kind}` is taken; what can be is {string.Join(", ", ValueContent.Cleaned.Select(k => $"`{k}`"))}, where the data point does not declare it.");
        }

        return (await ValueMarks.CustomersAsync(tx, point, kind, "", 1, ct)).Count > 0 ? await eyes.ProposeAsync(tx, token, Kind, new CleaningWish(point.Value, kind), ct)
            : throw new Fault(FaultKind.Conflict, "governance/nothing-found", $"Nothing of the kind `{kind}` was found in `{point}`; have the values looked into again.");
    }

    /// <summary>The newest cleanings first.</summary>
    public static async ValueTask<IReadOnlyList<CleaningState>> NewestAsync(Transaction tx, int most, CancellationToken ct) =>
    [
        .. (await tx.QueryAsync<Row>(
                "SELECT cleaning_id, data_point, kind, approved_at_us, finished_at_us, after_customer, changed, passed FROM value_cleaning ORDER BY approved_at_us DESC LIMIT @Most", new { Most = (long)most }, ct))
            .Select(r => new CleaningState(r.CleaningId, DataPointId.Parse(r.DataPoint), Enum.Parse<FoundKind>(r.Kind), Micros.ToInstant(r.ApprovedAtUs), Micros.ToInstant(r.FinishedAtUs), r.AfterCustomer, r.Changed, r.Passed)),
    ];

    /// <summary>Goes through what was agreed to and is not done.</summary>
    /// <returns>How many cleanings came to their end.</returns>
    public async Task<int> RunDueAsync(CancellationToken ct)
    {
        var open = (await database.ReadAsync(tx => NewestAsync(tx, int.MaxValue, ct), ct)).Where(c => c.FinishedAt is null).ToList();
        foreach (var cleaning in open)
        {
            await RunAsync(cleaning, ct);
        }

        return open.Count;
    }

    private async ValueTask ApplyAsync(Transaction tx, Proposal proposal, string by, CancellationToken ct)
    {
        var wish = proposal.Read<CleaningWish>();
        await tx.RunAsync(
            "INSERT INTO value_cleaning (cleaning_id, data_point, kind, approved_at_us, finished_at_us, after_customer, changed, passed) VALUES (@Id, @DataPoint, @Kind, @NowUs, NULL, '', 0, 0)",
            new { proposal.Id, wish.DataPoint, Kind = wish.Kind.ToString(), tx.NowUs }, ct);
    }

    private async Task RunAsync(CleaningState cleaning, CancellationToken ct)
    {
        var after = cleaning.After;
        while (await database.ReadAsync(async tx =>
        {
            var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
            return (Catalog: catalog, Customers: await ValueMarks.CustomersAsync(tx, cleaning.DataPoint, cleaning.Kind, after, PerPage, ct));
        }, ct) is { Customers: [.., var last] customers } page)
        {
            ct.ThrowIfCancellationRequested();
            var word = WordFor(cleaning.Kind, page.Catalog.Organisation.Languages[0]);
            var (changes, passed) = page.Catalog.DataPoints.TryGetValue(cleaning.DataPoint, out var point) ? await ReadAsync(cleaning, point, customers, word, ct) : ([], 0L);
            await database.WriteAsync(async tx =>
            {
                var changed = 0L;
                foreach (var own in changes.GroupBy(c => c.Customer.Id))
                {
                    changed += await ChangeAsync(tx, cleaning, own.First().Customer, [.. own], ct);
                }

                await tx.RunAsync(
                    "UPDATE value_cleaning SET after_customer = @After, changed = changed + @changed, passed = passed + @Passed WHERE cleaning_id = @Id AND after_customer < @After",
                    new { After = last.Value, changed, Passed = passed + changes.Count - changed, cleaning.Id }, ct);
                return 0;
            }, ct);
            after = last.Value;
        }

        await database.WriteAsync(async tx => await tx.RunAsync("UPDATE value_cleaning SET finished_at_us = @NowUs, after_customer = '' WHERE cleaning_id = @Id AND finished_at_us IS NULL", new { tx.NowUs, cleaning.Id }, ct), ct);
        // What was in the values leaves the files as deleted values do.
        await database.ForgetDeletedAsync(ct);
    }

    /// <summary>Opens, after the entry of it is durable, and makes the values without what was found.</summary>
    private async Task<(List<Change> Changes, long Passed)> ReadAsync(CleaningState cleaning, DataPoint point, IReadOnlyList<CustomerId> customers, string word, CancellationToken ct)
    {
        var (changes, passed) = (new List<Change>(), 0L);
        foreach (var seen in await inspection.LookAsync(Job, customers, [point.Id], ct))
        {
            if (seen.Values is null || seen.Failed)
            {
                passed++;
                continue;
            }

            foreach (var pair in seen.Values.Where(p => ValueContent.Find(point, p.Opened.Json.Span).Contains(cleaning.Kind)))
            {
                if (ValueContent.Without(point, pair.Opened.Json.Span, cleaning.Kind, word) is { } json)
                {
                    changes.Add(new Change(seen.Key, pair.Sealed, json));
                }
                else
                {
                    passed++;
                }
            }
        }

        return (changes, passed);
    }

    /// <returns>How many values were changed; those that are no longer as they were opened are left alone.</returns>
    private async ValueTask<long> ChangeAsync(Transaction tx, CleaningState cleaning, CustomerKey key, IReadOnlyList<Change> changes, CancellationToken ct)
    {
        await tx.LockCustomerAsync(key.Id, exclusive: true, ct);
        if (await vault.FindCustomerAsync(tx, key.Id, ct) is null || await ledger.RestrictedSinceAsync(tx, key.Id, ct) is not null)
        {
            return 0;
        }

        var changed = 0L;
        foreach (var (_, before, json) in changes)
        {
            if (await IsPutAsync(tx, key, before, json, ct))
            {
                await ValueMarks.RemoveAsync(tx, key.Id, before.DataPoint, before.RecordId, cleaning.Kind, ct);
                changed++;
            }
        }

        if (changed > 0)
        {
            await log.AppendAsync(tx, new AuditEvent
            {
                Kind = AuditKind.Erase, Actor = "system:" + Job, CatalogVersion = (await catalogs.GetActiveAsync(tx, ct)).Version, CustomerRef = key.AuditRef,
                DataPoints = [cleaning.DataPoint.Value], Reason = OwnData.ValuesCleaned, Subject = $"{cleaning.Kind}:{changed}",
            }, ct);
        }

        return changed;
    }

    private async ValueTask<bool> IsPutAsync(Transaction tx, CustomerKey key, SealedValue before, byte[] json, CancellationToken ct)
    {
        if (before.RecordId.Length > 0)
        {
            return await vault.ReplaceRecordAsync(tx, key, before, json, ct);
        }

        if ((await vault.FindFieldAsync(tx, key.Id, before.DataPoint, ct))?.RecordVersion != before.RecordVersion)
        {
            return false;
        }

        await vault.PutFieldAsync(tx, key, before.DataPoint, json, before.Source, ct);
        return true;
    }

    /// <summary>What stands where something was, for whoever reads the value: in German where that is the organisation's first language, else in English.</summary>
    public static string WordFor(FoundKind kind, string language) => (language == "de", kind) switch
    {
        (true, FoundKind.Card) => "[entfernt: Kartennummer]",
        (true, FoundKind.NationalId) => "[entfernt: Ausweisnummer]",
        (true, FoundKind.BankAccount) => "[entfernt: Kontonummer]",
        (true, _) => "[entfernt]",
        (_, FoundKind.Card) => "[removed: card number]",
        (_, FoundKind.NationalId) => "[removed: identity number]",
        (_, FoundKind.BankAccount) => "[removed: account number]",
        _ => "[removed]",
    };
}
