using System.Globalization;
using Candor.Collection;
using Candor.Consent;
using Candor.Server.Web;
using Candor.Trust;

namespace Candor.Server.Pages.Survey;

/// <summary>The questions in words, and what was answered so far.</summary>
/// <param name="Action">Where the form goes.</param>
/// <param name="FormToken">Null where the address itself is the secret.</param>
/// <param name="Mistake">Why the answer was not taken; null: it is the first look.</param>
public sealed record SurveyView(PageFrame Frame, string Action, string? FormToken, IReadOnlyDictionary<string, string> Given, string? Mistake)
{
    public const string Recommend = "recommend";
    public const string Text = "text";

    public Wording Words { get; } = PageText.In("survey", Frame.Language);

    /// <summary>The name of a statement's field, from 1.</summary>
    public static string FieldOf(int statement) => string.Create(CultureInfo.InvariantCulture, $"s{statement}");

    public string T(string name) => Words.Text(name, ("organisation", Frame.Brand));

    public bool IsGiven(string field, int value) => Given.GetValueOrDefault(field) == value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the form.</summary>
    /// <returns>The answer; or, when it cannot be taken, the view to show again with the reason.</returns>
    public static (SurveyAnswer? Answer, SurveyView? Again) Read(IFormCollection form, PageFrame frame, string action, string? token)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in Enumerable.Range(1, SurveyTallies.Statements).Select(FieldOf).Append(Recommend).Append(Text))
        {
            given[field] = form[field].ToString();
        }

        try
        {
            var statements = Enumerable.Range(1, SurveyTallies.Statements).Select(s => given[FieldOf(s)]).Where(s => s.Length > 0).Select(Number).ToList();
            return (SurveyAnswer.Of(statements, given[Recommend].Length > 0 ? Number(given[Recommend]) : null, SurveyText.Of(given[Text])), null);
        }
        catch (Kernel.Fault fault) when (fault.Kind == Kernel.FaultKind.Invalid)
        {
            // What must not be stored is made unreadable in the draft as well, so that sending it again is enough.
            given[Text] = RiskyText.Hide(given[Text]);
            return (null, new SurveyView(frame, action, token, given, fault.What["trust/".Length..]));
        }
    }

    /// <summary>What is no number is out of bounds.</summary>
    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue;
}
