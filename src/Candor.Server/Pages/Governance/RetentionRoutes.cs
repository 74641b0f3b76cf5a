using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Governance;
using Candor.Server.Hosting;
using Candor.Server.Pages.Me;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>One data point: how long it is kept, and how much is there longer.</summary>
/// <param name="Hold">What the law keeps of it; null for nothing.</param>
/// <param name="Over">Null where it goes with the customer, or nothing was counted yet.</param>
/// <param name="Waiting">Null unless some wait.</param>
public sealed record RetentionLine(string Label, string Kept, string? Hold, string? Over, string? Oldest, string? Waiting);

/// <summary>The page about retention.</summary>
/// <param name="Failed">What the last run could not do, as a sentence; null when it did all.</param>
/// <param name="IsCounting">A count is on its way.</param>
public sealed record RetentionView(StaffView View, Wording Words, IReadOnlyList<PartView> Facts, string? Failed, IReadOnlyList<RetentionLine> Lines, bool IsCounting, bool MayCount);

/// <summary><c>/governance/retention</c>: what is older than its retention, and when it goes.</summary>
internal static class RetentionRoutes
{
    private const string Path = "/governance/retention";
    private const string Count = "count of what is older than its retention";

    public static void MapRetention(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(Path, ShowAsync).ForStaff(LogPost.Officer, LogPost.Auditor);
        pages.MapPost(Path + "/count", CountAsync).ForStaff(LogPost.Officer);
    }

    private static async Task<IResult> CountAsync(StaffDoor door, CandorHost host, BackgroundRuns runs, HttpContext http)
    {
        await door.ReadAsync(http);
        runs.Start(Count, async ct => await host.Retention.CountAsync(null, ct));
        return StaffDoor.Say(http, Path, "counting");
    }

    private static async Task<IResult> ShowAsync(StaffDoor door, CandorHost host, BackgroundRuns runs, HttpContext http)
    {
        var view = await door.ViewAsync(http, "retention", "retention");
        var words = PageText.In("retention", view.Frame.Language);
        var culture = CultureInfo.GetCultureInfo(view.Frame.Language);
        var (state, counted) = await host.Database.ReadAsync(async tx => (await RetentionWalk.FindAsync(tx, http.RequestAborted), await RetentionWalk.FindCountsAsync(tx, http.RequestAborted)), http.RequestAborted);
        var me = new MeWords(view.Catalog, view.Frame.Language);
        string Number(long n) => n.ToString("N0", culture);
        string Time(DateTimeOffset at) => at.UtcDateTime.ToString(words.Text("date.time"), culture);
        PartView[] facts =
        [
            new(words.Text("last"), state switch
            {
                null => words.Text("last.none"),
                { FinishedAt: { } end } when end == state.StartedAt => words.Text("last.none"),
                { FinishedAt: null } => words.Text("last.running", ("time", Time(state.StartedAt)), ("n", Number(state.Removed))),
                _ => words.Text("last.done", ("time", Time(state.StartedAt)), ("n", Number(state.Removed))),
            }),
            new(words.Text("next"), state is null ? words.Text("next.soon") : Time(state.StartedAt + DataRetention.Every)),
            new(words.Text("counted"), counted is { At: var at } ? Time(at) : words.Text("counted.none")),
        ];
        return StaffDoor.Page<RetentionPage>(new RetentionView(
            view, words, facts, state is { Failed: > 0 and var failed } ? words.Text("failed", ("n", Number(failed))) : null,
            [.. view.Catalog.DataPoints.Values.OrderBy(d => d.Retention.Period is null).ThenBy(d => me.Label(d), StringComparer.Create(culture, ignoreCase: true)).Select(Line)],
            runs.IsRunning(Count), view.Visit.HasRole(LogPost.Officer)));

        RetentionLine Line(DataPoint d)
        {
            var found = counted?.Counts.FirstOrDefault(c => c.DataPoint == d.Id);
            return new RetentionLine(
                me.Label(d), d.Retention.Period is null ? words.Text("kept.customer") : me.Kept(d), me.Hold(d), d.Retention.Period is null || counted is null ? null : Number(found?.Values ?? 0),
                found?.Oldest.UtcDateTime.ToString(words.Text("date.day"), culture), found is { Waiting: > 0 } ? words.Text("waiting", ("n", Number(found.Waiting))) : null);
        }
    }
}
