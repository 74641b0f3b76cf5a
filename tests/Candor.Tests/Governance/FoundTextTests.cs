using System.Globalization;
using System.Text;
using Candor.Catalog;
using Candor.Governance;
using Candor.Kernel;
using CsCheck;

namespace Candor.Tests.Governance;

/// <summary>What is found in a text, and what is not taken for it.</summary>
public sealed class FoundTextTests
{
    /// <summary>Published test numbers of the schemes (Stripe's and Adyen's lists).</summary>
    [Theory]
    [InlineData("4242424242424242")]
    [InlineData("4000 0566 5566 5556")]
    [InlineData("5555-5555-5555-4444")]
    [InlineData("2223003122003222")]
    [InlineData("3782 822463 10005")]
    [InlineData("6011111111111117")]
    [InlineData("3056 930902 5904")]
    [InlineData("3056930009020004")]
    [InlineData("36227206271667")]
    [InlineData("3566002020360505")]
    [InlineData("6200000000000005")]
    [InlineData("6759649826438453")]
    public void Published_test_cards_are_found_whole(string number)
    {
        foreach (var text in (string[])[number, $"my card is {number}, thanks", $"Card:{number}", $"{number} 12/27", $"{number} 123", $"call me at 5 {number}"])
        {
            var found = Assert.Single(FoundText.Numbers(text));
            Assert.Equal((FoundKind.Card, number), (found.Kind, text.Substring(found.Start, found.Length)));
        }
    }

    [Theory]
    [InlineData("4242424242424241")] // Luhn
    [InlineData("9242424242424244")] // no scheme
    [InlineData("0000000000000000")]
    [InlineData("order 4242424242424242")]
    [InlineData("Invoice no. 4242424242424242")]
    [InlineData("Sendungsnummer: 4242424242424242")]
    [InlineData("ORD-4242424242424242")]
    [InlineData("#4242424242424242")]
    [InlineData("https://shop.example/p/4242424242424242")]
    [InlineData("42 42 42 42 42 42 42 42")]
    [InlineData("4006381333931")] // an EAN of Germany
    [InlineData("+49 170 1234567")]
    [InlineData("12.4242424242424242")]
    [InlineData("078-05-1120")] // printed in wallets
    [InlineData("000-12-3456")]
    [InlineData("666-12-3456")]
    [InlineData("900-12-3456")]
    [InlineData("123-00-4567")]
    [InlineData("123-45-0000")]
    [InlineData("123-45-67890")]
    [InlineData("GB 12 34 56 C")]
    [InlineData("111222333")] // passes the 11-test, and nobody says that it is one
    [InlineData("bsn 111222334")]
    [InlineData("Steuer-ID 86095742718")]
    [InlineData("DE89370400440532013001")]
    [InlineData("GB82 WEST 1234 5698 7654 3")]
    [InlineData("I live at 4111 Main Street, 12345")]
    public void What_only_looks_like_one_is_not_taken_for_it(string text) => Assert.Empty(FoundText.Numbers(text));

    /// <summary>Sources: SSA examples, HMRC NIM39110, logius.nl, ISO 7064 worked example of the BZSt, the IBAN registry's examples.</summary>
    [Theory]
    [InlineData("my number is 123-45-6789", FoundKind.NationalId, "123-45-6789")]
    [InlineData("SSN 123456789", FoundKind.NationalId, "123456789")]
    [InlineData("NI: AB 12 34 56 C.", FoundKind.NationalId, "AB 12 34 56 C")]
    [InlineData("BSN: 111222333", FoundKind.NationalId, "111222333")]
    [InlineData("Steuer-ID 86095742719", FoundKind.NationalId, "86095742719")]
    [InlineData("pay to DE89 3704 0044 0532 0130 00 please", FoundKind.BankAccount, "DE89 3704 0044 0532 0130 00")]
    [InlineData("GB82WEST12345698765432", FoundKind.BankAccount, "GB82WEST12345698765432")]
    [InlineData("NL91ABNA0417164300", FoundKind.BankAccount, "NL91ABNA0417164300")]
    [InlineData("NO93 8601 1117 947", FoundKind.BankAccount, "NO93 8601 1117 947")]
    public void Numbers_of_people_and_accounts_are_found_whole(string text, FoundKind kind, string number)
    {
        var found = Assert.Single(FoundText.Numbers(text));
        Assert.Equal((kind, number), (found.Kind, text.Substring(found.Start, found.Length)));
    }

    private static readonly string[] Starts = ["4", "51", "55", "2221", "2720", "34", "37", "6011", "65", "36", "3528", "62"];

    private static readonly Gen<string> Card = Gen.Select(Gen.Int[0, Starts.Length - 1], Gen.Char['0', '9'].Array[20], (i, digits) =>
    {
        var start = Starts[i];
        var body = (start + new string(digits))[..(start[..1] == "3" && start != "3528" ? start == "36" ? 13 : 14 : 15)];
        return body + Check(body);
    });

    [Fact]
    public void Every_generated_card_is_found_and_none_with_a_wrong_digit_is() => Gen.Select(Card, Gen.Int[0, 99], Gen.Int[1, 9], Gen.Bool).Sample((card, at, by, grouped) =>
    {
        var written = grouped && card.Length == 16 ? string.Join(' ', card.Chunk(4).Select(c => new string(c))) : card;
        var text = $"please take {written} for it";
        var found = Assert.Single(FoundText.Numbers(text));
        Assert.Equal((FoundKind.Card, 12, written.Length), (found.Kind, found.Start, found.Length));
        // Luhn finds every single wrong digit.
        var wrong = new StringBuilder(card);
        wrong[at % card.Length] = (char)('0' + ((card[at % card.Length] - '0' + by) % 10));
        Assert.Empty(FoundText.Numbers($"please take {wrong} for it"));
    }, iter: 5_000);

