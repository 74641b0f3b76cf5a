using System.Globalization;
using Candor.Kernel;
using Candor.Personalization;

namespace Candor.Server.Pages.Me;

/// <summary>One of the customer's own items, and how much of a suggestion it carried.</summary>
public sealed record WhyPart(string Item, string Name, string Share);

/// <summary>One suggestion with its reasons.</summary>
public sealed record WhyItem(string Item, string Name, string Reason, IReadOnlyList<WhyPart> Parts, IReadOnlyList<string> Notes);

/// <summary>What would be suggested without one thing.</summary>
public sealed record WhyWithout(string Without, string Instead);

/// <summary>One use that makes suggestions.</summary>
/// <param name="Lead">What was used, or why nothing was.</param>
public sealed record WhyUse(string Id, string Label, bool IsPersonal, string Lead, IReadOnlyList<WhyItem> Items, IReadOnlyList<WhyWithout> Changes);

/// <summary>Something that the customer does not want suggested, or used.</summary>
public sealed record WhyWish(string Id, string Text, string Name);

/// <summary>Why something is suggested, in words.</summary>
public sealed class MeWhy
{
    private readonly Func<string, string> nameOf;

    public MeWhy(MeView view, IReadOnlyList<SuggestionAnswer> answers, IReadOnlyList<SuggestionWish> wishes, Func<string, string> nameOf)
    {
        (View, this.nameOf) = (view, nameOf);
        Uses = [.. answers.Select(Use)];
        Wishes = [.. wishes.Select(w => new WhyWish(w.Id, view.Words.T(w.Kind == WishKind.Hide ? "why.wish.hide" : "why.wish.dismiss", ("item", nameOf(w.Item))), nameOf(w.Item)))];
    }

    public MeView View { get; }

    public IReadOnlyList<WhyUse> Uses { get; }

    public IReadOnlyList<WhyWish> Wishes { get; }

    private WhyUse Use(SuggestionAnswer answer)
    {
        var words = View.Words;
        var label = words.Catalog.Purposes.TryGetValue(answer.Purpose, out var purpose) ? purpose.Label.In(words.Language) : answer.Purpose.Value;
        var lead = answer.IsPersonal ? words.T("why.used", ("data", words.List(answer.DataPoints.Select(d => words.Inner(words.LabelOf(d.Value))))))
            : answer.IsPaused ? words.T("why.paused")
            : answer.IsHeldOut ? words.T("why.group")
            : answer.WhyNotPersonal is { } reason ? words.T("why.popular.because", ("reason", words.Reason(Gate.ReasonCodes.Code(reason)))) : words.T("why.popular.nothing");
        return new WhyUse(answer.Purpose.Value, label, answer.IsPersonal, lead, [.. answer.Items.Select(Item)], [.. answer.Counterfactuals.Select(Change)]);
    }

    private WhyItem Item(ExplainedItem item)
    {
        var words = View.Words;
        var notes = new List<string>();
        if (item.IsMoved)
        {
            notes.Add(words.T("why.moved"));
        }

        if (item.TimesBought > 0)
        {
            notes.Add(words.Count("why.bought", item.TimesBought));
        }

        if (item.ExpectedAt is { } at)
        {
            notes.Add(words.T("why.expected", ("day", words.Day(at))));
        }

        if (item.SimilarVisits > 0)
        {
            notes.Add(words.Count(item.Reason == SuggestionReason.BoughtBySimilar ? "why.customers" : "why.visits", item.SimilarVisits));
        }

        return new WhyItem(item.Item, nameOf(item.Item), words.T("why.reason." + item.Reason.Code()), [.. item.Because.Select(p => new WhyPart(p.Item, nameOf(p.Item), Share(p.Share)))], notes);
    }

    private WhyWithout Change(Counterfactual change)
    {
        var words = View.Words;
        return new WhyWithout(
            words.T("why.without", ("what", change.WithoutItem is { } item ? nameOf(item) : words.LabelOf(change.WithoutDataPoint?.Value ?? ""))),
            change.Items.Count == 0 ? words.T("why.without.nothing") : words.List(change.Items.Select(nameOf)));
    }

    /// <summary>Shares under half a percent are told as such, so that none is called nothing.</summary>
    private static string Share(double share) => share < 0.005 ? "< 1 %" : string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");
}
