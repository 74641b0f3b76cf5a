using System.CommandLine;
using System.Globalization;
using System.Text;
using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Server.Hosting;
using Candor.Staff;

namespace Candor.Server.Commands;

/// <summary><c>candor correction list|show|approve|refuse</c>: corrections by customers that the catalog has staff check.</summary>
internal static class CorrectionCommand
{
    private const int MostListed = 1000;

    public static Command Make() => new("correction", "Corrections by customers that wait for a check.") { MakeList(), MakeShow(), MakeApprove(), MakeRefuse() };

    private static Command MakeList()
    {
        var command = new Command("list", "Show what waits, the longest first. No value is opened.") { Shared.Data, Shared.Postgres };
        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            foreach (var c in await host.CorrectionDesk.ListAsync(MostListed, ct))
            {
                Shared.Results.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{c.Id}  {c.DataPoint}  {c.AskedAt:yyyy-MM-dd HH:mm} UTC"));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command MakeShow() => MakeOne("show", "Show the value now and the value asked for; the look stands in the log.", null, (desk, token, id, _, ct) => desk.ShowAsync(token, id, ct));

    private static Command MakeApprove() => MakeOne("approve", "Take a correction over.", null, (desk, token, id, _, ct) => desk.ApproveAsync(token, id, ct));

    private static Command MakeRefuse() => MakeOne(
        "refuse", "Do not take a correction over; the customer gets the reason.",
        new Option<string>("--reason") { Description = "Why, in plain words for the customer.", Required = true }, (desk, token, id, reason, ct) => desk.RefuseAsync(token, id, reason!, ct));

    private static Command MakeOne(
        string verb, string what, Option<string>? reason, Func<CorrectionDesk, CallerToken, string, string?, CancellationToken, Task<CorrectionDesk.Outcome>> act)
    {
        var id = new Argument<string>("id") { Description = "Of the correction, as `list` shows it." };
        var by = new Option<string>("--by") { Description = "Id of the staff member who decides, a privacy officer or an agent; `candor staff list` shows them.", Required = true };
        var command = new Command(verb, what) { id, by, Shared.Data, Shared.Postgres };
        if (reason is not null)
        {
            command.Add(reason);
        }

        command.Runs(async (parsed, ct) =>
        {
            await using var host = await Shared.OpenAsync(Shared.Settings(parsed), ct);
            var outcome = await AsAsync(host, parsed.GetValue(by)!, token => act(host.CorrectionDesk, token, parsed.GetValue(id)!, reason is null ? null : parsed.GetValue(reason), ct), ct);
            if (outcome.Correction is not { } c)
            {
                Console.Error.WriteLine(outcome.Refused is { } no ? $"Refused: {no.Code()}." : "There is no such staff member; `candor staff list` shows them.");
                return ExitCode.Refused;
            }

            Shared.Results.WriteLine($"{c.Id}  {c.DataPoint}  {c.State.Code()}: {(c.Former is { } former ? Encoding.UTF8.GetString(former.Span) : "nothing")} -> {Encoding.UTF8.GetString(c.Proposed.Span)}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Acts as a member of staff, in a session that ends with the command. Who may use this shell, and hold the root key, vouches for them.</summary>
    private static async Task<T> AsAsync<T>(CandorHost host, string staff, Func<CallerToken, Task<T>> act, CancellationToken ct)
    {
        var token = CallerToken.Parse(await host.Database.WriteAsync(tx => host.Access.OpenStaffSessionAsync(tx, staff, tx.Now, ct), ct));
        try
        {
            return await act(token);
        }
        finally
        {
            await host.Database.WriteAsync(tx => host.Access.EndSessionAsync(tx, token, CancellationToken.None), CancellationToken.None);
        }
    }
}
