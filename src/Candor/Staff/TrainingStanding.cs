using System.Collections.Frozen;
using Candor.Kernel;

namespace Candor.Staff;

/// <summary>An edition of a module that counts, and how long those before it still do.</summary>
/// <param name="GraceUntil">Until then, exclusive, whoever passed an earlier edition keeps it; null for the first.</param>
/// <param name="CameAt">When the module came for this audience.</param>
/// <param name="CameGraceUntil">Until then, exclusive, whoever worked here before it came needs not have passed it; null for the modules that were there first.</param>
public sealed record CountingEdition(string Audience, string Text, DateTimeOffset? GraceUntil, DateTimeOffset CameAt, DateTimeOffset? CameGraceUntil);

/// <summary>What a module demands, as the database has it.</summary>
/// <param name="Roles">Empty: everybody's.</param>
public sealed record ModuleTerms(string Module, Period Validity, FrozenSet<string> Roles, IReadOnlyList<CountingEdition> Editions);

/// <summary>A passed attempt.</summary>
/// <param name="Editions">What was passed for which audience.</param>
public sealed record TrainingPass(string Module, IReadOnlyDictionary<string, string> Editions, DateTimeOffset At);

/// <summary>Training done elsewhere.</summary>
/// <param name="Module"><see cref="TrainingEdition.Everybody"/> for every module.</param>
/// <param name="Until">Exclusive.</param>
public sealed record TrainingCertificate(string Module, DateTimeOffset Until);

/// <summary>A member of staff as far as training goes.</summary>
/// <param name="Since">When they began here.</param>
public sealed record Trainee(IReadOnlySet<string> Roles, DateTimeOffset Since, IReadOnlyList<TrainingPass> Passes, IReadOnlyList<TrainingCertificate> Certificates);

/// <summary>Until when somebody's training counts. Pure: no clock, no storage.</summary>
public static class TrainingStanding
{
    /// <summary>How long those who passed an earlier edition, or worked here before a module came, have to take the new one.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(14);

    /// <summary>The modules that somebody with these roles must have passed.</summary>
    public static IEnumerable<ModuleTerms> RequiredOf(IEnumerable<ModuleTerms> modules, IReadOnlySet<string> roles) =>
        modules.Where(m => (m.Roles.Count == 0 || m.Roles.Overlaps(roles)) && AudiencesOf(m, roles).Any());

    /// <summary>The exclusive end of all training that the person's roles require: the earliest of the modules' ends; null when one is missing.</summary>
    /// <remarks>Where no module is known yet, certificates for everything alone count.</remarks>
    public static DateTimeOffset? Until(IReadOnlyList<ModuleTerms> modules, Trainee trainee)
    {
        var required = RequiredOf(modules, trainee.Roles).ToList();
        if (required.Count == 0)
        {
            return Latest(trainee.Certificates.Where(c => c.Module == TrainingEdition.Everybody).Select(c => (DateTimeOffset?)c.Until));
        }

        var ends = required.Select(m => Until(m, trainee)).ToList();
        return ends.Contains(null) ? null : ends.Min();
    }

    /// <summary>The exclusive end of one module's training; null when it was never passed, or not for all of the person's roles.</summary>
    public static DateTimeOffset? Until(ModuleTerms module, Trainee trainee)
    {
        var audiences = AudiencesOf(module, trainee.Roles).ToList();
        var passes = trainee.Passes.Where(p => p.Module == module.Module).Select(p => EndOf(p, module, audiences));
        var elsewhere = trainee.Certificates.Where(c => c.Module == module.Module || c.Module == TrainingEdition.Everybody).Select(c => (DateTimeOffset?)c.Until);
        var isOlder = audiences.All(a => a.CameGraceUntil is not null && trainee.Since < a.CameAt);
        return Latest(passes.Concat(elsewhere).Append(isOlder ? audiences.Min(a => a.CameGraceUntil) : null));
    }

    private static DateTimeOffset? EndOf(TrainingPass pass, ModuleTerms module, List<CountingEdition> audiences)
    {
        var end = module.Validity.After(pass.At);
        foreach (var audience in audiences)
        {
            if (!pass.Editions.TryGetValue(audience.Audience, out var passed))
            {
                // For another role: that one's questions were not asked.
                return null;
            }

            if (passed != audience.Text)
            {
                if (audience.GraceUntil is not { } grace)
                {
                    return null;
                }

                end = end < grace ? end : grace;
            }
        }

        return end;
    }

    private static IEnumerable<CountingEdition> AudiencesOf(ModuleTerms module, IReadOnlySet<string> roles) =>
        module.Editions.Where(e => e.Audience == TrainingEdition.Everybody || roles.Contains(e.Audience));

    private static DateTimeOffset? Latest(IEnumerable<DateTimeOffset?> ends) => ends.Max();
}
