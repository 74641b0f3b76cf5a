using Candor.Consent;
using Candor.Desk;
using Candor.Gate;
using Candor.Kernel;
using Candor.Tests.Reads;
using Candor.Tests.Storage;

namespace Candor.Tests.Desk;

public sealed class ConsentQuestionsOnSqlite : ConsentQuestionsTests<Sqlite>;

public sealed class ConsentQuestionsOnPostgres : ConsentQuestionsTests<Postgres>;

public abstract class ConsentQuestionsTests<TEngine> : DeskTest<TEngine>
    where TEngine : IEngine, new()
{
    [Fact]
    public async Task The_agent_asks_the_customer_answers_and_the_agent_sees_it()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        Assert.Equal(new ConsentQuestions.Outcome(null, null), await AskAsync(visit));
        Assert.Equal(NotAsked.Waiting, (await AskAsync(visit)).Why);
        var session = await Desk.Shop.SignInAsync(key.Id, Ct);
        Assert.Equal([DeskHouse.Newsletter], (await Desk.Questions.OwnAsync(session, Ct))!.Waiting.Select(q => q.Purpose));
        Assert.Equal(Answered.Not, await AnswerAsync(visit));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull((await Desk.House.Choices.GiveAsync(session, null, DeskHouse.Newsletter, ReadHouse.Notice(await Desk.House.CatalogAsync(Db, Ct)), "test", Ct)).Changed);
        Assert.Equal(Answered.Yes, await AnswerAsync(visit));
        Assert.Empty((await Desk.Questions.OwnAsync(session, Ct))!.Waiting);
        Assert.Equal(NotAsked.IsOn, (await AskAsync(visit)).Why);
    }

    // The ready catalog leaves a no in peace for twelve months.
    [Fact]
    public async Task A_no_is_left_in_peace_for_as_long_as_the_catalog_says()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        await AskAsync(await Desk.VisitAsync("c-1", Ct));
        Clock.Advance(TimeSpan.FromMinutes(1));
        var session = await Desk.Shop.SignInAsync(key.Id, Ct);
        await Desk.House.Choices.RefuseAsync(session, null, DeskHouse.Newsletter, ReadHouse.Notice(await Desk.House.CatalogAsync(Db, Ct)), "test", Ct);
        var (catalog, choices) = await Db.ReadAsync(async tx => (await Desk.House.Catalogs.GetActiveAsync(tx, Ct), await Desk.House.Ledger.StateAsync(tx, key.Id, Ct)), Ct);
        var purpose = catalog.Catalog.Purposes[DeskHouse.Newsletter];
        var until = Clock.GetUtcNow().AddMonths(12);
        Assert.Equal(NotAsked.LeftInPeace, ConsentQuestions.WhyNot(purpose, catalog, choices, [], false, until.AddMicroseconds(-1)));
        Assert.Null(ConsentQuestions.WhyNot(purpose, catalog, choices, [], false, until));
        Assert.Equal(NotAsked.LeftInPeace, (await AskAsync(await Desk.VisitAsync("c-1", Ct))).Why);
    }

    [Fact]
    public async Task Staff_cannot_answer_for_the_customer()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        await AskAsync(await Desk.VisitAsync("c-1", Ct));
        var notice = ReadHouse.Notice(await Desk.House.CatalogAsync(Db, Ct));
        foreach (var role in Candor.Staff.AccessRegister.KnownRoles)
        {
            var (_, token) = await Desk.AddStaffAsync(role, role, Ct);
            Assert.Equal(ReasonCode.RoleNotAllowed, (await Desk.House.Choices.GiveAsync(token, "c-1", DeskHouse.Newsletter, notice, "test", Ct)).Refused!.Reason);
            Assert.Null((await Desk.House.Choices.GiveAsync(token, null, DeskHouse.Newsletter, notice, "test", Ct)).Changed);
            Assert.Null(await Desk.Questions.OwnAsync(token, Ct));
        }

        Assert.Equal(0, await Desk.CountAsync("SELECT count(*) FROM consent_record", Ct));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_not_and_a_mail_goes_only_when_it_is_wanted()
    {
        var key = await Desk.AddCustomerAsync("c-1", Ct);
        var visit = await Desk.VisitAsync("c-1", Ct);
        foreach (var purpose in new[] { "support", "service-quality", "bookkeeping", "ai-assistance", "nowhere" })
        {
            Assert.Equal((purpose, NotAsked.NothingToAsk), (purpose, (await Desk.Questions.AskAsync(Desk.Agent, visit, PurposeId.Parse(purpose), true, Ct)).Why));
        }

        await Desk.Questions.AskAsync(Desk.Agent, visit, DeskHouse.Newsletter, byMail: false, Ct);
        Assert.Equal(0, await Desk.CountAsync("SELECT count(*) FROM outbox WHERE template = 'consent-question'", Ct));
        await Desk.Questions.AskAsync(Desk.Agent, visit, DeskHouse.Needs, byMail: true, Ct);
        Assert.Equal(1, await Desk.CountAsync("SELECT count(*) FROM outbox WHERE template = 'consent-question' AND purpose = 'support'", Ct));
        await Desk.RestrictAsync(key, Ct);
        Assert.Empty((await Desk.Questions.OwnAsync(await Desk.Shop.SignInAsync(key.Id, Ct), Ct))!.Waiting);
        Assert.Equal(ReasonCode.Restricted, (await Desk.Questions.AskAsync(Desk.Agent, visit, DeskHouse.Newsletter, false, Ct)).Refused);
    }

    [Fact]
    public async Task A_question_waits_for_thirty_days()
    {
        await Desk.AddCustomerAsync("c-1", Ct);
        var asked = new AskedQuestion("q", DeskHouse.Newsletter, Clock.GetUtcNow());
        Assert.True(asked.IsWaiting([], Clock.GetUtcNow().AddDays(30).AddMicroseconds(-1)));
        Assert.False(asked.IsWaiting([], Clock.GetUtcNow().AddDays(30)));
    }

    private Task<ConsentQuestions.Outcome> AskAsync(string visit) => Desk.Questions.AskAsync(Desk.Agent, visit, DeskHouse.Newsletter, byMail: false, Ct);

    private async Task<Answered> AnswerAsync(string visit)
    {
        var brief = await Desk.BriefAsync(visit, Ct);
        return Assert.Single(brief.Questions).AnswerIn(brief.Choices);
    }
}
