using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>An evaluation as it is kept.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="AppliedAt">Since when the models were to use its settings; null: never, or no longer.</param>
/// <param name="Audit">What the audits of its settings found; null: none was made, so they can not be put in use.</param>
/// <param name="Hold">Null when they never had to wait.</param>
public sealed record StoredEvaluation(long Number, DateTimeOffset At, DateTimeOffset? AppliedAt, EvaluationReport Report, EvaluationAudit? Audit, SettingsHold? Hold)
{
    public bool IsWaiting => Hold is { DecidedAt: null };
}

/// <summary>The evaluations of this installation, and which of them the models take their settings from.</summary>
/// <remarks>Settings are used only after they were audited; those that break a limit of the catalog wait until somebody answers for them.</remarks>
public sealed class EvaluationRegister(AuditLog log)
{
    /// <summary>Evaluations that are kept, the newest.</summary>
    public const int MaxKept = 100;

    private const string Job = "suggestion-evaluation";
    private const string Itself = "system:evaluate";
    private const string Select = "SELECT number, at_us, applied_us, report, audit, is_broken, is_rare_broken, held_us, decided_us, decision, decided_by, reason FROM suggestion_evaluation ";

    private sealed record NumberRow(long Number, long AppliedUs);

    private sealed record Row(
        long Number, long AtUs, long? AppliedUs, string Report, string? Audit, long IsBroken, long IsRareBroken, long? HeldUs, long? DecidedUs, string? Decision, string? DecidedBy, string? Reason)
    {
        public StoredEvaluation As => new(
            Number, Micros.ToInstant(AtUs), Micros.ToInstant(AppliedUs), JsonSerializer.Deserialize<EvaluationReport>(Report)!,
            Audit is null ? null : new EvaluationAudit(Audit, IsBroken != 0, IsRareBroken != 0),
            HeldUs is { } held ? new SettingsHold(Micros.ToInstant(held), Micros.ToInstant(DecidedUs), Decision is null ? null : Enum.Parse<HoldDecision>(Decision), DecidedBy, Reason) : null);
    }

    /// <summary>Keeps a report with its audits; those that count, waited or are among the newest stay, the others go.</summary>
    /// <param name="audit">Null: none was made, and the settings can not be put in use.</param>
    /// <returns>Its number.</returns>
    public async ValueTask<long> AddAsync(Transaction tx, EvaluationReport report, EvaluationAudit? audit, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var number = await tx.FindAsync<long>("SELECT COALESCE(MAX(number), 0) FROM suggestion_evaluation", null, ct) + 1;
        await tx.RunAsync(
            "INSERT INTO suggestion_evaluation (number, at_us, report, audit, is_broken, is_rare_broken) VALUES (@number, @NowUs, @text, @Audit, @IsBroken, @IsRareBroken)",
            new { number, tx.NowUs, text = JsonSerializer.Serialize(report), Audit = audit?.Text, IsBroken = audit is { IsBroken: true } ? 1L : 0L, IsRareBroken = audit is { IsRareBroken: true } ? 1L : 0L }, ct);
        await tx.RunAsync("DELETE FROM suggestion_evaluation WHERE number <= @last AND applied_us IS NULL AND held_us IS NULL", new { last = number - MaxKept }, ct);
        return number;
    }

    /// <summary>Has the models of all nodes use the settings of this evaluation, within seconds; or has them wait, where their audit broke a limit of the catalog.</summary>
    /// <returns>True when they count now; false when they wait for <see cref="DecideAsync"/>, and what counted goes on counting.</returns>
    /// <exception cref="Fault">NotFound <c>personalization/no-such-evaluation</c>; Conflict <c>personalization/not-measured</c> or <c>personalization/not-audited</c>.</exception>
    public async ValueTask<bool> ApplyAsync(Transaction tx, long number, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        var found = await GetAsync(tx, number, ct);
        if (found.Report is { Visits.RareShare: > 0 and var share } && found.Report.Exposure?.Share != share)
        {
            throw NotMeasured(share);
        }

        if (found.Audit is not { } audit)
        {
            throw new Fault(FaultKind.Conflict, "personalization/not-audited",
                $"Evaluation `{number}` was never audited: who is in the models, and how its settings come out for groups of customers. Run `candor evaluate --apply`, which measures and audits anew.");
        }

        await ReplaceAsync(tx, ct);
        if (!audit.IsBroken)
        {
            await UseAsync(tx, number, Itself, null, null, ct);
            return true;
        }

        await tx.RunAsync("UPDATE suggestion_evaluation SET held_us = @NowUs, decided_us = NULL, decision = NULL, decided_by = NULL, reason = NULL WHERE number = @number", new { number, tx.NowUs }, ct);
        await LogAsync(tx, $"suggestion-settings-held {number}", Itself, null, null, ct);
        return false;
    }

    /// <summary>Has the models give rarer items a part of the exposure, with the settings of the newest evaluation, if that measured what just this costs.</summary>
    /// <returns>Number of the evaluation that holds them, the same measurement and audits with that part in its settings, and whether they count, as <see cref="ApplyAsync"/> does.</returns>
    /// <exception cref="Fault">Conflict <c>personalization/not-measured</c> or <c>personalization/not-audited</c>.</exception>
    public async ValueTask<(long Number, bool Counts)> UseExposureAsync(Transaction tx, double share, CancellationToken ct)
    {
        if (await FindNewestAsync(tx, ct) is not { Report: { Visits: { } visits, Exposure: { } measured } report } newest || measured.Share != share)
        {
            throw NotMeasured(share);
        }

        var number = await AddAsync(tx, report with { Visits = visits with { RareShare = share } }, newest.Audit is { } audit ? audit with { IsBroken = audit.IsRareBroken } : null, ct);
        return (number, await ApplyAsync(tx, number, ct));
    }

