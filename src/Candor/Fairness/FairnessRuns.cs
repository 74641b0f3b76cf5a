using System.Globalization;
using System.Runtime.CompilerServices;
using Candor.Audit;
using Candor.Catalog;
using Candor.Desk;
using Candor.Kernel;
using Candor.Messages;
using Candor.Personalization;
using Candor.Reads;
using Candor.Staff;
using Candor.Storage;
using Candor.Vault;

namespace Candor.Fairness;

/// <summary>Counts each week how uses came out for groups of customers, audits that, tells the privacy officers, and pauses what fails where the catalog says so.</summary>
public sealed class FairnessRuns(Database database, CatalogRegister catalogs, PersonalVault vault, AuditLog log, AggregateRead counting, Suggestions suggestions, StaffMail mail, Uri site)
{
    public const string Officer = "privacy-officer";

    /// <summary>As the log names it: <c>system:fairness</c>.</summary>
    public const string Job = "fairness";

    /// <summary>A week is counted so long after its end: what was shown in it may be bought within the hour, and what was gathered in memory is written by then.</summary>
    public static readonly TimeSpan CountedAfter = TimeSpan.FromHours(2);

    /// <summary>Customers to one page; on SQLite other work waits for it, about 20 ms.</summary>
    private const int PerPage = 250;

    /// <summary>After a long rest no more weeks than these are made up for.</summary>
    private const int MostMissed = 4;

    private sealed record Page(CustomerId Last, IReadOnlyList<CountedCase> Cases);

    /// <summary>Counts every week that is over, the oldest first; a new installation begins with the last one. Nothing while the catalog has no bias audit.</summary>
    /// <returns>How many weeks.</returns>
    public async Task<int> RunDueAsync(CancellationToken ct)
    {
        var last = Week.Of(database.Clock.GetUtcNow() - CountedAfter) - 1;
        var (catalog, newest) = await database.ReadAsync(async tx => (await catalogs.GetActiveAsync(tx, ct), (await FairnessBook.WeeksAsync(tx, 1, ct)).Cast<long?>().FirstOrDefault()), ct);
        var done = 0;
        for (var week = Math.Max(newest + 1 ?? last, last - MostMissed); catalog.Catalog.BiasAudit is not null && week <= last; week++)
        {
            done += await RunAsync(week, ct) ? 1 : 0;
        }

        return done;
    }

    /// <summary>Counts one week and closes it.</summary>
    /// <returns>False when it is closed already, or another node is at it.</returns>
    internal async Task<bool> RunAsync(long week, CancellationToken ct)
    {
        await suggestions.Uses.FlushAsync(ct);
        if (!await database.WriteAsync(tx => FairnessBook.ClaimAsync(tx, week, ct), ct))
        {
            return false;
        }

        try
        {
            var counts = UseCounts.Of(await counting.CountAsync(Job, PagesAsync(week, ct), ct));
            var isClosed = await database.WriteAsync(tx => CloseAsync(tx, week, counts, ct), ct);
            await suggestions.Pauses.KeepUpAsync(ct);
            return isClosed;
        }
        catch
        {
            await database.WriteAsync(tx => FairnessBook.GiveBackAsync(tx, week, CancellationToken.None), CancellationToken.None);
            throw;
        }
    }

    /// <summary>Ends a pause, for a privacy officer with a reason.</summary>
    /// <param name="actor">As found in this transaction.</param>
    /// <param name="reason">In words, <see cref="OfficerDecision.MinReason"/> to <see cref="OfficerDecision.MaxReason"/> characters; about no customer.</param>
    /// <exception cref="Fault">Invalid <c>fairness/bad-reason</c>; Conflict <c>staff/not-allowed</c> or <c>personalization/not-paused</c>.</exception>
    public async ValueTask EndPauseAsync(Transaction tx, ActorState? actor, string pauseId, string reason, CancellationToken ct)
    {
        var (who, words) = OfficerDecision.Check(tx, actor, [Officer], reason);
        await suggestions.Pauses.EndAsync(tx, pauseId, who.Ref, words, who.LogName, who.Session, ct);
    }

