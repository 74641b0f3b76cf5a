using System.Diagnostics;
using System.Globalization;
using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Benchmarks;

/// <summary>The gate alone: a service reads two data points for a purpose that rests on consent.</summary>
internal static class DecisionSpeed
{
    private const int Calls = 2_000_000;
    private const int Rounds = 15;

    public static void Run()
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml");
        var purpose = catalog.Purposes[PurposeId.Parse("newsletter")];
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var choice = new Choice(purpose.Id, ConsentState.Given, 1, 1, "", Micros.From(now), Micros.From(now.AddDays(30)));
        var actor = new ActorState { Kind = ActorKind.Service, Ref = "bench", Scope = "*", Service = "mailer", ExpiresAt = now.AddDays(30) };
        var question = new ReadQuestion(
            actor, purpose, Approval.Lasting, new CustomerState(CustomerId.New(), choice, 1, IsRestricted: false),
            new[] { DataPointId.Parse("fullName"), DataPointId.Parse("email") }, null, now, 1);
        if (Permit.DecideRead(question) is not Decision.Allowed)
        {
            throw new InvalidOperationException("The measured decision is to be a yes.");
        }

        var best = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.GetTimestamp();
            for (var i = 0; i < Calls; i++)
            {
                Permit.DecideRead(question);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(clock).TotalNanoseconds / Calls);
        }

        Console.WriteLine(best.ToString("0", CultureInfo.InvariantCulture));
    }
}
