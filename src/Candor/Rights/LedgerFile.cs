using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Candor.Audit;
using Candor.Consent;
using Candor.Kernel;
using Candor.Vault;

namespace Candor.Rights;

/// <summary>The erasure ledger as a file, to be kept apart from the backups: who was erased, and which uses were stopped, since the oldest backup. Signed, so that nobody can
/// take a line out.</summary>
/// <remarks>A signed note (C2SP signed-note) with the log's name, size and root, the count of the lines and their SHA-256; a line <c>---</c>; then the lines:
/// <c>erased ID AT_US KEEP_UNTIL_US ENTRY</c>, <c>stopped ID PURPOSE STATE AT_US LANGUAGE</c> or <c>kek VERSION STATE CREATED_US DESTROYED_US WRAPPED</c>, with <c>-</c> for what
/// is not, and <c>restored ID</c> for each restore that came before. It names customers by our own random ids alone. The key-encryption keys are wrapped by the root key; backups hold none, so that one which is destroyed is gone for them too.</remarks>
/// <param name="Log">The state of the log that it goes with.</param>
public sealed record LedgerFile(Audit.Checkpoint Log, IReadOnlyList<ErasedRow> Erased, IReadOnlyList<StoppedUse> Stopped, IReadOnlyList<KekRow> Keks)
{
    /// <summary>Restores that this database has been through.</summary>
    public IReadOnlyList<string> Restores { get; init; } = [];

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

        foreach (var kek in Keks)
        {
            lines.Append(CultureInfo.InvariantCulture,
                $"kek {kek.Version} {kek.State} {kek.CreatedAtUs} {kek.DestroyedAtUs?.ToString(CultureInfo.InvariantCulture) ?? "-"} {(kek.Wrapped is { } wrapped ? Convert.ToBase64String(wrapped) : "-")}\n");
        }

        lines.AppendJoin("", Restores.Select(r => $"restored {r}\n"));
        var body = lines.ToString();
        return signer.Sign(string.Create(CultureInfo.InvariantCulture, $"{Header}\n{Log}{Erased.Count + Stopped.Count + Keks.Count + Restores.Count}\n{Digest(body)}\n")) + Rule[1..] + body;
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
            [.. parts.Where(p => p[0] == "stopped").Select(p => new StoppedUse(p[1], p[2], p[3], Number(p[4]), p[5]))],
            [.. parts.Where(p => p[0] == "kek").Select(KekOf)])
        {
            Restores = [.. parts.Where(p => p[0] == "restored").Select(p => p[1])],
        };
    }

    /// <summary>The key-encryption keys alone, with nothing checked: the key that checks the ledger is itself under one of them. The root key tells whether they are right.</summary>
    public static IReadOnlyList<KekRow> KeksOf(string text) =>
        [.. text.Split('\n').Select(l => l.Split(' ')).Where(p => p is ["kek", _, _, _, _, _]).Select(KekOf)];

    private static KekRow KekOf(string[] parts)
    {
        var wrapped = new byte[parts[5].Length];
        return long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var version) && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var created)
            && (parts[5] == "-" || Convert.TryFromBase64String(parts[5], wrapped, out _))
            ? new KekRow(version, parts[5] == "-" ? null : Convert.FromBase64String(parts[5]), parts[2], created, parts[4] == "-" ? null : Number(parts[4]))
            : throw Bad("the line of a key-encryption key is malformed");
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad("a number is malformed");

    private static string Digest(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

    private static Fault Bad(string why) => new(FaultKind.Invalid, "rights/bad-ledger", $"This is not an erasure ledger of this installation: {why}.");
}
