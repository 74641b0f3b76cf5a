using Candor.Collection;
using Candor.Storage;

namespace Candor.Trust;

/// <summary>Made-up answers for the sample shop, over days of the past. They belong to nobody: they are drawn for themselves, not for its customers.</summary>
public static class SampleSurveys
{
    private const string Texts = "trust";

    private static readonly string[] Words =
    [
        "Quick delivery, and I can see what you keep about me.", "Please use less paper in the parcels.", "I like that I could switch the suggestions off.", "The newsletter comes too often.",
        "Your service answered within an hour. Thank you!", "I had to look for the privacy settings.", "Good tea, fair prices.", "I would like to pick a delivery day.", "The notice is easy to read. More shops should do that.",
        "One parcel was late and nobody told me.", "I trust you more since I saw who looked at my data.", "Nothing to complain about.",
    ];

    /// <summary>Fills the days before today, once. The same seed and day give the same answers.</summary>
    /// <param name="days">Days of the past, today not included.</param>
    /// <returns>How many people answered; 0 when there are answers already.</returns>
    public static async ValueTask<int> FillAsync(Transaction tx, SurveyAnswers answers, ulong seed, int days, CancellationToken ct)
    {
        if (await tx.FindAsync<long>("SELECT count(*) FROM survey_answer", null, ct) > 0)
        {
            return 0;
        }

        var (random, today, all) = (new SampleRandom(seed + (ulong)Texts.Length), DateOnly.FromDateTime(tx.Now.UtcDateTime), 0);
        for (var ago = days; ago >= 1; ago--)
        {
            // A little better as time goes on, so that a trend has something to show.
            var (day, people, bonus) = (today.AddDays(-ago), 1 + random.Below(5), ago < days / 3 ? 1 : 0);
            for (var i = 0; i < people; i++)
            {
                var mood = 2 + random.Below(3) + (random.Below(3) < bonus ? 1 : 0);
                var sheet = string.Concat(Enumerable.Range(0, SurveyTallies.Statements).Select(_ => Math.Clamp(mood + random.Below(3) - 1, TrustScore.Lowest, TrustScore.Highest)));
                var recommend = Math.Clamp(mood * 2 + random.Below(4) - 1, 0, SurveyAnswer.Highest).ToString(System.Globalization.CultureInfo.InvariantCulture);
                List<(string, string)> cells = [(SurveyTallies.CodeOf(SurveyKind.Trust), sheet), .. random.Below(8) > 0 ? [(SurveyTallies.CodeOf(SurveyKind.Recommend), recommend)] : Array.Empty<(string, string)>()];
                await SurveyAnswers.CountAsync(tx, day, cells, 1, ct);
            }

            await SurveyRows.CountAskedAsync(tx, day, SurveyChannel.Me, people * 2 + random.Below(4), ct);
            all += people;
        }

        foreach (var words in Words)
        {
            await answers.AddTextAsync(tx, words, ct);
        }

        return all;
    }
}
