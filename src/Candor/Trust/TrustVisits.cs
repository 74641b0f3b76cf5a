using Candor.Reads;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>Counts who opens the preferences, which leaves no entry in the log: no value is opened for that page.</summary>
public sealed class TrustVisits(Database database, OwnAccess customers, TrustCounts counts)
{
    private static readonly TrustMeasure[] CountedAs = [TrustMeasure.Engaged, TrustMeasure.Active];

    /// <summary>Counts the view, and its person once a month by the mark that the month has for them. Nothing when the token is no live session of a customer.</summary>
    public async Task OpenSettingsAsync(CallerToken token, CancellationToken ct)
    {
        counts.View(TrustMeasure.SettingsViews);
        await database.WriteAsync(async tx =>
        {
            if (await customers.FindAsync(tx, token, exclusive: false, ct) is { } own)
            {
                foreach (var measure in CountedAs)
                {
                    await counts.SeeAsync(tx, own.Key.AuditRef, measure, "", ct);
                }
            }

            return 0;
        }, ct);
    }
}
