using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Consent;
using Candor.Kernel;

namespace Candor.Rights;

/// <summary>The erasure ledger as a file, to be kept apart from the backups: who was erased, and which uses were stopped, since the oldest backup. Signed, so that nobody can
/// take a line out.</summary>
/// <remarks>A signed note (C2SP signed-note) with the log's name, size and root, the count of the lines and their SHA-256; a line <c>---</c>; then the lines:
/// <c>erased ID AT_US KEEP_UNTIL_US ENTRY</c> or <c>stopped ID PURPOSE STATE AT_US LANGUAGE</c>. It names customers by our own random ids alone.</remarks>
/// <param name="Log">The state of the log that it goes with.</param>
public sealed record LedgerFile(Audit.Checkpoint Log, IReadOnlyList<ErasedRow> Erased, IReadOnlyList<StoppedUse> Stopped)
{
    private const string Header = "candor-erasure-ledger@v1";
    private const string Rule = "\n---\n";

    /// <summary>Name of the key, apart from the log's own, so that neither is taken for the other.</summary>
    public static string KeyName(string origin) => origin + "/erasure-ledger";

    public string ToText(NoteSigner signer)
    {
        var lines = new StringBuilder();
        foreach (var row in Erased)
        {
            lines.Append(CultureInfo.InvariantCulture, $"erased {row.ErasedId} {row.ErasedAtUs} {row.KeepUntilUs} {row.EntryId}\n");
        }

        foreach (var use in Stopped)
        {
            lines.Append(CultureInfo.InvariantCulture, $"stopped {use.CustomerId} {use.Purpose} {use.State} {use.ChangedAtUs} {use.Language}\n");
        }

        var body = lines.ToString();
        return signer.Sign(string.Create(CultureInfo.InvariantCulture, $"{Header}\n{Log}{Erased.Count + Stopped.Count}\n{Digest(body)}\n")) + Rule[1..] + body;
    }

    /// <exception cref="Fault">Invalid when it is no ledger, was changed, or is of another installation.</exception>
    public static LedgerFile Parse(string text, NoteKey key)
    {
        var split = text.IndexOf(Rule, StringComparison.Ordinal);
        var head = split < 0 ? [] : SignedNote.Open(text[..(split + 1)], key).Split('\n');
        var body = split < 0 ? "" : text[(split + Rule.Length)..];
        if (head is not [Header, var origin, var size, var root, var count, var digest, ""])
        {
            throw Bad("it does not begin as one does");
        }

        var lines = body.Split('\n')[..^1];
        if (digest != Digest(body) || count != lines.Length.ToString(CultureInfo.InvariantCulture))
        {
            throw Bad("its lines are not those that were signed");
        }

        var parts = lines.Select(l => l.Split(' ')).ToList();
        return new LedgerFile(
            Audit.Checkpoint.Parse($"{origin}\n{size}\n{root}\n"),
            [.. parts.Where(p => p[0] == "erased").Select(p => new ErasedRow(p[1], Number(p[2]), Number(p[3]), p[4]))],
            [.. parts.Where(p => p[0] == "stopped").Select(p => new StoppedUse(p[1], p[2], p[3], Number(p[4]), p[5]))]);
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Digest(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

    private static Fault Bad(string why) => new(FaultKind.Invalid, "rights/bad-ledger", $"This is not an erasure ledger of this installation: {why}.");
}
