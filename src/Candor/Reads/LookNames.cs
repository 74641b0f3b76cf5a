using System.Collections.Frozen;
using Candor.Audit;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Reads;

/// <summary>The names under which customers see who looked. Only AI assistants have one; staff are staff, and programs are programs.</summary>
public sealed class LookNames
{
    private readonly FrozenDictionary<string, string> assistants;

    private LookNames(FrozenDictionary<string, string> assistants) => this.assistants = assistants;

    /// <summary>The names that some entries need.</summary>
    public static async ValueTask<LookNames> LoadAsync(Transaction tx, IReadOnlyList<AuditEntry> entries, CancellationToken ct) =>
        new(entries.Any(e => e.Event.Actor.StartsWith("key:", StringComparison.Ordinal)) ? await StaffDirectory.AssistantsAsync(tx, ct) : FrozenDictionary<string, string>.Empty);

    /// <summary>The name of the AI assistant that an entry is of; null for a person, another program or Candor itself.</summary>
    public string? AssistantOf(AuditEntry entry) => assistants.GetValueOrDefault(entry.Event.Actor);
}
