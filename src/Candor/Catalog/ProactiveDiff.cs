using Candor.Kernel;

namespace Candor.Catalog;

/// <summary>Compares what two catalogs notice by themselves. Speaking up more, or about more, is wider.</summary>
internal static class ProactiveDiff
{
    private const string Root = "proactive.";

    /// <param name="tell">Takes path, description, and whether it is wider (true), narrower (false) or neither (null).</param>
    public static void Compare(ProactiveRules from, ProactiveRules to, Action<string, string, bool?> tell)
    {
        foreach (var name in from.Rules.Concat(to.Rules).Select(r => r.Name).Distinct())
        {
            Compare(from.Rules.FirstOrDefault(r => r.Name == name), to.Rules.FirstOrDefault(r => r.Name == name), tell);
        }

        if (from.MessagesAtMost != to.MessagesAtMost)
        {
            tell(Root + "messagesAtMost", $"a customer is written to at most {Words(to.MessagesAtMost)} instead of {Words(from.MessagesAtMost)}", PerDay(to.MessagesAtMost) > PerDay(from.MessagesAtMost));
        }

        if (from.ItemShownAtMost != to.ItemShownAtMost)
        {
            tell(Root + "itemShownAtMost", $"an item is suggested at most {to.ItemShownAtMost?.ToString(Digits) ?? "any number of"} times in a visit", null);
        }
    }

    private static readonly System.Globalization.CultureInfo Digits = System.Globalization.CultureInfo.InvariantCulture;

    private static void Compare(ProactiveRule? from, ProactiveRule? to, Action<string, string, bool?> tell)
    {
        if (from is null || to is null)
        {
            tell(Root + (to ?? from)!.Name, from is null ? $"`{to!.Name}` is noticed" : $"`{from.Name}` is no longer noticed", from is null);
            return;
        }

        Purposes(from.Name + ".linesFor", from.LinesFor, to.LinesFor, tell);
        Purposes(from.Name + ".messagesFor", from.MessagesFor, to.MessagesFor, tell);
        foreach (var added in to.Histories.Except(from.Histories))
        {
            tell(Root + to.Name, $"`{to.Name}` looks at `{added}`", true);
        }

        foreach (var dropped in from.Histories.Except(to.Histories))
        {
            tell(Root + to.Name, $"`{to.Name}` no longer looks at `{dropped}`", false);
        }

        if (!(to with { History = from.History, LinesFor = from.LinesFor, MessagesFor = from.MessagesFor }).Means(from))
        {
            tell(Root + to.Name, $"`{to.Name}` is noticed at other times", null);
        }
    }

    private static void Purposes(string path, PurposeId? from, PurposeId? to, Action<string, string, bool?> tell)
    {
        if (from != to)
        {
            tell(Root + path, to is null ? $"not for `{from}` any more" : from is null ? $"for `{to}`" : $"for `{to}` instead of `{from}`", to is not null);
        }
    }

    private static string Words(MessageCap? cap) => cap is null ? "without limit" : string.Create(Digits, $"{cap.Count} times in {cap.Per}");

    private static double PerDay(MessageCap? cap) => cap is null ? double.PositiveInfinity : cap.Count / cap.Per.ApproximateDays;
}
