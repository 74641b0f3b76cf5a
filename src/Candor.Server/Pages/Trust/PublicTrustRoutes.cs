using Candor.Catalog;
using Candor.Governance;
using Candor.Server.Hosting;
using Candor.Server.Pages.Me;
using Candor.Server.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Candor.Server.Pages.Trust;

/// <summary>One use of data, as everybody may read it.</summary>
/// <param name="Items">What is used, with how long it is kept.</param>
public sealed record PublicUse(string Label, string Why, string Basis, IReadOnlyList<PartView> Items);

/// <summary>The public page in words.</summary>
/// <param name="Requests">Figures; none while there are too few.</param>
/// <param name="Checks">What was checked, as sentences; none when nothing was.</param>
public sealed record PublicTrustView(
    PageFrame Frame, Consent.Wording Words, IReadOnlyList<PublicUse> Uses, IReadOnlyList<PartView> Requests, IReadOnlyList<string> Checks, string? Checkpoint, string Key, string Contact);

/// <summary><c>/trust/public</c>: what a business shows its customers. Mapped only where the server was told to.</summary>
internal static class PublicTrustRoutes
{
    public static void MapPublicTrust(this IEndpointRouteBuilder pages) => pages.MapGet("/trust/public", ShowAsync).AllowAnonymous();

    private static async Task<IResult> ShowAsync(CandorHost host, PublicTrustCache cache, HttpContext http)
    {
        var facts = await cache.GetAsync(http.RequestAborted);
        var catalog = facts.Catalog.Catalog;
        var frame = PageFrame.Of(http, catalog.Organisation);
        var (texts, words) = (PageText.In("public-trust", frame.Language), new MeWords(catalog, frame.Language));
        return new RazorComponentResult<PublicTrustPage>(new
        {
            Model = new PublicTrustView(
                frame, texts, [.. UsesOf(catalog, words)], RequestsOf(facts, texts), ChecksOf(facts, texts, words), facts.Checkpoint, host.Checkpoints.Key.ToString(), catalog.Organisation.Contact),
        });
    }

    private static IEnumerable<PublicUse> UsesOf(PurposeCatalog catalog, MeWords words) => catalog.Purposes.Values.Where(p => p.Active)
        .OrderBy(p => p.Basis switch { LegalBasis.Consent => 0, LegalBasis.LegitimateInterest => 1, _ => 2 }).ThenBy(p => p.Id.Value, StringComparer.Ordinal)
        .Select(p => new PublicUse(
            p.Label.In(words.Language), p.Why.In(words.Language), words.Basis(p.Basis),
            [.. p.Uses.OrderBy(u => u.Value).ThenBy(u => u.Key.Value, StringComparer.Ordinal).Select(u => catalog.DataPoints[u.Key]).Select(d => new PartView(words.Label(d), words.Kept(d)))]));

    private static IReadOnlyList<PartView> RequestsOf(PublicFacts facts, Consent.Wording texts)
    {
        if (facts.Requests is not { } figures)
        {
            return [];
        }

        string Number(int n) => n.ToString("N0", System.Globalization.CultureInfo.GetCultureInfo(texts.Language));
        return
        [
            new(texts.Text("requests.answered"), texts.Text("requests.answered.n", ("n", Number(figures.Answered)))),
            new(texts.Text("requests.median"), figures.MedianDays == 1 ? texts.Text("requests.day") : texts.Text("requests.days", ("n", Number(figures.MedianDays)))),
            new(texts.Text("requests.in-time"), figures switch
            {
                { PercentInTime: null } => texts.Text("requests.not-all"),
                { PercentInTime: 100 } => texts.Text("requests.all"),
                { PercentInTime: { } share, IsAtLeast: true } => texts.Text("requests.at-least", ("n", Number(share))),
                _ => texts.Text("requests.share", ("n", Number(figures.PercentInTime.Value))),
            }),
        ];
    }

    /// <summary>Only what is so: what was not done is not mentioned.</summary>
    private static List<string> ChecksOf(PublicFacts facts, Consent.Wording texts, MeWords words)
    {
        var said = new List<string>();
        if (facts.CheckedAt is { } at)
        {
            said.Add(texts.Text("checks.log", ("day", words.Day(at))));
        }

        if (facts.Witnesses > 0)
        {
            said.Add(facts.Witnesses == 1 ? texts.Text("checks.witness.one") : texts.Text("checks.witness.many", ("n", $"{facts.Witnesses}")));
        }

        if (facts.Reviewed is { } reviewed)
        {
            said.Add(texts.Text("checks.reviewed", ("n", $"{reviewed}")));
        }

        if (facts.BackedUpAt is { } backedUp)
        {
            said.Add(texts.Text("checks.backup", ("day", words.Day(backedUp))));
        }

        return said;
    }
}
