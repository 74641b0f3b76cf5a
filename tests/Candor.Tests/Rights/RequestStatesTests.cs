using Candor.Kernel;
using Candor.Rights;
using CsCheck;

namespace Candor.Tests.Rights;

public sealed class RequestStatesTests
{
    private static readonly RequestState[] All = Enum.GetValues<RequestState>();

    [Theory]
    [InlineData(RequestState.Received, "pending", "open", "RequestInitiated")]
    [InlineData(RequestState.Acknowledged, "pending", "in_progress", "RequestAcknowledged")]
    [InlineData(RequestState.IdentityNeeded, "pending", "in_progress/need_user_verification", "RequestRequiresAction")]
    [InlineData(RequestState.IdentityProven, "in_progress", "in_progress", "RequestRequiredActionPerformed")]
    [InlineData(RequestState.InWork, "in_progress", "in_progress", "RequestAccepted")]
    [InlineData(RequestState.Extended, "in_progress", "in_progress", "RequestActionDelayed")]
    [InlineData(RequestState.Done, "completed", "fulfilled", "RequestFulfilled")]
    [InlineData(RequestState.Refused, "completed", "denied", "RequestRejected")]
    [InlineData(RequestState.Withdrawn, "cancelled", "revoked", "RequestUnfulfilled")]
    public void Each_state_has_its_word_in_every_vocabulary(RequestState state, string openDsr, string dataRights, string dpv) =>
        Assert.Equal((openDsr, dataRights, dpv), (state.OpenDsr(), state.DataRights(), state.Dpv()));

    [Fact]
    public void What_is_closed_stays_closed_and_what_is_open_can_always_be_closed()
    {
        Assert.All(All, from => Assert.Equal(from.IsOpen(), All.Any(to => RequestStates.CanMove(from, to))));
        Assert.All(All.Where(s => s.IsOpen()), from => Assert.True(RequestStates.CanMove(from, RequestState.Refused) && RequestStates.CanMove(from, RequestState.Withdrawn)));
    }

    /// <summary>A walk takes steps at random and keeps those that the table has.</summary>
    [Fact]
    public void On_every_walk_work_comes_before_done_no_state_comes_twice_and_the_status_never_goes_back() => Gen.Int[0, All.Length - 1].Array[40].Sample(steps =>
    {
        string[] order = ["pending", "in_progress", "completed", "cancelled"];
        var walk = new List<RequestState> { RequestState.Received };
        foreach (var to in steps.Select(s => All[s]).Where(to => RequestStates.CanMove(walk[^1], to)).TakeWhile(_ => walk.Count < 20))
        {
            // The filter runs lazily, so it sees the state of the moment.
            Assert.True(Array.IndexOf(order, to.OpenDsr()) >= Array.IndexOf(order, walk[^1].OpenDsr()));
            walk.Add(to);
        }

        Assert.Equal(walk.Count, walk.Distinct().Count());
        Assert.True(!walk.Contains(RequestState.Done) || walk.Contains(RequestState.InWork));
        Assert.True(!walk.Contains(RequestState.Extended) || walk.IndexOf(RequestState.InWork) < walk.IndexOf(RequestState.Extended));
        Assert.True(!walk.Contains(RequestState.InWork) || walk.Contains(RequestState.IdentityProven) || walk.Contains(RequestState.Acknowledged));
        Assert.All(walk.Take(walk.Count - 1), s => Assert.True(s.IsOpen()));
    });

    [Fact]
    public void Words_are_read_as_they_are_written()
    {
        Assert.All(All, s => Assert.Equal(s, RequestStates.Parse<RequestState>(s.Code(), "state")));
        Assert.All((string?[])["Received", "", null, "0", "in work", new string('x', 1000)], w =>
            Assert.Equal("rights/unknown-word", Assert.Throws<Fault>(() => RequestStates.Parse<RequestState>(w, "state")).What));
    }
}
