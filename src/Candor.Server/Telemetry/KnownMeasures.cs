using System.Collections.Frozen;
using Candor.Kernel;

namespace Candor.Server.Telemetry;

/// <summary>The measures that are told, each with the labels that it keeps. What is not listed is not told: labels of frameworks may hold addresses, and a new one is a decision.</summary>
internal static class KnownMeasures
{
    public const string Runtime = "System.Runtime";
    public const string Web = "Microsoft.AspNetCore.Hosting";
    public const string Npgsql = "Npgsql";

    private static readonly FrozenDictionary<string, string[]> Labels = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["candor.reads"] = ["outcome", "purpose"],
        ["candor.read.duration"] = ["outcome"],
        ["candor.log.appended"] = [],
        ["candor.log.entries"] = [],
        ["candor.outbox.waiting"] = [],
        ["candor.outbox.lateness"] = [],
        ["candor.sessions"] = ["kind"],
        ["candor.model.parts"] = [],
        ["candor.facts.age"] = [],
        // The route is the template, such as `/v1/customers/{reference}`, and not what somebody typed.
        ["http.server.request.duration"] = ["http.request.method", "http.response.status_code", "http.route"],
        ["http.server.active_requests"] = [],
        // The pool's name holds the database's address.
        ["db.client.connection.count"] = ["db.client.connection.state"],
        ["dotnet.process.memory.working_set"] = [],
        ["dotnet.process.cpu.time"] = ["cpu.mode"],
        ["dotnet.gc.collections"] = ["gc.heap.generation"],
        ["dotnet.gc.pause.time"] = [],
        ["dotnet.thread_pool.thread.count"] = [],
        ["dotnet.thread_pool.queue.length"] = [],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> Meters { get; } = [Measures.Name, Runtime, Web, Npgsql];

    /// <summary>The labels that a measure keeps; null when it is not told.</summary>
    public static string[]? LabelsOf(string measure) => Labels.GetValueOrDefault(measure);
}
