using System.Globalization;
using Candor.Consent;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;
using Candor.Staff;

namespace Candor.Server.Pages.Training;

/// <summary>What every page of training has: its frame and its words.</summary>
public class TrainingView(StaffView view)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(view.Frame.Language);

    public StaffView View { get; } = view;

    public Wording Words { get; } = PageText.In("training", view.Frame.Language);

    public string Language => View.Frame.Language;

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Words.Text(name, values);

    public string Count(string name, long n) => n == 1 ? T(name + ".one") : T(name + ".many", ("n", Number(n)));

    public string Number(long n) => n.ToString(culture);

    /// <summary>The last day on which it counts; ends are exclusive.</summary>
    public string LastDay(DateTimeOffset until) => (until - TimeSpan.FromTicks(1)).UtcDateTime.ToString(T("date.day"), culture);

    public string Day(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.day"), culture);

    /// <summary>The same in few words, for tables.</summary>
    public (string Text, string Tone) Cell(DateTimeOffset? until, DateTimeOffset now) => until is not { } end ? (T("cell.never"), "wait")
        : end > now ? (T("cell.valid", ("day", Short(end - TimeSpan.FromTicks(1)))), "") : (T("cell.lapsed", ("day", Short(end))), "no");

    private string Short(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.short"), culture);

    /// <summary>How a module stands, in words, and the colour of its mark.</summary>
    public (string Text, string Tone) State(DateTimeOffset? until, DateTimeOffset now) =>
        until is not { } end ? (T("state.never"), "wait") : end > now ? (T("state.valid", ("day", LastDay(end))), "") : (T("state.lapsed", ("day", Day(end))), "no");
}

/// <summary>A module in the list.</summary>
public sealed record ListedModule(TrainingModule Module, TrainingText Text, string State, string Tone, bool IsDone);

/// <summary>All modules of whoever is here.</summary>
public sealed class TrainingList(StaffView view, IReadOnlyList<TrainingModule> modules, StaffStanding standing, DateTimeOffset now) : TrainingView(view)
{
    public bool IsTrained { get; } = standing.IsTrained(now);

    public string Standing { get; private set; } = "";

    public IReadOnlyList<ListedModule> Modules { get; private set; } = [];

    public bool MaySeeAll => View.Visit.HasRole("privacy-officer") || View.Visit.HasRole("administrator");

    public bool MayRecord => View.Visit.HasRole("administrator");

    public TrainingList Made()
    {
        Standing = standing.Until is not { } until ? T("list.missing") : until > now ? T("list.valid", ("day", LastDay(until))) : T("list.lapsed", ("day", Day(until)));
        Modules =
        [
            .. modules.Select(m =>
            {
                var until = standing.Modules.FirstOrDefault(s => s.Module == m.Id)?.Until;
                var (text, tone) = State(until, now);
                return new ListedModule(m, m.In(Language), text, tone, until > now);
            }),
        ];
        return this;
    }
}

/// <summary>One module to read.</summary>
public sealed class TrainingReading(StaffView view, TrainingModule module) : TrainingView(view)
{
    public TrainingModule Module { get; } = module;

    public TrainingText Text { get; } = module.In(view.Frame.Language);
}

/// <summary>The questions of one sheet.</summary>
/// <param name="marked">What was marked, by place on the sheet; empty before.</param>
/// <param name="isChecked">It was handed in with gaps.</param>
public sealed class TrainingQuestions(StaffView view, TrainingModule module, OpenSheet sheet, IReadOnlyList<IReadOnlyList<int>> marked, bool isChecked) : TrainingView(view)
{
    public TrainingModule Module { get; } = module;

    public TrainingText Text { get; } = module.In(sheet.Language);

    public string Sheet { get; } = sheet.SheetId;

    public IReadOnlyList<SheetQuestion> Order { get; } = TrainingSheet.Order(sheet.SheetId, module.In(sheet.Language).Questions);

    public bool IsMarked(int question, int answer) => question < marked.Count && marked[question].Contains(answer);

    public bool IsOpen(int question) => isChecked && (question >= marked.Count || marked[question].Count == 0);

    public int Open => Enumerable.Range(0, Order.Count).Count(IsOpen);
}

/// <summary>A sheet that was handed in, with what was right.</summary>
public sealed class TrainingResult(StaffView view, TrainingModule module, OpenSheet sheet, StaffStanding standing, DateTimeOffset now) : TrainingView(view)
{
    public TrainingModule Module { get; } = module;

    public TrainingText Text { get; } = module.In(sheet.Language);

    public IReadOnlyList<SheetQuestion> Order { get; } = TrainingSheet.Order(sheet.SheetId, module.In(sheet.Language).Questions);

    public IReadOnlyList<bool> Graded { get; } = TrainingSheet.Grade(sheet.SheetId, module.In(sheet.Language).Questions, sheet.Answers!);

    public int Right => Graded.Count(g => g);

    public bool IsPassed => Module.IsPassed(Right, Graded.Count);

    /// <summary>Null while something is missing.</summary>
    public string? ValidUntil => standing.Until is { } until && until > now ? LastDay(until) : null;

    public bool IsMarked(int question, int answer) => sheet.Answers!.Marked[question].Contains(answer);
}

/// <summary>One person's row.</summary>
public sealed record OverviewRow(StaffStanding Standing, string Text, string Tone, IReadOnlyList<OverviewCell> Cells);

public sealed record OverviewCell(string Text, string Tone, string? Attempts);

/// <summary>Everybody and every module.</summary>
public sealed class TrainingTable(StaffView view, IReadOnlyList<StaffStanding> people, IReadOnlyList<(string Id, string Title)> modules, DateTimeOffset now) : TrainingView(view)
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public IReadOnlyList<(string Id, string Title)> Modules { get; } = modules;

    public int People => people.Count;

    public int Trained => people.Count(p => p.IsTrained(now));

    /// <summary>Rounded down, so that 100 is everybody.</summary>
    public int Share => People == 0 ? 0 : Trained * 100 / People;

    public int EndsSoon => people.Count(p => p.IsTrained(now) && p.Until <= now + Soon);

    public IEnumerable<OverviewRow> Rows => people.Select(p =>
    {
        var (text, tone) = Cell(p.Until, now);
        return new OverviewRow(p, text, tone, [.. Modules.Select(m => CellOf(p.Modules.FirstOrDefault(s => s.Module == m.Id)))]);
    });

    private OverviewCell CellOf(ModuleStanding? standing)
    {
        if (standing is not { IsRequired: true })
        {
            return new OverviewCell(T("state.not-required"), "quiet", null);
        }

        var (text, tone) = Cell(standing.Until, now);
        return new OverviewCell(text, tone, standing.Attempts == 0 ? null : Count("overview.attempts", standing.Attempts));
    }
}

/// <summary>The form for a certificate from elsewhere.</summary>
public sealed class TrainingCertificateForm(
    StaffView view, IReadOnlyList<StaffStanding> people, IReadOnlyList<(string Id, string Title)> modules, IReadOnlyDictionary<string, string> given, string? mistake) : TrainingView(view)
{
    public IReadOnlyList<StaffStanding> People { get; } = people;

    public IReadOnlyList<(string Id, string Title)> Modules { get; } = modules;

    /// <summary>In words; null for none.</summary>
    public string? Mistake { get; } = mistake;

    public string Given(string field) => given.GetValueOrDefault(field, "");
}
