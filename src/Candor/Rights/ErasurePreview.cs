using Candor.Catalog;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>What erasing a customer would do, before it is done.</summary>
/// <param name="Goes">How much there is of each data point; all of it goes.</param>
/// <param name="Kept">Of which records the law makes the business keep some members, at most; a record without such members goes whole.</param>
/// <param name="Also">What else goes, by the name under which it was counted, such as <c>messages</c>.</param>
/// <param name="BackupsUntil">By then the last backup that holds the customer's sealed data would be gone.</param>
public sealed record ErasurePreview(
    PurposeCatalog Catalog, IReadOnlyList<ValueCount> Goes, IReadOnlyList<HeldCount> Kept, IReadOnlyList<(string What, long Count)> Also, DateTimeOffset BackupsUntil)
{
    /// <summary>The same in sentences, in a language of the pages.</summary>
    public ErasureWords In(string language)
    {
        var words = new RightsText(language);
        return new ErasureWords(
            [.. Goes.Where(g => g.Total > 0).Select(g => words.Counted("preview.goes", g.Total, ("label", words.Label(Catalog, g.DataPoint))))],
            words.Kept(Catalog, Kept),
            [.. Also.Where(a => a.Count > 0).Select(a => words.Counted("preview." + a.What, a.Count))],
            words.Backups(Catalog, BackupsUntil));
    }
}

/// <summary>What goes, what is kept and until when, what else goes, and how long backups live; one sentence each.</summary>
/// <param name="Kept">Empty when nothing is kept.</param>
public sealed record ErasureWords(IReadOnlyList<string> Goes, IReadOnlyList<string> Kept, IReadOnlyList<string> Also, string Backups);
