using System.Globalization;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Messages;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Tells privacy officers and the committee of days that come near: reviews, contracts, internal audits and their findings. Each is told of a month before, a week before and when it is over.</summary>
public sealed class DueDates(Database database, CatalogRegister catalogs, StaffMail mail, Uri site)
{
    public const string Template = "due-dates";

    /// <summary>How long it is remembered that something was told.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(3 * 366);

    private static readonly string[] Readers = [LogPost.Officer, CommitteeSetup.MemberRole];

    /// <summary>All that has a day, the nearest first.</summary>
    public async ValueTask<IReadOnlyList<DueDate>> AllAsync(Transaction tx, CancellationToken ct)
    {
        var all = new List<DueDate>();
        all.AddRange((await InitiativeRows.NewestAsync(tx, ct)).Where(i => i is { WasApproved: true, ReviewAt: not null })
            .Select(i => new DueDate(DueKind.Review, i.Id, i.Form.Title, LastOf(i.ReviewAt!.Value), "governance/initiatives/" + i.Id)));
        var catalog = (await catalogs.GetActiveAsync(tx, ct)).Catalog;
        all.AddRange(catalog.Recipients.Values.Where(r => r.Contract?.Until is not null && catalog.NamedRecipients.Contains(r.Name))
            .Select(r => new DueDate(DueKind.Contract, r.Name, r.Name, r.Contract!.Until!.Value, "governance/records")));
        all.AddRange((await InternalAuditRows.NewestAsync(tx, 1, ct)).Where(a => a.ClosedAt is null)
            .Select(a => new DueDate(DueKind.Audit, a.Id, Text(a.Number), LastOf(a.DueAt), "governance/audits/" + a.Id)));
        all.AddRange((await InternalAuditRows.OpenFindingsAsync(tx, ct)).Where(f => f.DueAt is not null)
            .Select(f => new DueDate(DueKind.Finding, $"{f.AuditId}/{Text(f.Index)}", Text(f.Index), LastOf(f.DueAt!.Value), $"governance/audits/{f.AuditId}#e-{Text(f.Index)}")));
        return [.. all.OrderBy(d => d.Last).ThenBy(d => d.What, StringComparer.Ordinal)];
    }

    /// <summary>Mails what came nearer and nobody was told of, together.</summary>
    /// <returns>How many days it tells of.</returns>
    public async Task<int> MailDueAsync(CancellationToken ct)
    {
        if ((await database.ReadAsync(async tx => await NewAsync(tx, ct), ct)).Count == 0)
        {
            return 0;
        }

        return await database.WriteAsync(async tx =>
        {
            await tx.LockJobAsync(Template, ct);
            var due = await NewAsync(tx, ct);
            // While nobody could read it, it is not told.
            if (due.Count == 0 || await mail.QueueAsync(tx, StaffReceiver.Role(Readers), Template, Facts(due), ct) == 0)
            {
                return 0;
            }

            foreach (var (date, stage) in due)
            {
                await tx.RunAsync("INSERT INTO due_date_told (what, stage, told_at_us) VALUES (@What, @Stage, @NowUs)", new { date.What, Stage = (long)stage, tx.NowUs }, ct);
            }

            await tx.RunAsync("DELETE FROM due_date_told WHERE told_at_us < @Oldest", new { Oldest = Micros.From(tx.Now - Remembered) }, ct);
            return due.Count;
        }, ct);
    }

    private async ValueTask<IReadOnlyList<(DueDate Date, DueStage Stage)>> NewAsync(Transaction tx, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(tx.Now.UtcDateTime);
        var near = (await AllAsync(tx, ct)).Select(d => (Date: d, Stage: d.StageOn(today))).Where(d => d.Stage != DueStage.Far).ToList();
        if (near.Count == 0)
        {
            return [];
        }

        var told = (await tx.QueryAsync<(string What, long Stage)>("SELECT what, stage FROM due_date_told", null, ct)).Select(t => (t.What, (DueStage)t.Stage)).ToHashSet();
        return [.. near.Where(d => !told.Contains((d.Date.What, d.Stage)))];
    }

    /// <summary>A line each: kind, name, day and address, parted by tabs; the mail says them in its language.</summary>
    private Dictionary<string, string> Facts(IReadOnlyList<(DueDate Date, DueStage Stage)> due) => new()
    {
        ["dates"] = string.Join('\n', due.Select(d => string.Join(
            '\t', d.Date.Kind + (d.Stage == DueStage.Over ? ".over" : ""), d.Date.Name.Replace('\t', ' ').ReplaceLineEndings(" "), d.Date.Last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), new Uri(site, d.Date.Page)))),
        ["link"] = new Uri(site, "governance/checklist").AbsoluteUri,
    };

    private static DateOnly LastOf(DateTimeOffset end) => DateOnly.FromDateTime(end.AddTicks(-1).UtcDateTime);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
