using System.Text;
using Candor.Collection;
using Candor.Kernel;
using Candor.Messages;
using Candor.Reads;
using Candor.Staff;
using Candor.Tests.Reads;
using Candor.Tests.Storage;
using CsCheck;

namespace Candor.Tests.Collection;

public sealed class CustomerQuestionsOnSqlite : CustomerQuestionsTests<Sqlite>;

public sealed class CustomerQuestionsOnPostgres : CustomerQuestionsTests<Postgres>;

public abstract class CustomerQuestionsTests<TEngine> : StorageTest<TEngine>
    where TEngine : IEngine, new()
{
    private const string Card = "Was 4111 1111 1111 1111 charged twice?";
    private ReadHouse house = null!;
    private CustomerQuestions questions = null!;
    private CallerToken session = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        house = await ReadHouse.BuildAsync(Db, new ReadBudgetOptions(), Ct);
        var yaml = ReadHouse.Yaml(widened: false)
            .Replace("purposes:", "  contacts:  { kind: history, label: Questions, category: Communication, retention: P2Y }\npurposes:", StringComparison.Ordinal)
            .Replace("uses: { email: high, purchases: high }", "uses: { email: high, contacts: high, purchases: high }", StringComparison.Ordinal);
        await house.ApplyCatalogAsync(Db, yaml, "test", Ct);
        questions = new CustomerQuestions(Db, new OwnAccess(house.Catalogs, house.Vault, house.Access), house.Ledger, house.Log, house.Vault, new Outbox(house.Vault));
        var ada = await house.AddCustomerAsync(Db, "ada", Ct);
        session = CallerToken.Parse(await Db.WriteAsync(tx => house.Access.OpenCustomerSessionAsync(tx, ada.Id, Ct), Ct));
    }

    [Fact]
    public async Task A_question_becomes_a_record_and_is_confirmed()
    {
        Assert.NotNull((await questions.AskAsync(session, "Is the tea organic?\r\nThank you.", hide: false, Ct))!.Id);
        Assert.Contains("Is the tea organic?\\nThank you.", await StoredAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await Db.ReadAsync(async tx => await tx.FindAsync<long>("SELECT count(*) FROM outbox WHERE template = 'question-received'", null, Ct), Ct));
    }

    [Fact]
    public async Task A_card_number_is_not_stored_before_the_customer_knows_and_never_in_clear()
    {
        var warned = (await questions.AskAsync(session, Card, hide: false, Ct))!;
        Assert.Null(warned.Id);
        Assert.Equal([RiskyKind.Card], warned.Risky);
        Assert.Equal("", await StoredAsync());
        Assert.NotNull((await questions.AskAsync(session, Card, hide: true, Ct))!.Id);
        Assert.DoesNotContain("4111", await StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_everything_is_held_still_or_for_a_session_of_nobody_nothing_is_stored()
    {
        Assert.Null(await questions.AskAsync(CallerToken.Parse("cds_" + new string('A', 43)), "Hello?", hide: false, Ct));
        var ada = await Db.ReadAsync(async tx => (await house.Vault.FindCustomerAsync(tx, "reference", "ada", Ct))!, Ct);
        await Db.WriteAsync(tx => house.Ledger.RestrictAsync(tx, ada.Id, "test", "en", Ct), Ct);
        Assert.Equal(Gate.ReasonCode.Restricted, (await questions.AskAsync(session, "Hello?", hide: false, Ct))!.NotNeeded);
        Assert.Equal("", await StoredAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    [InlineData("a\0b")]
    public async Task An_empty_or_broken_question_is_refused(string text) =>
        Assert.Equal("collection/bad-question", (await Assert.ThrowsAsync<Fault>(() => questions.AskAsync(session, text, hide: false, Ct))).What);

    private async Task<string> StoredAsync()
    {
        var values = await new OwnData(Db, new OwnAccess(house.Catalogs, house.Vault, house.Access), house.Ledger, house.Log, house.Vault)
            .ValuesAsync(session, DataPointId.Parse("contacts"), 10, 0, Ct);
        return string.Concat(values!.Opened.Values.Select(v => Encoding.UTF8.GetString(v.Json.Span)));
    }
}

/// <summary>Published numbers that stand for cards and accounts: payment networks' test cards, and the examples of the IBAN registry.</summary>
public sealed class RiskyTextTests
{
    [Theory]
    [InlineData("4111111111111111", RiskyKind.Card)]
    [InlineData("my card 5555-5555-5555-4444, please", RiskyKind.Card)]
    [InlineData("3782 822463 10005", RiskyKind.Card)]
    [InlineData("GB29 NWBK 6016 1331 9268 19", RiskyKind.BankAccount)]
    [InlineData("DE89370400440532013000", RiskyKind.BankAccount)]
    [InlineData("My password is hunter2", RiskyKind.Password)]
    [InlineData("Passwort: geheim", RiskyKind.Password)]
    public void What_should_not_be_sent_is_found_and_hidden(string text, RiskyKind kind)
    {
        Assert.Equal([kind], RiskyText.Find(text));
        Assert.Empty(RiskyText.Find(RiskyText.Hide(text)).Except([RiskyKind.Password]));
        Assert.NotEqual(text, RiskyText.Hide(text));
    }

    [Theory]
    [InlineData("Order MT-0005-01 of 2026-11-24 for 38.00")]
    [InlineData("4111111111111112")]
    [InlineData("Call me on +44 7700 900123 between 9 and 17")]
    [InlineData("I forgot my password")]
    [InlineData("DE00370400440532013000")]
    public void Other_numbers_are_left_alone(string text) => Assert.Equal((0, text), (RiskyText.Find(text).Count, RiskyText.Hide(text)));

    [Fact]
    public void Every_number_with_a_right_check_digit_is_found_and_no_other() => Gen.Select(Gen.Int[2, 6], Gen.Int[0, 9].Array[11, 17]).Sample((first, rest) =>
    {
        var number = string.Concat(new[] { first }.Concat(rest));
        var right = Enumerable.Range(0, 10).Single(d => RiskyText.IsCard(number + d));
        return RiskyText.Find(number + right).SequenceEqual([RiskyKind.Card]) && RiskyText.Find(number + (right + 1) % 10).Count == 0;
    });

    [Fact]
    public void Any_text_can_be_looked_through_and_hidden() => Gen.String.Sample(text => RiskyText.Hide(text) is not null);
}
