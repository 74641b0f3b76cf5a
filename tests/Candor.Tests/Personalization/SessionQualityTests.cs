using Candor.Personalization;

namespace Candor.Tests.Personalization;

/// <summary>Session suggestions on a public data set: every prefix of every test visit, with the settings that the automatic search finds in the training data.</summary>
/// <remarks>To compare, on the same data and protocol: VSTAN of session-rec .6910 / .3719, Serenade .6849 / .3522, sequential rules .6220 / .3532.</remarks>
public sealed class SessionQualityTests(ITestOutputHelper output)
{
    [Fact]
    public void Settings_found_on_the_newest_tenth_of_the_training_data_reach_the_goal()
    {
        var (train, test) = ShopData.Rsc15;
        var found = SettingsSearch.ForSessions(train);
        using var index = SessionEvaluation.Index(train);
        var result = SessionEvaluation.Run(index, found, test);
        output.WriteLine($"{found}\n{result}");
        Assert.Equal(10_152, result.Questions);
        Assert.InRange(result.HitRate, 0.691, 1);
        Assert.InRange(result.Mrr, 0.375, 1);
    }

    [Fact]
    public void Defaults_do_without_a_search()
    {
        using var index = SessionEvaluation.Index(ShopData.Rsc15.Train);
        var result = SessionEvaluation.Run(index, new SessionSettings(), ShopData.Rsc15.Test);
        output.WriteLine($"{result}");
        Assert.InRange(result.HitRate, 0.69, 1);
        Assert.InRange(result.Mrr, 0.37, 1);
    }
}
