using Candor.Catalog;
using Candor.Collection;
using Candor.Kernel;
using Candor.Reads;
using Candor.Server.Web;

namespace Candor.Server.Pages.Me;

/// <summary>Questions to the people behind the service.</summary>
internal static class MeQuestionRoutes
{
    private const string Path = "/me/questions";
    private const int Shown = 10;

    public static void MapMyQuestions(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, (MeDoor door, HttpContext http) => ShowAsync(door, http, null, null, []));
        pages.MapPost(Path, AskAsync);
    }

    private static async Task<IResult> AskAsync(MeDoor door, HttpContext http)
    {
        var form = await door.ReadAsync(http);
        var question = form["question"].ToString();
        try
        {
            return await door.Host.Questions.AskAsync(http.Token(), question, form["hide"] == "1", http.RequestAborted) switch
            {
                null => MeDoor.Ended(http),
                { Id: not null } => MeDoor.Say(http, Path, "asked"),
                { Risky: { Count: > 0 } risky } => await ShowAsync(door, http, question, null, risky),
                { NotNeeded: var reason } => await ShowAsync(door, http, question, reason == Gate.ReasonCode.Restricted ? "restricted" : "not-needed", []),
            };
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Invalid)
        {
            return await ShowAsync(door, http, question, fault.What, []);
        }
    }

    private static async Task<IResult> ShowAsync(MeDoor door, HttpContext http, string? draft, string? mistake, IReadOnlyList<RiskyKind> risky)
    {
        var ct = http.RequestAborted;
        var catalog = (await door.Host.Database.ReadAsync(tx => door.Host.Catalogs.GetActiveAsync(tx, ct), ct)).Catalog;
        var history = CustomerQuestions.HistoryOf(catalog);
        OwnData.Values? values = null;
        if (history is not null && (values = await door.Host.Own.ValuesAsync(http.Token(), history.Id, Shown, 0, ct)) is null)
        {
            return MeDoor.Ended(http);
        }

        var view = door.View(http, catalog, "questions");
        var sentence = mistake is null ? null : view.Words.TOr("mistake." + mistake, "mistake.other");
        return MeDoor.Page<MeQuestionsPage>(
            MeQuestions.Of(view, history, values, draft ?? About(http, view.Words), sentence, risky),
            mistake is null && risky.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>A first line for a question about one kind of data, or one record.</summary>
    private static string About(HttpContext http, MeWords words)
    {
        var (about, record) = (http.Request.Query["about"].ToString(), http.Request.Query["record"].ToString());
        return DataPointId.TryParse(about, null, out var id) && words.Catalog.DataPoints.TryGetValue(id, out var d)
            ? record.Length is > 0 and <= 128 && !record.Any(char.IsControl)
                ? words.T("questions.about.record", ("data", words.Label(d)), ("record", record)) : words.T("questions.about", ("data", words.Label(d)))
            : "";
    }
}
