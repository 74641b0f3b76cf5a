using Candor.Catalog;
using Candor.Gate;
using Candor.Kernel;
using Candor.Reads;
using Candor.Staff;
using CsCheck;
using Candor.Tests.Staff;

namespace Candor.Tests.Reads;

/// <summary>What the module about the business's own rules says is what the gate does.</summary>
public sealed class DataRulesTests
{
    [Theory]
    [InlineData("shop")]
    [InlineData("services")]
    [InlineData("minimal")]
    public void Every_ready_catalog_makes_a_module_for_every_role_in_both_languages(string name)
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text(name), name);
        foreach (var role in AccessRegister.KnownRoles)
        {
            var module = DataRules.For(catalog, new HashSet<string> { role });
            Assert.Equal(["en", "de"], module.Texts.Select(t => t.Language));
            Assert.Equal([role], module.Editions.Select(e => e.Audience));
            Assert.InRange(module.Texts[0].Questions.Count, 4, 12);
            Assert.Equal(module.Texts[0].Questions.Count, module.Texts[1].Questions.Count);
        }

        Assert.Equal(AccessRegister.KnownRoles, DataRules.ForAll(catalog).Editions.Select(e => e.Audience));
    }

    // For each question “which of these may you open for this purpose”: what is marked right there, the gate gives; what is not, it withholds.
    [Fact]
    public void What_a_question_calls_right_the_gate_allows_and_the_rest_it_withholds()
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop");
        var asked = 0;
        foreach (var role in AccessRegister.KnownRoles)
        {
            foreach (var question in DataRules.For(catalog, new HashSet<string> { role }).In("en").Questions.Where(q => q.Text.StartsWith("Which of these may you open", StringComparison.Ordinal)))
            {
                var purpose = catalog.Purposes.Values.Single(p => question.Text.Contains($"“{p.Label.In("en")}”", StringComparison.Ordinal));
                Assert.All(question.Answers, a =>
                {
                    var point = catalog.DataPoints.Values.Single(d => d.Label.In("en") == a.Text);
                    Assert.Equal(a.IsRight, Decide(purpose, role, point.Id) is Decision.Allowed);
                });
                asked++;
            }
        }

        Assert.InRange(asked, 4, 20);
    }

    [Fact]
    public void The_text_names_what_the_role_may_use_and_nothing_of_other_roles()
    {
        var catalog = PurposeCatalog.Read(ReadyCatalogs.Text("shop"), "shop");
        var html = DataRules.For(catalog, new HashSet<string> { "marketing" }).In("en").Html;
        Assert.Contains("Our newsletter", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Help when you contact us", html, StringComparison.Ordinal);
        Assert.Contains("you open no customer data at all", DataRules.For(catalog, new HashSet<string> { "auditor" }).In("en").Html, StringComparison.Ordinal);
    }

    // A label of the catalog is a text, whatever stands in it.
    [Fact]
    public void Signs_of_markdown_and_html_in_the_catalog_stay_text()
    {
        const string Odd = "*a* _b_ <script>x</script> [c](javascript:d) `e` # f | g ![h](i)";
        var catalog = PurposeCatalog.Read(ReadHouse.Yaml(widened: false).Replace("label: Purchase history", $"label: \"{Odd}\"", StringComparison.Ordinal).Replace("label: Help", $"label: \"{Odd}\"", StringComparison.Ordinal), "c");
        var html = DataRules.For(catalog, new HashSet<string> { "agent" }).In("en").Html;
        Assert.Contains("*a* _b_ &lt;script&gt;x&lt;/script&gt; [c](javascript:d) `e` # f | g ![h](i)", html, StringComparison.Ordinal);
    }

    // The edition of a role is another exactly when what the role may read, on which ground, or with which case is another.
    [Fact]
    public void An_edition_changes_with_the_facts_of_its_role_alone()
    {
        string[][] uses = [["email"], ["email", "phone"], ["purchases"]];
        var facts = Gen.Select(Choice.Of(uses), Choice.Of("contract", "legitimate-interest"), Gen.Bool, Choice.Of("agent", "analyst"), Choice.Of("Help", "Other words"));
        Gen.Select(facts, facts).Sample((a, b) =>
        {
            var isSame = string.Join(',', a.Item1) == string.Join(',', b.Item1) && (a.Item2, a.Item3) == (b.Item2, b.Item3);
            var expected = (a.Item4, b.Item4) switch { ("agent", "agent") => isSame, ("analyst", "analyst") => true, _ => false };
            Assert.Equal(expected, EditionOf(a) == EditionOf(b));
        }, iter: 200);

        static string EditionOf((string[] Uses, string Basis, bool NeedsCase, string Role, string Label) f) => DataRules.For(PurposeCatalog.Read(
            $$"""
            organisation: { name: Test Shop, contact: privacy@shop.example, country: GB, languages: [en] }
            dataPoints:
              email:     { kind: field, label: E-mail address, category: EmailAddress, retention: while-customer }
              phone:     { kind: field, label: Phone number, category: TelephoneNumber, retention: while-customer }
              purchases: { kind: history, label: Purchase history, category: PurchasesAndSpendingHabit, retention: P2Y }
            purposes:
              help: { label: {{f.Label}}, why: So that we can help you., basis: {{f.Basis}}, uses: { {{string.Join(", ", f.Uses.Select(u => u + ": high"))}} }, roles: [{{f.Role}}], needsCase: {{(f.NeedsCase ? "true" : "false")}} }
            """, "c"), new HashSet<string> { "agent" }).Editions[0].Text;
    }

    private static Decision Decide(Purpose purpose, string role, DataPointId point)
    {
        var now = new DateTimeOffset(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);
        var actor = new ActorState { Kind = ActorKind.Staff, Ref = "x", Roles = role, MfaAt = now, TrainingUntil = now.AddDays(1), ExpiresAt = now.AddDays(1) };
        var choice = new Candor.Consent.Choice(purpose.Id, Candor.Consent.ConsentState.Given, 1, 1, new string('0', 64), Micros.From(now), null);
        return Permit.DecideRead(new ReadQuestion(actor, purpose, Approval.Lasting, new CustomerState(CustomerId.New(), choice, 0, IsRestricted: false), [point], "T-1", now, 1));
    }
}
