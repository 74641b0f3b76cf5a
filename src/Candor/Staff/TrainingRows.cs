using System.Collections.Frozen;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Staff;

/// <summary>An attempt as it is kept.</summary>
public sealed record TrainingAttempt(string AttemptId, string StaffId, string Module, string Editions, string TextHash, DateTimeOffset TakenAt, int Questions, int Right, bool IsPassed)
{
    /// <summary>Rightly answered questions, in percent, rounded down.</summary>
    public int Score => Right * 100 / Questions;
}

/// <summary>Reading what is kept about training.</summary>
internal static class TrainingRows
{
    private sealed record ModuleRow(string Module, string Validity, string Roles);

    private sealed record EditionRow(string Module, string Audience, string Edition, long? GraceUntilUs, long CameAtUs, long? CameGraceUntilUs);

    private sealed record AttemptRow(string AttemptId, string StaffId, string Module, string Editions, string TextHash, long TakenAtUs, long Questions, long RightAnswers, long Passed)
    {
        public TrainingAttempt Attempt => new(AttemptId, StaffId, Module, Editions, TextHash, Micros.ToInstant(TakenAtUs), (int)Questions, (int)RightAnswers, Passed == 1);
    }

    private sealed record CertificateRow(string StaffId, string Module, long UntilUs);

    private sealed record StaffRow(string StaffId, string Roles, long CreatedAtUs);

    /// <summary>One person or everybody, disabled accounts included, with what training they have.</summary>
    public sealed record Found(FrozenDictionary<string, Trainee> Trainees, ILookup<string, TrainingAttempt> Attempts);

    public static async ValueTask<IReadOnlyList<ModuleTerms>> TermsAsync(Transaction tx, CancellationToken ct)
    {
        var modules = await tx.QueryAsync<ModuleRow>("SELECT module, validity, roles FROM training_module", null, ct);
        var editions = (await tx.QueryAsync<EditionRow>("SELECT module, audience, edition, grace_until_us, came_at_us, came_grace_until_us FROM training_edition", null, ct)).ToLookup(e => e.Module);
        return
        [
            .. modules.Select(m => new ModuleTerms(m.Module, Period.Parse(m.Validity), Words(m.Roles),
                [.. editions[m.Module].Select(e => new CountingEdition(e.Audience, e.Edition, Micros.ToInstant(e.GraceUntilUs), Micros.ToInstant(e.CameAtUs), Micros.ToInstant(e.CameGraceUntilUs)))])),
        ];
    }

    /// <param name="staffId">Null for everybody.</param>
    public static async ValueTask<Found> FindAsync(Transaction tx, string? staffId, CancellationToken ct)
    {
        var args = new { staffId = staffId ?? "", all = staffId is null ? 1L : 0L };
        var staff = await tx.QueryAsync<StaffRow>("SELECT staff_id, roles, created_at_us FROM staff WHERE staff_id = @staffId OR @all = 1", args, ct);
        var attempts = (await tx.QueryAsync<AttemptRow>(
            """
            SELECT attempt_id, staff_id, module, editions, text_hash, taken_at_us, questions, right_answers, passed FROM training_attempt
            WHERE staff_id = @staffId OR @all = 1 ORDER BY taken_at_us, attempt_id
            """, args, ct)).Select(a => a.Attempt).ToLookup(a => a.StaffId);
        var certificates = (await tx.QueryAsync<CertificateRow>("SELECT staff_id, module, until_us FROM training_certificate WHERE staff_id = @staffId OR @all = 1", args, ct)).ToLookup(c => c.StaffId);
        return new Found(
            staff.ToFrozenDictionary(s => s.StaffId, s => new Trainee(
                Words(s.Roles), Micros.ToInstant(s.CreatedAtUs),
                [.. attempts[s.StaffId].Where(a => a.IsPassed).Select(a => new TrainingPass(a.Module, Pairs(a.Editions), a.TakenAt))],
                [.. certificates[s.StaffId].Select(c => new TrainingCertificate(c.Module, Micros.ToInstant(c.UntilUs)))])),
            attempts);
    }

    /// <summary>Editions as they are kept: <c>agent:1a2b analyst:3c4d</c>.</summary>
    public static string Joined(IEnumerable<TrainingEdition> editions) => string.Join(' ', editions.OrderBy(e => e.Audience, StringComparer.Ordinal).Select(e => $"{e.Audience}:{e.Text}"));

    public static FrozenSet<string> Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private static Dictionary<string, string> Pairs(string editions) => editions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split(':', 2)).ToDictionary(e => e[0], e => e[1]);
}
