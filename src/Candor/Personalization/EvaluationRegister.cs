using System.Globalization;
using System.Text.Json;
using Candor.Audit;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>An evaluation as it is kept.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="AppliedAt">Since when the models were to use its settings; null: never, or no longer.</param>
public sealed record StoredEvaluation(long Number, DateTimeOffset At, DateTimeOffset? AppliedAt, EvaluationReport Report);

/// <summary>The evaluations of this installation, and which of them the models take their settings from.</summary>
public sealed class EvaluationRegister(AuditLog log)
{
    /// <summary>Evaluations that are kept, the newest.</summary>
    public const int MaxKept = 100;

    private const string Select = "SELECT number, at_us, applied_us, report FROM suggestion_evaluation ";

    private sealed record Row(long Number, long AtUs, long? AppliedUs, string Report);

    /// <summary>Keeps a report; those that neither count nor are among the newest go.</summary>
    /// <returns>Its number.</returns>
    public async ValueTask<long> AddAsync(Transaction tx, EvaluationReport report, CancellationToken ct)
    {
        await tx.LockJobAsync("suggestion-evaluation", ct);
        var number = await tx.FindAsync<long>("SELECT COALESCE(MAX(number), 0) FROM suggestion_evaluation", null, ct) + 1;
        await tx.RunAsync("INSERT INTO suggestion_evaluation (number, at_us, report) VALUES (@number, @NowUs, @text)", new { number, tx.NowUs, text = JsonSerializer.Serialize(report) }, ct);
        await tx.RunAsync("DELETE FROM suggestion_evaluation WHERE number <= @last AND applied_us IS NULL", new { last = number - MaxKept }, ct);
        return number;
    }

    /// <summary>Has the models of all nodes use the settings of this evaluation, within seconds.</summary>
    public async ValueTask ApplyAsync(Transaction tx, long number, CancellationToken ct)
    {
        if (Of(await tx.FindAsync<Row>(Select + "WHERE number = @number", new { number }, ct))?.Report is { Visits.RareShare: > 0 and var share } report && report.Exposure?.Share != share)
        {
            throw NotMeasured(share);
        }

        if (await tx.RunAsync("UPDATE suggestion_evaluation SET applied_us = @NowUs WHERE number = @number", new { number, tx.NowUs }, ct) == 0)
        {
            throw new Fault(FaultKind.NotFound, "personalization/no-such-evaluation", $"There is no evaluation `{number}`; `candor evaluate --show` shows the newest.");
        }

        await LogAsync(tx, $"suggestion-settings {number}", ct);
    }

    /// <summary>Has the models give rarer items a part of the exposure, with the settings of the newest evaluation, if that measured what just this costs.</summary>
    /// <returns>Number of the evaluation that counts then: the same measurement, with that part in its settings.</returns>
    /// <exception cref="Fault">Conflict <c>personalization/not-measured</c>.</exception>
    public async ValueTask<long> UseExposureAsync(Transaction tx, double share, CancellationToken ct)
    {
        if ((await FindNewestAsync(tx, ct))?.Report is not { Visits: { } visits, Exposure: { } measured } report || measured.Share != share)
        {
            throw NotMeasured(share);
        }

        var number = await AddAsync(tx, report with { Visits = visits with { RareShare = share } }, ct);
        await ApplyAsync(tx, number, ct);
        return number;
    }

    private static Fault NotMeasured(double share) => new(FaultKind.Conflict, "personalization/not-measured", string.Create(CultureInfo.InvariantCulture,
        $"The newest evaluation did not measure what `{share}` of the exposure for rarer items costs; run `candor evaluate --rare-share {share}`, look at it, and repeat with `--apply`."));

    /// <summary>Has the models use the defaults again.</summary>
    public async ValueTask UseDefaultsAsync(Transaction tx, CancellationToken ct)
    {
        await tx.RunAsync("UPDATE suggestion_evaluation SET applied_us = NULL", null, ct);
        await LogAsync(tx, "suggestion-settings defaults", ct);
    }

    /// <summary>The evaluation whose settings count; null: the defaults do.</summary>
    public async ValueTask<StoredEvaluation?> FindInUseAsync(Transaction tx, CancellationToken ct) =>
        Of(await tx.FindAsync<Row>(Select + "WHERE applied_us IS NOT NULL ORDER BY applied_us DESC, number DESC LIMIT 1", null, ct));

    /// <summary>Number of the evaluation whose settings count and since when, without reading it; null: the defaults do.</summary>
    internal async ValueTask<(long Number, long AppliedUs)?> FindNumberInUseAsync(Transaction tx, CancellationToken ct) =>
        await tx.FindAsync<Row>("SELECT number, at_us, applied_us, '' AS report FROM suggestion_evaluation WHERE applied_us IS NOT NULL ORDER BY applied_us DESC, number DESC LIMIT 1", null, ct)
            is { } row ? (row.Number, row.AppliedUs!.Value) : null;

    /// <summary>The newest evaluation, applied or not; null when there was none. The audit of minimisation reads <see cref="EvaluationReport.LessData"/> of it.</summary>
    public async ValueTask<StoredEvaluation?> FindNewestAsync(Transaction tx, CancellationToken ct) => Of(await tx.FindAsync<Row>(Select + "ORDER BY number DESC LIMIT 1", null, ct));

    private async ValueTask LogAsync(Transaction tx, string subject, CancellationToken ct) =>
        await log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.Admin, Actor = "system:evaluate", Subject = subject }, ct);

    private static StoredEvaluation? Of(Row? row) => row is null ? null
        : new StoredEvaluation(row.Number, Micros.ToInstant(row.AtUs), Micros.ToInstant(row.AppliedUs), JsonSerializer.Deserialize<EvaluationReport>(row.Report)!);
}
