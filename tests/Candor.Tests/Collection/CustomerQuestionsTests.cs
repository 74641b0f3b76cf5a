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

    /// <summary>First digits and lengths from the networks' own pages of card formats.</summary>
    private static readonly (string Prefix, int Length)[] Networks =
        [("4", 13), ("4", 16), ("4", 19), ("51", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16), ("644", 16), ("65", 19), ("36", 14), ("305", 14), ("3528", 16), ("3589", 19), ("62", 18)];

    [Fact]
    public void Every_number_of_a_network_with_a_right_check_digit_is_found_and_no_other() => Gen.Select(Gen.Int[0, Networks.Length - 1], Gen.Int[0, 9].Array[18], Gen.Int[0, 2].Select(i => new[] { "", " ", "-" }[i])).Sample((which, rest, mark) =>
    {
        var (prefix, length) = Networks[which];
        var number = prefix + string.Concat(rest)[..(length - prefix.Length - 1)];
        var right = Enumerable.Range(0, 10).Single(d => RiskyText.IsCard(number + d));
        string Shown(string digits) => string.Join(mark, digits.Chunk(4).Select(c => new string(c)));
        return RiskyText.Find(Shown(number + right)).SequenceEqual([RiskyKind.Card]) && !RiskyText.Find(Shown(number + (right + 1) % 10)).Contains(RiskyKind.Card);
    });

    // Luhn is right in all of these, and no network issues them: a parcel, an IMEI, a number of the wrong length.
    [Theory]
    [InlineData("490154203237518")]
    [InlineData("41111111111111113")]
    [InlineData("2000000000000006")]
    [InlineData("9999999999999995")]
    public void A_right_check_digit_alone_is_no_card(string text) => Assert.DoesNotContain(RiskyKind.Card, RiskyText.Find(text));

    // Never given out: 20 CFR 422 and the Social Security Administration's page on randomization of 2011.
    [Theory]
    [InlineData("078-05-1120", true)]
    [InlineData("219 09 9999", true)]
    [InlineData("SSN: 078051120", true)]
    [InlineData("078051120", false)]
    [InlineData("078-05 1120", false)]
    [InlineData("000-12-3456", false)]
    [InlineData("666-12-3456", false)]
    [InlineData("900-12-3456", false)]
    [InlineData("123-00-3456", false)]
    [InlineData("123-45-0000", false)]
    [InlineData("1123-45-6789", false)]
    public void A_social_security_number_is_known_by_its_form(string text, bool found) => Assert.Equal(found, RiskyText.Find(text).Contains(RiskyKind.SocialSecurity));

    // Vectors of python-stdnum's de.idnr, and the example of the Bundeszentralamt's test description.
    [Theory]
    [InlineData("36 574 261 809", true)]
    [InlineData("36574261809", true)]
    [InlineData("86095742719", true)]
    [InlineData("36574261890", false)]
    [InlineData("36554266806", false)]
    [InlineData("06574261809", false)]
    public void A_tax_number_is_known_by_its_check_digit(string text, bool found) => Assert.Equal(found, RiskyText.Find(text).Contains(RiskyKind.TaxNumber));

    [Fact]
    public void A_spot_is_where_the_number_stands() => Gen.Select(Gen.String[Gen.Char["abc \n"], 0, 40], Gen.String[Gen.Char["xyz \n"], 0, 10]).Sample((before, after) =>
    {
        var text = before + ".4111111111111111." + after;
        var spot = RiskyText.Spots(text).Single();
        return text.Split('\n')[spot.Line - 1].Substring(spot.Column - 1, spot.Length) == "4111111111111111";
    });

    [Fact]
    public void Any_text_can_be_looked_through_and_hidden() => Gen.String.Sample(text => RiskyText.Hide(text) is not null);
}