    /// <summary>Ends the waiting of settings: they are used all the same, or dropped.</summary>
    /// <param name="reason">In words, of no customer; the log has a digest of it.</param>
    /// <exception cref="Fault">Conflict <c>personalization/not-waiting</c>; NotFound as above.</exception>
    public async ValueTask DecideAsync(Transaction tx, long number, bool isApplied, string staffId, string reason, string reasonDigest, string by, string? session, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        if (!(await GetAsync(tx, number, ct)).IsWaiting)
        {
            throw new Fault(FaultKind.Conflict, "personalization/not-waiting", $"The settings of evaluation `{number}` do not wait for a decision any more; reload the page.");
        }

        await tx.RunAsync(
            "UPDATE suggestion_evaluation SET decided_us = @NowUs, decision = @Decision, decided_by = @staffId, reason = @reason WHERE number = @number",
            new { tx.NowUs, Decision = (isApplied ? HoldDecision.Applied : HoldDecision.Dropped).ToString(), staffId, reason, number }, ct);
        if (isApplied)
        {
            await UseAsync(tx, number, by, session, reasonDigest, ct);
        }
        else
        {
            await LogAsync(tx, $"suggestion-settings-dropped {number}", by, session, reasonDigest, ct);
        }
    }

    /// <summary>Has the models use the defaults again.</summary>
    public async ValueTask UseDefaultsAsync(Transaction tx, CancellationToken ct)
    {
        await tx.LockJobAsync(Job, ct);
        await ReplaceAsync(tx, ct);
        await tx.RunAsync("UPDATE suggestion_evaluation SET applied_us = NULL", null, ct);
        await LogAsync(tx, "suggestion-settings defaults", Itself, null, null, ct);
    }

    /// <summary>The evaluation whose settings count; null: the defaults do.</summary>
    public async ValueTask<StoredEvaluation?> FindInUseAsync(Transaction tx, CancellationToken ct) =>
        (await tx.FindAsync<Row>(Select + "WHERE applied_us IS NOT NULL ORDER BY applied_us DESC, number DESC LIMIT 1", null, ct))?.As;

    /// <summary>Number of the evaluation whose settings count and since when, without reading it; null: the defaults do.</summary>
    internal async ValueTask<(long Number, long AppliedUs)?> FindNumberInUseAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<NumberRow>("SELECT number, applied_us FROM suggestion_evaluation WHERE applied_us IS NOT NULL ORDER BY applied_us DESC, number DESC LIMIT 1", null, ct)
            is { } row ? (row.Number, row.AppliedUs) : null;

    /// <summary>The newest evaluation, applied or not; null when there was none. The audit of minimisation reads <see cref="EvaluationReport.LessData"/> of it.</summary>
    public async ValueTask<StoredEvaluation?> FindNewestAsync(Transaction tx, CancellationToken ct) => (await tx.FindAsync<Row>(Select + "ORDER BY number DESC LIMIT 1", null, ct))?.As;

    /// <summary>Null when there is none of this number (any more).</summary>
    public async ValueTask<StoredEvaluation?> FindAsync(Transaction tx, long number, CancellationToken ct) => (await tx.FindAsync<Row>(Select + "WHERE number = @number", new { number }, ct))?.As;

    /// <summary>All that are kept, the newest first.</summary>
    public async ValueTask<IReadOnlyList<StoredEvaluation>> ListAsync(Transaction tx, CancellationToken ct) =>
        [.. (await tx.QueryAsync<Row>(Select + "ORDER BY number DESC", null, ct)).Select(r => r.As)];

    private async ValueTask<StoredEvaluation> GetAsync(Transaction tx, long number, CancellationToken ct) => await FindAsync(tx, number, ct)
        ?? throw new Fault(FaultKind.NotFound, "personalization/no-such-evaluation", $"There is no evaluation `{number}`; `candor evaluate --show` shows the newest.");

    private static Fault NotMeasured(double share) => new(FaultKind.Conflict, "personalization/not-measured", string.Create(CultureInfo.InvariantCulture,
        $"The newest evaluation did not measure what `{share}` of the exposure for rarer items costs; run `candor evaluate --rare-share {share}`, look at it, and repeat with `--apply`."));

    private async ValueTask UseAsync(Transaction tx, long number, string by, string? session, string? reasonDigest, CancellationToken ct)
    {
        await tx.RunAsync("UPDATE suggestion_evaluation SET applied_us = @NowUs WHERE number = @number", new { number, tx.NowUs }, ct);
        await LogAsync(tx, $"suggestion-settings {number}", by, session, reasonDigest, ct);
    }

    /// <summary>Whoever chooses others decides about those that wait as well.</summary>
    private static async ValueTask ReplaceAsync(Transaction tx, CancellationToken ct) => await tx.RunAsync(
        "UPDATE suggestion_evaluation SET decided_us = @NowUs, decision = @Decision WHERE held_us IS NOT NULL AND decided_us IS NULL", new { tx.NowUs, Decision = HoldDecision.Replaced.ToString() }, ct);

    private async ValueTask LogAsync(Transaction tx, string subject, string by, string? session, string? reason, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = by, Session = session, Subject = subject, Reason = reason }, ct);
}
