using System.CommandLine;
using System.Globalization;
using Candor.Audit;
using Candor.Kernel;
using Candor.Server.Hosting;
using Candor.Staff;
using Candor.Vault;

namespace Candor.Server.Commands;

/// <summary><c>candor key create|list|revoke|rotate|destroy</c>: API keys, and the rotation of the key-encryption key.</summary>
internal static class KeyCommand
{
    public static Command Make() => new("key", "API keys, and rotation of the encryption keys.") { MakeCreate(), MakeList(), MakeRevoke(), MakeRotate(), MakeDestroy() };

    private static Command MakeCreate()
    {
        var service = new Argument<string>("service") { Description = "The service name that purposes list, such as shop." };
        var purposes = new Option<string[]>("--purpose") { Description = "Purposes the key may read for; all that list its service unless set.", AllowMultipleArgumentsPerToken = true };
        var may = new Option<string[]>("--may") { Description = "What else it may do: collect, consents, requests, metrics.", AllowMultipleArgumentsPerToken = true };
        var days = new Option<int>("--days") { Description = "How long it lives, 1 to 366.", DefaultValueFactory = _ => 90 };
        var from = new Option<string[]>("--from") { Description = "Networks from which it may be used, such as 192.0.2.0/24; from anywhere unless set.", AllowMultipleArgumentsPerToken = true };
        var assistant = new Option<string?>("--assistant") { Description = "Make it the key of an AI assistant of this name, which customers see: it reads only who has agreed to `ai-assistance`." };
        var hourly = new Option<int>("--customers-per-hour") { Description = "Different customers an AI assistant may open in an hour, 1 to 10,000.", DefaultValueFactory = _ => AssistantMark.UsualCustomersPerHour };
        var command = new Command("create", "Make an API key. It is shown once.") { service, purposes, may, days, from, assistant, hourly, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var mark = parsed.GetValue(assistant) is { } name ? new AssistantMark(name, parsed.GetValue(hourly)) : null;
            if (mark is null && parsed.GetResult(hourly) is { Implicit: false })
            {
                throw new Fault(FaultKind.Invalid, "staff/no-assistant", "`--customers-per-hour` is for the keys of AI assistants; add `--assistant NAME`, or leave it out.");
            }

            var scope = (parsed.GetValue(purposes) ?? []).Select(PurposeId.Parse).ToList();
            var (text, _) = await host.Database.WriteAsync(async tx =>
            {
                await host.ApiKeys.CheckRoomAsync(tx, parsed.GetValue(service)!, ct);
                return await host.Access.CreateKeyAsync(
                    tx, parsed.GetValue(service)!, scope, parsed.GetValue(may) ?? [], TimeSpan.FromDays(parsed.GetValue(days)), "system:cli", ct, parsed.GetValue(from), mark);
            }, ct);
            Shared.Results.WriteLine(text);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeList()
    {
        var command = new Command("list", "Show the API keys.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            foreach (var key in await host.Database.ReadAsync(tx => host.Access.KeysAsync(tx, ct), ct))
            {
                var end = Micros.ToInstant(key.ExpiresAtUs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                Shared.Results.WriteLine($"{key.KeyId}  {key.Service}  purposes: {key.Purposes}  may: {(key.May.Length > 0 ? key.May : "-")}  {(key.RevokedAtUs is null ? "until " + end : "revoked")}{(key.Assistant is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  AI assistant {key.Assistant}, {key.CustomersPerHour} customers an hour"))}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeRevoke()
    {
        var id = new Argument<string>("id") { Description = "Id of the key, 10 characters." };
        var command = new Command("revoke", "End an API key at once.") { id, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            await host.Database.WriteAsync(tx => host.Access.RevokeKeyAsync(tx, parsed.GetValue(id)!, "system:cli", ct), ct);
            Shared.Results.WriteLine("Revoked.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeRotate()
    {
        var command = new Command("rotate", "Rotate the key-encryption key: every customer's key gets a new wrapping. May be interrupted and run again.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var total = Math.Max(1, await host.Database.ReadAsync(tx => host.Vault.CountAsync(tx, ct), ct));
            var version = await Shared.WithProgressAsync("Rotating", report => new KeyRotation(host.Database, host.Keys)
                .RotateAsync(new Progress<long>(done => report((double)done / total, $"{done:N0} of {total:N0} customers")), ct));
            await LogAsync(host, $"kek-active:{version}", ct);
            Shared.Results.WriteLine($"Version {version} wraps everything now. Destroy older versions when the last backup that needs them is gone.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeDestroy()
    {
        var version = new Argument<long>("version") { Description = "Version of the key-encryption key." };
        var command = new Command("destroy", "Destroy an old version of the key-encryption key for good: whoever was erased while it counted is unreadable in old backups too.") { version, Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var needing = await host.Database.ReadAsync(tx => host.Backups.NeedingAsync(tx, parsed.GetValue(version), ct), ct);
            if (needing.Count > 0)
            {
                throw new Fault(FaultKind.Conflict, "backup/key-needed", string.Create(CultureInfo.InvariantCulture,
                    $"`{needing.Count}` backups still need version `{parsed.GetValue(version)}`, the newest of {needing[0].BeganAt:yyyy-MM-dd}; it can be destroyed when the last of them is past `backupsKept`."));
            }

            await new KeyRotation(host.Database, host.Keys).DestroyAsync(parsed.GetValue(version), ct);
            await LogAsync(host, $"kek-destroyed:{parsed.GetValue(version)}", ct);
            Shared.Results.WriteLine($"Version {parsed.GetValue(version)} is destroyed.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Task<string> LogAsync(CandorHost host, string subject, CancellationToken ct) =>
        host.Database.WriteAsync(tx => host.Log.AppendAsync(tx, new AuditEvent { Kind = AuditKind.KeyRotation, Actor = "system:cli", Subject = subject }, ct), ct);
}
