using Candor.Kernel;
using Candor.Storage;

namespace Candor.Personalization;

/// <summary>Brings the live models to the settings that the installation has chosen.</summary>
internal sealed class SettingsInUse(Database database, EvaluationRegister register, SuggestionModel model, Suggester suggester)
{
    private readonly Lock changing = new();
    private (long Number, long AppliedUs)? current;

    /// <summary>Looks whether others were chosen, and has the models use them.</summary>
    public async Task KeepUpAsync(CancellationToken ct)
    {
        if (await database.ReadAsync(tx => register.FindNumberInUseAsync(tx, ct), ct) == current)
        {
            return;
        }

        var chosen = await database.ReadAsync(tx => register.FindInUseAsync(tx, ct), ct);
        lock (changing)
        {
            suggester.Use(chosen?.Report.Visits ?? new SessionSettings());
            model.Buyers.Use(chosen?.Report.Needs ?? new BasketSettings());
            current = chosen is { AppliedAt: { } at } ? (chosen.Number, Micros.From(at)) : null;
        }
    }
}
