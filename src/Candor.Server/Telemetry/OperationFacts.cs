using System.Diagnostics.Metrics;
using Candor.Kernel;
using Candor.Messages;
using Candor.Server.Hosting;
using Candor.Staff;

namespace Candor.Server.Telemetry;

/// <summary>Counts that stand in the database, looked at now and then, so that whoever fetches them does not load it.</summary>
internal sealed class OperationFacts : ScheduledWork
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly CandorHost host;
    private volatile Snapshot? now;

    public OperationFacts(CandorHost host, ILogger<OperationFacts> logger)
        : base(logger)
    {
        this.host = host;
        Gauge("candor.log.entries", "{entry}", "Entries in the log's tree.", f => f.Entries);
        Gauge("candor.outbox.waiting", "{message}", "Mails that wait, those for later included.", f => f.Waiting);
        Gauge("candor.outbox.lateness", "s", "How long the mail that is due longest has been waiting.", f => f.Lateness.TotalSeconds);
        Gauge("candor.model.parts", "{part}", "What suggestions are computed from: a part for each customer and kind of suggestion.", f => f.Parts);
        Gauge("candor.facts.age", "s", "How old these counts are.", f => (host.Database.Clock.GetUtcNow() - f.At).TotalSeconds);
        Meter.CreateObservableGauge("candor.sessions", () => now is { } f ? f.Sessions.Select(s => new Measurement<long>(s.Sessions, new KeyValuePair<string, object?>("kind", s.Kind))) : [], "{session}", "Sessions that are not over.");
    }

    private sealed record Snapshot(DateTimeOffset At, long Entries, long Waiting, TimeSpan Lateness, IReadOnlyList<(string Kind, long Sessions)> Sessions, long Parts);

    /// <summary>Of this server alone.</summary>
    public Meter Meter { get; } = new(Measures.Name);

    public override void Dispose()
    {
        Meter.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAsync(Every, () => LookAsync(stoppingToken), stoppingToken);

    /// <summary>Looks now.</summary>
    public async Task<int> LookAsync(CancellationToken ct)
    {
        now = await host.Database.ReadAsync(async tx =>
        {
            var (entries, _) = await host.Log.HeadAsync(tx, ct);
            var waiting = (await MailRoom.CountsAsync(tx, ct)).Concat(await StaffMail.CountsAsync(tx, ct)).Where(c => c.State == "queued").Sum(c => c.Messages);
            var late = await MailRoom.OldestDueAsync(tx, ct) is { } due ? tx.Now - due : TimeSpan.Zero;
            return new Snapshot(tx.Now, entries, waiting, late, await SessionRegister.CountsAsync(tx, ct), host.Suggestions.Parts);
        }, ct);
        return 0;
    }

    private void Gauge(string name, string unit, string description, Func<Snapshot, double> value) =>
        Meter.CreateObservableGauge(name, () => now is { } f ? [new Measurement<double>(value(f))] : Array.Empty<Measurement<double>>(), unit, description);
}
