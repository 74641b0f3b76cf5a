using Candor.Catalog;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>What is held: all of it, one kind of it, and the correction of a field.</summary>
internal static class MeDataRoutes
{
    private const string Path = "/me/data";

    /// <summary>Records of each history that the first page shows.</summary>
    private const int Newest = 3;

    public static void MapMyData(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, AllAsync);
        pages.MapGet(Path + "/{dataPoint}", OneAsync);
        pages.MapPost(Path + "/{dataPoint}", CorrectAsync);
    }

    private static async Task<IResult> AllAsync(MeDoor door, HttpContext http)
    {
        var ct = http.RequestAborted;
        return await door.Host.Own.ValuesAsync(http.Token(), Newest, ct) is { } values && await door.Host.Corrections.WaitingAsync(http.Token(), ct) is { } waiting
            ? MeDoor.Page<MeDataPage>(new MeData(door.View(http, values.Catalog.Catalog, "data"), values, waiting.Select(w => w.DataPoint.Value).ToHashSet()))
            : MeDoor.Ended(http);
    }

    private static async Task<IResult> OneAsync(string dataPoint, MeDoor door, HttpContext http)
    {
        var (id, ct) = (Parse(dataPoint), http.RequestAborted);
        var catalog = (await door.Host.Database.ReadAsync(tx => door.Host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog;
        if (catalog.DataPoints.GetValueOrDefault(id) is not { Kind: DataPointKind.History } history)
        {
            return await FieldAsync(id, door, http, null, null);
        }

        var page = (int)MeDoor.Number(http, "page", 10_000, 1);
        return await door.Host.Own.ValuesAsync(http.Token(), id, MeHistory.PerPage, (page - 1) * MeHistory.PerPage, ct) is { } values
            ? MeDoor.Page<MeHistoryPage>(new MeHistory(door.View(http, catalog, "data"), values, history, page))
            : MeDoor.Ended(http);
    }

    private static async Task<IResult> CorrectAsync(string dataPoint, MeDoor door, HttpContext http)
    {
        var (id, form) = (Parse(dataPoint), await door.ReadAsync(http));
        try
        {
            return await door.Host.Corrections.CorrectAsync(http.Token(), id, MeField.Read(form), http.RequestAborted) is { } outcome
                ? MeDoor.Say(http, $"{Path}/{id}", outcome.State == CorrectionState.Waiting ? "correction-waits" : "corrected")
                : MeDoor.Ended(http);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.Conflict)
        {
            // Nothing is stored; what was written stays in the form.
            return await FieldAsync(id, door, http, fault.What, form);
        }
    }

    private static async Task<IResult> FieldAsync(DataPointId id, MeDoor door, HttpContext http, string? mistake, IFormCollection? sent)
    {
        if (await door.Host.Corrections.ShowAsync(http.Token(), id, http.RequestAborted) is not { } field)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, field.Catalog.Catalog, "data");
        var sentence = mistake is null ? null : view.Words.TOr("mistake." + mistake, "mistake.other");
        return MeDoor.Page<MeFieldPage>(new MeField(view, field, sentence, sent), mistake is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static DataPointId Parse(string dataPoint) => DataPointId.TryParse(dataPoint, null, out var id)
        ? id
        : throw new Fault(FaultKind.NotFound, "rights/no-such-field", $"There is no field `{Name.Shown(dataPoint)}`.");
}
