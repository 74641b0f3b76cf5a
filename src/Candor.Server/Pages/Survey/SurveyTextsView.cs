using Candor.Consent;
using Candor.Server.Pages.Staff;
using Candor.Server.Web;

namespace Candor.Server.Pages.Survey;

/// <summary>What people wrote, in an order that says nothing.</summary>
public sealed record SurveyTextsView(StaffView View, IReadOnlyList<string> Texts)
{
    public Wording Words { get; } = PageText.In("survey", View.Frame.Language);
}
