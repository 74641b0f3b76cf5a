using System.Globalization;
using Candor.Messages;
using Candor.Server.Hosting;

namespace Candor.Server;

/// <summary>The doctor's look at messages and webhooks.</summary>
internal static class DoctorMail
{
    private const int MostDeliveries = 100_000;

    public static async Task<DoctorCheck> MessagesAsync(CandorHost host, CancellationToken ct)
    {
        var counts = (await host.Database.ReadAsync(async tx => (await MailRoom.CountsAsync(tx, ct)).Concat(await StaffMail.CountsAsync(tx, ct)), ct))
            .GroupBy(c => c.State, c => c.Messages).ToDictionary(c => c.Key, c => c.Sum());
        var farewells = await host.Database.ReadAsync(tx => FarewellSender.CountAsync(tx, ct), ct);
        var numbers = new[] { counts.GetValueOrDefault("queued") + farewells, counts.GetValueOrDefault("sent"), counts.GetValueOrDefault("dropped"), counts.GetValueOrDefault("dead") }.Select(n => n.ToString(CultureInfo.InvariantCulture)).ToList();
        var finding = $"{counts.GetValueOrDefault("queued") + farewells:N0} wait, {counts.GetValueOrDefault("sent"):N0} sent and {counts.GetValueOrDefault("dropped"):N0} dropped in the last 30 days";
        return counts.GetValueOrDefault("dead") is > 0 and var dead
            ? new DoctorCheck("messages", DoctorState.Warn, $"{finding}; {dead:N0} could not be sent.", "Look at the mail relay's log for these days.") { Values = numbers }
            : new DoctorCheck("messages", DoctorState.Ok, finding) { Values = numbers };
    }

    public static async Task<DoctorCheck> WebhooksAsync(CandorHost host, CancellationToken ct)
    {
        var (webhooks, open) = await host.Database.ReadAsync(async tx =>
            (await host.Mail.Webhooks.ListAsync(tx, ct), await host.Mail.Webhooks.DeliveriesAsync(tx, onlyOpen: true, MostDeliveries, ct)), ct);
        var late = open.Count(d => d.State == "dead" || d.Attempts > 1);
        return late > 0
            ? new DoctorCheck("webhooks", DoctorState.Warn, $"{late:N0} events have not reached the systems they are for.", "`candor webhook deliveries` shows them, `candor webhook retry` tries again.") { Values = [$"{late}"] }
            : new DoctorCheck("webhooks", DoctorState.Ok, $"{webhooks.Count} webhooks, {open.Count:N0} events on their way") { Values = [$"{webhooks.Count}", $"{open.Count}"] };
    }
}
