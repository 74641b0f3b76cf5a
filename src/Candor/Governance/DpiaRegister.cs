using System.Text.Json;
using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Personalization;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Impact assessments (GDPR article 35): written by a privacy officer, signed by somebody who answers for them, and outdated as soon as the use is another.</summary>
public sealed class DpiaRegister(CatalogRegister catalogs, EvaluationRegister evaluations, FourEyes eyes, AuditLog log)
{
    /// <summary>Who writes and signs.</summary>
    public static readonly IReadOnlyList<string> Roles = ["privacy-officer", "administrator"];

    private const string Job = "dpia";
    private const string Columns = "SELECT subject, version, catalog_version, digest, settings, content, written_by, written_at_us, signed_by, signed_at_us FROM dpia ";

    private sealed record Row(
        string Subject, long Version, long CatalogVersion, string Digest, string Settings, string Content, string WrittenBy, long WrittenAtUs, string? SignedBy, long? SignedAtUs)
    {
        public Dpia AsDpia() => new(
            SubjectOf(Subject), Version, CatalogVersion, Digest, Settings, JsonSerializer.Deserialize<DpiaContent>(Content)!, WrittenBy, Micros.ToInstant(WrittenAtUs), SignedBy, Micros.ToInstant(SignedAtUs));
    }

    /// <summary>The use as it stands now.</summary>
    /// <exception cref="Fault">NotFound <c>governance/no-such-use</c>.</exception>
    public async ValueTask<DpiaUse> UseAsync(Transaction tx, DpiaSubject subject, CancellationToken ct)
    {
        var active = await catalogs.GetActiveAsync(tx, ct);
        if (subject.Kind == DpiaSubject.Purposes && active.Catalog.Purposes.Values.FirstOrDefault(p => p.Id.Value == subject.Id) is { } purpose)
        {
            return await OfAsync(active.Catalog, active.Version, [purpose], null);
        }

        if (subject.Kind == DpiaSubject.Initiatives && await InitiativeRows.FindAsync(tx, subject.Id, ct) is { } initiative && await InitiativeText.FindAsync(tx, catalogs, initiative, ct) is { } text)
        {
            return await OfAsync(text.To, initiative.BasedOn, [.. text.WiderPurposes.OrderBy(p => p.Id.Value, StringComparer.Ordinal)], initiative.Form.Title);
        }

        throw new Fault(FaultKind.NotFound, "governance/no-such-use", $"There is no purpose of the catalog, and no initiative with a catalog text, `{Name.Shown(subject.Id)}`.");

        async ValueTask<DpiaUse> OfAsync(PurposeCatalog catalog, long version, IReadOnlyList<Purpose> purposes, string? title) =>
            new(subject, catalog, version, purposes, purposes.Any(p => p.MakesSuggestions) ? await SettingsAsync(tx, ct) : "", title);
    }

    /// <summary>The models' settings that count, as JSON, with the evaluation that they are of; the defaults are of none.</summary>
    private async ValueTask<string> SettingsAsync(Transaction tx, CancellationToken ct)
    {
        var used = await evaluations.FindInUseAsync(tx, ct);
        var settings = JsonSerializer.SerializeToNode(new { Visits = used?.Report.Visits ?? new SessionSettings(), Needs = used?.Report.Needs ?? new BasketSettings() })!;
        if (used is not null)
        {
            settings[DpiaUse.EvaluationMember] = used.Number;
        }

        return settings.ToJsonString();
    }

    /// <summary>The use as a version of the assessment described it.</summary>
    public async ValueTask<DpiaUse> DescribedAsync(Transaction tx, Dpia dpia, CancellationToken ct)
    {
        if (dpia.Subject.Kind == DpiaSubject.Initiatives)
        {
            return await UseAsync(tx, dpia.Subject, ct) with { Settings = dpia.Settings };
        }

        var catalog = (await catalogs.LoadAsync(tx, dpia.CatalogVersion, ct)).Catalog;
        return new DpiaUse(dpia.Subject, catalog, dpia.CatalogVersion, [catalog.Purposes[PurposeId.Parse(dpia.Subject.Id)]], dpia.Settings, null);
    }

    /// <summary>Everything that can be assessed: active purposes, and initiatives whose text widens something and that are not over.</summary>
    public async ValueTask<IReadOnlyList<DpiaSubject>> SubjectsAsync(Transaction tx, CancellationToken ct)
    {
        var subjects = (await catalogs.GetActiveAsync(tx, ct)).Catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value).Order(StringComparer.Ordinal)
            .Select(p => new DpiaSubject(DpiaSubject.Purposes, p)).ToList();
        foreach (var initiative in (await InitiativeRows.NewestAsync(tx, ct)).Where(i => i.State is InitiativeState.Draft or InitiativeState.Open || i.WasApproved))
        {
            if ((await InitiativeText.FindAsync(tx, catalogs, initiative, ct))?.Changes.Any(c => c.IsWidening) is true)
            {
                subjects.Add(new DpiaSubject(DpiaSubject.Initiatives, initiative.Id));
            }
        }

