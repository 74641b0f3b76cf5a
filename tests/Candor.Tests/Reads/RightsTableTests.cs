using Candor.Catalog;
using Candor.Consent;
using Candor.Gate;
using Candor.Kernel;
using Candor.Staff;

namespace Candor.Tests.Reads;

/// <summary>The table of rights says of every role, service, purpose and data point what the gate says.</summary>
public sealed class RightsTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Catalogs => [.. ReadyCatalogs.Names, "test"];

    [Theory]
    [MemberData(nameof(Catalogs))]
    public void The_table_says_yes_exactly_where_the_gate_allows_it_for_a_customer_who_agrees(string name)
    {
        var catalog = PurposeCatalog.Read(name == "test" ? ReadHouse.Yaml(widened: false) : ReadyCatalogs.Text(name), name);
        var table = RightsTable.Of(catalog).Select(r => (r.Who, r.IsService, r.Purpose.Id, r.DataPoint.Id)).ToHashSet();
        var services = catalog.Purposes.Values.SelectMany(p => p.Services).Append("nobody").Distinct().ToList();
        var actors = AccessRegister.KnownRoles.Select(r => (Who: r, IsService: false)).Concat(services.Select(s => (Who: s, IsService: true)));
        var (yes, no) = (0, 0);
        foreach (var (who, isService) in actors)
        {
            foreach (var purpose in catalog.Purposes.Values)
            {
                foreach (var dataPoint in catalog.DataPoints.Keys)
                {
                    var isAllowed = Permit.DecideRead(Question(who, isService, purpose, dataPoint)) is Decision.Allowed;
                    Assert.Equal((who, purpose.Id, dataPoint, isAllowed), (who, purpose.Id, dataPoint, table.Contains((who, isService, purpose.Id, dataPoint))));
                    (yes, no) = isAllowed ? (yes + 1, no) : (yes, no + 1);
                }
            }
        }

        Assert.True(yes > 0 && no > 0);
        Assert.Equal(yes, table.Count);
    }

    private static ReadQuestion Question(string who, bool isService, Purpose purpose, DataPointId dataPoint)
    {
        var actor = isService
            ? new ActorState { Kind = ActorKind.Service, Ref = "key", Service = who, Scope = "*", ExpiresAt = Now.AddDays(1) }
            : new ActorState { Kind = ActorKind.Staff, Ref = "staff", Roles = who, MfaAt = Now, TrainingUntil = Now.AddDays(1), ExpiresAt = Now.AddDays(1) };
        var choice = new Choice(purpose.Id, ConsentState.Given, 1, 1, new string('0', 64), Micros.From(Now), null);
        return new ReadQuestion(actor, purpose, Approval.Lasting, new CustomerState(CustomerId.New(), choice, 1, false), [dataPoint], "T-1", Now, 1);
    }
}
