using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>A sheet that somebody has before them, or has handed in.</summary>
/// <param name="TextHash">Of the text in this language that its questions are from.</param>
/// <param name="Answers">Null until it is handed in.</param>
public sealed record OpenSheet(string SheetId, string StaffId, string Module, string Language, string TextHash, string? AttemptId, SheetAnswers? Answers);

/// <summary>Training: which modules count, who took them, and until when access lasts because of it.</summary>
/// <remarks>INVARIANT: whatever changes modules, roles, attempts or certificates computes <c>staff.training_until_us</c> anew in the same transaction, under one lock.</remarks>
public sealed class TrainingRegister(AuditLog log)
{
    /// <summary>How long a sheet can be handed in, and its answers are shown afterwards.</summary>
    public static readonly TimeSpan SheetLife = TimeSpan.FromDays(1);

    private const string Lock = "training";

    private sealed record SheetRow(string SheetId, string StaffId, string Module, string Language, string TextHash, string? AttemptId, string? Answers);

    /// <summary>Waits for whatever else changes training. First in a transaction that will; looked at is what came before.</summary>
    public static ValueTask LockAsync(Transaction tx, CancellationToken ct) => tx.LockJobAsync(Lock, ct);

    /// <summary>Makes these the modules that count. A new edition leaves those who passed an earlier one time to take it; so does a module that comes later.</summary>
    /// <returns>How many modules or editions changed.</returns>
    public async ValueTask<int> CountAsync(Transaction tx, IReadOnlyList<TrainingModule> modules, string by, CancellationToken ct)
    {
        await LockAsync(tx, ct);
        var before = (await TrainingRows.TermsAsync(tx, ct)).ToDictionary(m => m.Module);
        var changes = 0;
        foreach (var module in modules)
        {
            changes += await CountAsync(tx, module, before.GetValueOrDefault(module.Id), isFirst: before.Count == 0, by, ct);
        }

        foreach (var gone in before.Keys.Except(modules.Select(m => m.Id)))
        {
            await tx.RunAsync("DELETE FROM training_module WHERE module = @gone", new { gone }, ct);
            await tx.RunAsync("DELETE FROM training_edition WHERE module = @gone", new { gone }, ct);
            await LogAsync(tx, by, $"training-ended:{gone}", null, null, ct);
            changes++;
        }

        if (changes > 0)
        {
            await RecomputeAsync(tx, null, ct);
        }

        return changes;
    }

    /// <summary>Makes this one of the modules that count, in place of its earlier edition; the others stay as they are.</summary>
    public async ValueTask<int> CountAsync(Transaction tx, TrainingModule module, string by, CancellationToken ct)
    {
        await LockAsync(tx, ct);
        var before = (await TrainingRows.TermsAsync(tx, ct)).ToDictionary(m => m.Module);
        var changes = await CountAsync(tx, module, before.GetValueOrDefault(module.Id), isFirst: before.Count == 0, by, ct);
        if (changes > 0)
        {
            await RecomputeAsync(tx, null, ct);
        }

        return changes;
    }

    /// <summary>Computes anew until when training counts.</summary>
    /// <param name="staffId">Null for everybody.</param>
    internal static async ValueTask RecomputeAsync(Transaction tx, string? staffId, CancellationToken ct)
    {
        var terms = await TrainingRows.TermsAsync(tx, ct);
        foreach (var (id, trainee) in (await TrainingRows.FindAsync(tx, staffId, ct)).Trainees.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var until = Micros.From(TrainingStanding.Until(terms, trainee));
            await tx.RunAsync("UPDATE staff SET training_until_us = @until WHERE staff_id = @id", new { id, until }, ct);
        }
    }

    /// <summary>A fresh sheet of questions; an older one of the same person and module is forgotten.</summary>
    public async ValueTask<string> BeginAsync(Transaction tx, string staffId, TrainingModule module, string language, CancellationToken ct)
    {
        var text = module.In(language);
        var sheet = RandomNumberGenerator.GetHexString(TrainingSheet.IdLength, lowercase: true);
        await tx.RunAsync("DELETE FROM training_sheet WHERE staff_id = @staffId AND module = @Id", new { staffId, module.Id }, ct);
        await tx.RunAsync(
            "INSERT INTO training_sheet (sheet_id, staff_id, module, language, text_hash, made_at_us) VALUES (@sheet, @staffId, @Id, @Language, @Hash, @NowUs)",
            new { sheet, staffId, module.Id, text.Language, text.Hash, tx.NowUs }, ct);
        return sheet;
    }

