using System.Globalization;
using Candor.Consent;
using Candor.Governance;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Governance;

/// <summary>The words of the checklist, for the page and for the console.</summary>
public sealed class ChecklistWords(string language)
{
    private readonly CultureInfo culture = CultureInfo.GetCultureInfo(language);

    public Wording Texts { get; } = PageText.In("checklist", language);

    public string T(string name, params ReadOnlySpan<(string Blank, string Value)> values) => Texts.Text(name, values);

    public string Question(string id) => T("q." + id);

    public string Answer(ChecklistAnswer answer) => T("answer." + answer);

    public string Area(ChecklistArea area) => T("area." + area);

    /// <summary>What the answer rests on, in a sentence.</summary>
    public string Figure(ChecklistLine line) => T(
        "figure." + line.Question.Id + (line.Finding.Case.Length > 0 ? "." + line.Finding.Case : ""), [.. line.Finding.Figures.Select(f => (f.Key, Number(f.Value)))]);

    /// <summary>What has to be done; null where nothing has.</summary>
    public string? Action(ChecklistLine line) => line.Finding.Answer is ChecklistAnswer.Yes or ChecklistAnswer.NotApplicable ? null : T("do." + line.Question.Id);

    public string Number(long number) => number.ToString("N0", culture);

    public string Percent(double share) => share.ToString("P0", culture);

    public string Day(DateOnly day) => day.ToString(T("date.day"), culture);

    public string Time(DateTimeOffset at) => at.UtcDateTime.ToString(T("date.time"), culture);
}

/// <summary>The checklist as a page shows it.</summary>
/// <param name="Kept">Answers of past days, the oldest first; today's may be among them.</param>
public sealed record ChecklistView(StaffView View, ChecklistWords Words, DateTimeOffset At, IReadOnlyList<ChecklistLine> Lines, IReadOnlyList<KeptAnswer> Kept)
{
    /// <summary>Days that are looked back.</summary>
    public const int Days = 180;

    /// <summary>Days that the table has at most.</summary>
    private const int Columns = 12;

    public int Count(ChecklistAnswer answer) => Lines.Count(l => l.Finding.Answer == answer);

    public int Applying => Lines.Count - Count(ChecklistAnswer.NotApplicable);

    /// <summary>The day that today is compared with; null before there is one.</summary>
    public DateOnly? Before => Kept.Where(k => k.Day < DateOnly.FromDateTime(At.UtcDateTime)).Select(k => (DateOnly?)k.Day).Max();

    /// <summary>What the question was answered on that day, where it was another answer.</summary>
    public ChecklistAnswer? WasOf(ChecklistLine line) =>
        Kept.LastOrDefault(k => k.Day == Before && k.Question == line.Question.Id) is { } was && was.Answer != line.Finding.Answer ? was.Answer : null;

    /// <summary>Days of the table: the first, the last, and some between.</summary>
    public IReadOnlyList<DateOnly> TableDays => Kept.Select(k => k.Day).Distinct().Order().ToList() is var all && all.Count > Columns
        ? [.. Enumerable.Range(0, Columns).Select(i => all[i * (all.Count - 1) / (Columns - 1)])] : all;

    /// <summary>Share of yes of each kept day, the oldest first.</summary>
    public IReadOnlyList<(DateOnly Day, double Share)> Trend =>
        [.. ChecklistBook.ByArea(Kept).GroupBy(a => a.Day).Where(d => d.Sum(a => a.All) > 0).Select(d => (d.Key, (double)d.Sum(a => a.Yes) / d.Sum(a => a.All)))];

    /// <summary>Whether the reader may open the page of a question.</summary>
    public bool MayOpen(string path) => StaffSections.MayOpen(View.Visit, path.Split('?')[0]);

    public static string Tone(ChecklistAnswer answer) => answer switch
    {
        ChecklistAnswer.Yes => "yes",
        ChecklistAnswer.Partial => "wait",
        ChecklistAnswer.No => "no",
        _ => "",
    };
}