    [Fact]
    public void Of_random_numbers_few_are_taken_for_cards()
    {
        var dice = new Random(11);
        var taken = Enumerable.Range(0, 20_000).Count(_ => FoundText.Numbers("ref " + string.Concat(Enumerable.Range(0, 16).Select(_ => dice.Next(10)))).Count > 0);
        // A tenth passes Luhn, and about a quarter of those begins as some scheme's do.
        Assert.InRange(taken, 1, 800);
    }

    [Theory]
    [InlineData("I am ALLERGIC to wool", "ALLERGIC")]
    [InlineData("nach der Chemotherapie", "Chemotherapie")]
    [InlineData("Meine Ärztin sagt nein", "Meine Ärztin")]
    [InlineData("because of a heart attack, sorry", "heart attack")]
    [InlineData("allergically yours, heart attacker", null)]
    [InlineData("a brush stroke in red", null)]
    public void Words_about_health_are_whole_words_in_any_case(string text, string? word) =>
        Assert.Equal(word is null ? [] : [word], HealthWords.Find(text).Select(f => text.Substring(f.Start, f.Length)));

    [Fact]
    public void Members_are_looked_into_and_numbers_of_something_else_are_left_alone()
    {
        var note = Point("Communication");
        Assert.Equal([FoundKind.Card], Find(note, """{"about":{"text":"it is 4242 4242 4242 4242"}}"""));
        Assert.Equal([FoundKind.Card], Find(note, """{"paidWith":4242424242424242}"""));
        Assert.Equal([FoundKind.Card], Find(note, """{"cardNumber":"4242424242424242"}"""));
        Assert.Equal([FoundKind.NationalId], Find(note, """{"ssn":"123456789"}"""));
        Assert.Empty(Find(note, """{"orderNumber":"4242424242424242","trackingId":4242424242424242,"order":{"nr":"4242424242424242"}}"""));
        foreach (var empty in (string[])["\"\"", "\" \"", "null", "{}", "[]", """{"a":"","b":[null]}"""])
        {
            Assert.Equal([FoundKind.Empty], Find(note, empty));
        }

        Assert.Empty(Find(note, "0"));
        Assert.Empty(Find(note, "false"));
    }

    [Fact]
    public void What_is_declared_is_not_told()
    {
        const string all = """{"a":"4242424242424242 and DE89370400440532013000 and 123-45-6789 and my cancer"}""";
        Assert.Equal([FoundKind.Card, FoundKind.NationalId, FoundKind.BankAccount, FoundKind.Health], Find(Point("Communication"), all).Order());
        Assert.Equal([FoundKind.NationalId, FoundKind.Health], Find(Point("FinancialAccount"), all).Order());
        Assert.Equal([FoundKind.Card, FoundKind.NationalId, FoundKind.BankAccount], Find(Point("Health"), all).Order());
        Assert.Empty(Find(Point("EmailAddress"), all));
    }

    [Fact]
    public void Only_what_was_found_is_taken_out_and_the_rest_stays_letter_for_letter()
    {
        var hold = PurposeCatalog.Read(Rights.ErasureHouse.Yaml, "candor.yaml").DataPoints[DataPointId.Parse("purchases")].LegalHold!.Reason;
        const string json = """{"text":"Käufer: 4242424242424242 & DE89370400440532013000","n":1.50,"more":["5555555555554444"],"invoice":"x 4242424242424242"}""";
        var point = Point("Communication") with { LegalHold = new LegalHold(hold, Period.Parse("P6Y"), ["invoice"]) };
        Assert.Equal("""{"text":"Käufer: [gone] & DE89370400440532013000","n":1.50,"more":["[gone]"],"invoice":"x 4242424242424242"}""",
            Encoding.UTF8.GetString(ValueContent.Without(point, Encoding.UTF8.GetBytes(json), FoundKind.Card, "[gone]")!));
        Assert.Null(ValueContent.Without(point, """{"invoice":"x 4242424242424242"}"""u8, FoundKind.Card, "[gone]"));
        Assert.Null(ValueContent.Without(point, "\"nothing\""u8, FoundKind.Card, "[gone]"));
        Assert.Equal("\"[gone]\"", Encoding.UTF8.GetString(ValueContent.Without(point, "4242424242424242"u8, FoundKind.Card, "[gone]")!));
    }

    private static IReadOnlySet<FoundKind> Find(DataPoint point, string json) => ValueContent.Find(point, Encoding.UTF8.GetBytes(json));

    private static DataPoint Point(string category) =>
        PurposeCatalog.Read(Reads.ReadHouse.Yaml(widened: false), "candor.yaml").DataPoints[DataPointId.Parse("pageViews")] with { Category = category };

    private static string Check(string body)
    {
        for (var digit = 0; digit < 10; digit++)
        {
            var digits = body + digit.ToString(CultureInfo.InvariantCulture);
            if (digits.Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 1 : 2)).Sum(d => d > 9 ? d - 9 : d) % 10 == 0)
            {
                return digits[^1..];
            }
        }

        throw new InvalidOperationException();
    }
}
