using System.Collections.Frozen;
using Candor.Staff;
using Candor.Storage;

namespace Candor.Governance;

/// <summary>Names of those who act in the log. Customers have none here.</summary>
public sealed class LogNames
{
    private const string Person = "staff:";
    private const string Program = "key:";
    private readonly FrozenDictionary<string, string> people;
    private readonly FrozenDictionary<string, string> programs;
    private readonly FrozenDictionary<string, string> assistants;

    private LogNames(FrozenDictionary<string, string> people, FrozenDictionary<string, string> programs, FrozenDictionary<string, string> assistants) =>
        (this.people, this.programs, this.assistants) = (people, programs, assistants);

    /// <summary>Everybody who works or worked here, by name: what the log calls them, and the name.</summary>
    public IReadOnlyList<(string Actor, string Name)> People => [.. people.Select(p => (Person + p.Key, p.Value)).OrderBy(p => p.Value, StringComparer.CurrentCulture)];

    /// <summary>API keys, with the name of their service.</summary>
    public IReadOnlyList<(string Actor, string Name)> Programs => [.. programs.Select(p => (Program + p.Key, p.Value)).OrderBy(p => p.Item2, StringComparer.Ordinal)];

    public static async ValueTask<LogNames> LoadAsync(Transaction tx, CancellationToken ct) =>
        new(await StaffDirectory.NamesAsync(tx, ct), await StaffDirectory.ServicesAsync(tx, ct), await StaffDirectory.AssistantsAsync(tx, ct));

    /// <summary>The name of the AI assistant that an actor is; null for everybody else.</summary>
    public string? AssistantOf(string actor) => assistants.GetValueOrDefault(actor);

    /// <summary>The name of an actor; what the log calls it, where it has none.</summary>
    public string Of(string actor) =>
        actor.StartsWith(Person, StringComparison.Ordinal) && people.TryGetValue(actor[Person.Length..], out var name) ? name
        : actor.StartsWith(Program, StringComparison.Ordinal) && programs.TryGetValue(actor[Program.Length..], out var service) ? service
        : actor;
}
