using Candor.Catalog;
using Candor.Consent;
using Candor.Kernel;
using Candor.Server.Commands;

namespace Candor.Tests.Server;

/// <summary>The ten questions, answered from a pipe.</summary>
public sealed class InitQuestionsTests
{
    public static TheoryData<string, string> Ready => [.. ReadyCatalogs.Names.SelectMany(n => (string[])["en", "de", "en, de", "de, en"], (n, l) => (n, l))];

    [Fact]
    public void Enter_ten_times_gives_the_ready_catalog_with_a_name_to_change()
    {
        var catalog = Read(Ask(out _, [.. Enumerable.Repeat("", 11)]));
        var shop = PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop.yaml");
        Assert.Equal(("My business", "me@business.example", "GB"), (catalog.Organisation.Name, catalog.Organisation.Contact, catalog.Organisation.Country));
        Assert.DoesNotContain(CatalogDiff.Compare(shop, catalog), c => c.Path != "organisation");
    }

    [Theory]
    [MemberData(nameof(Ready))]
    public void Every_ready_catalog_in_every_choice_of_languages_is_read_and_gives_notices(string ready, string languages)
    {
        var catalog = Read(Ask(out _, ready, "Ada \"&\" Söhne: Tee # 1", "ada@tee.example", "DE", languages, "Am Markt 1, 10115 Berlin", "", "Mailwell, US, standard-contractual-clauses", "Payfair, IE", "P18M", "yes"));
        Assert.Equal(("Ada \"&\" Söhne: Tee # 1", "Am Markt 1, 10115 Berlin"), (catalog.Organisation.Name, catalog.Organisation.Address));
        Assert.Equal(languages.Split(", "), catalog.Organisation.Languages);
        Assert.All(catalog.Organisation.Languages, l => Assert.Contains("Ada", NoticeText.Generate(catalog, l).Text, StringComparison.Ordinal));
        var before = PurposeCatalog.Read(ReadyCatalogs.Text(ready), ready + ".yaml");
        Assert.Equal(before.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value).Order(), catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value).Order());
        Assert.Equal(
            before.DataPoints.Values.Select(d => (d.Id.Value, d.Retention.ToString() == "P2Y" ? "P18M" : d.Retention.ToString())).Order(), catalog.DataPoints.Values.Select(d => (d.Id.Value, d.Retention.ToString())).Order());
        Assert.Equal(("US", TransferSafeguard.StandardContractualClauses), (catalog.Recipients["Mailwell"].Country, catalog.Recipients["Mailwell"].Safeguard));
        foreach (var purpose in catalog.Purposes.Values)
        {
            var old = before.Purposes[purpose.Id];
            Assert.Equal(old.Active && old.Uses.ContainsKey(DataPointId.Parse("email")), purpose.Recipients.Contains("Mailwell"));
            Assert.Superset(old.Recipients, purpose.Recipients);
            Assert.Equal(old.Uses, purpose.Uses);
        }

        Assert.Equal(ready != "minimal", catalog.Purposes.Values.Any(p => p.Recipients.Contains("Payfair")));
    }

    [Fact]
    public void What_is_left_out_becomes_a_draft_and_what_was_one_can_be_begun_with()
    {
        var catalog = Read(Ask(out _, "", "", "", "", "", "", "support, bookkeeping, ai-assistance", "", "", "", "yes"));
        Assert.Equal(["ai-assistance", "bookkeeping", "support"], catalog.Purposes.Values.Where(p => p.Active).Select(p => p.Id.Value).Order());
        Assert.Equal(PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop").Purposes.Count, catalog.Purposes.Count);
    }

    [Fact]
    public void One_can_go_back_and_a_wrong_answer_is_asked_for_again_with_what_is_allowed()
    {
        var answers = Ask(out var said,
            "<", "bakery", "services", "Harbor", "<", "Harbour", "harbour", "me@harbour.example", "Ireland", "IE", "fr", "en", "none", "dancing", "", "Mailwell", "none", "Payfair, IE, hope", "none", "forever", "P1Y", "<", "P3Y", "maybe", "yes");
        Assert.Equal(("services", "Harbour", "me@harbour.example", "IE", "P3Y"), (answers!.Ready, answers.Name, answers.Contact, answers.Country, answers.Retention));
        Assert.Null(answers.Address);
        Assert.All(
            (string[])[
                "Allowed are `shop`, `services`, `minimal`; found `bakery`.", "found `harbour`", "found `Ireland`", "found `fr`", "`appointments`", "found `dancing`", "found `Mailwell`", "`standard-contractual-clauses`; found `hope`",
                "found `forever`", "Answer `yes`, `no` or `<`; found `maybe`.", "10 of 10.",
            ],
            s => Assert.Contains(s, said, StringComparison.Ordinal));
        Assert.DoesNotContain("11 of", said, StringComparison.Ordinal);
    }

    [Fact]
    public void No_to_the_summary_writes_nothing_and_an_end_of_the_answers_is_said()
    {
        Assert.Null(Ask(out _, [.. Enumerable.Repeat("", 10), "no"]));
        var fault = Assert.Throws<Fault>(() => Ask(out _, "shop", "Ada"));
        Assert.Equal(("server/answers-ended", "The answers ended at question `3` of `10`; nothing was written."), (fault.What, fault.Message));
    }

    [Fact]
    public void Another_kind_of_business_keeps_what_was_said_of_it() =>
        Assert.Equal("Ada", Ask(out _, ["shop", "Ada", "<", "<", "minimal", .. Enumerable.Repeat("", 10)])!.Name);

    private static StartAnswers? Ask(out string said, params string[] lines)
    {
        var writer = new StringWriter();
        var answers = new InitQuestions(new StringReader(string.Concat(lines.Select(l => l + "\n"))), writer).Ask();
        said = writer.ToString();
        return answers;
    }

    private static PurposeCatalog Read(StartAnswers? answers) => PurposeCatalog.Read(GuidedStart.Write(answers!), "candor.yaml");
}
