using Candor.Desk;
using Candor.Server.Pages.Staff;

namespace Candor.Server.Pages.Desk;

/// <summary>A visit of the last day, without anything about the customer.</summary>
public sealed record RecentVisit(string Id, string Name, string Purpose, string When);

/// <summary>What was typed into the form that finds a customer.</summary>
public sealed record FindForm(string Text = "", string Purpose = "", string Case = "");

/// <summary>The first page of the desk: find one customer, or go on with one of today.</summary>
/// <param name="Message">What came of the last look-up; null when nothing was looked for.</param>
public sealed record DeskHome(StaffView View, DeskWords Words, IReadOnlyList<PurposeOption> Purposes, FindForm Form, string? Message, IReadOnlyList<RecentVisit> Recent)
{
    public static DeskHome Of(StaffView view, FindForm form, string? message, IReadOnlyList<DeskVisit> recent)
    {
        var words = new DeskWords(view.Catalog, view.Frame.Language);
        return new DeskHome(
            view, words, [.. Briefs.PurposesFor(view.Catalog, DeskRules.Role).Select(words.Option)], form, message,
            [.. recent.Select(v => new RecentVisit(v.Id, v.Case ?? words.T("recent.none-named"), words.LabelOf(v.Purpose), words.Values.Clock(v.OpenedAt)))]);
    }
}
