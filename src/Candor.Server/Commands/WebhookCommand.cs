using System.CommandLine;
using System.Globalization;
using Candor.Kernel;

namespace Candor.Server.Commands;

/// <summary><c>candor webhook add|list|remove|deliveries|retry</c>: other systems that are told of customers' choices.</summary>
internal static class WebhookCommand
{
    private const int MostShown = 1000;

    public static Command Make() => new("webhook", "Other systems that are told of customers' choices.") { MakeAdd(), MakeList(), MakeRemove(), MakeDeliveries(), MakeRetry() };

    private static Command MakeAdd()
    {
        var url = new Argument<string>("url") { Description = "Begins with https://." };
        var types = new Option<string[]>("--type") { Description = "Types of events, such as candor.consent.withdrawn; all unless set.", AllowMultipleArgumentsPerToken = true };
        var allow = new Option<bool>("--allow-private") { Description = "It may lie inside a private network, or on this machine." };
        var command = new Command("add", "Add a webhook. Its secret is shown once.") { url, types, allow, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var (id, secret) = await host.Database.WriteAsync(tx => host.Mail.Webhooks.AddAsync(tx, parsed.GetValue(url)!, parsed.GetValue(types) ?? [], parsed.GetValue(allow), "system:cli", ct), ct);
            Shared.Results.WriteLine(id);
            Shared.Results.WriteLine(secret);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeList()
    {
        var command = new Command("list", "Show the webhooks.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            foreach (var webhook in await host.Database.ReadAsync(tx => host.Mail.Webhooks.ListAsync(tx, ct), ct))
            {
                Shared.Results.WriteLine($"{webhook.Id}  {webhook.Url}  {string.Join(' ', webhook.Types)}{(webhook.AllowPrivate ? "  may be private" : "")}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeRemove()
    {
        var id = new Argument<string>("id") { Description = "Id of the webhook, 12 characters." };
        var command = new Command("remove", "End a webhook; what it was still to be told is dropped.") { id, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            await host.Database.WriteAsync(tx => host.Mail.Webhooks.RemoveAsync(tx, parsed.GetValue(id)!, "system:cli", ct), ct);
            Shared.Results.WriteLine("Removed.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeDeliveries()
    {
        var all = new Option<bool>("--all") { Description = "Also what was delivered in the last 30 days." };
        var command = new Command("deliveries", "Show what is not delivered, newest first. Ends with 1 when something was given up.") { all, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var deliveries = await host.Database.ReadAsync(tx => host.Mail.Webhooks.DeliveriesAsync(tx, !parsed.GetValue(all), MostShown, ct), ct);
            foreach (var d in deliveries)
            {
                var next = d.State == "queued" ? $"next try {Micros.ToInstant(d.NotBeforeUs).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC" : "";
                Shared.Results.WriteLine($"{d.EventId}  {d.WebhookId}  {d.Type}  {d.State}  tries: {d.Attempts}  {d.Outcome ?? "-"}  {next}".TrimEnd());
            }

            return deliveries.Any(d => d.State == "dead") ? ExitCode.Refused : ExitCode.Done;
        });
        return command;
    }

    private static Command MakeRetry()
    {
        var id = new Argument<string?>("event") { Description = "Id of the event; all unless named.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("retry", "Try again at once what waits or was given up.") { id, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var count = await host.Database.WriteAsync(tx => host.Mail.Webhooks.RetryAsync(tx, parsed.GetValue(id), ct), ct);
            Shared.Results.WriteLine($"{count} to be tried again.");
            return ExitCode.Done;
        });
        return command;
    }
}
