using System.Globalization;
using Candor.Catalog;
using Candor.Desk;
using Candor.Kernel;
using Candor.Reads;
using Candor.Rights;

namespace Candor.Server.Pages.Me;

/// <summary>Something that the customer should know now.</summary>
/// <param name="Link">What the link says; null for a note without one.</param>
public sealed record NoteView(string Text, string? Link, string? Path);

/// <summary>The first page, in words.</summary>
public sealed class MeOverview
{
    /// <summary>A consent that ends within this time is worth a note.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public MeOverview(MeView view, OwnData.Overview overview, IReadOnlyList<WaitingCorrection> waiting, IReadOnlyList<RightsRequest> requests, IReadOnlyList<AskedQuestion> asked, DateTimeOffset now)
    {
        View = view;
        var words = view.Words;
        var active = words.Catalog.Purposes.Values.Where(p => p.Active).ToList();
        var on = overview.RestrictedSince is null ? active.Count(p => PurposeView.Counts(p, overview.Catalog, overview.Choices, now)) : 0;
        (Held, On) = (overview.Held.Count.ToString(CultureInfo.InvariantCulture), on.ToString(CultureInfo.InvariantCulture));
        OnOf = words.T("overview.on.of", ("n", active.Count.ToString(CultureInfo.InvariantCulture)));
        (LastLook, LastLooker) = overview.LastLook is { } last ? (words.Day(last.Entry.At), words.T("overview.look.by", ("who", words.Who(last)))) : (null, words.T("overview.look.none"));
        Notes = [.. Restriction(overview), .. asked.DistinctBy(q => q.Purpose).Select(Asked), .. requests.Where(r => r.State.IsOpen()).Select(Open), .. waiting.Select(Waiting), .. active.SelectMany(p => Ending(p, overview, now))];
    }

    public MeView View { get; }

    public string Held { get; }

    public string On { get; }

    public string OnOf { get; }

    public string? LastLook { get; }

    public string LastLooker { get; }

    public IReadOnlyList<NoteView> Notes { get; }

    /// <summary>The card with the question how the customer sees the business.</summary>
    public bool AsksSurvey { get; init; }

    private IEnumerable<NoteView> Restriction(OwnData.Overview overview)
    {
        if (overview.RestrictedSince is { } since)
        {
            yield return new NoteView(View.Words.T("note.restricted", ("day", View.Words.Day(since))), null, null);
        }
    }

    private NoteView Asked(AskedQuestion q) => new(
        View.Words.T("note.asked", ("purpose", View.Words.Catalog.Purposes[q.Purpose].Label.In(View.Words.Language)), ("day", View.Words.Day(q.AskedAt))), View.Words.T("note.answer"), "/me/asked");

    private NoteView Open(RightsRequest r) => new(
        r.RunAt is { } at && r.Type == RequestType.Erasure ? View.Words.T("note.erasure", ("day", View.Words.Time(at)))
            : View.Words.T("note.request", ("right", View.Words.T("right." + r.Type.Code())), ("day", View.Words.Date(r.Due))),
        View.Words.T("note.look"), "/me/requests/" + r.Id);

    private NoteView Waiting(WaitingCorrection c) => new(
        View.Words.T("note.waiting", ("data", View.Words.Inner(View.Words.LabelOf(c.DataPoint.Value))), ("day", View.Words.Day(c.AskedAt))), View.Words.T("note.look"), "/me/data/" + c.DataPoint);

    private IEnumerable<NoteView> Ending(Purpose p, OwnData.Overview overview, DateTimeOffset now)
    {
        var choice = overview.Choices.FirstOrDefault(c => c.Purpose == p.Id);
        if (p.Basis == LegalBasis.Consent && choice?.ExpiresAtUs is { } end && Micros.ToInstant(end) is var at && at > now && at - now < Soon
            && PurposeView.Counts(p, overview.Catalog, overview.Choices, now))
        {
            yield return new NoteView(View.Words.T("note.ending", ("purpose", p.Label.In(View.Words.Language)), ("day", View.Words.Day(at))), View.Words.T("note.decide"), $"/me/choices#p-{p.Id}");
        }
    }
}
