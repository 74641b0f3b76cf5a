using Candor.Tests.Storage;
using Candor.Trust;

namespace Candor.Tests.Trust;

public sealed class SurveyBasisOnSqlite : SurveyBasisTests<Sqlite>;

public sealed class SurveyBasisOnPostgres : SurveyBasisTests<Postgres>;

/// <summary>Nobody is asked whose choices do not allow it, where the catalog names consent as the basis or no purpose at all.</summary>
public abstract class SurveyBasisTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private SurveyHouse house = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await SurveyHouse.BuildAsync(Db, "consent", Ct);
    }

    public override async ValueTask DisposeAsync()
    {
        await house.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Only_who_agreed_is_asked()
    {
        var (_, silent) = await house.AddAsync("ada", Ct);
        var (_, refused) = await house.AddAsync("ben", Ct);
        var (_, withdrew) = await house.AddAsync("cleo", Ct);
        var (restricted, still) = await house.AddAsync("dev", Ct);
        var (_, agreed) = await house.AddAsync("edie", Ct);
        await house.Messages.RefuseAsync("ben", SurveyRules.Purpose, Ct);
        foreach (var who in new[] { "cleo", "dev", "edie" })
        {
            await house.Messages.GiveAsync(who, SurveyRules.Purpose, Ct);
        }

        await house.Messages.WithdrawAsync("cleo", SurveyRules.Purpose, Ct);
        await Db.WriteAsync(tx => house.Messages.House.Ledger.RestrictAsync(tx, restricted.Id, "letter", "en", Ct), Ct);
        foreach (var token in new[] { silent, refused, withdrew, still })
        {
            Assert.Null(await house.AskAsync(token, Ct));
            Assert.False((await house.Surveys.OfferAsync(token, Ct))!.IsOpen);
        }

        for (var day = 0; day < SurveyRules.RestDays; day++)
        {
            await house.Surveys.MailDueAsync(100, Ct);
            Clock.Advance(TimeSpan.FromDays(1));
        }

        await house.Messages.Room.Sender.SendDueAsync(100, Ct);
        Assert.Equal(1, await house.AskedAsync(Ct));
        Assert.NotEqual(agreed, silent);
    }

    [Fact]
    public async Task A_withdrawal_ends_the_open_question()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        await house.Messages.GiveAsync("ada", SurveyRules.Purpose, Ct);
        var secret = (await house.AskAsync(token, Ct))!;
        await house.Messages.WithdrawAsync("ada", SurveyRules.Purpose, Ct);
        Assert.False(await house.Surveys.IsOpenAsync(secret, Ct));
        Assert.False(await house.Surveys.AnswerAsync(secret, SurveyAnswer.Of([5, 5, 5, 5, 5], 10, SurveyText.Of(null)), Ct));
        Assert.Empty(await house.TalliesAsync(Ct));
    }

    [Fact]
    public async Task Without_the_purpose_in_the_catalog_nobody_is_asked()
    {
        var (_, token) = await house.AddAsync("ada", Ct);
        await house.Messages.GiveAsync("ada", SurveyRules.Purpose, Ct);
        await house.Messages.House.ApplyCatalogAsync(Db, Messages.MessageHouse.Yaml, "committee", Ct);
        Assert.Null(await house.AskAsync(token, Ct));
        Assert.Equal(0, await house.Surveys.MailDueAsync(100, Ct));
    }
}