        return subjects;
    }

    /// <summary>A use as it is now, and the newest version of its assessment; null while nothing is written. Outdated: the use is another than that describes.</summary>
    public async ValueTask<(DpiaUse Use, Dpia? Newest, bool IsOutdated)> StandingAsync(Transaction tx, DpiaSubject subject, CancellationToken ct)
    {
        var (use, newest) = (await UseAsync(tx, subject, ct), (await tx.FindAsync<Row>(Columns + "WHERE subject = @Subject ORDER BY version DESC LIMIT 1", new { Subject = subject.ToString() }, ct))?.AsDpia());
        return (use, newest, newest is not null && newest.Digest != use.Digest);
    }

    /// <summary>All versions of one, newest first.</summary>
    public static async ValueTask<IReadOnlyList<Dpia>> VersionsAsync(Transaction tx, DpiaSubject subject, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(Columns + "WHERE subject = @Subject ORDER BY version DESC", new { Subject = subject.ToString() }, ct)).Select(r => r.AsDpia())];

    /// <summary>Writes a version of the use as it stands.</summary>
    /// <param name="seen">Digest of the use that the writer was shown.</param>
    /// <exception cref="Fault">Invalid <c>governance/bad-dpia</c>; Conflict <c>governance/use-moved-on</c>.</exception>
    public async ValueTask<Dpia> WriteAsync(Transaction tx, CallerToken token, DpiaSubject subject, string seen, DpiaContent content, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await tx.LockJobAsync(Job, ct);
        var use = await UseAsync(tx, subject, ct);
        CheckSeen(use, seen);
        var last = await VersionsAsync(tx, subject, ct) is [var newest, ..] ? newest.Version : 0;
        var dpia = new Dpia(
            subject, last + 1, use.CatalogVersion, use.Digest, use.Settings, content.Checked(), actor.Ref, tx.Now, null, null);
        await tx.RunAsync(
            """
            INSERT INTO dpia (subject, version, catalog_version, digest, settings, content, written_by, written_at_us)
            VALUES (@Subject, @Version, @CatalogVersion, @Digest, @Settings, @Content, @WrittenBy, @NowUs)
            """, new { Subject = subject.ToString(), dpia.Version, dpia.CatalogVersion, dpia.Digest, dpia.Settings, Content = JsonSerializer.Serialize(dpia.Content), dpia.WrittenBy, tx.NowUs }, ct);
        await LogAsync(tx, actor, "written", dpia, ct);
        return dpia;
    }

    /// <summary>Signs the newest version: whoever does answers for it.</summary>
    /// <exception cref="Fault">Conflict <c>governance/cannot-sign</c> for another version and for one that is signed; <c>governance/use-moved-on</c> for an outdated one.</exception>
    public async ValueTask SignAsync(Transaction tx, CallerToken token, DpiaSubject subject, long version, CancellationToken ct)
    {
        var actor = await eyes.EnterAsync(tx, token, Roles, ct);
        await tx.LockJobAsync(Job, ct);
        if (await VersionsAsync(tx, subject, ct) is not [{ SignedBy: null } newest, ..] || newest.Version != version)
        {
            throw new Fault(FaultKind.Conflict, "governance/cannot-sign", $"Version `{version}` is signed already or not the newest.");
        }

        CheckSeen(await UseAsync(tx, subject, ct), newest.Digest);
        await tx.RunAsync("UPDATE dpia SET signed_by = @Ref, signed_at_us = @NowUs WHERE subject = @Subject AND version = @version", new { actor.Ref, tx.NowUs, Subject = subject.ToString(), version }, ct);
        await LogAsync(tx, actor, "signed", newest, ct);
    }

    private static void CheckSeen(DpiaUse use, string seen)
    {
        if (use.Digest != seen)
        {
            throw new Fault(FaultKind.Conflict, "governance/use-moved-on", "The use has changed since this was written; look at what it is now, and write the assessment anew.");
        }
    }

    private static DpiaSubject SubjectOf(string text) => new(text[..text.IndexOf('/', StringComparison.Ordinal)], text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..]);

    private async ValueTask LogAsync(Transaction tx, ActorState actor, string what, Dpia dpia, CancellationToken ct) => await log.AppendAsync(tx, new AuditEvent
    {
        Kind = AuditKind.Admin, Actor = actor.LogName, Session = actor.Session, Subject = $"dpia-{what}:{dpia.Subject}:{dpia.Version}",
        Reason = WidenedPart.DigestOf([dpia.Digest, JsonSerializer.Serialize(dpia.Content)]),
    }, ct);
}