    private async ValueTask<bool> CloseAsync(Transaction tx, long week, IReadOnlyList<UseCounts> counts, CancellationToken ct)
    {
        await tx.LockJobAsync("fairness", ct);
        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        FairnessRule RuleOf(PurposeId purpose) => catalog.Purposes.GetValueOrDefault(purpose)?.Fairness ?? new FairnessRule();
        var audits = UseAudit.Of(week, counts, await FairnessBook.CountsAsync(tx, week - 1, ct), RuleOf);
        if (!await FairnessBook.CloseAsync(tx, week, audits, ct))
        {
            return false;
        }

        await suggestions.Uses.RemoveAsync(tx, week, ct);
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = "system:" + Job, Subject = $"bias-audit:{Week.FirstDay(week):yyyy-MM-dd}" }, ct);
        var findings = audits.SelectMany(a => a.Findings).ToList();
        var paused = new List<PurposeId>();
        foreach (var purpose in findings.Where(f => f is { Kind: FindingKind.Limit, IsSure: true } && RuleOf(f.Purpose).OnBreach == OnBreach.Pause).Select(f => f.Purpose).Distinct())
        {
            if (await suggestions.Pauses.PauseAsync(tx, purpose, week, ct))
            {
                paused.Add(purpose);
            }
        }

        // What is not sure when all comparisons are taken together stands on the page; nobody is called for it.
        await TellAsync(tx, [.. findings.Where(f => f.IsSure)], paused, catalog, ct);
        return true;
    }

    private async ValueTask TellAsync(Transaction tx, IReadOnlyList<UseFinding> findings, IReadOnlyList<PurposeId> paused, PurposeCatalog catalog, CancellationToken ct)
    {
        if (findings.Count == 0)
        {
            return;
        }

        var language = catalog.Organisation.Languages[0];
        string Label(PurposeId purpose) => OneLine(catalog.Purposes.GetValueOrDefault(purpose)?.Label.In(language) ?? purpose.Value);
        string GroupOf(UseFinding f) => catalog.DataPoints.GetValueOrDefault(f.Attribute) is { } d
            ? OneLine($"{d.Label.In(language)}: {d.Values.FirstOrDefault(v => v.Value == f.Group)?.Label.In(language) ?? f.Group}") : f.Group;
        var lines = findings.Select(f => string.Join('\t', f.Kind == FindingKind.Limit ? "unfair" : "drift", Label(f.Purpose), GroupOf(f), Share(Math.Abs(f.Value)))).Concat(paused.Select(p => string.Join('\t', "paused", Label(p), "", "")));
        await mail.QueueAsync(tx, StaffReceiver.Role(Officer), "fairness-findings", new Dictionary<string, string>
        {
            ["findings"] = string.Join('\n', lines), ["link"] = new Uri(site, "governance/fairness").AbsoluteUri,
        }, ct);
    }

    private static string OneLine(string label) => label.ReplaceLineEndings(" ").Replace('\t', ' ').Trim();

    private static string Share(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private async IAsyncEnumerable<IReadOnlyList<CountedCase>> PagesAsync(long week, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var page = await database.ReadAsync(tx => PageAsync(tx, week, "", ct), ct); page is not null; page = await database.ReadAsync(tx => PageAsync(tx, week, page.Last.Value, ct), ct))
        {
            if (page.Cases.Count > 0)
            {
                yield return page.Cases;
            }
        }
    }

    /// <summary>Customers of whom there is something to count; the others are not looked at.</summary>
    private async ValueTask<Page?> PageAsync(Transaction tx, long week, string after, CancellationToken ct)
    {
        var ids = await vault.IdsAsync(tx, after, PerPage, ct);
        if (ids.Count == 0)
        {
            return null;
        }

        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        var results = (await suggestions.Uses.FindAsync(tx, week, ids[0], ids[^1], ct)).Where(r => catalog.Purposes.ContainsKey(r.Purpose)).ToLookup(r => r.Customer);
        var opened = (await Emergencies.FindAsync(tx, Week.Start(week), Week.Start(week + 1), ids[0], ids[^1], ct)).ToLookup(e => e.Customer, e => e.Purpose);
        PurposeId[] inDanger = [.. catalog.Purposes.Values.Where(p => p is { Emergency: true, Active: true }).Select(p => p.Id)];
        return new Page(ids[^1],
        [
            .. ids.Select(id => new CountedCase(id,
                [
                    .. results[id].Select(r => (UseCounts.AboutOf(r.Purpose, UseOutcomes.CodeOf(r.Outcome)), r.IsYes)),
                    .. inDanger.Select(p => (UseCounts.AboutOf(p, UseCounts.Emergency), opened[id].Contains(p))),
                ])).Where(c => c.Outcomes.Count > 0),
        ]);
    }
}
