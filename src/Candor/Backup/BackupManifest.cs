using System.Text.Json;
using Candor.Kernel;

namespace Candor.Backup;

/// <summary>What a backup says about itself, as <c>manifest.json</c> in it.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="Engine"><c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="SchemaStep">The last schema step that the database has.</param>
/// <param name="Log">Name of the log.</param>
/// <param name="LogSize">Entries that the checkpoint inside covers; there may be a few more.</param>
/// <param name="LogKey">The key that checks the checkpoint. Whoever knows another copy of it compares.</param>
/// <param name="KekVersions">Versions of the key-encryption key that something in it is wrapped with. None of them is inside.</param>
public sealed record BackupManifest(
    int Format, string Engine, DateTimeOffset MadeAt, long SchemaStep, string Log, long LogSize, string LogKey, IReadOnlyList<long> KekVersions)
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    public static BackupManifest Parse(byte[] json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(json, Options);
            return manifest is { Format: CurrentFormat, Engine: not null, Log: not null, LogKey: not null, KekVersions: not null }
                ? manifest
                : throw new Fault(FaultKind.Invalid, "backup/other-format", $"This backup has the layout `{manifest?.Format}`, and this version of Candor reads `{CurrentFormat}`.");
        }
        catch (JsonException e)
        {
            throw new Fault(FaultKind.Invalid, "backup/not-a-backup", "The file opens, but it does not begin with the manifest of a backup.", e);
        }
    }
}
