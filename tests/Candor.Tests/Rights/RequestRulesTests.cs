using Candor.Gate;
using Candor.Kernel;
using Candor.Rights;
using Candor.Staff;

namespace Candor.Tests.Rights;

/// <summary>The whole matrix of who may do what, written out a second time.</summary>
public sealed class RequestRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly CustomerId Ada = CustomerId.New();

    [Fact]
    public void The_matrix()
    {
        RequestAct[] own = [RequestAct.File, RequestAct.List, RequestAct.Show, RequestAct.Withdraw, RequestAct.Prove, RequestAct.LiftRestriction];
        RequestAct[] program = [RequestAct.File, RequestAct.List, RequestAct.Show, RequestAct.Withdraw];
        RequestAct[] agent = [RequestAct.File, RequestAct.List, RequestAct.Show];
        foreach (var act in Enum.GetValues<RequestAct>())
        {
            Check(Customer(Ada), act, own.Contains(act));
            Check(Customer(CustomerId.New()), act, false);
            Check(Service("requests"), act, program.Contains(act));
            Check(Service("collect consents"), act, false);
            Check(Member("agent"), act, agent.Contains(act));
            Check(Member("privacy-officer"), act, act != RequestAct.Withdraw);
            Check(Member("agent privacy-officer"), act, act != RequestAct.Withdraw);
            Check(new ActorState { Kind = ActorKind.System, Ref = "cli" }, act, true);
            foreach (var role in AccessRegister.KnownRoles.Except(["agent", "privacy-officer"]))
            {
                Check(Member(role), act, false);
            }
        }
    }

    [Fact]
    public void Staff_need_a_second_factor_and_training_and_everybody_a_live_session()
    {
        var officer = Member("privacy-officer");
        Assert.Equal(ReasonCode.MfaRequired, Why(officer with { MfaAt = null }));
        Assert.Equal(ReasonCode.TrainingLapsed, Why(officer with { TrainingUntil = Now }));
        Assert.Equal(ReasonCode.TrainingLapsed, Why(officer with { TrainingUntil = null }));
        Assert.All((ActorState[])[officer, Customer(Ada), Service("requests")], a =>
        {
            Assert.Null(Why(a));
            Assert.Equal(ReasonCode.SessionEnded, Why(a with { IsRevoked = true }));
            Assert.Equal(ReasonCode.SessionEnded, Why(a with { ExpiresAt = Now }));
        });
    }

    [Fact]
    public void Only_the_customer_an_officer_and_candor_read_what_was_written()
    {
        Assert.True(RequestRules.MayReadNotes(Customer(Ada)));
        Assert.True(RequestRules.MayReadNotes(Member("privacy-officer")));
        Assert.False(RequestRules.MayReadNotes(Member("agent")));
        Assert.False(RequestRules.MayReadNotes(Service("requests")));
    }

    private static ReasonCode? Why(ActorState actor) => RequestRules.WhyNot(actor, RequestAct.Show, Ada, Now);

    private static void Check(ActorState actor, RequestAct act, bool may) =>
        Assert.True(may == (RequestRules.WhyNot(actor, act, Ada, Now) is null), $"{actor.Kind} {actor.Roles}{actor.May} {act}");

    private static ActorState Customer(CustomerId id) => new() { Kind = ActorKind.Customer, Ref = id.Value };

    private static ActorState Service(string may) => new() { Kind = ActorKind.Service, Ref = "k", Service = "shop", May = may };

    private static ActorState Member(string roles) => new() { Kind = ActorKind.Staff, Ref = "s", Roles = roles, MfaAt = Now, TrainingUntil = Now.AddDays(1) };
}