    /// <summary>A person's own sheet; null when it is somebody else's, too old or was never there.</summary>
    public async ValueTask<OpenSheet?> FindSheetAsync(Transaction tx, string staffId, string sheet, CancellationToken ct)
    {
        var row = await tx.FindAsync<SheetRow>(
            "SELECT sheet_id, staff_id, module, language, text_hash, attempt_id, answers FROM training_sheet WHERE sheet_id = @sheet AND staff_id = @staffId AND made_at_us > @oldest",
            new { sheet, staffId, oldest = Micros.From(tx.Now - SheetLife) }, ct);
        return row is null ? null : new OpenSheet(row.SheetId, row.StaffId, row.Module, row.Language, row.TextHash, row.AttemptId, row.Answers is null ? null : SheetAnswers.Decode(row.Answers));
    }

    /// <summary>Hands a sheet in: graded, kept, logged, and access reckoned anew, in one step. Of many at the same moment one counts.</summary>
    /// <exception cref="Fault">NotFound for no such sheet; Conflict when it was handed in before or the module has changed since; Invalid when questions are not answered.</exception>
    public async ValueTask<TrainingAttempt> HandInAsync(Transaction tx, ActorState actor, string sheetId, TrainingModule module, SheetAnswers answers, CancellationToken ct)
    {
        await LockAsync(tx, ct);
        var sheet = await FindSheetAsync(tx, actor.Ref, sheetId, ct) is { } found && found.Module == module.Id ? found
            : throw new Fault(FaultKind.NotFound, "staff/no-such-sheet", "These questions are over; open the module and begin anew.");
        var text = module.In(sheet.Language);
        if (text.Hash != sheet.TextHash)
        {
            throw new Fault(FaultKind.Conflict, "staff/module-changed", "The module has changed since these questions were shown; open it and begin anew.");
        }

        var right = TrainingSheet.Grade(sheetId, text.Questions, answers).Count(r => r);
        var attempt = new TrainingAttempt(RandomNumberGenerator.GetHexString(32, lowercase: true), actor.Ref, module.Id, TrainingRows.Joined(module.Editions), text.Hash, tx.Now, text.Questions.Count, right,
            module.IsPassed(right, text.Questions.Count));
        var taken = await tx.RunAsync(
            "UPDATE training_sheet SET attempt_id = @AttemptId, answers = @given WHERE sheet_id = @sheetId AND attempt_id IS NULL",
            new { attempt.AttemptId, given = answers.Encode(), sheetId }, ct);
        if (taken == 0)
        {
            throw new Fault(FaultKind.Conflict, "staff/sheet-handed-in", "These answers were handed in already; open the module to try again.");
        }

        await KeepAsync(tx, attempt, actor.LogName, actor.Session, ct);
        return attempt;
    }

    /// <summary>Records training that was done elsewhere. A person's own is recorded by somebody else.</summary>
    /// <param name="until">Exclusive; in the future and not later than the module's own validity would be from today.</param>
    /// <param name="evidence">What shows it: who issued it, its number, where it is filed; 10 to 500 characters.</param>
    /// <param name="by">As the log names them.</param>
    /// <exception cref="Fault">Invalid, or NotFound for no such person or module.</exception>
    internal async ValueTask RecordCertificateAsync(Transaction tx, string staffId, string module, DateTimeOffset until, string evidence, string by, CancellationToken ct)
    {
        await LockAsync(tx, ct);
        await CheckCertificateAsync(tx, staffId, module, until, evidence, by, ct);
        await AddCertificateAsync(tx, staffId, module, Micros.From(until), evidence, by, ct);
        await LogAsync(tx, by, $"training-certificate:{staffId}", $"{module} until {until:yyyy-MM-dd}, evidence sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(evidence)))}", null, ct);
        await RecomputeAsync(tx, staffId, ct);
    }

    /// <summary>Refuses a certificate that shows nothing.</summary>
    internal async ValueTask CheckCertificateAsync(Transaction tx, string staffId, string module, DateTimeOffset until, string evidence, string by, CancellationToken ct)
    {
        var terms = (await TrainingRows.TermsAsync(tx, ct)).FirstOrDefault(m => m.Module == module && module != TrainingLibrary.DataRules)
            ?? throw new Fault(FaultKind.NotFound, "staff/no-such-module", $"A certificate is for a module that counts and is not `{TrainingLibrary.DataRules}`; got `{Name.Shown(module)}`.");
        if (by == "staff:" + staffId)
        {
            throw new Fault(FaultKind.Invalid, "staff/own-certificate", "Your own certificate is recorded by somebody else.");
        }

        if (await StaffDirectory.FindAsync(tx, staffId, ct) is null)
        {
            throw new Fault(FaultKind.NotFound, "staff/no-such-member", $"There is no active member of staff `{Name.Shown(staffId)}`.");
        }

        if (until <= tx.Now || until > terms.Validity.After(tx.Now))
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-certificate-end", $"A certificate counts until a day that lies ahead and not beyond {terms.Validity} from today; got `{until:yyyy-MM-dd}`.");
        }

