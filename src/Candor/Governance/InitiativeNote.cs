using System.Globalization;
using Candor.Audit;
using Candor.Catalog;
using Candor.Kernel;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>What an approved initiative covers, as the signed list has it.</summary>
/// <param name="ReviewOn">First day, in UTC, on which it does not count any more.</param>
/// <param name="Root">A part of the catalog, such as <c>purposes.newsletter</c>.</param>
/// <param name="Digest">Of that part as it was approved, see <see cref="WidenedPart"/>.</param>
public sealed record CoveredPart(string Initiative, DateOnly ReviewOn, string Root, string Digest);

/// <summary>All initiatives whose approval counts, as a text that the log's key has signed (C2SP signed-note): checked without the server, in a business's own pipeline.</summary>
/// <remarks>
/// First line <see cref="Title"/>, then the log's name and when it was made; then a line for each part: id, day of review, part, digest. It names parts of the
/// catalog and nothing of the words, votes or people. The first line keeps it from being taken for a checkpoint, whose second line is a number.
/// </remarks>
public sealed record InitiativeNote(string Origin, DateTimeOffset MadeAt, IReadOnlyList<CoveredPart> Parts)
{
    public const string Title = "candor approved initiatives 1";

    private const string Day = "yyyy-MM-dd";
    private const string Instant = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The list as it stands, signed.</summary>
    public static async ValueTask<string> SignAsync(Transaction tx, CatalogRegister catalogs, NoteSigner signer, CancellationToken ct)
    {
        var parts = new List<CoveredPart>();
        foreach (var initiative in (await InitiativeRows.NewestAsync(tx, ct)).Where(i => i.IsLive(tx.Now)))
        {
            var review = DateOnly.FromDateTime(initiative.ReviewAt!.Value.UtcDateTime);
            parts.AddRange((await InitiativeText.FindAsync(tx, catalogs, initiative, ct))?.Parts.Select(p => new CoveredPart(initiative.Id, review, p.Root, p.Digest)) ?? []);
        }

        return signer.Sign(new InitiativeNote(signer.Key.Name, tx.Now, parts).ToString());
    }

    /// <summary>Reads a list and checks its signature.</summary>
    /// <exception cref="Fault">Invalid when the key has not signed it, or it is no such list.</exception>
    public static InitiativeNote Open(string note, NoteKey key)
    {
        var lines = SignedNote.Open(note.ReplaceLineEndings("\n"), key).Split('\n')[..^1];
        return lines is [Title, var origin, var made, .. var rest] && origin == key.Name && DateTimeOffset.TryParseExact(made, Instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new InitiativeNote(origin, at, [.. rest.Select(PartOf)]) : throw Bad();
    }

    /// <summary>Parts that no named initiative covers.</summary>
    /// <param name="initiatives">Ids; each stands in the list, or it is a fault.</param>
    /// <param name="today">In UTC; an approval whose day of review has come does not count.</param>
    /// <exception cref="Fault">NotFound <c>governance/not-in-list</c>.</exception>
    public IReadOnlyList<WidenedPart> Missing(IReadOnlyList<string> initiatives, IReadOnlyList<WidenedPart> wanted, DateOnly today)
    {
        var live = Parts.Where(p => p.ReviewOn > today && initiatives.Contains(p.Initiative)).ToList();
        return initiatives.FirstOrDefault(i => live.All(p => p.Initiative != i)) is { } unknown
            ? throw new Fault(FaultKind.NotFound, "governance/not-in-list", string.Create(CultureInfo.InvariantCulture, $"The list of {MadeAt:yyyy-MM-dd HH:mm} UTC has no approval `{Name.Shown(unknown)}` that counts on {today:yyyy-MM-dd}; fetch a new list, or have the initiative decided on."))
            : [.. wanted.Where(w => live.All(p => p.Root != w.Root || p.Digest != w.Digest))];
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Title}\n{Origin}\n{MadeAt.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture)}\n")
        + string.Concat(Parts.Select(p => $"{p.Initiative} {p.ReviewOn.ToString(Day, CultureInfo.InvariantCulture)} {p.Root} {p.Digest}\n"));

    private static CoveredPart PartOf(string line) =>
        line.Split(' ') is [var id, var review, var root, { Length: 64 } digest] && DateOnly.TryParseExact(review, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var on)
            ? new CoveredPart(id, on, root, digest) : throw Bad();

    private static Fault Bad() => new(FaultKind.Invalid, "governance/bad-list", "This is no list of approved initiatives; `candor initiative export` makes one, and `/v1/initiatives` serves it.");
}