        if (evidence.Length is < 10 or > 500)
        {
            throw new Fault(FaultKind.Invalid, "staff/bad-evidence", $"The evidence says in 10 to 500 characters who issued the certificate and where it is filed; got `{evidence.Length}` characters.");
        }
    }

    /// <summary>Forgets sheets and answers that are over.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> CleanAsync(Transaction tx, CancellationToken ct) =>
        await tx.RunAsync("DELETE FROM training_sheet WHERE made_at_us <= @oldest", new { oldest = Micros.From(tx.Now - SheetLife) }, ct);

    internal static async ValueTask AddCertificateAsync(Transaction tx, string staffId, string module, long until, string evidence, string by, CancellationToken ct) => await tx.RunAsync(
        """
        INSERT INTO training_certificate (certificate_id, staff_id, module, until_us, evidence, recorded_by, recorded_at_us)
        VALUES (@id, @staffId, @module, @until, @evidence, @by, @NowUs)
        """, new { id = RandomNumberGenerator.GetHexString(32, lowercase: true), staffId, module, until, evidence, by, tx.NowUs }, ct);

    internal async ValueTask KeepAsync(Transaction tx, TrainingAttempt attempt, string by, string? session, CancellationToken ct)
    {
        await tx.RunAsync(
            """
            INSERT INTO training_attempt (attempt_id, staff_id, module, editions, text_hash, taken_at_us, questions, right_answers, passed)
            VALUES (@AttemptId, @StaffId, @Module, @Editions, @TextHash, @taken, @Questions, @Right, @passed)
            """,
            new
            {
                attempt.AttemptId, attempt.StaffId, attempt.Module, attempt.Editions, attempt.TextHash, taken = Micros.From(attempt.TakenAt),
                Questions = (long)attempt.Questions, Right = (long)attempt.Right, passed = attempt.IsPassed ? 1L : 0L,
            }, ct);
        await LogAsync(tx, by, $"training:{attempt.Module}", $"{(attempt.IsPassed ? "passed" : "failed")} {attempt.Score}", session, ct);
        await RecomputeAsync(tx, attempt.StaffId, ct);
    }

    private async ValueTask<int> CountAsync(Transaction tx, TrainingModule module, ModuleTerms? before, bool isFirst, string by, CancellationToken ct)
    {
        var roles = string.Join(' ', module.Roles.Order(StringComparer.Ordinal));
        var known = before?.Editions.ToDictionary(e => e.Audience, e => e.Text) ?? [];
        var changed = module.Editions.Where(e => known.GetValueOrDefault(e.Audience) != e.Text).ToList();
        var gone = known.Keys.Except(module.Editions.Select(e => e.Audience)).ToList();
        if (changed.Count + gone.Count == 0 && before!.Validity == module.Validity && before.Roles.SetEquals(module.Roles))
        {
            return 0;
        }

        await tx.RunAsync(
            "INSERT INTO training_module (module, validity, roles) VALUES (@Id, @Text, @roles) ON CONFLICT (module) DO UPDATE SET validity = excluded.validity, roles = excluded.roles",
            new { module.Id, module.Validity.Text, roles }, ct);
        long? grace = isFirst ? null : Micros.From(tx.Now + TrainingStanding.Grace);
        foreach (var edition in changed)
        {
            await tx.RunAsync(
                """
                INSERT INTO training_edition (module, audience, edition, since_us, grace_until_us, came_at_us, came_grace_until_us)
                VALUES (@Id, @Audience, @Text, @NowUs, NULL, @NowUs, @grace)
                ON CONFLICT (module, audience) DO UPDATE SET edition = excluded.edition, since_us = excluded.since_us, grace_until_us = excluded.came_grace_until_us
                """, new { module.Id, edition.Audience, edition.Text, tx.NowUs, grace }, ct);
        }

        foreach (var audience in gone)
        {
            await tx.RunAsync("DELETE FROM training_edition WHERE module = @Id AND audience = @audience", new { module.Id, audience }, ct);
        }

        await LogAsync(tx, by, $"training-counts:{module.Id}", TrainingRows.Joined(module.Editions), null, ct);
        return Math.Max(1, changed.Count + gone.Count);
    }

    private async ValueTask LogAsync(Transaction tx, string by, string subject, string? reason, string? session, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Session = session, Subject = subject, Reason = reason }, ct);
}
